/** The other end of a lane in the simulated world: it loses, delays and repeats, refuses, and is away for a while. */
import { Effect } from "effect";
import { type Delivery, delivery } from "../../actors/outbound/held-lane.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Message, Outcome } from "../../src/outbound/message.ts";
import type { Chance } from "./random.ts";
import type { Process, World } from "./world.ts";

/** The troubles of a message, each as the share of attempts that meet it. */
export interface SinkFaults {
  /** It does not arrive. */
  readonly lost: number;
  /** It arrives, and the answer does not. */
  readonly unheard: number;
  /** It arrives, and the answer says that it did not. */
  readonly denied: number;
  /** It arrives twice. */
  readonly twice: number;
  /** The answer takes longer than anybody waits. */
  readonly slow: number;
  readonly longestMs: number;
}

export const goodSink: SinkFaults = {
  lost: 0,
  unheard: 0,
  denied: 0,
  twice: 0,
  slow: 0,
  longestMs: 5,
};

export interface Arrival extends Message {
  readonly atMs: number;
  /** The process that sent it. */
  readonly from: string;
}

const delivered: Outcome = { _tag: "Delivered" };

export class Sink {
  faults: SinkFaults = goodSink;
  /** True while nobody is there. */
  isDown = false;
  /** Says of a message that it can never be delivered. */
  rejects: (message: Message) => boolean = () => false;
  /** Says of a message that it cannot be delivered now. */
  refuses: (message: Message) => boolean = () => false;
  /** What it asks for by `Retry-After` when it refuses. */
  retryAfterMs: number | null = null;
  /** Whether it says that it wants nothing any more. */
  isGone = false;
  readonly arrivals: Arrival[] = [];
  /** Attempts, whether or not they arrived. */
  readonly attempts: Arrival[] = [];

  constructor(readonly chance: Chance) {}

  deliverFor(process: Process): Delivery {
    return delivery((message) => this.send(process, message));
  }

  /** What becomes of a message that a process sends. */
  send(process: Process, message: Message): Effect.Effect<Outcome> {
    return Effect.callback<Outcome>((resume) => {
      this.#attempt(process, message, (outcome) => resume(Effect.succeed(outcome)));
    });
  }

  #latencyMs(): number {
    const { slow, longestMs } = this.faults;
    return this.chance.happens(slow)
      ? 2 * outboundLimits.attemptMs
      : this.chance.between(0, longestMs);
  }

  #attempt(process: Process, message: Message, answer: (outcome: Outcome) => void): void {
    const { world } = process;
    const { chance } = this;
    const seen = (): Arrival => ({ ...message, atMs: world.nowMs, from: process.name });
    this.attempts.push(seen());
    if (chance.happens(this.faults.lost)) return;
    // What is on its way arrives, whether or not the sender still lives.
    world.after(this.#latencyMs(), null, () => {
      const outcome = this.#outcomeOf(message);
      if (outcome._tag === "Delivered") this.arrivals.push(seen());
      if (outcome._tag === "Delivered" && chance.happens(this.faults.twice)) {
        world.after(this.#latencyMs(), null, () => void this.arrivals.push(seen()));
      }
      if (chance.happens(this.faults.unheard)) return;
      const said: Outcome = chance.happens(this.faults.denied)
        ? { _tag: "Retry", reason: "502" }
        : outcome;
      world.after(this.#latencyMs(), process, () => answer(said));
    });
  }

  #outcomeOf(message: Message): Outcome {
    if (this.isDown) return { _tag: "Retry", reason: "connection refused" };
    if (this.isGone) return { _tag: "Gone", reason: "410" };
    if (this.rejects(message)) return { _tag: "Rejected", reason: "400" };
    if (!this.refuses(message)) return delivered;
    return {
      _tag: "Retry",
      reason: "503",
      ...(this.retryAfterMs === null ? {} : { afterMs: this.retryAfterMs }),
    };
  }
}

/** Ids in the order in which they first arrived, for each key. */
export const firstArrivals = (
  arrivals: readonly Arrival[],
): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, Set<string>>();
  for (const { key, id } of arrivals) {
    const ids = found.get(key) ?? new Set<string>();
    ids.add(id);
    found.set(key, ids);
  }
  return new Map([...found].map(([key, ids]) => [key, [...ids]]));
};

export type { World };
