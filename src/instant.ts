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

/** Any RFC 3339 time with its zone in the engine's one form; null when the text is no such time. */
export const parseInstant = (text: string): Instant | null => {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i.test(text)) {
    return null;
  }
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) || epochMs < 0 ? null : instantOf(epochMs);
};
