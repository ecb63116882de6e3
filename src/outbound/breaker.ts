/**
 * Notices that the other side is gone. Until it answers again, the lane takes nothing from the log, which
 * keeps everything as it is, and sends one message after another to see whether somebody answers.
 */
import { outboundLimits } from "./limits.ts";

/** Since when nobody answers, as it is stored with the lane. */
export interface Failing {
  readonly sinceMs: number;
  readonly probes: number;
  readonly nextProbeAtMs: number;
}

export class Breaker {
  /** Failures since the last answer, and the keys of their messages; no more than it takes to open. */
  #failures = 0;
  readonly #keys = new Set<string>();

  constructor(private state: Failing | null) {}

  get failing(): Failing | null {
    return this.state;
  }

  /** Somebody is there, whatever the answer. */
  answered(): void {
    this.#failures = 0;
    this.#keys.clear();
    this.state = null;
  }

  /** The clock may have been set back, or the state be that of another clock: no probe is further off than any. */
  setBack(nowMs: number): void {
    if (this.state === null) return;
    const longestMs = (outboundLimits.probeAfterMs.at(-1) ?? 0) * (1 + outboundLimits.jitter);
    const nextProbeAtMs = Math.min(this.state.nextProbeAtMs, nowMs + longestMs);
    this.state = { ...this.state, nextProbeAtMs };
  }

  /** One message alone does not open it: that may be the message's own fault. `random` is from 0 to 1. */
  failed(key: string, nowMs: number, random: number): void {
    const { failuresToOpen, keysToOpen, probeAfterMs, jitter } = outboundLimits;
    if (this.state === null) {
      this.#failures++;
      if (this.#keys.size < keysToOpen) this.#keys.add(key);
      if (this.#failures < failuresToOpen || this.#keys.size < keysToOpen) return;
    }
    const { sinceMs = nowMs, probes = 0 } = this.state ?? {};
    const waitMs = probeAfterMs[Math.min(probes, probeAfterMs.length - 1)] ?? 0;
    this.state = {
      sinceMs,
      probes: probes + 1,
      nextProbeAtMs: nowMs + Math.ceil(waitMs * (1 + jitter * random)),
    };
  }
}
