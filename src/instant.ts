/** A moment as RFC 3339 UTC with milliseconds, so that comparing the text compares the time. */
export type Instant = string;

export const instantOf = (epochMs: number): Instant => new Date(epochMs).toISOString();

export const epochMsOf = (instant: Instant): number => Date.parse(instant);

/** Any RFC 3339 time with its zone in the engine's one form; null when the text is no such time. */
export const parseInstant = (text: string): Instant | null => {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i.test(text)) {
    return null;
  }
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) || epochMs < 0 ? null : instantOf(epochMs);
};
