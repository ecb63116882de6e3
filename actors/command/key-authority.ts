/** Knows the holders of keys and the ends of their sessions; HTTP and the dashboard ask nothing else of keys. */
import type { Effect } from "effect";
import type { Principal, Session } from "../../src/kernel/principal.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { CommandFailure } from "./command.ts";

export interface KeyAuthority<Holder> {
  /** The holder of this key; null when nobody has it. Answers from memory when the key was seen lately. */
  readonly authenticate: (secret: string) => Effect.Effect<Principal | null, StoreError>;
  /** The holder by memory alone, without an effect: undefined when memory cannot tell. */
  readonly cached: (secret: string) => Principal | undefined;
  /** Whether it looks like a key that was made here, which nobody guesses. */
  readonly isMadeHere: (secret: string) => boolean;
  /** By the id of the key; null when there is none, or it was revoked. */
  readonly find: (keyId: string) => Effect.Effect<Holder | null, StoreError>;
  /** Counts changes of keys. While the count stays the same, a key that was let in would be let in again. */
  readonly changes: () => number;
  /** Why a caller may not go on with the work that it began; null while it may. */
  readonly whyNot: (
    by: Principal,
    session?: Session,
  ) => Effect.Effect<string | null, StoreError>;
  /** Completes with that, once it is so. */
  readonly ended: (by: Principal, session?: Session) => Effect.Effect<string>;
  /** Whether the session was signed out, in any process. */
  readonly hasEnded: (session: Session) => Effect.Effect<boolean, StoreError>;
  /** Signs a session out, in every process. */
  readonly endSession: (session: Session) => Effect.Effect<void, CommandFailure>;
}
