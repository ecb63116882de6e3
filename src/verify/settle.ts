/**
 * Second looks. On a store in use, an apparent fault may be a change between two reads. So the aggregate and
 * the keys that should agree with it are read until the aggregate stays the same meanwhile. Both change in
 * one commit.
 */
import { Effect } from "effect";
import type { Key } from "../kernel/key.ts";
import { verifyLimits } from "./limits.ts";
import type { Store, StoreError, Versionstamp } from "../store/store.ts";
import type { Aggregate } from "../subject/aggregate.ts";
import type { AggregateState } from "../subject/state.ts";
import { readAgain } from "./read.ts";
import type { Findings, Invariant } from "./report.ts";

export interface Looked {
  readonly state: AggregateState;
  readonly history: readonly string[];
  readonly versionstamp: Versionstamp;
}

/** An aggregate as it is now; null when there is none, or none that can be read. */
export const lookAt = (
  definition: Aggregate,
  id: string,
): Effect.Effect<Looked | null, StoreError, Store> =>
  Effect.map(
    readAgain(definition.key(id), (stored) => definition.codec.unpack(stored)),
    (stored) =>
      // A document without the shape of its kind was reported when it was first read.
      stored === null || typeof stored.value.state?.id !== "string" ? null : {
        state: stored.value.state,
        history: stored.value.history,
        versionstamp: stored.versionstamp,
      },
  );

/**
 * Reports the fault that `wrong` finds in an aggregate and the value looked at, once neither changes any
 * more.
 */
export const settle = Effect.fnUntraced(function* <A>(
  findings: Findings,
  definition: Aggregate,
  id: string,
  look: Effect.Effect<A, StoreError, Store>,
  wrong: (state: AggregateState | null, looked: A) => string | null,
  found: { readonly invariant: Invariant; readonly keys: readonly Key[] },
): Effect.fn.Return<void, StoreError, Store> {
  for (let attempt = 0; attempt < verifyLimits.secondLooks; attempt++) {
    const before = yield* lookAt(definition, id);
    const looked = yield* look;
    const detail = wrong(before?.state ?? null, looked);
    if (detail === null) return;
    const after = yield* lookAt(definition, id);
    if (before?.versionstamp === after?.versionstamp) {
      return findings.add(found.invariant, [...found.keys, definition.key(id)], detail);
    }
  }
  findings.unsettled++;
});
