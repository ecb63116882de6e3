/** Who has a key, and for how long that is so: all that HTTP and the dashboard must know of keys. */
import { Context, type Effect } from "effect";
import type { CommandFailure } from "../../actors/command/command.ts";
import type { Principal, Session } from "../../src/kernel/principal.ts";
import type { StoreError } from "../../src/store/store.ts";

/** Who has a key, and what a session of theirs is signed with. */
export interface KeyHolder extends Principal {
  readonly name: string;
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string;
}

export class Authenticator extends Context.Service<Authenticator, {
  /** Who has this key; null when nobody. */
  readonly authenticate: (secret: string) => Effect.Effect<Principal | null, StoreError>;
  /** The same without an effect: undefined when memory cannot tell. */
  readonly cached: (secret: string) => Principal | undefined;
  /** Whether it looks like a key that was made here, which nobody guesses. */
  readonly isMadeHere: (secret: string) => boolean;
  /** By the id of the key; null when there is none, or it was revoked. */
  readonly find: (keyId: string) => Effect.Effect<KeyHolder | null, StoreError>;
  /** Counts what became of keys: while it is the same, whoever was let in would be so again. */
  readonly changes: () => number;
  /** Why who asked may not go on with what it began; null while that may be. */
  readonly whyNot: (
    by: Principal,
    session?: Session,
  ) => Effect.Effect<string | null, StoreError>;
  /** Completes with that, once it is so. */
  readonly ended: (by: Principal, session?: Session) => Effect.Effect<string>;
  /** Whether the session was signed out, in whatever process. */
  readonly hasEnded: (session: Session) => Effect.Effect<boolean, StoreError>;
  /** Signs it out in every process. */
  readonly endSession: (session: Session) => Effect.Effect<void, CommandFailure>;
}>()("allot/Authenticator") {}
