/** A moment as RFC 3339 UTC with milliseconds, so that comparing the text compares the time. */
export type Instant = string;

/** Everything that is done in a millisecond asks for the same text again and again. */
let last = { epochMs: 0, instant: "1970-01-01T00:00:00.000Z" };

export const instantOf = (epochMs: number): Instant => {
  if (epochMs !== last.epochMs) last = { epochMs, instant: new Date(epochMs).toISOString() };
  return last.instant;
};

export const epochMsOf = (instant: Instant): number =>
  instant === last.instant ? last.epochMs : Date.parse(instant);

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** The last moment whose text has a year of four digits, as all that is compared must. */
const lastEpochMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** `Date.parse` takes a day that the month has not for one of the next month. */
const hasDay = (year: number, month: number, day: number): boolean =>
  day <= new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Any RFC 3339 time from 1970 on in the engine's one form; null when the text is no such time. */
export const parseInstant = (text: string): Instant | null => {
  const match = rfc3339.exec(text);
  if (match === null) return null;
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs) || epochMs < 0 || epochMs > lastEpochMs) return null;
  return hasDay(Number(match[1]), Number(match[2]), Number(match[3])) ? instantOf(epochMs) : null;
};

const nanosPerMs = 1_000_000n;

/** Whole milliseconds of a clock that counts nanoseconds. */
export const msOfNanos = (nanos: bigint): number => Number(nanos / nanosPerMs);

/** How long ago it was; for ever when the clock was set back since, so that nobody waits for it to catch up. */
export const elapsedMs = (sinceMs: number, nowMs: number): number =>
  nowMs < sinceMs ? Number.POSITIVE_INFINITY : nowMs - sinceMs;
