/** Lists of lots: by location, SKU and expiry, each with how good it still is. */
import { Clock, Context, Effect, Layer } from "effect";
import type { Item } from "../../src/catalog/catalog.ts";
import { items, locations } from "../../src/catalog/references.ts";
import { lotBalance, type LotCounts } from "../../src/lot/balance.ts";
import { unknownUnits } from "../../src/lot/change.ts";
import { freeUnits, type LotStock } from "../../src/lot/fefo.ts";
import { dueMsOf, lotOfRow, lotRow, nameOfLot, rowsOfSku, unknownLot } from "../../src/lot/lot.ts";
import { isAfter } from "../../src/store/keys.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { Conflict } from "../ledger/unit.ts";
import { References } from "../reference/references.ts";
import { Lots } from "./lots.ts";

export interface ListedLot extends LotStock {
  readonly locationId: string;
  readonly sku: string;
  readonly state: "good" | "short-dated" | "expired";
}

interface LotPlace {
  readonly locationId: string;
  readonly row: string;
}

export interface LotsQuery {
  readonly sku?: string | undefined;
  readonly locationIds?: readonly string[] | undefined;
  /** Only lots that are not good any more, with units that are neither picked nor set aside. */
  readonly attention?: boolean;
  readonly after?: LotPlace | undefined;
  readonly limit: number;
}

export interface LotsPage {
  readonly lots: readonly ListedLot[];
  readonly next: LotPlace | null;
}

export class LotLists extends Context.Service<LotLists, {
  readonly page: (query: LotsQuery) => Effect.Effect<LotsPage, StoreError | Conflict>;
}>()("allot/LotLists") {
  static readonly layer = Layer.effect(LotLists, Effect.suspend(() => makeLotLists));
}

const stateOf = (lot: LotStock, item: Item | null, nowMs: number): ListedLot["state"] =>
  dueMsOf(lot) <= nowMs
    ? "expired"
    : dueMsOf(lot, item?.minRemainingDays) <= nowMs
    ? "short-dated"
    : "good";

/** Promised, most likely: else it would be set aside. */
const isUncovered = (lot: ListedLot): boolean => lot.state !== "good" && freeUnits(lot) > 0;

/** The first row behind all of a location's. */
const behindAll = Number.POSITIVE_INFINITY;

/** Rows with units at a location; those of no known lot are told with their SKU alone. */
const rowsAt = Effect.fnUntraced(function* (
  store: Store["Service"],
  locationId: string,
  { sku, after, limit }: LotsQuery,
) {
  const family = [lotBalance.family, locationId];
  const from = after?.locationId === locationId
    ? [...family, after.row, ""]
    : [...family, sku === undefined ? "" : rowsOfSku(sku)];
  const end = [...family, sku === undefined ? behindAll : `${rowsOfSku(sku)}\uffff`];
  const entries = yield* store.list({ start: from, end, limit: limit + 1 });
  return entries.flatMap(({ value }) => value === null ? [] : [decodeJson<LotCounts>(value)]);
});

const makeLotLists = Effect.gen(function* () {
  const store = yield* Store;
  const references = yield* References;
  const lots = yield* Lots;

  const listed = Effect.fnUntraced(function* (locationId: string, row: LotCounts, nowMs: number) {
    const { sku, ...lot } = lotOfRow(row.row);
    const { onHand, picked, setAside } = row;
    const item = yield* references.find(items, sku);
    const counts = { ...nameOfLot(lot), onHand, picked, setAside };
    return { locationId, sku, ...counts, state: stateOf(counts, item, nowMs) };
  });

  /** Units of no known lot are what is on hand beyond all lots: no row says all of them. */
  const unknownAt = Effect.fnUntraced(function* (locationId: string, sku: string) {
    const found = yield* lots.at(locationId, sku);
    const onHand = unknownUnits(found);
    const row = found.lots.find(({ lotId }) => lotId === "");
    const counts = { ...unknownLot, onHand, picked: row?.picked ?? 0, setAside: 0 };
    return onHand === 0 ? [] : [{ locationId, sku, ...counts, state: "good" } as const];
  });

  return LotLists.of({
    page: Effect.fnUntraced(function* (query) {
      const { sku, after, limit } = query;
      const nowMs = yield* Clock.currentTimeMillis;
      const all = query.locationIds ?? (yield* references.all(locations)).map(({ id }) => id);
      const places = all.filter((id) => after === undefined || !isAfter(after.locationId, id))
        .toSorted((one, other) => one === other ? 0 : isAfter(one, other) ? 1 : -1);
      const found: ListedLot[] = [];
      for (const locationId of places) {
        const rows = yield* rowsAt(store, locationId, query);
        for (const row of rows.slice(0, limit)) {
          const { lotId, sku: of } = lotOfRow(row.row);
          if (sku !== undefined && of !== sku) continue;
          if (row.onHand > 0 && (lotId !== "" || sku === undefined)) {
            const lot = yield* listed(locationId, row, nowMs);
            if (query.attention !== true || isUncovered(lot)) found.push(lot);
          }
          if (found.length >= limit) return { lots: found, next: { locationId, row: row.row } };
        }
        const last = rows[limit - 1];
        if (rows.length > limit && last !== undefined) {
          return { lots: found, next: { locationId, row: last.row } };
        }
        const behind = lotRow(sku ?? "", { lotId: "\uffff", serial: true });
        if (after?.locationId === locationId && after.row === behind) continue;
        const item = sku === undefined ? null : yield* references.find(items, sku);
        if (sku !== undefined && item?.tracking !== undefined && query.attention !== true) {
          found.push(...(yield* unknownAt(locationId, sku)));
          if (found.length >= limit) return { lots: found, next: { locationId, row: behind } };
        }
      }
      return { lots: found, next: null };
    }),
  });
});
