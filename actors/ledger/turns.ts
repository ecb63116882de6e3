/**
 * Turns at work that only so many callers may do at once. Others wait in their order, and no key has all
 * turns.
 */
import { Effect } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { Overloaded } from "./unit.ts";

interface WaitingTurn {
  readonly keyId: string;
  readonly begin: () => void;
}

export interface TurnsOptions {
  /** The name of the work, for people. */
  readonly what: string;
  readonly total: number;
  readonly perKey: number;
  readonly waiting: number;
}

export class Turns {
  #taken = 0;
  readonly #byKey = new Map<string, number>();
  readonly #waiting: WaitingTurn[] = [];

  constructor(private readonly options: TurnsOptions) {}

  /** Fails where too many wait already. */
  take(keyId: string): Effect.Effect<void, Overloaded> {
    return Effect.callback<void, Overloaded>((resume) => {
      if (this.#isFreeFor(keyId)) {
        this.#begin(keyId);
        return resume(Effect.void);
      }
      const { what, waiting } = this.options;
      if (this.#waiting.length >= waiting) {
        const { retryAfterSeconds } = requestLimits;
        return resume(Effect.fail(new Overloaded({ what, retryAfterSeconds })));
      }
      const own: WaitingTurn = { keyId, begin: () => resume(Effect.void) };
      this.#waiting.push(own);
      return Effect.sync(() => this.#forget(own));
    });
  }

  giveBack(keyId: string): void {
    this.#taken--;
    const left = (this.#byKey.get(keyId) ?? 0) - 1;
    if (left > 0) this.#byKey.set(keyId, left);
    else this.#byKey.delete(keyId);
    const next = this.#waiting.find((each) => this.#isFreeFor(each.keyId));
    if (next === undefined) return;
    this.#forget(next);
    this.#begin(next.keyId);
    next.begin();
  }

  readonly during = <A, E, R>(
    keyId: string,
    work: Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | Overloaded, R> =>
    Effect.acquireUseRelease(
      this.take(keyId),
      () => work,
      () => Effect.sync(() => this.giveBack(keyId)),
    );

  #isFreeFor(keyId: string): boolean {
    const { total, perKey } = this.options;
    return this.#taken < total && (this.#byKey.get(keyId) ?? 0) < perKey;
  }

  #begin(keyId: string): void {
    this.#taken++;
    this.#byKey.set(keyId, (this.#byKey.get(keyId) ?? 0) + 1);
  }

  #forget(waiting: WaitingTurn): void {
    const place = this.#waiting.indexOf(waiting);
    if (place >= 0) this.#waiting.splice(place, 1);
  }
}
