/**
 * Lots at locations: which there are, which of them a pick takes, and what changes of stock do to them. Orders
 * ask only when units of a tracked item are picked, or leave without having been picked from a lot.
 */
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { items } from "../../src/catalog/references.ts";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import {
  inLots,
  lotBalance,
  type LotCounts,
  lotDelta,
  serialBalance,
  type SerialField,
  serialRow,
  serialSpace,
} from "../../src/lot/balance.ts";
import {
  type LotAsk,
  type LotFault,
  type LotPlan,
  planLots,
  type SkuLots,
  unlisted,
} from "../../src/lot/change.ts";
import type { LotStock } from "../../src/lot/fefo.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import {
  lotOfRow,
  lotRow,
  nameOfLot,
  rowsOfSku,
  type Tracking,
  unknownLot,
} from "../../src/lot/lot.ts";
import {
  type LotRejection,
  lotsFor,
  type NamedLine,
  type UnnamedLine,
} from "../../src/lot/naming.ts";
import { lotRecordOf } from "../../src/lot/record.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { locationPartition, stockKey } from "../../src/stock/keys.ts";
import { emptyRow, type StockRow } from "../../src/stock/stock.ts";
import { type BalanceDeltas, type ExpectedValue, rowKey } from "../../src/subject/balance.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { Books } from "../balance/books.ts";
import { type CommandFailure, Refused } from "../command/command.ts";
import { retryConflicts } from "../command/retry-conflicts.ts";
import { emptyPart, unitOf } from "../command/unit-of.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Conflict } from "../ledger/unit.ts";
import { References } from "../reference/references.ts";

/** A change of stock does not fit the lots. Nothing was changed. */
export class LotsRefused extends Data.TaggedError("LotsRefused")<{
  readonly locationId: string;
  readonly faults: readonly LotFault[];
}> {}

/** A SKU at a location: its stock row, and its lots as they were with that row. */
export interface LotsOfSku {
  readonly stock: StockRow;
  readonly lots: readonly LotStock[];
}

/** What a change of stock does to the lots of a SKU, and what that rests on. */
export interface PlannedLots {
  readonly others: readonly BalanceDeltas[];
  readonly expected: readonly ExpectedValue[];
}

export interface AskedLots {
  readonly locationId: string;
  readonly sku: string;
  readonly tracking: Tracking;
  /** The lots that it names, when it is known which there are. */
  readonly asks: (lots: readonly LotStock[]) => readonly LotAsk[];
  /** What it does to the stock row. */
  readonly moved: { readonly onHand: number; readonly unavailable: number };
}

export class Lots extends Context.Service<Lots, {
  /** All lots of a SKU at a location, by their expiry. */
  readonly at: (locationId: string, sku: string) => Effect.Effect<LotsOfSku, StoreError | Conflict>;
  /** Lots for units that are to be picked: those that are named, or those that expire first. */
  readonly name: (
    locationId: string,
    lines: readonly UnnamedLine[],
    by: Principal,
  ) => Effect.Effect<readonly NamedLine[], Refused<LotRejection> | CommandFailure>;
  /** The lots that somebody should pick for lines of tracked items; none where there are too few. */
  readonly suggest: (
    locationId: string,
    lines: readonly {
      readonly lineId: string;
      readonly sku: string;
      readonly quantity: number;
    }[],
  ) => Effect.Effect<readonly NamedLine[], StoreError | Conflict>;
  /** What a change of stock does to lots. */
  readonly plan: (
    asked: AskedLots,
  ) => Effect.Effect<PlannedLots, LotsRefused | StoreError | Conflict>;
}>()("allot/Lots") {
  static readonly layer = Layer.effect(Lots, Effect.suspend(() => makeLots));
}

const never = { there: 0, gone: 0 };

/** A value of a balance's row that a unit rests on. */
const expectedOf = (
  balance: string,
  space: string,
  row: string,
  field: string,
  is: number,
): ExpectedValue => ({ balance, space, row, field, is });

/** The numbers that say how many units of no known lot there are. */
const unknownRests = (
  { stock: { locationId, sku, onHand, unavailable }, lots }: LotsOfSku,
): readonly ExpectedValue[] => [
  expectedOf(stockBalance.name, locationId, sku, "onHand", onHand),
  expectedOf(stockBalance.name, locationId, sku, "unavailable", unavailable),
  expectedOf(
    lotBalance.name,
    locationId,
    lotRow(sku, unknownLot),
    "onHand",
    lots.find(({ lotId }) => lotId === "")?.onHand ?? 0,
  ),
];

const makeLots = Effect.gen(function* () {
  const store = yield* Store;
  const books = yield* Books;
  const book = books.bookOf(lotBalance);
  const references = yield* References;
  const deciding = yield* Deciding;
  const ledger = yield* Ledger;
  const now: Effect.Effect<Instant> = Effect.map(Clock.currentTimeMillis, instantOf);

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

  /** A change of lots that is no change of the stock row changes the row of the unknown lot, or no sum. */
  const at: Lots["Service"]["at"] = Effect.fnUntraced(function* (locationId, sku) {
    const watched = [
      stockKey(locationId, sku),
      rowKey(lotBalance, locationId, lotRow(sku, unknownLot)),
    ];
    let before = yield* store.getMany(watched);
    for (let tries = 0; tries < lotLimits.namingTries; tries++) {
      const lots = yield* rowsOf(locationId, sku);
      const after = yield* store.getMany(watched);
      const isSame = after.every(({ versionstamp }, n) => versionstamp === before[n]?.versionstamp);
      if (isSame) {
        const value = after[0]?.value ?? null;
        const stock = value === null ? emptyRow(locationId, sku) : decodeJson<StockRow>(value);
        return { stock, lots };
      }
      before = after;
    }
    return yield* new Conflict({ detail: `The lots of ${sku} at ${locationId} keep changing.` });
  });

  /** Where each of these serials is. */
  const serialsOf = Effect.fnUntraced(function* (sku: string, serials: readonly string[]) {
    const known = new Map<string, Readonly<Record<SerialField, number>>>();
    for (let n = 0; n < serials.length; n += lotLimits.lotsPerRead) {
      const some = serials.slice(n, n + lotLimits.lotsPerRead);
      const entries = yield* store.getMany(
        some.map((serial) => rowKey(serialBalance, serialSpace, serialRow(sku, serial))),
      );
      for (const [m, { value }] of entries.entries()) {
        if (value !== null) known.set(some[m] ?? "", decodeJson(value));
      }
    }
    return (serial: string) => known.get(serial) ?? never;
  });

  const expecting = Effect.fnUntraced(function* (
    { lots, serials, takesUnknown }: LotPlan,
    found: LotsOfSku,
  ): Effect.fn.Return<PlannedLots, StoreError> {
    const expected = takesUnknown ? unknownRests(found) : [];
    // What a unit rests on must be in memory when it is committed.
    yield* deciding.loadRows(expected);
    return { others: inLots(lots, serials), expected };
  });

  const plan: Lots["Service"]["plan"] = Effect.fnUntraced(function* (
    { locationId, sku, tracking, asks: asksOf, moved },
  ) {
    const found = yield* at(locationId, sku);
    const asks = asksOf(found.lots);
    const serial = yield* serialsOf(sku, asks.flatMap(({ serials = [] }) => serials));
    const known: SkuLots = { ...found, tracking, serial };
    const planned = planLots(locationId, sku, known, asks, moved);
    if (Result.isFailure(planned)) {
      return yield* new LotsRefused({ locationId, faults: planned.failure });
    }
    return yield* expecting(planned.success, found);
  });

  const submitEntered = Effect.fnUntraced(function* (
    locationId: string,
    sku: string,
    { others, expected }: PlannedLots,
    by: Principal,
  ) {
    const at = yield* now;
    const record = lotRecordOf({
      ...{ type: "lot.entered", at, by: by.id, locationId, sku, others },
    });
    const partitions = [locationPartition(locationId)];
    const part = { ...emptyPart, partitions, balances: others, records: [record] };
    yield* ledger.submit(unitOf(part, {}, null, { expected }));
  });

  /** Gives a row to the units whose lot nobody has said, so that a pick can take them. */
  const enterUnknown = Effect.fnUntraced(function* (
    locationId: string,
    sku: string,
    by: Principal,
  ) {
    const found = yield* at(locationId, sku);
    const units = unlisted(found);
    if (units <= 0) return found;
    const expected = unknownRests(found);
    yield* deciding.loadRows(expected);
    const others = inLots([lotDelta(locationId, sku, unknownLot, { onHand: units })]);
    yield* submitEntered(locationId, sku, { others, expected }, by);
    return yield* at(locationId, sku);
  });

  /** Makes serials that nobody knows yet out of units of no known lot: some are read only when a unit leaves. */
  const enterSerials = Effect.fnUntraced(function* (
    locationId: string,
    { sku, serials = [] }: UnnamedLine,
    by: Principal,
  ) {
    const { lots } = yield* at(locationId, sku);
    const here = new Map(lots.flatMap((lot) => lot.serial ? [[lot.lotId, lot] as const] : []));
    const serialAt = yield* serialsOf(sku, serials);
    const fresh: string[] = [];
    for (const serial of serials) {
      const { there, gone } = serialAt(serial);
      const lot = here.get(serial);
      const isHere = lot !== undefined && lot.onHand > 0;
      const state = isHere && lot.picked > 0
        ? "picked"
        : isHere
        ? null
        : there > 0
        ? "elsewhere"
        : gone > 0
        ? "gone"
        : null;
      if (state !== null) {
        return yield* new Refused<LotRejection>({
          rejection: { _tag: "SerialExists", sku, serial, state },
        });
      }
      if (!isHere) fresh.push(serial);
    }
    if (fresh.length === 0) return;
    const onHand = fresh.length;
    const planned = yield* Effect.catchTag(
      plan({
        ...{ locationId, sku, tracking: "serial", moved: { onHand: 0, unavailable: 0 } },
        asks: () => [{ pointer: "", sku, serials: fresh, onHand, setAside: 0 }],
      }),
      "LotsRefused",
      ({ faults: [fault] }) => {
        const available = fault?.type === "short" ? fault.available : 0;
        const rejection: LotRejection = {
          ...{ _tag: "LotShort", sku, requested: onHand, available },
        };
        return Effect.fail(new Refused({ rejection }));
      },
    );
    yield* submitEntered(locationId, sku, planned, by);
  });

  const withoutHeld = (locationId: string, sku: string) => (lot: LotStock): LotStock => ({
    ...lot,
    picked: lot.picked + book.held(locationId, lotRow(sku, lot)),
  });

  /** The lots, less the units that lines before have got. */
  const withoutTaken = (
    lots: readonly LotStock[],
    taken: readonly NamedLine[],
  ): readonly LotStock[] =>
    taken.length === 0 ? lots : lots.map((lot) => ({
      ...lot,
      picked: taken.flatMap((line) => line.lots)
        .filter(({ lotId, expiresAt }) => lotId === lot.lotId && expiresAt === lot.expiresAt)
        .reduce((sum, { quantity }) => sum + quantity, lot.picked),
    }));

  const nameLine = Effect.fnUntraced(function* (
    locationId: string,
    line: UnnamedLine,
    before: readonly NamedLine[],
    by: Principal,
  ) {
    if (line.serials !== undefined) yield* enterSerials(locationId, line, by);
    const { lots } = yield* enterUnknown(locationId, line.sku, by);
    const free = withoutTaken(lots.map(withoutHeld(locationId, line.sku)), before);
    const named = lotsFor(line, free, yield* now);
    if (Result.isFailure(named)) return yield* new Refused({ rejection: named.failure });
    return { lineId: line.lineId, lots: named.success };
  });

  return Lots.of({
    at,
    plan,
    name: Effect.fnUntraced(function* (locationId, lines, by) {
      const named: NamedLine[] = [];
      const skus = new Map(lines.map(({ lineId, sku }) => [lineId, sku]));
      for (const line of lines) {
        const before = named.filter(({ lineId }) => skus.get(lineId) === line.sku);
        named.push(yield* retryConflicts(nameLine(locationId, line, before, by)));
      }
      return named;
    }),
    suggest: Effect.fnUntraced(function* (locationId, lines) {
      const suggested: NamedLine[] = [];
      const skus = new Map(lines.map(({ lineId, sku }) => [lineId, sku]));
      for (const { lineId, sku, quantity } of lines) {
        const item = yield* references.find(items, sku);
        if (item?.tracking === undefined || quantity === 0) continue;
        const { tracking, minRemainingDays } = item;
        const found = yield* at(locationId, sku);
        const unknown = unlisted(found);
        const known = found.lots.filter(({ lotId }) => lotId !== "");
        const other = found.lots.find(({ lotId }) => lotId === "") ??
          { ...unknownLot, onHand: 0, picked: 0, setAside: 0 };
        const all = [...known, { ...other, onHand: other.onHand + unknown }];
        const before = suggested.filter((each) => skus.get(each.lineId) === sku);
        const named = lotsFor(
          { lineId, sku, quantity, tracking, minRemainingDays },
          withoutTaken(all.map(withoutHeld(locationId, sku)), before),
          yield* now,
        );
        if (Result.isSuccess(named)) suggested.push({ lineId, lots: named.success });
      }
      return suggested;
    }),
  });
});
