/** Changes that people make to stock: adjustments, moves, counts, safety levels. Pure. */
import { Result } from "effect";
import {
  addBuckets,
  availablePlace,
  bucketUnits,
  inBucket,
  unitsIn,
  unspecifiedPlace,
} from "./buckets.ts";
import { stockLimits } from "./limits.ts";
import {
  applyDelta,
  changesNothing,
  claimedUnits,
  type StockDelta,
  stockDelta,
  type StockRow,
  unspecifiedUnits,
} from "./stock.ts";

/** A row, and the units of it that this process has promised but not yet committed. */
export interface HeldRow {
  readonly row: StockRow;
  readonly held: number;
}

export type RowOf = (sku: string) => HeldRow;

export interface BelowZero {
  readonly pointer: string;
  readonly sku: string;
  /** Units that the change would take. */
  readonly requested: number;
  /** Units that may be taken. */
  readonly available: number;
  /** Units that orders were promised, and that are set aside; absent where it is these that are too few. */
  readonly promised?: number;
  readonly setAside?: number;
  /** Of these together, the units for which nothing would be left. */
  readonly excess?: number;
  /** The place of unavailable units that has too few; absent where a row has no buckets. */
  readonly bucket?: string;
}

export interface Mismatch {
  readonly pointer: string;
  readonly sku: string;
  readonly expected: number;
  readonly actual: number;
}

/** Units that may leave without touching reserved, unavailable or held ones. Safety stock may leave. */
const free = ({ row, held }: HeldRow): number =>
  row.onHand - row.reserved - claimedUnits(row) - row.unavailable - held;

/** A change that would take more than is free of a row. */
const takesTooMuch = (
  pointer: string,
  held: HeldRow,
  requested: number,
): BelowZero => ({
  pointer,
  sku: held.row.sku,
  requested,
  available: free(held),
  promised: held.row.reserved + claimedUnits(held.row) + held.held,
  setAside: held.row.unavailable,
  excess: requested - free(held),
});

export interface AdjustedStock {
  readonly sku: string;
  readonly delta: number;
  readonly unavailable?: number | undefined;
  /** The bucket of the unavailable units; absent: none by name. */
  readonly bucket?: string | undefined;
}

/** Units of a SKU that go from one place to another: `available`, `unspecified`, or a bucket. */
export interface MovedStock {
  readonly sku: string;
  readonly quantity: number;
  readonly from: string;
  readonly to: string;
}

/** A row would have more buckets than it may. */
export interface TooManyBuckets {
  readonly pointer: string;
  readonly sku: string;
}

export type AdjustRefusal =
  | { readonly _tag: "BelowZero"; readonly shortages: readonly BelowZero[] }
  | { readonly _tag: "TooManyBuckets"; readonly rows: readonly TooManyBuckets[] };

/** A change of a row, with the members of a request that ask for it. */
interface AskedDelta {
  readonly delta: StockDelta;
  /** The member that asks for units on hand, and the one that asks for units to be set aside or freed. */
  readonly onHandAt: string;
  readonly bucketAt: string;
}

/** One for each row, in the order of their first; it points to the last that asks for it. */
const summed = (asked: readonly AskedDelta[]): readonly AskedDelta[] => {
  const sums = new Map<string, AskedDelta>();
  for (const each of asked) {
    const { locationId, sku } = each.delta;
    const before = sums.get(sku)?.delta;
    const delta = before === undefined ? each.delta : stockDelta(locationId, sku, {
      onHand: before.onHand + each.delta.onHand,
      unavailable: before.unavailable + each.delta.unavailable,
      buckets: addBuckets(before.buckets, each.delta.buckets),
    });
    sums.set(sku, { ...each, delta });
  }
  return [...sums.values()];
};

/** The places of unavailable units from which a change would take more than they have. */
const takenFromBuckets = (
  { delta, bucketAt }: AskedDelta,
  { row }: HeldRow,
): readonly BelowZero[] => {
  const places = [
    ...Object.entries(delta.buckets ?? {}).map(([bucket, change]) => ({
      ...{ bucket, change, there: unitsIn(row.buckets, bucket) },
    })),
    {
      // Where a row has no buckets, and none is asked for, nobody need hear of them.
      ...(row.buckets === undefined && delta.buckets === undefined
        ? {}
        : { bucket: unspecifiedPlace }),
      change: delta.unavailable - bucketUnits(delta.buckets),
      there: unspecifiedUnits(row),
    },
  ];
  return places.filter(({ change, there }) => there + change < 0)
    .map(({ change, there, ...bucket }) => ({
      ...{ pointer: bucketAt, sku: row.sku, requested: -change, available: there, ...bucket },
    }));
};

/** All changes or none. Several changes of one SKU count together, whatever their order. */
const changeAll = (
  asked: readonly AskedDelta[],
  rowOf: RowOf,
): Result.Result<readonly StockDelta[], AdjustRefusal> => {
  const sums = summed(asked);
  const shortages: BelowZero[] = [];
  const rows: TooManyBuckets[] = [];
  for (const each of sums) {
    const { delta: { sku, onHand, unavailable, buckets }, onHandAt, bucketAt } = each;
    const held = rowOf(sku);
    if (free(held) + onHand - unavailable < 0) {
      shortages.push(takesTooMuch(onHandAt, held, unavailable - onHand));
    } else shortages.push(...takenFromBuckets(each, held));
    const names = Object.keys(addBuckets(held.row.buckets, buckets) ?? {});
    if (buckets !== undefined && names.length > stockLimits.bucketsPerRow) {
      rows.push({ pointer: bucketAt, sku });
    }
  }
  if (shortages.length > 0) return Result.fail({ _tag: "BelowZero", shortages });
  if (rows.length > 0) return Result.fail({ _tag: "TooManyBuckets", rows });
  return Result.succeed(
    sums.map(({ delta }) => delta).filter((delta) => !changesNothing(delta)),
  );
};

export const adjust = (
  locationId: string,
  changes: readonly AdjustedStock[],
  rowOf: RowOf,
): Result.Result<readonly StockDelta[], AdjustRefusal> =>
  changeAll(
    changes.map(({ sku, delta, unavailable = 0, bucket }, index) => ({
      delta: stockDelta(locationId, sku, {
        onHand: delta,
        unavailable,
        buckets: bucket === undefined ? undefined : inBucket(bucket, unavailable),
      }),
      onHandAt: `/changes/${index}/delta`,
      bucketAt: `/changes/${index}/unavailable`,
    })),
    rowOf,
  );

/** The change of a row by units that come to a place, or leave it. */
const inPlace = (place: string, units: number): Partial<StockDelta> =>
  place === availablePlace
    ? {}
    : place === unspecifiedPlace
    ? { unavailable: units }
    : { unavailable: units, buckets: inBucket(place, units) };

/** Moves units between places, and none of them in or out. */
export const move = (
  locationId: string,
  moves: readonly MovedStock[],
  rowOf: RowOf,
): Result.Result<readonly StockDelta[], AdjustRefusal> =>
  changeAll(
    moves.map(({ sku, quantity, from, to }, index) => ({
      delta: applyDelta(
        stockDelta(locationId, sku, inPlace(from, -quantity)),
        stockDelta(locationId, sku, inPlace(to, quantity)),
      ),
      onHandAt: `/moves/${index}/quantity`,
      bucketAt: `/moves/${index}/quantity`,
    })),
    rowOf,
  );

export interface CountedStock {
  readonly sku: string;
  readonly onHand: number;
  readonly expected?: number | undefined;
}

export type CountRefusal =
  | { readonly _tag: "BelowZero"; readonly shortages: readonly BelowZero[] }
  | { readonly _tag: "Mismatch"; readonly mismatches: readonly Mismatch[] };

/** Sets the units on hand; `expected` must be the number there. Each SKU may come only once. */
export const count = (
  locationId: string,
  counts: readonly CountedStock[],
  rowOf: RowOf,
): Result.Result<readonly StockDelta[], CountRefusal> => {
  const mismatches: Mismatch[] = [];
  const shortages: BelowZero[] = [];
  const deltas: StockDelta[] = [];
  for (const [index, { sku, onHand, expected }] of counts.entries()) {
    const held = rowOf(sku);
    const pointer = `/counts/${index}`;
    const delta = onHand - held.row.onHand;
    if (expected !== undefined && expected !== held.row.onHand) {
      mismatches.push({
        pointer: `${pointer}/expected`,
        sku,
        expected,
        actual: held.row.onHand,
      });
    }
    if (free(held) + delta < 0) shortages.push(takesTooMuch(`${pointer}/onHand`, held, -delta));
    if (delta !== 0) deltas.push(stockDelta(locationId, sku, { onHand: delta }));
  }
  if (mismatches.length > 0) return Result.fail({ _tag: "Mismatch", mismatches });
  if (shortages.length > 0) return Result.fail({ _tag: "BelowZero", shortages });
  return Result.succeed(deltas);
};

/**
 * Sets safety levels. They bind promises to come; reserved units stay reserved. Each SKU may come only once.
 */
export const setSafetyStock = (
  locationId: string,
  levels: readonly { readonly sku: string; readonly safetyStock: number }[],
  rowOf: RowOf,
): readonly StockDelta[] =>
  levels
    .map(({ sku, safetyStock }) =>
      stockDelta(locationId, sku, { safetyStock: safetyStock - rowOf(sku).row.safetyStock })
    )
    .filter((delta) => delta.safetyStock !== 0);
