/**
 * Lots that come too close to their expiry: units of them that nobody was promised are set aside. Promises are
 * counts, so a lot's units are free only as far as the SKU has free units; what is promised and may not be
 * covered by good lots is left as it is, for people to see. A row never goes unsound because a date passed.
 */
import { Clock, Context, Effect, Layer, Result } from "effect";
import { items } from "../../src/catalog/references.ts";
import { below } from "../../src/kernel/key.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { lotBalance, type LotCounts } from "../../src/lot/balance.ts";
import type { LotAsk } from "../../src/lot/change.ts";
import { byExpiry, freeUnits, type LotStock } from "../../src/lot/fefo.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import { dueMsOf, lotOfRow } from "../../src/lot/lot.ts";
import { type Buckets, inBucket } from "../../src/stock/buckets.ts";
import type { HeldRow } from "../../src/stock/change.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import { claimedUnits, stockDelta, type StockRow } from "../../src/stock/stock.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { References } from "../reference/references.ts";
import type { LotsOfChange } from "./lots-of-change.ts";
import { StockChanges } from "./stock-changes.ts";

export class LotExpiry extends Context.Service<LotExpiry, {
  /** Sets aside what is due; answers with how many units. Done again it does what is left. */
  readonly sweep: Effect.Effect<number, StoreError>;
}>()("allot/LotExpiry") {
  static readonly layer = Layer.effect(LotExpiry, Effect.suspend(() => makeLotExpiry));
}

/** Lots of a SKU at a location that are due. */
interface Due {
  readonly locationId: string;
  readonly sku: string;
  readonly minRemainingDays: number | undefined;
  units: number;
}

/** Units that nobody was promised, and that are not kept for anybody. */
const unpromised = ({ row, held }: HeldRow): number =>
  row.onHand - row.reserved - claimedUnits(row) - row.unavailable - held;

const bucket = "expired";

/** The bucket of units that are set aside; in none where the row has as many as it may. */
const bucketsOf = ({ buckets = {} }: StockRow, units: number): Buckets | undefined =>
  Object.hasOwn(buckets, bucket) || Object.keys(buckets).length < stockLimits.bucketsPerRow
    ? inBucket(bucket, units)
    : undefined;

/**
 * Units of the lots that are due, what expires first first. Where others picked some meanwhile there are too
 * few, and the change is refused: the next sweep sees what is left.
 */
const setAside =
  (minRemainingDays: number | undefined, nowMs: number): LotsOfChange =>
  (sku, known, { unavailable }) => {
    const due = known.filter((lot) => dueMsOf(lot, minRemainingDays) <= nowMs).toSorted(byExpiry);
    const asks: LotAsk[] = [];
    let left = unavailable;
    const ask = ({ lotId, expiresAt }: LotStock, units: number) => {
      if (units <= 0) return;
      asks.push({ pointer: "", sku, lotId, expiresAt, onHand: 0, setAside: units });
      left -= units;
    };
    for (const lot of due) ask(lot, Math.min(left, freeUnits(lot)));
    const [first] = due;
    if (first !== undefined) ask(first, left);
    return asks;
  };

/** Lots that are due with units that are neither picked nor set aside, by location and SKU. */
const dueAmong = Effect.fnUntraced(function* (
  references: References["Service"],
  rows: readonly LotCounts[],
  nowMs: number,
) {
  const found = new Map<string, Due>();
  for (const { space: locationId, row, onHand, picked, setAside } of rows) {
    const { sku, ...lot } = lotOfRow(row);
    const units = onHand - picked - setAside;
    if (units <= 0 || lot.expiresAt === undefined) continue;
    const item = yield* references.find(items, sku);
    if (item?.tracking !== "lot" || dueMsOf(lot, item.minRemainingDays) > nowMs) continue;
    const name = JSON.stringify([locationId, sku]);
    const due = found.get(name) ??
      { locationId, sku, minRemainingDays: item.minRemainingDays, units: 0 };
    due.units += units;
    found.set(name, due);
  }
  return [...found.values()];
});

const makeLotExpiry = Effect.gen(function* () {
  const store = yield* Store;
  const references = yield* References;
  const changes = yield* StockChanges;

  const setAsideOf = Effect.fnUntraced(function* (due: Due, nowMs: number) {
    const { locationId, sku, minRemainingDays } = due;
    let moved = 0;
    yield* changes.apply({
      ...{ type: "stock.adjusted", locationId, reason: "expired", skus: [sku], absolute: false },
      decide: (rowOf) => {
        const { row, held } = rowOf(sku);
        moved = Math.max(0, Math.min(due.units, unpromised({ row, held })));
        const buckets = bucketsOf(row, moved);
        return Result.succeed(
          moved === 0 ? [] : [stockDelta(locationId, sku, { unavailable: moved, buckets })],
        );
      },
      lots: setAside(minRemainingDays, nowMs),
    }, { by: systemPrincipal });
    return moved;
  });

  const sweep = Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis;
    let moved = 0;
    yield* forEachPage(
      store,
      { ...below([lotBalance.family]), limit: lotLimits.lotsPerRead },
      Effect.fnUntraced(function* (entries) {
        const rows = entries.flatMap(({ value }) =>
          value === null ? [] : [decodeJson<LotCounts>(value)]
        );
        for (const due of yield* dueAmong(references, rows, nowMs)) {
          moved += yield* Effect.catch(
            setAsideOf(due, nowMs),
            (error) =>
              Effect.as(
                Effect.logWarning(`Lots of ${due.sku} at ${due.locationId} stay in stock`, error),
                0,
              ),
          );
        }
      }),
    );
    return moved;
  });

  const round = Effect.catch(
    sweep,
    (error) => Effect.as(Effect.logWarning("Lots could not be looked through", error), 0),
  );
  yield* Effect.forkScoped(
    Effect.andThen(
      Effect.sleep(lotLimits.firstSweepMs),
      Effect.forever(Effect.andThen(round, Effect.sleep(lotLimits.sweepEveryMs))),
    ),
  );
  return LotExpiry.of({ sweep });
});
