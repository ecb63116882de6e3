/** The fold of the log that keeps the posting lists behind the list endpoints, page by page. */
import { Context, Effect, Layer } from "effect";
import { indexLimits } from "../../src/store/limits.ts";
import type { Position } from "../../src/store/log.ts";
import { PostingPages } from "../../src/store/posting-pages.ts";
import { entryOf, postingList } from "../../src/store/postings.ts";
import { Store } from "../../src/store/store.ts";
import type { ListChange } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { runFold } from "../log/fold.ts";
import { fillLists } from "./fill-lists.ts";
import { listedLate } from "./listed-late.ts";

export class Indexes extends Context.Service<Indexes, {
  /** Everything up to here can be found. */
  readonly position: () => Position;
  /** Completes when the index has passed the position, or after `indexLimits.waitMs`. */
  readonly passed: (position: Position) => Effect.Effect<void>;
}>()("allot/Indexes") {
  static readonly layer = Layer.effect(Indexes, Effect.suspend(() => makeIndexes));
}

export const indexConsumer = "indexes";

const makeIndexes = Effect.gen(function* () {
  const store = yield* Store;
  const subjects = yield* Subjects;
  const context = yield* Effect.context<Store>();
  const pages = new PostingPages(store);

  const listOf = ({ dimension, value }: ListChange) =>
    postingList(subjects.dimensionOf(dimension), value);

  const { position, passed, beside } = yield* runFold<ListChange>({
    name: indexConsumer,
    keys: {
      apply: (change) => {
        const list = listOf(change);
        return pages.apply(list, entryOf(list, change.id), change.present);
      },
      load: (change) => {
        const list = listOf(change);
        return pages.load(list, entryOf(list, change.id));
      },
      changedKeys: () => pages.changedPages,
      changedBytes: () => pages.changedBytes,
      changedKeyBytes: () => pages.changedKeyBytes,
      mutations: (mayMerge) => pages.mutations(mayMerge),
      written: () => pages.written(),
      clear: () => pages.clear(),
    },
    changesOf: (record) => subjects.kindOf(record).listChangesOf(record),
    // Entries between the look at the documents and the cursor are done again, and end at the same.
    changesLate: (entry) => Effect.provideContext(listedLate(entry, subjects), context),
    keysPerCommit: indexLimits.pagesPerCommit,
    commitEveryMs: indexLimits.commitEveryMs,
  });

  yield* Effect.forkScoped(fillLists(beside));

  return Indexes.of({
    position,
    passed: (to) =>
      position() >= to
        ? Effect.void
        : Effect.asVoid(Effect.timeoutOption(passed(to), indexLimits.waitMs)),
  });
});
