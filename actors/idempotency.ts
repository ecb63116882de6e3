import { Context, Data, type Effect } from "effect";
import type { Principal } from "../src/access/access.ts";
import type { StoredResponse } from "../src/store/documents.ts";
import type { Mutation, StoreError } from "../src/store/store.ts";
import type { UnitRead } from "./unit.ts";

/** The same key came with another request. */
export class IdempotencyMismatch extends Data.TaggedError("IdempotencyMismatch")<{
  readonly key: string;
}> {}

/** A request with the same key is still being worked on. */
export class IdempotencyInFlight extends Data.TaggedError("IdempotencyInFlight")<{
  readonly key: string;
}> {}

/** The right to answer an idempotency key for the first time: becomes part of the command's unit of work. */
export interface IdempotencyClaim {
  readonly partition: string;
  readonly read: UnitRead;
  readonly write: (response: StoredResponse) => Mutation;
}

export class Idempotency extends Context.Service<Idempotency, {
  /**
   * Runs `first` with a claim when the key is new, else answers what was answered then. A second request
   * with the key while the first runs, in this process, fails as in flight.
   */
  readonly run: <A, E, R>(
    request: { readonly by: Principal; readonly key: string; readonly fingerprint: string },
    first: (claim: IdempotencyClaim) => Effect.Effect<A, E, R>,
  ) => Effect.Effect<
    | { readonly _tag: "First"; readonly value: A }
    | { readonly _tag: "Replay"; readonly response: StoredResponse },
    E | IdempotencyMismatch | IdempotencyInFlight | StoreError,
    R
  >;
}>()("allot/Idempotency") {}
