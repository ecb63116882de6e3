/**
 * Tax arithmetic: rates are decimal texts of percent, and amounts are integers of minor units. Every result is
 * rounded half up on its magnitude, once.
 */
import { spread } from "./apportion.ts";

/** A rate is kept as percent times this: up to four decimals, exactly. */
const rateScale = 10_000;
const hundred = 100 * rateScale;
export const ratePattern = /^(\d{1,3})(?:\.(\d{1,4}))?$/;

/** A rate in ten-thousandths of a percent. */
export type TaxRate = number;

export const taxRoundings = ["line", "order"] as const;
/** Whether tax is rounded for each line, or for each rate over the whole order. */
export type TaxRounding = (typeof taxRoundings)[number];

/** The rate of a text such as `7.75`; null unless it is a decimal of percent below 1000, with four decimals at most. */
export const parseRate = (text: string): TaxRate | null => {
  const [, whole, decimals = ""] = ratePattern.exec(text) ?? [];
  if (whole === undefined) return null;
  return Number(whole) * rateScale + Number(decimals.padEnd(4, "0"));
};

/** The rate as the shortest text of percent. */
export const formatRate = (rate: TaxRate): string => {
  const decimals = String(rate % rateScale).padStart(4, "0").replace(/0+$/, "");
  const whole = String(Math.floor(rate / rateScale));
  return decimals === "" ? whole : `${whole}.${decimals}`;
};

/** Divides magnitudes, rounding half up. */
const rounded = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator);

const times = (amount: number, rate: TaxRate, over: number): number => {
  const found = Number(rounded(BigInt(Math.abs(amount)) * BigInt(rate), BigInt(over)));
  return amount < 0 && found !== 0 ? -found : found;
};

/** Tax that comes on top of a net amount. */
export const taxOnTop = (net: number, rate: TaxRate): number => times(net, rate, hundred);

/** Tax that a gross amount has in it. */
export const taxWithin = (gross: number, rate: TaxRate): number =>
  times(gross, rate, hundred + rate);

/** The base of a line's tax: its amount after discounts. */
export interface TaxedLine {
  readonly amount: number;
  readonly rate: TaxRate;
}

/**
 * The tax of each line. Rounded for the order, the sum of a rate's lines is rounded once and spread over them
 * by largest remainder, so that a refund of a line still knows its tax. Two rates never share a rounding.
 */
export const taxesOf = (
  lines: readonly TaxedLine[],
  { included, rounding }: { readonly included: boolean; readonly rounding: TaxRounding },
): readonly number[] => {
  const taxOf = included ? taxWithin : taxOnTop;
  if (rounding === "line") return lines.map(({ amount, rate }) => taxOf(amount, rate));
  const taxes = new Array<number>(lines.length).fill(0);
  const byRate = Map.groupBy(lines.keys(), (index) => lines[index]?.rate ?? 0);
  for (const [rate, indices] of byRate) {
    const amounts = indices.map((index) => lines[index]?.amount ?? 0);
    const tax = taxOf(amounts.reduce((sum, amount) => sum + amount, 0), rate);
    const shares = spread(tax, amounts);
    for (const [place, index] of indices.entries()) taxes[index] = shares[place] ?? 0;
  }
  return taxes;
};
