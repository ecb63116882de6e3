/**
 * When this process last found that a running import had said so. A job whose process is gone stays running in
 * the store. The time in it tells nobody else how long ago that was: clocks may be days apart.
 */
import { importLimits } from "../../src/import/limits.ts";
import { keepNewest } from "../../src/kernel/keep-newest.ts";
import type { ImportJob, ImportStatus } from "../../src/import/job.ts";

interface Heard {
  readonly version: number;
  /** By a clock that nobody sets. */
  readonly atMs: number;
}

export class HeardJobs {
  readonly #heard = new Map<string, Heard>();

  /** The status that a reader sees: a job that nothing was heard of for long does not run any more. */
  statusOf({ id, status, version }: ImportJob, monotonicMs: number): ImportStatus {
    const heard = this.#heard.get(id);
    if (status !== "running") {
      this.#heard.delete(id);
      return status;
    }
    if (heard?.version === version) {
      return monotonicMs - heard.atMs > importLimits.heartbeatLostMs ? "interrupted" : status;
    }
    this.#heard.delete(id);
    this.#heard.set(id, { version, atMs: monotonicMs });
    keepNewest(this.#heard, importLimits.jobsHeard);
    return status;
  }
}
