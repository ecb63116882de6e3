/**
 * Notices that the other side is gone. Until it answers again, the lane takes nothing from the log, which
 * keeps everything as it is, and sends one message after another to see whether somebody answers.
 */
import { elapsedMs } from "../kernel/instant.ts";
import { outboundLimits } from "./limits.ts";

/** Since when nobody answers, as it is stored with the lane. */
export interface Failing {
  readonly sinceMs: number;
  readonly probes: number;
  readonly nextProbeAtMs: number;
}

/** The attempts since the last success, all of which failed, as they are stored with the lane. */
export interface Silence {
  readonly sinceMs: number;
  readonly attempts: number;
}

export class Breaker {
  /** Failures since the last success, and the keys of their messages; no more than it takes to open. */
  #failures = 0;
  readonly #keys = new Set<string>();

  constructor(private state: Failing | null, private silent: Silence | null) {}

  get failing(): Failing | null {
    return this.state;
  }

  get silence(): Silence | null {
    return this.silent;
  }

  /** Somebody is there, whatever the answer. */
  answered(): void {
    this.#failures = 0;
    this.#keys.clear();
    this.state = null;
    this.silent = null;
  }

  /** The other side is another now, or was mended: it is asked at once, and has all the time again. */
  lookAgain(nowMs: number): void {
    this.silent = null;
    if (this.state !== null) this.state = { sinceMs: nowMs, probes: 0, nextProbeAtMs: nowMs };
  }

  /** Somebody wants to know now. */
  probeNow(nowMs: number): void {
    if (this.state !== null) this.state = { ...this.state, nextProbeAtMs: nowMs };
  }

  /** The clock may have been set back, or the state be that of another clock: no probe is further off than any. */
  setBack(nowMs: number): void {
    if (this.silent !== null && this.silent.sinceMs > nowMs) {
      this.silent = { ...this.silent, sinceMs: nowMs };
    }
    if (this.state === null) return;
    const longestMs = (outboundLimits.probeAfterMs.at(-1) ?? 0) * (1 + outboundLimits.jitter);
    const nextProbeAtMs = Math.min(this.state.nextProbeAtMs, nowMs + longestMs);
    this.state = { ...this.state, nextProbeAtMs };
  }

  /** Whether nobody was there for so long that nobody is expected any more. */
  isOver(nowMs: number): boolean {
    const { silenceToEndMs, attemptsToEnd } = outboundLimits;
    return this.silent !== null && this.silent.attempts >= attemptsToEnd &&
      nowMs - this.silent.sinceMs >= silenceToEndMs;
  }

  /** One message alone does not open it: that may be the message's own fault. `random` is from 0 to 1. */
  failed(key: string, nowMs: number, random: number): void {
    const { keysToOpen, probeAfterMs, jitter } = outboundLimits;
    this.silent = {
      sinceMs: this.silent?.sinceMs ?? nowMs,
      attempts: (this.silent?.attempts ?? 0) + 1,
    };
    if (this.state === null) {
      this.#failures++;
      if (this.#keys.size < keysToOpen) this.#keys.add(key);
      if (!this.#opens(this.silent, nowMs)) return;
    }
    const { sinceMs = nowMs, probes = 0 } = this.state ?? {};
    const waitMs = probeAfterMs[Math.min(probes, probeAfterMs.length - 1)] ?? 0;
    this.state = {
      sinceMs,
      probes: probes + 1,
      nextProbeAtMs: nowMs + Math.ceil(waitMs * (1 + jitter * random)),
    };
  }

  #opens({ sinceMs }: Silence, nowMs: number): boolean {
    const { failuresToOpen, keysToOpen, silenceToOpenMs, silentKeysToOpen } = outboundLimits;
    return (this.#failures >= failuresToOpen && this.#keys.size >= keysToOpen) ||
      (this.#keys.size >= silentKeysToOpen && elapsedMs(sinceMs, nowMs) >= silenceToOpenMs);
  }
}
