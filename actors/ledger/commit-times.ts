/**
 * The times of this process's latest commits. A value behind one of them in the store is younger, whatever
 * the clock of its writer says.
 */
import { parcelLimits } from "../../src/store/limits.ts";
import type { Versionstamp } from "../../src/store/store.ts";

/** Clocks may be set meanwhile: anything but lately is long ago. */
export const isWithin = (nowMs: number, atMs: number, spanMs: number): boolean =>
  Math.abs(nowMs - atMs) < spanMs;

interface CommitTime {
  readonly versionstamp: Versionstamp;
  readonly beganAtMs: number;
}

export class CommitTimes {
  /** Oldest first. */
  #commits: CommitTime[] = [];

  /** To be told of each commit. A commit that began soon after the last remembered one adds little. */
  add(versionstamp: Versionstamp, beganAtMs: number): void {
    const { staleMs, commitTimes } = parcelLimits;
    const last = this.#commits.at(-1);
    if (last !== undefined && isWithin(beganAtMs, last.beganAtMs, staleMs / commitTimes)) return;
    this.#commits.push({ versionstamp, beganAtMs });
    if (this.#commits.length > commitTimes) this.#commits.shift();
  }

  /** Whether something was certainly written within the span; false says nothing. */
  isYoungerThan(spanMs: number, versionstamp: Versionstamp, nowMs: number): boolean {
    return this.#commits.some((commit) =>
      commit.versionstamp < versionstamp && isWithin(nowMs, commit.beganAtMs, spanMs)
    );
  }
}
