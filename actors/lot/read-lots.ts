/** Lots and serials as the store has them. */
import { Effect } from "effect";
import {
  lotBalance,
  type LotCounts,
  type LotTotal,
  lotTotalBalance,
  serialBalance,
  type SerialField,
  serialRow,
  serialSpace,
} from "../../src/lot/balance.ts";
import type { LotStock } from "../../src/lot/fefo.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import { lotOfRow, nameOfLot, rowsOfSku } from "../../src/lot/lot.ts";
import { stockKey } from "../../src/stock/keys.ts";
import { emptyRow, type StockRow } from "../../src/stock/stock.ts";
import { rowKey } from "../../src/subject/balance.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Conflict } from "../ledger/unit.ts";

/** A SKU at a location: its stock row, and its lots as they were with that row. */
export interface LotsOfSku {
  readonly stock: StockRow;
  readonly lots: readonly LotStock[];
  /** How often units of no known lot were entered or taken. */
  readonly changes: number;
}

/** How often a unit is somewhere in stock, and with a customer: once in all. */
export type SerialPlaces = Readonly<Record<SerialField, number>>;

const nowhere: SerialPlaces = { there: 0, gone: 0 };

export interface LotReads {
  /** All lots of a SKU at a location, by their expiry. */
  readonly at: (locationId: string, sku: string) => Effect.Effect<LotsOfSku, StoreError | Conflict>;
  /** Where each of these serials is. */
  readonly serialsOf: (
    sku: string,
    serials: readonly string[],
  ) => Effect.Effect<(serial: string) => SerialPlaces, StoreError>;
}

export const lotReads = (store: Store["Service"]): LotReads => {
  const rowsOf = Effect.fnUntraced(function* (locationId: string, sku: string) {
    const prefix = rowsOfSku(sku);
    const end = [lotBalance.family, locationId, `${prefix}\uffff`];
    let start = [lotBalance.family, locationId, prefix];
    const rows: LotCounts[] = [];
    while (rows.length < lotLimits.lotsPerSku) {
      const entries = yield* store.list({ start, end, limit: lotLimits.lotsPerRead });
      for (const { value } of entries) if (value !== null) rows.push(decodeJson(value));
      const last = entries.at(-1);
      if (last === undefined || entries.length < lotLimits.lotsPerRead) break;
      start = [...last.key.map(String), ""];
    }
    return rows.flatMap(({ row, onHand, picked, setAside }): readonly LotStock[] => {
      const lot = lotOfRow(row);
      // One SKU may be the beginning of another.
      return lot.sku === sku ? [{ ...nameOfLot(lot), onHand, picked, setAside }] : [];
    });
  });

  /** A change of lots that is no change of the stock row changes the total, or no sum. */
  const at: LotReads["at"] = Effect.fnUntraced(function* (locationId, sku) {
    const watched = [
      stockKey(locationId, sku),
      rowKey(lotTotalBalance, locationId, sku),
    ];
    let before = yield* store.getMany(watched);
    for (let tries = 0; tries < lotLimits.namingTries; tries++) {
      const lots = yield* rowsOf(locationId, sku);
      const after = yield* store.getMany(watched);
      const isSame = after.every(({ versionstamp }, n) => versionstamp === before[n]?.versionstamp);
      if (isSame) {
        const value = after[0]?.value ?? null;
        const stock = value === null ? emptyRow(locationId, sku) : decodeJson<StockRow>(value);
        const total = after[1]?.value ?? null;
        const changes = total === null ? 0 : decodeJson<LotTotal>(total).changes;
        return { stock, lots, changes };
      }
      before = after;
    }
    return yield* new Conflict({ detail: `The lots of ${sku} at ${locationId} keep changing.` });
  });

  /** Where each of these serials is. */
  const serialsOf = Effect.fnUntraced(function* (sku: string, serials: readonly string[]) {
    const known = new Map<string, SerialPlaces>();
    for (let n = 0; n < serials.length; n += lotLimits.lotsPerRead) {
      const some = serials.slice(n, n + lotLimits.lotsPerRead);
      const entries = yield* store.getMany(
        some.map((serial) => rowKey(serialBalance, serialSpace, serialRow(sku, serial))),
      );
      for (const [m, { value }] of entries.entries()) {
        if (value !== null) known.set(some[m] ?? "", decodeJson(value));
      }
    }
    return (serial: string) => known.get(serial) ?? nowhere;
  });

  return { at, serialsOf };
};
