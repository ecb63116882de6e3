/**
 * Amounts as Stripe counts them: integers of a smallest unit that is not everywhere the minor unit of ISO 4217.
 * https://docs.stripe.com/currencies
 */
import { digitsOf, formatAmount, type Money, parseAmount } from "../kernel/money.ts";

const withoutDecimals: ReadonlySet<string> = new Set(
  "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "),
);

/** Have no decimals any more, and are counted in hundredths all the same. */
const oftenHundredths: ReadonlySet<string> = new Set(["ISK", "UGX"]);

/** Counted in thousandths, of which the last digit must be 0. */
const inThousandths: ReadonlySet<string> = new Set(["BHD", "JOD", "KWD", "OMR", "TND"]);

/** Decimal digits of Stripe's smallest unit; null for a currency that it does not take. */
const stripeDigits = (currency: string): number | null => {
  if (withoutDecimals.has(currency)) return 0;
  if (oftenHundredths.has(currency)) return 2;
  if (inThousandths.has(currency)) return 3;
  return digitsOf(currency) === 2 ? 2 : null;
};

/** Stripe's smallest units of an amount above zero; null for one that Stripe cannot express. */
export const stripeAmountOf = ({ amount, currency }: Money): number | null => {
  const digits = stripeDigits(currency);
  const minorUnits = parseAmount(amount, currency);
  if (digits === null || minorUnits === null || minorUnits <= 0) return null;
  const more = digits - digitsOf(currency);
  const units = more >= 0 ? minorUnits * 10 ** more : minorUnits / 10 ** -more;
  if (!Number.isSafeInteger(units)) return null;
  return inThousandths.has(currency) && units % 10 !== 0 ? null : units;
};

/** The money that an amount of Stripe's is; null for one that has parts of a minor unit. */
export const moneyOfStripe = (units: number, currency: string): Money | null => {
  const code = currency.toUpperCase();
  const digits = stripeDigits(code);
  if (digits === null || !Number.isSafeInteger(units) || units < 0) return null;
  const less = digits - digitsOf(code);
  const minorUnits = less >= 0 ? units / 10 ** less : units * 10 ** -less;
  return Number.isSafeInteger(minorUnits)
    ? { amount: formatAmount(minorUnits, code), currency: code }
    : null;
};
