/** Numbers as files write them, brought into the one form that order requests have. */
import { Result } from "effect";
import { digitsOf } from "../kernel/money.ts";

export interface NumberFormat {
  readonly decimal: "." | ",";
  readonly group: "," | "." | " " | "'" | null;
}

export const plainNumbers: NumberFormat = { decimal: ".", group: null };

/** Digits with a point for the decimals, and a sign where there is one; null when it is no number. */
const plainDecimal = (text: string, format: NumberFormat): string | null => {
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "", decimals, ...more] = text.slice(sign.length).split(format.decimal);
  if (more.length > 0) return null;
  // A separator at any other place than before three digits is a slip, and a slip is not a price.
  const digits = format.group === null || !whole.includes(format.group)
    ? whole
    : whole.split(format.group).every((part, n) => n === 0 ? part !== "" : part.length === 3) &&
        whole.indexOf(format.group) <= 3
    ? whole.replaceAll(format.group, "")
    : "";
  if (!/^\d+$/.test(digits) || (decimals !== undefined && !/^\d+$/.test(decimals))) return null;
  return sign + digits + (decimals === undefined ? "" : `.${decimals}`);
};

/** A decimal string with exactly the currency's digits: `2.1` is `2.10` pounds, `18` is `18.00`. */
export const readAmount = (
  text: string,
  currency: string,
  format: NumberFormat,
): Result.Result<string, string> => {
  const plain = plainDecimal(text, format);
  if (plain === null) return Result.fail("is not an amount");
  const digits = digitsOf(currency);
  const [whole = "", decimals = ""] = plain.split(".");
  const rest = decimals.slice(digits);
  if (/[1-9]/.test(rest)) {
    return Result.fail(`has more than the ${digits} decimal digits of ${currency}`);
  }
  const shortest = whole.replace(/^(-?)0+(?=\d)/, "$1");
  return Result.succeed(
    digits === 0 ? shortest : `${shortest}.${decimals.slice(0, digits).padEnd(digits, "0")}`,
  );
};

/** A whole number; `6.00` is one, `6.5` is none. */
export const readQuantity = (text: string, format: NumberFormat): Result.Result<number, string> => {
  const plain = plainDecimal(text, format);
  const quantity = Number(plain ?? Number.NaN);
  return Number.isSafeInteger(quantity)
    ? Result.succeed(quantity)
    : Result.fail("is not a whole number");
};
