/**
 * Buckets: why units on hand are not for sale. They divide what a stock row has as `unavailable`; units that
 * nobody has put into one are in none by name. Orders never touch them. Pure.
 */

/** Units by the bucket that they are in, or changes of them. A bucket without any is left out. */
export type Buckets = Readonly<Record<string, number>>;

/** Buckets that people mean by these words; any other name is one, too. */
export const bucketNames = ["damaged", "quality_control", "expired"] as const;

/** The word for units that may be promised, where units move between places. */
export const availablePlace = "available";
/** The word for unavailable units that are in no bucket by name. */
export const unspecifiedPlace = "unspecified";

/** A change of one bucket by so many units. */
export const inBucket = (bucket: string, units: number): Buckets | undefined =>
  units === 0 ? undefined : { [bucket]: units };

/** Bucket by bucket, without those that come to nothing; undefined when all do. */
export const addBuckets = (
  one: Buckets | undefined,
  other: Buckets | undefined,
): Buckets | undefined => {
  if (other === undefined) return one;
  if (one === undefined) return other;
  const sums = new Map(Object.entries(one));
  for (const [name, units] of Object.entries(other)) sums.set(name, (sums.get(name) ?? 0) + units);
  const left = [...sums].filter(([, units]) => units !== 0);
  return left.length === 0 ? undefined : Object.fromEntries(left);
};

/** Units of one bucket. A name may be that of a member which every object has. */
export const unitsIn = (buckets: Buckets | undefined, bucket: string): number =>
  buckets !== undefined && Object.hasOwn(buckets, bucket) ? buckets[bucket] ?? 0 : 0;

/** Units of all buckets together. */
export const bucketUnits = (buckets: Buckets | undefined): number => {
  let sum = 0;
  if (buckets !== undefined) { for (const units of Object.values(buckets)) sum += units; }
  return sum;
};
