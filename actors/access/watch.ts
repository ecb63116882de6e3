/**
 * Tells streams and uploads when they must end: when their key was revoked or changed, or their session is
 * over. Every process hears of that from the log.
 */
import { Clock, Effect, Equal, Latch } from "effect";
import type { ApiKey } from "../../src/access/access.ts";
import type { Principal, Session } from "../../src/kernel/principal.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { hasEnded } from "./sessions.ts";

interface Looking {
  readonly store: Store["Service"];
  readonly find: (keyId: string) => Effect.Effect<ApiKey | null, StoreError>;
}

/** Why a caller may not go on; null while it may. */
const whyNot = Effect.fnUntraced(function* (
  { store, find }: Looking,
  by: Principal,
  session: Session | undefined,
): Effect.fn.Return<string | null, StoreError> {
  const key = yield* find(by.id);
  if (key === null) return "The key was revoked.";
  if (key.role !== by.role || !Equal.equals(key.scope, by.scope)) {
    return "The key may do something else now.";
  }
  if (session === undefined) return null;
  if (session.expiresAtMs <= (yield* Clock.currentTimeMillis)) return "The session is over.";
  return (yield* hasEnded(store, session)) ? "The session was signed out." : null;
});

export class Watch {
  /** By key: opened when there is something new about it. */
  readonly #waiting = new Map<string, Set<Latch.Latch>>();

  constructor(private readonly looking: Looking) {}

  /** Wakes the waiters of a key, which look again; null wakes those of all keys. */
  changed(keyId: string | null): void {
    const sets = keyId === null ? this.#waiting.values() : [this.#waiting.get(keyId) ?? []];
    for (const latches of sets) for (const latch of latches) latch.openUnsafe();
  }

  /** Why a caller may not go on; null while it may. */
  readonly whyNot = (by: Principal, session?: Session): Effect.Effect<string | null, StoreError> =>
    whyNot(this.looking, by, session);

  /** Completes with the reason once a caller may not go on. */
  readonly ended = (by: Principal, session?: Session): Effect.Effect<string> =>
    Effect.suspend(() => {
      const latch = Latch.makeUnsafe(false);
      const latches = this.#waiting.get(by.id) ?? new Set();
      this.#waiting.set(by.id, latches.add(latch));
      return Effect.ensuring(
        this.#wait(by, session, latch),
        Effect.sync(() => {
          latches.delete(latch);
          if (latches.size === 0) this.#waiting.delete(by.id);
        }),
      );
    });

  readonly #wait = Effect.fnUntraced(
    function* (
      this: Watch,
      by: Principal,
      session: Session | undefined,
      latch: Latch.Latch,
    ): Effect.fn.Return<string> {
      while (true) {
        // Closed before the look: a change during the look opens it again.
        latch.closeUnsafe();
        const why = yield* Effect.catch(
          this.whyNot(by, session),
          // The client may ask again, and is let in or not.
          () => Effect.succeed("It cannot be told whether the key is still good."),
        );
        if (why !== null) return why;
        if (session === undefined) yield* latch.await;
        else {
          const leftMs = session.expiresAtMs - (yield* Clock.currentTimeMillis);
          yield* Effect.timeoutOption(latch.await, Math.max(0, leftMs));
        }
      }
    },
  ).bind(this);
}
