/**
 * Latencies in the manner of HdrHistogram: 128 steps for each power of two, so a value is kept to within
 * 0.8 % from a microsecond to half an hour, in a few kilobytes, and histograms can be added.
 */

const stepBits = 7;
const steps = 1 << stepBits;
/** Below this, every microsecond has its own count. */
const exactBelow = steps * 2;
const largestUs = 2 ** 31 - 1;

const indexOf = (us: number): number => {
  if (us < exactBelow) return us;
  const shift = 31 - Math.clz32(us) - stepBits;
  return exactBelow + (shift - 1) * steps + ((us >>> shift) - steps);
};

/** The largest value that is counted at an index. */
const highestAt = (index: number): number => {
  if (index < exactBelow) return index;
  const shift = Math.floor((index - exactBelow) / steps) + 1;
  const step = (index - exactBelow) % steps + steps;
  return (step + 1) * 2 ** shift - 1;
};

const size = indexOf(largestUs) + 1;

/** A histogram as it travels between processes. */
export interface SavedHistogram {
  readonly counts: readonly (readonly [index: number, count: number])[];
  readonly maxUs: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export class Histogram {
  readonly #counts = new Uint32Array(size);
  #count = 0;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const us = Math.min(largestUs, Math.max(0, Math.round(ms * 1_000)));
    const index = indexOf(us);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count++;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  /** Milliseconds that `percent` of the values do not exceed; 0 when there are none. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil(this.#count * percent / 100 - 1e-9));
    let seen = 0;
    for (let index = 0; index < size; index++) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank) return Math.min(highestAt(index), this.#maxUs) / 1_000;
    }
    return 0;
  }

  percentiles(): Percentiles {
    return {
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      p999: this.percentile(99.9),
      max: this.#maxUs / 1_000,
    };
  }

  add(other: SavedHistogram): void {
    for (const [index, count] of other.counts) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count;
      this.#count += count;
    }
    this.#maxUs = Math.max(this.#maxUs, other.maxUs);
  }

  save(): SavedHistogram {
    const counts: [number, number][] = [];
    this.#counts.forEach((count, index) => {
      if (count > 0) counts.push([index, count]);
    });
    return { counts, maxUs: this.#maxUs };
  }

  static of(...saved: readonly SavedHistogram[]): Histogram {
    const histogram = new Histogram();
    for (const each of saved) histogram.add(each);
    return histogram;
  }
}
