/** How fast a lane sends: as many messages at once as it may, fewer for a while, or none. */
import { outboundLimits } from "./limits.ts";

/** The wait after so many attempts, made longer by chance, `random` from 0 to 1; none before the first. */
export const waitMs = (
  retryAfterMs: readonly number[],
  attempts: number,
  random: number,
): number => {
  const usualMs = retryAfterMs[Math.min(attempts, retryAfterMs.length) - 1] ?? 0;
  return usualMs * (1 + outboundLimits.jitter * random);
};

export class Pace {
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #slowUntilMs = Number.NEGATIVE_INFINITY;
  #concurrency: number = outboundLimits.concurrency;

  /** None is sent before. */
  get restUntilMs(): number {
    return this.#restUntilMs;
  }

  /** Messages that may be on their way at once. */
  concurrency(nowMs: number): number {
    if (nowMs >= this.#slowUntilMs) this.#concurrency = outboundLimits.concurrency;
    return this.#concurrency;
  }

  /** The other side asks to be left alone. */
  rest(forMs: number, nowMs: number): void {
    const untilMs = nowMs + Math.min(forMs, outboundLimits.longestRestMs);
    this.#restUntilMs = Math.max(this.#restUntilMs, untilMs);
  }

  /** The other side has too much to do. */
  slowDown(nowMs: number): void {
    this.#concurrency = Math.max(1, this.concurrency(nowMs) >> 1);
    this.#slowUntilMs = nowMs + outboundLimits.slowDownMs;
  }

  /** The clock was set back. */
  setBack(nowMs: number): void {
    this.#restUntilMs = Math.min(this.#restUntilMs, nowMs);
    this.#slowUntilMs = Math.min(this.#slowUntilMs, nowMs + outboundLimits.slowDownMs);
  }
}
