/** Whether the store works, for commits as well as for reads: found out by both. */
import { Effect } from "effect";
import { storeLimits } from "./limits.ts";
import { keys } from "./keys.ts";
import type { Store, StoreError } from "./store.ts";

const value = new Uint8Array(storeLimits.probeBytes);

/** Commits as much as a usual commit needs, always under the same key, and reads it. */
export const probe = (store: Store["Service"]): Effect.Effect<void, StoreError> =>
  Effect.andThen(
    store.commit({ checks: [], mutations: [{ type: "set", key: keys.probe(), value }] }),
    Effect.asVoid(store.get(keys.probe())),
  );
