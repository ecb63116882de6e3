/** Numbers, money and times as the reader's language writes them. */
import type { Instant } from "../../src/kernel/instant.ts";
import type { Money } from "../../src/kernel/money.ts";

export interface Format {
  readonly locale: string;
  readonly number: (value: number) => string;
  /** With exactly the digits that the amount has: those of its currency. */
  readonly money: (money: Money) => string;
  /** Exact, in UTC: the browser shows it in the reader's own zone. */
  readonly time: (instant: Instant) => string;
  readonly list: (texts: readonly string[]) => string;
  /** How far from now, in words: seconds of the past are negative. */
  readonly relative: (seconds: number) => string;
}

const fallback = "en";

/** The tag when its language can be formatted; a text that is no language tag (RFC 5646) cannot. */
const supported = (tag: string): string | undefined => {
  try {
    return Intl.NumberFormat.supportedLocalesOf([tag])[0];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** The first language of `Accept-Language` that can be formatted. */
export const localeOf = (header: string | null): string => {
  for (const part of (header ?? "").slice(0, 200).split(",")) {
    const tag = part.split(";")[0]?.trim() ?? "";
    const locale = tag === "*" || tag === "" ? undefined : supported(tag);
    if (locale !== undefined) return locale;
  }
  return fallback;
};

const isDecimal = (text: string): text is `${number}` => /^-?\d+(\.\d+)?$/.test(text);

const spans = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

/** Formats are kept, since making one is slow; more of a kind than this are begun anew. */
const mostFormats = 50;

const makeFormat = (locale: string): Format => {
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const times = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "long",
    timeZone: "UTC",
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  // By currency and digits, of which there are few.
  const moneys = new Map<string, Intl.NumberFormat>();
  const moneyFormat = (currency: string, digits: number): Intl.NumberFormat => {
    const name = `${currency} ${digits}`;
    let format = moneys.get(name);
    if (format === undefined) {
      if (moneys.size >= mostFormats) moneys.clear();
      format = new Intl.NumberFormat(locale, {
        style: "currency",
        currency,
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      moneys.set(name, format);
    }
    return format;
  };
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  return {
    locale,
    number: (value) => numbers.format(value),
    money: ({ amount, currency }) => {
      if (!isDecimal(amount)) return `${amount} ${currency}`;
      const digits = amount.split(".")[1]?.length ?? 0;
      return moneyFormat(currency, digits).format(amount);
    },
    time: (instant) => times.format(new Date(instant)),
    list: (texts) => lists.format(texts),
    relative: (seconds) => {
      const { unit, seconds: length } = spans.find((span) => Math.abs(seconds) >= span.seconds) ??
        spans[3];
      return relative.format(Math.trunc(seconds / length), unit);
    },
  };
};

/** Few languages come often. */
const formats = new Map<string, Format>();

export const formatFor = (header: string | null): Format => {
  const locale = localeOf(header);
  let format = formats.get(locale);
  if (format === undefined) {
    if (formats.size >= mostFormats) formats.clear();
    format = makeFormat(locale);
    formats.set(locale, format);
  }
  return format;
};
