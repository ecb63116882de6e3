/** Attempts to deliver, as they are kept for people: many on a page, each in as few bytes as it takes. */
import { outboundLimits } from "./limits.ts";
import type { Queued } from "./lines.ts";
import type { Attempt, Outcome } from "./message.ts";

export const shortened = (reason: string): string => reason.slice(0, outboundLimits.reasonLength);

/** An attempt that ends now. */
const attemptOf = (
  { id, key, sentAtMs, attempts }: Queued,
  outcome: Outcome,
  nowMs: number,
): Attempt => {
  const { status, answer } = outcome;
  const atMs = sentAtMs ?? nowMs;
  return {
    id,
    key,
    atMs,
    tookMs: Math.max(0, nowMs - atMs),
    n: attempts + 1,
    outcome: outcome._tag,
    ...(status === undefined ? {} : { status }),
    ...(outcome._tag === "Delivered" ? {} : {
      reason: shortened(outcome.reason),
      ...(answer === undefined ? {} : { answer: answer.slice(0, outboundLimits.answerCharacters) }),
    }),
  };
};

const outcomes = ["Delivered", "Retry", "Rejected", "Gone"] as const;

/** The members in this order; those at the end that there are not are left out. */
type PackedAttempt = readonly [
  id: string,
  key: string,
  atMs: number,
  tookMs: number,
  n: number,
  outcome: number,
  status?: number | null,
  reason?: string | null,
  answer?: string,
];

const packed = (
  { id, key, atMs, tookMs, n, outcome, status, reason, answer }: Attempt,
): PackedAttempt => {
  const head = [id, key, atMs, tookMs, n, outcomes.indexOf(outcome)] as const;
  if (answer !== undefined) return [...head, status ?? null, reason ?? null, answer];
  if (reason !== undefined) return [...head, status ?? null, reason];
  return status === undefined ? head : [...head, status];
};

const unpacked = (
  [id, key, atMs, tookMs, n, outcome, status, reason, answer]: PackedAttempt,
): Attempt => ({
  id,
  key,
  atMs,
  tookMs,
  n,
  outcome: outcomes[outcome] ?? "Retry",
  ...(typeof status === "number" ? { status } : {}),
  ...(typeof reason === "string" ? { reason } : {}),
  ...(answer === undefined ? {} : { answer }),
});

/** A page of attempts, oldest first. */
export const unpackPage = (page: string): readonly Attempt[] => {
  const attempts: readonly PackedAttempt[] = JSON.parse(page);
  return attempts.map(unpacked);
};

/** Attempts since the last save: no more than a page of them is kept. */
export class NewAttempts {
  #attempts: Attempt[] = [];

  add(batch: readonly Queued[], outcome: Outcome, nowMs: number): void {
    const { attemptsPerPage } = outboundLimits;
    for (const queued of batch) this.#attempts.push(attemptOf(queued, outcome, nowMs));
    if (this.#attempts.length > 2 * attemptsPerPage) this.#attempts.splice(0, attemptsPerPage);
  }

  last(): readonly Attempt[] {
    return this.#attempts.slice(-outboundLimits.attemptsPerPage);
  }

  clear(): void {
    this.#attempts = [];
  }
}

/**
 * The page that a lane writes: each save writes it anew, with what came since, until it is full. Then the next
 * one begins.
 */
export class AttemptPage {
  #text = "";
  #count = 0;

  constructor(private number: number) {}

  /** The page with these attempts on it, and its number. Counts only after `written`. */
  with(attempts: readonly Attempt[]): { readonly number: number; readonly text: string } {
    const more = attempts.map((attempt) => JSON.stringify(packed(attempt))).join(",");
    const isFull = this.#count + attempts.length > outboundLimits.attemptsPerPage ||
      this.#text.length + more.length > outboundLimits.attemptPageLength;
    return this.#count === 0
      ? { number: this.number, text: `[${more}]` }
      : isFull
      ? { number: this.number + 1, text: `[${more}]` }
      : { number: this.number, text: `[${this.#text},${more}]` };
  }

  written({ number, text }: { readonly number: number; readonly text: string }, count: number) {
    this.#count = number === this.number ? this.#count + count : count;
    this.number = number;
    this.#text = text.slice(1, -1);
  }
}
