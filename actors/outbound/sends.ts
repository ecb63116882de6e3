/**
 * How many messages this process sends at once, over all its lanes, and how many it begins to send while it has
 * much else to do; lanes that wait take turns.
 */
import { Effect, Latch } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { Strain } from "../../src/outbound/strain.ts";

/** A lane that sends. */
export interface Sender {
  /** There may be room now. */
  readonly wake: () => void;
}

export class Sends {
  #sending = 0;
  /** In the order in which they came. */
  readonly #waiting = new Set<Sender>();
  readonly #strain = new Strain();
  /** Messages that may begin until the next turn of `pace`. */
  #left = Number.POSITIVE_INFINITY;
  /** Whether anything was committed since then. */
  #committed = false;
  readonly #began = Latch.makeUnsafe(false);

  constructor(private readonly most: number = outboundLimits.processSends) {}

  /** Whether this lane may send one more; if not, it is told when it may. */
  mayBegin(sender: Sender): boolean {
    const [first] = this.#waiting;
    const isNext = first === undefined || first === sender;
    if (!this.#hasRoom || !isNext) {
      this.#waiting.add(sender);
      return false;
    }
    this.#waiting.delete(sender);
    return true;
  }

  begin(): void {
    this.#sending++;
    this.#left--;
    this.#began.openUnsafe();
    this.#wakeNext();
  }

  end(): void {
    this.#sending--;
    this.#wakeNext();
  }

  /** It has nothing to send any more. */
  leave(sender: Sender): void {
    if (this.#waiting.delete(sender)) this.#wakeNext();
  }

  /** This process commits so many units of work at once. */
  commits(units: number): void {
    this.#strain.noted(units);
    this.#committed = true;
  }

  /** Lets some messages begin after others, for as long as there is much else to do. */
  readonly pace: Effect.Effect<never> = Effect.gen({ self: this }, function* () {
    const { strainEveryMs, strainRestMs } = outboundLimits;
    while (true) {
      yield* this.#began.await;
      this.#began.closeUnsafe();
      for (let restMs = 0; restMs < strainRestMs; restMs += strainEveryMs) {
        yield* Effect.sleep(strainEveryMs);
        if (this.#committed) restMs = 0;
        this.#committed = false;
        this.#allow();
      }
      this.#strain.rested();
      this.#allow();
    }
  });

  #allow(): void {
    this.#left = this.#strain.isHigh ? outboundLimits.strainedSends : Number.POSITIVE_INFINITY;
    this.#wakeNext();
  }

  get #hasRoom(): boolean {
    return this.#sending < this.most && this.#left > 0;
  }

  #wakeNext(): void {
    if (!this.#hasRoom) return;
    const [first] = this.#waiting;
    first?.wake();
  }
}
