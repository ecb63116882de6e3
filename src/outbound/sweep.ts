/** What a lane has told: when something last arrived, and how the sweeps over all its keys go. */
import type { Said } from "./message.ts";

/** How far a sweep over all keys of a lane is, or how the last one went. */
export interface SweepState {
  readonly startedAtMs: number;
  /** Null while it is under way. */
  readonly endedAtMs: number | null;
  /** Keys that it has told of. */
  readonly keys: number;
  /** How many of them the other side had otherwise, as far as it says. */
  readonly differed: number;
}

/** What a part of a sweep is to the whole. */
export interface SweepPart {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export class Told {
  constructor(private atMs: number | null, private swept: SweepState | null) {}

  /** When something was last delivered; null for never. */
  get deliveredAtMs(): number | null {
    return this.atMs;
  }

  /** The sweep under way, or the last one; null where there was none. */
  get sweep(): SweepState | null {
    return this.swept;
  }

  delivered({ differed = 0 }: Said, nowMs: number): void {
    this.atMs = nowMs;
    if (this.swept === null || differed === 0) return;
    this.swept = { ...this.swept, differed: this.swept.differed + differed };
  }

  /** A part begins that tells of so many keys. */
  began({ isFirst }: SweepPart, keys: number, nowMs: number): void {
    const sofar = isFirst || this.swept === null
      ? { startedAtMs: nowMs, endedAtMs: null, keys: 0, differed: 0 }
      : this.swept;
    this.swept = { ...sofar, keys: sofar.keys + keys };
  }

  /** The sweep as it is once these parts are done. */
  after(parts: readonly (SweepPart | undefined)[], nowMs: number): SweepState | null {
    const isOver = parts.some((part) => part?.isLast === true);
    return this.swept !== null && isOver ? { ...this.swept, endedAtMs: nowMs } : this.swept;
  }

  saved(sweep: SweepState | null): void {
    this.swept = sweep;
  }
}
