/**
 * Dates as files write them. A format is text with these tokens:
 *
 *   YYYY  YY (69-99 are 1969-1999, as POSIX strptime has it)
 *   MM  M  MMM (Jan)      DD  D
 *   HH  H (0-23)          hh  h with A (AM, PM)
 *   mm  m   ss  s   SSS (milliseconds)
 *   Z (Z, +01:00, +0100)
 *
 * Doubled letters want both digits, single ones take one or two. Everything else stands for itself. Or the
 * whole format is one of `iso` (RFC 3339; the time, the seconds and the offset may be left out), `unix`
 * (seconds since 1970) and `unixMs`.
 */
import { DateTime, Option, Result } from "effect";
import { type Instant, instantOf } from "../kernel/instant.ts";

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  afternoon: boolean | null;
  offsetMinutes: number | null;
}

type Setter = (parts: Parts, text: string) => void;

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

const offsetOf = (text: string): number => {
  if (text === "Z" || text === "z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return text.startsWith("-") ? -minutes : minutes;
};

const tokens: Readonly<Record<string, readonly [pattern: string, set: Setter]>> = {
  YYYY: ["\\d{4}", (parts, text) => parts.year = Number(text)],
  YY: ["\\d{2}", (parts, text) => parts.year = Number(text) + (Number(text) < 69 ? 2000 : 1900)],
  MMM: ["[A-Za-z]{3}", (parts, text) => parts.month = months.indexOf(text.toLowerCase()) + 1],
  MM: ["\\d{2}", (parts, text) => parts.month = Number(text)],
  M: ["\\d{1,2}", (parts, text) => parts.month = Number(text)],
  DD: ["\\d{2}", (parts, text) => parts.day = Number(text)],
  D: ["\\d{1,2}", (parts, text) => parts.day = Number(text)],
  HH: ["\\d{2}", (parts, text) => parts.hour = Number(text)],
  H: ["\\d{1,2}", (parts, text) => parts.hour = Number(text)],
  hh: ["\\d{2}", (parts, text) => parts.hour = Number(text)],
  h: ["\\d{1,2}", (parts, text) => parts.hour = Number(text)],
  mm: ["\\d{2}", (parts, text) => parts.minute = Number(text)],
  m: ["\\d{1,2}", (parts, text) => parts.minute = Number(text)],
  ss: ["\\d{2}", (parts, text) => parts.second = Number(text)],
  s: ["\\d{1,2}", (parts, text) => parts.second = Number(text)],
  SSS: ["\\d{3}", (parts, text) => parts.millisecond = Number(text)],
  A: ["[AaPp][Mm]", (parts, text) => parts.afternoon = text.toLowerCase() === "pm"],
  Z: [
    "[Zz]|[+-](?:[01]\\d|2[0-3]):?[0-5]\\d",
    (parts, text) => parts.offsetMinutes = offsetOf(text),
  ],
};

const tokenPattern = /YYYY|YY|MMM|MM|M|DD|D|HH|H|hh|h|mm|m|ss|s|SSS|A|Z|[\s\S]/g;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Whole minutes of an offset such as `+05:30`; null when the text is no offset. */
const offsetMinutesOf = (zone: string): number | null =>
  zone === "UTC" ? 0 : /^[+-]([01]\d|2[0-3]):[0-5]\d$/.test(zone) ? offsetOf(zone) : null;

export const isTimeZone = (zone: string): boolean =>
  offsetMinutesOf(zone) !== null || Option.isSome(DateTime.zoneMakeNamed(zone));

export type DateParser = (text: string, timeZone: string) => Result.Result<Instant, string>;

const daysInMonth = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();

const instantOfParts = (parts: Parts, timeZone: string): Instant | null => {
  const { afternoon } = parts;
  if (afternoon !== null && (parts.hour < 1 || parts.hour > 12)) return null;
  const hour = afternoon === null ? parts.hour : parts.hour % 12 + (afternoon ? 12 : 0);
  if (
    parts.month < 1 || parts.month > 12 || parts.day < 1 ||
    parts.day > daysInMonth(parts.year, parts.month) ||
    hour > 23 || parts.minute > 59 || parts.second > 59
  ) return null;
  const epochMs = Date.UTC(
    parts.year,
    parts.month - 1,
    parts.day,
    hour,
    parts.minute,
    parts.second,
    parts.millisecond,
  );
  const offsetMinutes = parts.offsetMinutes ?? offsetMinutesOf(timeZone);
  if (offsetMinutes !== null) return notBefore1970(epochMs - offsetMinutes * 60_000);
  // A time that summer time repeats is the earlier one; one that it skips is moved on by the gap.
  const zoned = DateTime.makeZoned(epochMs, { timeZone, adjustForTimeZone: true });
  return Option.isSome(zoned) ? notBefore1970(DateTime.toEpochMillis(zoned.value)) : null;
};

const notBefore1970 = (epochMs: number): Instant | null => epochMs < 0 ? null : instantOf(epochMs);

const midnight = (): Parts => ({
  year: 0,
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  millisecond: 0,
  afternoon: null,
  offsetMinutes: null,
});

const failure = (format: string) => Result.fail(`is not a date from 1970 on written as ${format}`);

const isoPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/;

const parseIso: DateParser = (text, timeZone) => {
  const match = isoPattern.exec(text);
  if (match === null) return failure("iso");
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const instant = instantOfParts({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number((fraction ?? "").slice(0, 3).padEnd(3, "0")),
    afternoon: null,
    offsetMinutes: offset === undefined ? null : offsetOf(offset),
  }, timeZone);
  return instant === null ? failure("iso") : Result.succeed(instant);
};

const parseUnix = (name: string, unitMs: number): DateParser => (text) =>
  /^\d{1,14}(\.\d{1,9})?$/.test(text) && Number(text) * unitMs < 253_402_300_800_000
    ? Result.succeed(instantOf(Math.floor(Number(text) * unitMs)))
    : failure(name);

const namedFormats: ReadonlyMap<string, DateParser> = new Map([
  ["iso", parseIso],
  ["unix", parseUnix("unix", 1000)],
  ["unixMs", parseUnix("unixMs", 1)],
]);

/** A parser of the format, or what is wrong with the format. */
export const compileDateFormat = (format: string): DateParser | string => {
  const named = namedFormats.get(format);
  if (named !== undefined) return named;
  const setters: Setter[] = [];
  const found = new Set<string>();
  let pattern = "";
  for (const piece of format.match(tokenPattern) ?? []) {
    const token = tokens[piece];
    if (token === undefined) {
      pattern += escaped(piece);
      continue;
    }
    const unit = piece.charAt(0) === "h" ? "H" : piece.charAt(0);
    // Minutes and months differ by their case alone, milliseconds and seconds as well.
    if (found.has(unit)) return `a format that says each part once: ${piece} is one too many`;
    found.add(unit);
    pattern += `(${token[0]})`;
    setters.push(token[1]);
  }
  if (!found.has("Y") || !found.has("M") || !found.has("D")) {
    return "a format with year, month and day (such as YYYY-MM-DD HH:mm), iso, unix or unixMs";
  }
  if (/h/.test(format) !== found.has("A")) return "a format in which h and A stand together";
  const expression = new RegExp(`^${pattern}$`);
  return (text, timeZone) => {
    const match = expression.exec(text);
    if (match === null) return failure(format);
    const parts = midnight();
    setters.forEach((set, n) => set(parts, match[n + 1] ?? ""));
    const instant = instantOfParts(parts, timeZone);
    return instant === null ? failure(format) : Result.succeed(instant);
  };
};
