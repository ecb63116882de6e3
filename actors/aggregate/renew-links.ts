/**
 * Writes links anew which earlier versions wrote under other keys: before anything else is done with a store, so
 * that every change finds the links that the state before it has.
 */
import { Effect } from "effect";
import { below } from "../../src/kernel/key.ts";
import { type Aggregate, noSettings } from "../../src/subject/aggregate.ts";
import type { AggregateState } from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { type Entry, type Mutation, Store, type StoreError } from "../../src/store/store.ts";
import { encodeJson, readValue } from "../../src/store/values.ts";
import { aggregateLimits } from "./limits.ts";

/** The keys by which the aggregate is found while it waits for something, as they are written today. */
const waitingLinks = (
  definition: Pick<Aggregate, "linksOf">,
  state: AggregateState,
): readonly Mutation[] =>
  definition.linksOf(state, noSettings).flatMap((link): readonly Mutation[] =>
    link.type === "key" && !link.unique
      ? [{ type: "set", key: link.key, value: encodeJson(link.value) }]
      : []
  );

/** The earlier key names its aggregate last. Where another process was first, the next look finds it gone. */
const renew = Effect.fnUntraced(function* (definition: Aggregate, { key, versionstamp }: Entry) {
  const store = yield* Store;
  const documentKey = definition.key(String(key.at(-1)));
  const stored = yield* readValue(documentKey, definition.codec.unpack);
  yield* store.commit({
    checks: [
      { key, versionstamp },
      { key: documentKey, versionstamp: stored?.versionstamp ?? null },
    ],
    mutations: [
      { type: "delete", key },
      ...(stored === null ? [] : waitingLinks(definition, stored.value.state)),
    ],
  });
});

/** Does nothing in a store that this version, or one after it, has opened before. */
export const renewLinks: Effect.Effect<void, StoreError, Store | Subjects> = Effect.gen(
  function* () {
    const store = yield* Store;
    const { aggregates } = yield* Subjects;
    for (const definition of aggregates.values()) {
      for (const family of definition.earlierFamilies ?? []) {
        while (true) {
          const entries = yield* store.list({
            ...below([family]),
            limit: aggregateLimits.linksRenewedAtOnce,
          });
          if (entries.length === 0) break;
          yield* Effect.forEach(entries, (entry) => renew(definition, entry), { discard: true });
        }
      }
    }
  },
);
