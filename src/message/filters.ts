/** How templates write money and times: as readers of their language do. */
import type { Instant } from "../kernel/instant.ts";

/** Names of members that every render has, and filters read. */
export interface Locale {
  readonly language: string;
  /** Of the IANA database. */
  readonly timeZone: string;
}

const isMoney = (value: unknown): value is { readonly amount: string; readonly currency: string } =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "amount") &&
  Object.hasOwn(value, "currency");

/** `{{ order.totals.total | money }}`: 1.234,50 € in German. Nothing for null; throws TypeError for anything else. */
export const formatMoney = (value: unknown, { language }: Pick<Locale, "language">): string => {
  if (value === null || value === undefined) return "";
  if (!isMoney(value)) throw new TypeError("money is for amounts, such as order.totals.total");
  const { amount, currency } = value;
  // Of exactly as many digits as the amount has, which are those of its currency.
  const digits = amount.split(".")[1]?.length ?? 0;
  return new Intl.NumberFormat(language, {
    ...{ style: "currency", currency },
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
  }).format(amount as `${number}`).replace("-", "−");
};

export const dateStyles = ["full", "long", "medium", "short"] as const;
type DateStyle = (typeof dateStyles)[number];

const isStyle = (style: unknown): style is DateStyle => dateStyles.includes(style as DateStyle);

/** `{{ order.placedAt | date: "long" }}`. Nothing for null; throws TypeError for what is no time or no style. */
export const formatDate = (
  value: unknown,
  style: unknown,
  { language, timeZone }: Locale,
): string => {
  if (value === null || value === undefined) return "";
  const ms = typeof value === "string" ? Date.parse(value as Instant) : NaN;
  if (Number.isNaN(ms)) throw new TypeError("date is for times, such as order.placedAt");
  const dateStyle = style ?? "long";
  if (!isStyle(dateStyle)) throw new TypeError(`date is one of ${dateStyles.join(", ")}`);
  return new Intl.DateTimeFormat(language, { dateStyle, timeZone }).format(ms);
};

/** `{{ address.country | country }}`: the country's name. */
export const formatCountry = (value: unknown, { language }: Pick<Locale, "language">): string => {
  if (value === null || value === undefined) return "";
  const code = String(value);
  return /^[A-Z]{2}$/.test(code)
    ? new Intl.DisplayNames([language], { type: "region" }).of(code) ?? code
    : code;
};
