/** Stock of one SKU at one location. Pure. */
import { addBuckets, type Buckets, bucketUnits } from "./buckets.ts";

export interface StockRow {
  readonly locationId: string;
  readonly sku: string;
  readonly onHand: number;
  /** Allocated and not yet shipped. */
  readonly reserved: number;
  /** On hand but not for sale: damaged, in quality control. */
  readonly unavailable: number;
  /** Kept back from promises; may still be counted, adjusted and shipped. */
  readonly safetyStock: number;
  /** Kept for carts, for transfers that are to leave, and the like; absent where nothing is. */
  readonly claimed?: number | undefined;
  /** The units of `unavailable` that are in a bucket by name; absent where none is. */
  readonly buckets?: Buckets | undefined;
}

/** A change of a stock row. Deltas commute, so units of work may commit in any order. */
export interface StockDelta {
  readonly locationId: string;
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly unavailable: number;
  readonly safetyStock: number;
  readonly claimed?: number | undefined;
  readonly buckets?: Buckets | undefined;
}

/** The counted fields of each row. */
export const stockFields = [
  "onHand",
  "reserved",
  "unavailable",
  "safetyStock",
  "claimed",
] as const;
export type StockField = typeof stockFields[number];

export const emptyRow = (locationId: string, sku: string): StockRow => ({
  locationId,
  sku,
  onHand: 0,
  reserved: 0,
  unavailable: 0,
  safetyStock: 0,
  claimed: undefined,
  buckets: undefined,
});

/** Few rows have claimed units: a member that is undefined is not stored. */
const claimedOrAbsent = (units: number): number | undefined => units === 0 ? undefined : units;

/** Units of a row, or of a delta, that are claimed. */
export const claimedUnits = ({ claimed }: Pick<StockRow, "claimed">): number => claimed ?? 0;

export const stockDelta = (
  locationId: string,
  sku: string,
  change: Partial<Pick<StockDelta, StockField | "buckets">>,
): StockDelta => ({
  locationId,
  sku,
  onHand: change.onHand ?? 0,
  reserved: change.reserved ?? 0,
  unavailable: change.unavailable ?? 0,
  safetyStock: change.safetyStock ?? 0,
  claimed: claimedOrAbsent(change.claimed ?? 0),
  buckets: change.buckets,
});

export const applyDelta = (row: StockRow, delta: StockDelta): StockRow => ({
  locationId: row.locationId,
  sku: row.sku,
  onHand: row.onHand + delta.onHand,
  reserved: row.reserved + delta.reserved,
  unavailable: row.unavailable + delta.unavailable,
  safetyStock: row.safetyStock + delta.safetyStock,
  claimed: claimedOrAbsent(claimedUnits(row) + claimedUnits(delta)),
  buckets: addBuckets(row.buckets, delta.buckets),
});

/** Up to so many deltas are compared with each other, which is cheaper than a map of them. */
const fewDeltas = 8;

const areOfDifferentRows = (deltas: readonly StockDelta[]): boolean => {
  for (const [index, { locationId, sku }] of deltas.entries()) {
    for (let before = 0; before < index; before++) {
      const other = deltas[before];
      if (other?.sku === sku && other.locationId === locationId) return false;
    }
  }
  return true;
};

/** One delta for each row, in the order of their first change. */
export const sumByRow = (deltas: readonly StockDelta[]): readonly StockDelta[] => {
  if (deltas.length <= fewDeltas && areOfDifferentRows(deltas)) return deltas;
  const rows = new Map<string, StockDelta>();
  for (const delta of deltas) {
    const row = `${delta.locationId}\u0000${delta.sku}`;
    const before = rows.get(row);
    rows.set(
      row,
      before === undefined ? delta : stockDelta(delta.locationId, delta.sku, {
        onHand: before.onHand + delta.onHand,
        reserved: before.reserved + delta.reserved,
        unavailable: before.unavailable + delta.unavailable,
        safetyStock: before.safetyStock + delta.safetyStock,
        claimed: claimedUnits(before) + claimedUnits(delta),
        buckets: addBuckets(before.buckets, delta.buckets),
      }),
    );
  }
  return [...rows.values()];
};

export const changesNothing = (delta: StockDelta): boolean =>
  delta.onHand === 0 && delta.reserved === 0 && delta.unavailable === 0 &&
  delta.safetyStock === 0 && claimedUnits(delta) === 0 && delta.buckets === undefined;

/** Invariant 1: every committed row satisfies this. */
export const isSound = (row: StockRow): boolean =>
  row.reserved >= 0 && row.unavailable >= 0 && row.safetyStock >= 0 && claimedUnits(row) >= 0 &&
  row.reserved + claimedUnits(row) <= row.onHand - row.unavailable &&
  (row.buckets === undefined || areWithin(row.buckets, row.unavailable));

/** Whether no bucket has less than nothing, and all together no more than what is unavailable. */
const areWithin = (buckets: Buckets, unavailable: number): boolean =>
  Object.values(buckets).every((units) => units >= 0) && bucketUnits(buckets) <= unavailable;

/** Units that are unavailable and in no bucket by name. */
export const unspecifiedUnits = ({ unavailable, buckets }: StockRow): number =>
  unavailable - bucketUnits(buckets);

/** Units that may be promised, before holds. Below zero when safety stock is eaten into. */
export const availableUnits = (row: StockRow): number =>
  row.onHand - row.reserved - claimedUnits(row) - row.unavailable - row.safetyStock;

/** How much less may be promised after this change; zero or below when it is not less. */
export const availabilityTaken = (delta: StockDelta): number =>
  delta.reserved + claimedUnits(delta) + delta.unavailable + delta.safetyStock - delta.onHand;
