/**
 * Lots at locations: which there are, which of them a pick takes, and what changes of stock do to them. Orders
 * ask only when units of a tracked item are picked, or leave without having been picked from a lot.
 */
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { items } from "../../src/catalog/references.ts";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { inLots, lotBalance } from "../../src/lot/balance.ts";
import { type LotAsk, type LotFault, planLots, unlisted } from "../../src/lot/change.ts";
import type { LotStock } from "../../src/lot/fefo.ts";
import { lotRow, type Tracking, unknownLot } from "../../src/lot/lot.ts";
import {
  type LotRejection,
  lotsFor,
  type NamedLine,
  type UnnamedLine,
} from "../../src/lot/naming.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { Books } from "../balance/books.ts";
import { type CommandFailure, Refused } from "../command/command.ts";
import { retryConflicts } from "../command/retry-conflicts.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Conflict } from "../ledger/unit.ts";
import { References } from "../reference/references.ts";
import { lotEntries, type PlannedLots, setAsideRests, unknownRests } from "./enter-lots.ts";
import { type LotReads, lotReads, type LotsOfSku } from "./read-lots.ts";

/** A change of stock does not fit the lots. Nothing was changed. */
export class LotsRefused extends Data.TaggedError("LotsRefused")<{
  readonly locationId: string;
  readonly faults: readonly LotFault[];
}> {}

export interface AskedLots {
  readonly locationId: string;
  readonly sku: string;
  readonly tracking: Tracking;
  /** The lots that it names, when it is known which there are. */
  readonly asks: (lots: readonly LotStock[]) => readonly LotAsk[];
  /** What it does to the stock row. */
  readonly moved: { readonly onHand: number; readonly unavailable: number };
}

/** Lots that somebody should pick for a line. */
export interface SuggestedLots extends NamedLine {
  readonly tracking: Tracking;
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
  ) => Effect.Effect<readonly SuggestedLots[], StoreError | Conflict>;
  /** What a change of stock does to lots. */
  readonly plan: (
    asked: AskedLots,
  ) => Effect.Effect<PlannedLots, LotsRefused | StoreError | Conflict>;
}>()("allot/Lots") {
  static readonly layer = Layer.effect(Lots, Effect.suspend(() => makeLots));
}

const planning = (
  { at, serialsOf }: LotReads,
  deciding: Deciding["Service"],
): Lots["Service"]["plan"] =>
  Effect.fnUntraced(function* ({ locationId, sku, tracking, asks: asksOf, moved }) {
    const found = yield* at(locationId, sku);
    const asks = asksOf(found.lots);
    const serial = yield* serialsOf(sku, asks.flatMap(({ serials = [] }) => serials));
    const planned = planLots(locationId, sku, { ...found, tracking, serial }, asks, moved);
    if (Result.isFailure(planned)) {
      return yield* new LotsRefused({ locationId, faults: planned.failure });
    }
    const { lots, serials, totals, takesUnknown, takesSetAside } = planned.success;
    const expected = [
      ...(takesUnknown ? [unknownRests(found)] : []),
      ...(takesSetAside ? [setAsideRests(found)] : []),
    ];
    // What a unit rests on must be in memory when it is committed.
    yield* deciding.loadRows(expected);
    return { others: inLots(lots, serials, totals), expected };
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

/** All lots, with units that no row has yet among those of no known lot. */
const withUnlisted = (found: LotsOfSku): readonly LotStock[] => {
  const other = found.lots.find(({ lotId }) => lotId === "") ??
    { ...unknownLot, onHand: 0, picked: 0, setAside: 0 };
  return [
    ...found.lots.filter(({ lotId }) => lotId !== ""),
    { ...other, onHand: other.onHand + unlisted(found) },
  ];
};

/** What is decided upon the store's rows is compared with those in memory: they must be as new. */
const newestReads = (store: Store["Service"], ledger: Ledger["Service"]): LotReads => {
  const { at, serialsOf } = lotReads(store);
  return {
    serialsOf,
    at: store.shared
      ? (locationId, sku) => Effect.andThen(ledger.refreshBalances, at(locationId, sku))
      : at,
  };
};

const makeLots = Effect.gen(function* () {
  const store = yield* Store;
  const books = yield* Books;
  const book = books.bookOf(lotBalance);
  const references = yield* References;
  const deciding = yield* Deciding;
  const ledger = yield* Ledger;
  const now: Effect.Effect<Instant> = Effect.map(Clock.currentTimeMillis, instantOf);

  const reads = newestReads(store, ledger);
  const plan = planning(reads, deciding);
  const { enterUnknown, enterSerials } = lotEntries({ reads, deciding, ledger, plan });

  const withoutHeld = (locationId: string, sku: string) => (lot: LotStock): LotStock => ({
    ...lot,
    picked: lot.picked + book.held(locationId, lotRow(sku, lot)),
  });

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
    at: reads.at,
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
      const suggested: SuggestedLots[] = [];
      const skus = new Map(lines.map(({ lineId, sku }) => [lineId, sku]));
      for (const { lineId, sku, quantity } of lines) {
        const item = yield* references.find(items, sku);
        if (item?.tracking === undefined || quantity === 0) continue;
        const { tracking, minRemainingDays } = item;
        const all = withUnlisted(yield* reads.at(locationId, sku));
        const before = suggested.filter((each) => skus.get(each.lineId) === sku);
        const named = lotsFor(
          { lineId, sku, quantity, tracking, minRemainingDays },
          withoutTaken(all.map(withoutHeld(locationId, sku)), before),
          yield* now,
        );
        if (Result.isSuccess(named)) suggested.push({ lineId, tracking, lots: named.success });
      }
      return suggested;
    }),
  });
});
