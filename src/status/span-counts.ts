/** Counts, by name, how often something happened in each of the last seconds or minutes. Pure. */
import { keepNewest } from "../kernel/keep-newest.ts";

export class SpanCounts {
  readonly #spans = new Map<number, Map<string, number>>();

  /** `kept`: of how many spans the counts are kept. */
  constructor(private readonly kept: number) {}

  /** Spans are numbered from 1970 on. */
  add(span: number, name: string, times: number): void {
    let counts = this.#spans.get(span);
    if (counts === undefined) {
      counts = new Map();
      this.set(span, counts);
    }
    counts.set(name, (counts.get(name) ?? 0) + times);
  }

  set(span: number, counts: Iterable<readonly [string, number]>): void {
    this.#spans.set(span, counts instanceof Map ? counts : new Map(counts));
    // By when they came: a process with a clock ahead must not drive out what all others count.
    keepNewest(this.#spans, this.kept);
  }

  at(span: number, name: string): number {
    return this.#spans.get(span)?.get(name) ?? 0;
  }

  /** How often in all spans from one on, until before another. */
  sum(name: string, from: number, until: number): number {
    let sum = 0;
    for (const [span, counts] of this.#spans) {
      if (span >= from && span < until) sum += counts.get(name) ?? 0;
    }
    return sum;
  }

  entries(): readonly (readonly [number, ReadonlyMap<string, number>])[] {
    return [...this.#spans];
  }
}
