/**
 * Divides amounts so that the parts add up to the cent, whatever is taken in which order. Amounts are integers
 * of minor units; products of two of them do not fit a double, so they are worked out as `bigint`.
 */

/** `part` and `spread` were asked for something that is not there to divide. */
const refuse = (detail: string): never => {
  throw new RangeError(detail);
};

const checkAmount = (name: string, amount: number): void => {
  if (!Number.isSafeInteger(amount)) refuse(`${name} is no whole number of minor units: ${amount}`);
};

/**
 * Of a magnitude over `units` units, what belongs to the first `k`: rounded half up. Exact for
 * `k = units`, so that the parts of all units are the whole.
 */
const upTo = (total: bigint, units: bigint, k: bigint): bigint =>
  (2n * total * k + units) / (2n * units);

/**
 * What units `from` (inclusive) to `to` (exclusive), counted from zero, carry of a total over `units` units.
 * Any division of the units into ranges has parts that add up to the total, with no memory of what was taken
 * before. A negative total mirrors a positive one.
 */
export const part = (total: number, units: number, from: number, to: number): number => {
  checkAmount("The total", total);
  if (!Number.isSafeInteger(units) || units < 1) refuse(`There are no ${units} units.`);
  if (
    !Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > units
  ) {
    refuse(`Units ${from} to ${to} are not among ${units}.`);
  }
  const magnitude = BigInt(Math.abs(total));
  const [n, first, end] = [BigInt(units), BigInt(from), BigInt(to)];
  const found = Number(upTo(magnitude, n, end) - upTo(magnitude, n, first));
  return total < 0 && found !== 0 ? -found : found;
};

/**
 * Spreads a total over weights by largest remainder: each share is rounded down, and what is left goes, one
 * minor unit each, to those that lost most; among equals to the first. Where all weights are zero, all count
 * alike. A negative total mirrors a positive one.
 */
export const spread = (total: number, weights: readonly number[]): readonly number[] => {
  checkAmount("The total", total);
  for (const weight of weights) {
    checkAmount("A weight", weight);
    if (weight < 0) refuse(`A weight is negative: ${weight}`);
  }
  if (weights.length === 0) {
    return total === 0 ? [] : refuse("There is nothing to spread the total over.");
  }
  const sum = weights.reduce((all, weight) => all + BigInt(weight), 0n);
  const parts = sum === 0n ? weights.map(() => 1n) : weights.map(BigInt);
  const whole = sum === 0n ? BigInt(weights.length) : sum;
  const magnitude = BigInt(Math.abs(total));
  const shares = parts.map((weight) => magnitude * weight / whole);
  const remainders = parts.map((weight) => magnitude * weight % whole);
  const left = Number(magnitude - shares.reduce((all, share) => all + share, 0n));
  const byLoss = [...remainders.keys()].sort((a, b) => {
    const [lossA = 0n, lossB = 0n] = [remainders[a], remainders[b]];
    return lossA === lossB ? a - b : lossA > lossB ? -1 : 1;
  });
  const favored = new Set(byLoss.slice(0, left));
  const sign = total < 0 ? -1 : 1;
  return shares.map((share, index) => {
    const found = Number(share) + (favored.has(index) ? 1 : 0);
    return found === 0 ? 0 : sign * found;
  });
};
