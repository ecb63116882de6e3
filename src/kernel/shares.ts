/** An amount shared out so that the shares add up to it. */

/**
 * Shares of whole units in proportion to weights, by the largest remainder; of equal remainders the first gets
 * more. Where all weights are zero, all are taken for equal. None when there is nobody to share with.
 */
export const shareOut = (units: number, weights: readonly number[]): readonly number[] => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) return weights.length === 0 ? [] : shareOut(units, weights.map(() => 1));
  const whole = weights.map((weight) => BigInt(units) * BigInt(weight));
  const shares = whole.map((product) => Number(product / BigInt(sum)));
  const left = units - shares.reduce((total, share) => total + share, 0);
  const byRemainder = whole
    .map((product, index) => ({ remainder: Number(product % BigInt(sum)), index }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  for (const { index } of byRemainder.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
};
