/** What became of the requests of one measurement. */
import { Histogram, type SavedHistogram } from "./histogram.ts";

export type Result =
  /** The order was placed, or the step done, by this very request. */
  | "accepted"
  /** The same order had been placed before, and was answered again. */
  | "repeated"
  /** A clear no: not enough stock. */
  | "refused"
  /** The engine asked to come again later. */
  | "overloaded"
  /** Anything else: a broken connection, an answer that nobody asked for. */
  | "error";

export type Counts = Readonly<Record<Result, number>>;

export interface Outcome {
  readonly counts: Counts;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Of all answers but errors. */
  readonly latency: SavedHistogram;
  /** Of refusals alone. */
  readonly refusalLatency: SavedHistogram;
  /** What the first errors said. */
  readonly errors: readonly string[];
  /** Milliseconds since the start at which each order was accepted; kept only where it is asked for. */
  readonly acceptedAtMs: readonly number[];
}

const mostErrors = 5;

export const noCounts: Counts = { accepted: 0, repeated: 0, refused: 0, overloaded: 0, error: 0 };

export const addCounts = (left: Counts, right: Counts): Counts => ({
  accepted: left.accepted + right.accepted,
  repeated: left.repeated + right.repeated,
  refused: left.refused + right.refused,
  overloaded: left.overloaded + right.overloaded,
  error: left.error + right.error,
});

/** Gathers an outcome. */
export class Tally {
  readonly #counts = { ...noCounts };
  readonly #latency = new Histogram();
  readonly #refusalLatency = new Histogram();
  readonly #errors: string[] = [];
  readonly #acceptedAtMs: number[] = [];

  constructor(
    private readonly startMs: number,
    private readonly options: { readonly keepCurve?: boolean } = {},
  ) {}

  add(result: Result, latencyMs: number, nowMs: number): void {
    this.#counts[result]++;
    if (result !== "error") this.#latency.record(latencyMs);
    if (result === "refused") this.#refusalLatency.record(latencyMs);
    if (result === "accepted" && this.options.keepCurve) {
      this.#acceptedAtMs.push(nowMs - this.startMs);
    }
  }

  explain(detail: string): void {
    if (this.#errors.length < mostErrors) this.#errors.push(detail);
  }

  outcome(endMs: number): Outcome {
    return {
      counts: { ...this.#counts },
      seconds: (endMs - this.startMs) / 1_000,
      latency: this.#latency.save(),
      refusalLatency: this.#refusalLatency.save(),
      errors: [...this.#errors],
      acceptedAtMs: this.#acceptedAtMs,
    };
  }
}

/** Several outcomes of the same time, as one. */
export const together = (outcomes: readonly Outcome[]): Outcome => ({
  counts: outcomes.reduce((sum, { counts }) => addCounts(sum, counts), noCounts),
  seconds: Math.max(0, ...outcomes.map(({ seconds }) => seconds)),
  latency: Histogram.of(...outcomes.map(({ latency }) => latency)).save(),
  refusalLatency: Histogram.of(...outcomes.map(({ refusalLatency }) => refusalLatency)).save(),
  errors: outcomes.flatMap(({ errors }) => errors).slice(0, mostErrors),
  acceptedAtMs: outcomes.flatMap(({ acceptedAtMs }) => acceptedAtMs).sort((a, b) => a - b),
});
