/** Numbers as files write them, brought into the one form that order requests have. */
import { Result } from "effect";
import { digitsOf, isCurrency } from "../kernel/money.ts";

export interface NumberFormat {
  readonly decimal: "." | ",";
  readonly group: "," | "." | " " | "'" | null;
}

export const numberFormatOf = (mapping: {
  readonly numbers?: {
    readonly decimal?: NumberFormat["decimal"];
    readonly group?: "," | "." | " " | "'";
  };
}): NumberFormat => ({
  decimal: mapping.numbers?.decimal ?? ".",
  group: mapping.numbers?.group ?? null,
});

/** Spaces and apostrophes that stand between thousands and nowhere else, whatever the mapping says. */
const thousands = /[\u00a0\u2009\u202f\u2019]/;

/** Digits with a point for the decimals, and a sign where there is one; null when it is no number. */
const plainDecimal = (text: string, format: NumberFormat): string | null => {
  const sign = text.startsWith("-") ? "-" : "";
  const unsigned = sign === "" && !text.startsWith("+") ? text : text.slice(1);
  const [whole = "", decimals, ...more] = unsigned.split(format.decimal);
  if (more.length > 0) return null;
  const separator = thousands.test(whole) ? thousands : format.group;
  const parts = separator === null ? [whole] : whole.split(separator);
  // A separator at any other place than before three digits is a slip, and a slip is not a price.
  const isGrouped = parts.every((part, n) =>
    n === 0 ? parts.length === 1 || part !== "" && part.length <= 3 : part.length === 3
  );
  const digits = isGrouped ? parts.join("") : "x";
  if (!/^\d*$/.test(digits) || !/^\d*$/.test(decimals ?? "")) return null;
  // `.50` and `12.` are numbers, `.` is none.
  if (digits === "" && (decimals ?? "") === "") return null;
  return sign + (digits || "0") + (decimals === undefined || decimals === "" ? "" : `.${decimals}`);
};

/** Currencies that a sign is written for; several where it stands for more than one. */
const signs: Readonly<Record<string, RegExp>> = {
  "€": /^EUR$/,
  "£": /^(?:GBP|EGP|FKP|GIP|SDG|SHP|SSP|SYP|LBP)$/,
  "¥": /^(?:JPY|CNY)$/,
  "￥": /^(?:JPY|CNY)$/,
  "₹": /^INR$/,
  "₩": /^(?:KRW|KPW)$/,
  "₽": /^RUB$/,
  "₺": /^TRY$/,
  "₫": /^VND$/,
  "₪": /^ILS$/,
  "฿": /^THB$/,
  "₴": /^UAH$/,
  "zł": /^PLN$/,
  "kč": /^CZK$/,
  "kr": /^(?:SEK|NOK|DKK|ISK)$/,
  "kr.": /^(?:SEK|NOK|DKK|ISK)$/,
  "ft": /^HUF$/,
  "r$": /^BRL$/,
  "us$": /^USD$/,
  "ca$": /^CAD$/,
  "c$": /^CAD$/,
  "au$": /^AUD$/,
  "a$": /^AUD$/,
  "nz$": /^NZD$/,
  "hk$": /^HKD$/,
  "s$": /^SGD$/,
  // The dollars and pesos of all countries.
  "$":
    /^(?:USD|CAD|AUD|NZD|HKD|SGD|TWD|MXN|ARS|CLP|COP|UYU|DOP|BSD|BBD|BMD|BND|BZD|FJD|GYD|JMD|KYD|LRD|NAD|SBD|SRD|TTD|XCD|CUP|ZWG|CVE|MOP|NIO|TOP|WST|BOB)$/,
};

const beforeNumber =
  /^([-+]?)[\s\u00a0\u202f]*([^\d\s\u00a0\u202f.,'’+-]+\.?)[\s\u00a0\u202f]*(?=[-+\d.,])/u;
const afterNumber = /[\s\u00a0\u202f]*([^\d\s\u00a0\u202f.,'’+-]+\.?)$/u;

interface Unmarked {
  readonly text: string;
  /** A sign or code that stood with the number. */
  readonly mark: string | null;
}

/** The number without a currency's sign or code, which may stand on either side of it. */
const unmarked = (text: string): Unmarked => {
  const before = beforeNumber.exec(text);
  if (before !== null) {
    return { text: (before[1] ?? "") + text.slice(before[0].length), mark: before[2] ?? null };
  }
  const after = afterNumber.exec(text);
  return after === null || after.index === 0
    ? { text, mark: null }
    : { text: text.slice(0, after.index), mark: after[1] ?? null };
};

/** What most files write, which needs no further look. */
const plainest = /^-?\d+(?:\.\d+)?$/;

const isKnownMark = (mark: string): boolean =>
  isCurrency(mark.toUpperCase()) || Object.hasOwn(signs, mark.toLowerCase());

/** Whether what stands with the number is of the currency. */
const isOf = (mark: string, currency: string): boolean =>
  mark.toUpperCase() === currency || (signs[mark.toLowerCase()]?.test(currency) ?? false);

/** An amount as a plain decimal of any number of digits, whatever its currency. */
export const readNumber = (
  text: string,
  format: NumberFormat,
): Result.Result<string, string> => {
  if (format.decimal === "." && plainest.test(text)) return Result.succeed(text);
  const { text: number, mark } = unmarked(text);
  const plain = mark === null || isKnownMark(mark) ? plainDecimal(number, format) : null;
  return plain === null ? Result.fail("is not an amount") : Result.succeed(plain);
};

/** A decimal string with exactly the currency's digits: `2.1` is `2.10` pounds, `18` is `18.00`. */
export const readAmount = (
  text: string,
  currency: string,
  format: NumberFormat,
): Result.Result<string, string> => {
  const { mark } = plainest.test(text) ? { mark: null } : unmarked(text);
  const read = readNumber(text, format);
  if (Result.isFailure(read)) return read;
  if (mark !== null && !isOf(mark, currency)) {
    return Result.fail(`is not in ${currency}, as the order is`);
  }
  const digits = digitsOf(currency);
  const [whole = "", decimals = ""] = read.success.split(".");
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
