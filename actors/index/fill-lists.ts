/**
 * Fills lists that came when there were stores already. Their entries are in no log record of before, so each
 * document is looked at, once for each store; from then on the log tells of all changes.
 */
import { Clock, Effect, Schedule } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { type Entry, type Mutation, Store, type StoreError } from "../../src/store/store.ts";
import { encodeJson, valueOf } from "../../src/store/values.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import { listChangesBetween } from "../../src/subject/aggregate-record.ts";
import type { ListChange } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import type { RunningFold } from "../log/fold.ts";

/** The names of the dimensions that the store's documents were not looked at for. */
const unfilledNames = Effect.gen(function* () {
  const store = yield* Store;
  const { dimensions } = yield* Subjects;
  const names = [...dimensions.values()].flatMap(({ name, isLater }) => isLater ? [name] : []);
  const marks = yield* store.getMany(names.map(keys.filledLists));
  return names.filter((_, n) => marks[n]?.value === null);
});

const placesIn = (definition: Aggregate, entries: readonly Entry[], among: readonly string[]) =>
  Effect.map(
    Effect.forEach(
      entries,
      (entry) =>
        Effect.map(
          valueOf(entry, definition.codec.unpack),
          (stored) =>
            stored === null ? [] : listChangesBetween(null, stored.value.state, definition),
        ),
    ),
    (changes) => changes.flat().filter(({ dimension }) => among.includes(dimension)),
  );

const fillOnce = Effect.fnUntraced(function* (
  beside: RunningFold<ListChange>["beside"],
): Effect.fn.Return<void, StoreError, Store | Subjects> {
  const store = yield* Store;
  const { aggregates } = yield* Subjects;
  const names = yield* unfilledNames;
  if (names.length === 0) return;
  for (const definition of aggregates.values()) {
    const { start, end } = below([String(definition.key("")[0])]);
    let from = start;
    for (let isWhole = false; !isWhole;) {
      let next = from;
      yield* beside(Effect.gen(function* () {
        const entries = yield* store.list({
          start: from,
          end,
          limit: indexLimits.documentsPerFill,
        });
        isWhole = entries.length < indexLimits.documentsPerFill;
        next = [...entries.at(-1)?.key ?? from, ""];
        return yield* Effect.provideService(placesIn(definition, entries, names), Store, store);
      }));
      from = next;
    }
  }
  const at = instantOf(yield* Clock.currentTimeMillis);
  const marks = names.map((name): Mutation => ({
    ...{ type: "set", key: keys.filledLists(name), value: encodeJson({ at }) },
  }));
  yield* beside(Effect.succeed([]), marks);
});

/** Goes on until it is done. */
export const fillLists = (beside: RunningFold<ListChange>["beside"]) =>
  fillOnce(beside).pipe(
    Effect.tapError(({ detail }) => Effect.logWarning(`Lists could not be filled: ${detail}`)),
    Effect.retry({ schedule: Schedule.spaced(indexLimits.fillAgainMs) }),
  );
