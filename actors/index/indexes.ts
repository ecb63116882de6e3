/**
 * The consumer of the log that keeps the posting lists behind the list endpoints. Pages and cursor move in
 * one commit that checks the cursor, so each entry counts once, whichever processes run the consumer.
 */
import { Clock, Context, Effect, Latch, Layer, Random } from "effect";
import { indexLimits } from "../../src/kernel/limits.ts";
import { keys } from "../../src/store/keys.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { beginning, type LogEntry, type Position } from "../../src/store/log.ts";
import { PostingPages } from "../../src/store/posting-pages.ts";
import { entryOf, postingList } from "../../src/store/postings.ts";
import { Store, StoreError, type Versionstamp } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import type { ListChange } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { LogTail } from "../log/log-tail.ts";
import { asideInStore } from "../log/set-aside.ts";
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

interface Cursor {
  readonly position: Position;
  readonly versionstamp: Versionstamp | null;
}

/** Shares of the room in a commit: the rest is for the cursor, and for merging pages. */
const packedShare = 0.8;
const mergingShare = 0.9;

const makeIndexes = Effect.gen(function* () {
  const store = yield* Store;
  const tail = yield* LogTail;
  const subjects = yield* Subjects;
  const context = yield* Effect.context<Store>();
  const pages = new PostingPages(store);
  const cursorKey = keys.cursor(indexConsumer);

  let cursor: Cursor = { position: beginning, versionstamp: null };
  /** False when somebody else may have written since the cursor was read. */
  let current = false;
  /** True while another process moves the cursor. */
  let contended = false;
  let committedAtMs = 0;
  /** When the cursor was last found moved by another process. */
  let movedAtMs = 0;
  /** Released whenever the cursor moves. */
  const moved = Latch.makeUnsafe(false);
  /** A request that waits for the cursor to move opens it. */
  const hurry = Latch.makeUnsafe(false);

  const forget = () => {
    pages.clear();
    current = false;
  };

  const reload = Effect.gen(function* () {
    forget();
    const entry = yield* store.get(cursorKey);
    cursor = {
      position: entry.value === null
        ? beginning
        : decodeJson<{ position: Position }>(entry.value).position,
      versionstamp: entry.versionstamp,
    };
    current = true;
    yield* moved.release;
  });

  const isOver = (share: number): boolean =>
    pages.changedPages >= store.limits.mutations * share ||
    pages.changedBytes >= store.limits.commitBytes * share ||
    pages.changedKeyBytes >= store.limits.keyBytesPerCommit * share;

  const isFull = (): boolean =>
    pages.changedPages >= indexLimits.pagesPerCommit || isOver(packedShare);

  /** False when another process was first. Until the store confirms, nothing in memory is to be believed. */
  const commit = Effect.fnUntraced(function* (position: Position) {
    const mutations = [
      { type: "set", key: cursorKey, value: encodeJson({ position }) } as const,
      ...pages.mutations(() => !isOver(mergingShare)),
    ];
    current = false;
    const result = yield* store.commit({
      checks: [{ key: cursorKey, versionstamp: cursor.versionstamp }],
      mutations,
    });
    if (!result.ok) return false;
    cursor = { position, versionstamp: result.versionstamp };
    pages.written();
    current = true;
    committedAtMs = yield* Clock.currentTimeMillis;
    yield* moved.release;
    return true;
  });

  const change = Effect.fnUntraced(function* (changes: readonly ListChange[], whole: Position) {
    for (const { dimension, value, id, present } of changes) {
      if (isFull() && !(yield* commit(whole))) return false;
      const list = postingList(subjects.dimensionOf(dimension), value);
      const listed = entryOf(list, id);
      while (!pages.apply(list, listed, present)) yield* pages.load(list, listed);
    }
    return true;
  });

  /**
   * Commits whenever a commit is full, with the cursor at the last entry that is in it whole: of an entry
   * in several commits the first part is done again after a crash, which changes nothing.
   */
  const apply = Effect.fnUntraced(function* (entries: readonly LogEntry[]) {
    let whole = cursor.position;
    for (const entry of entries) {
      for (const record of entry.records) {
        const changes = subjects.kindOf(record).listChangesOf(record);
        if (changes.length > 0 && !(yield* change(changes, whole))) return false;
      }
      whole = entry.position;
      yield* Effect.yieldNow;
    }
    return yield* commit(whole);
  });

  const pause = Effect.fnUntraced(function* (ms: number) {
    yield* Effect.timeoutOption(hurry.await, ms);
    hurry.closeUnsafe();
  });

  const handle = Effect.fnUntraced(function* (
    entries: readonly LogEntry[],
  ): Effect.fn.Return<void, StoreError> {
    while (true) {
      if (!current || contended) {
        const before = cursor.versionstamp;
        yield* reload;
        const nowMs = yield* Clock.currentTimeMillis;
        if (before !== cursor.versionstamp) movedAtMs = nowMs;
        contended = contended && nowMs - movedAtMs < indexLimits.takeOverMs;
      }
      const fresh = entries.filter((entry) => entry.position > cursor.position);
      if (fresh.length === 0) break;
      if (contended) {
        // Another process does the work; this one only looks whether it goes on.
        yield* pause(indexLimits.contendedPauseMs * (0.5 + 0.5 * (yield* Random.next)));
      } else if (yield* apply(fresh)) break;
      else {
        contended = true;
        movedAtMs = yield* Clock.currentTimeMillis;
      }
    }
    // Entries that come while this waits are indexed in one go.
    const sinceMs = (yield* Clock.currentTimeMillis) - committedAtMs;
    if (sinceMs < indexLimits.commitEveryMs) yield* pause(indexLimits.commitEveryMs - sinceMs);
  });

  /** The cursor goes past the entry in the commit that notes it: no process comes back to it by itself. */
  const leaveOut = Effect.fnUntraced(function* (setAside: SetAside) {
    const { position } = setAside;
    yield* reload;
    while (cursor.position < position) {
      const left = yield* store.commit({
        checks: [{ key: cursorKey, versionstamp: cursor.versionstamp }],
        mutations: [
          { type: "set", key: cursorKey, value: encodeJson({ position }) },
          {
            type: "set",
            key: keys.setAside(indexConsumer, position),
            value: encodeJson(setAside),
          },
        ],
      });
      if (!left.ok) yield* Effect.sleep(indexLimits.contendedPauseMs * (yield* Random.next));
      yield* reload;
    }
  });

  /** Entries between the look at the documents and the cursor are done again, and end at the same. */
  const listAgain = Effect.fnUntraced(function* (entry: LogEntry) {
    const changes = yield* Effect.provideContext(listedLate(entry, subjects), context);
    yield* reload;
    if (yield* change(changes, cursor.position)) {
      if (yield* commit(cursor.position)) return;
    }
    yield* reload;
    return yield* new StoreError({
      operation: "commit",
      detail: "Another process moves the index.",
      reason: "locked",
      cause: null,
    });
  });

  const passed = Effect.fnUntraced(function* (position: Position) {
    while (cursor.position < position) {
      hurry.openUnsafe();
      yield* moved.await;
    }
  });

  yield* reload;
  yield* tail.follow(indexConsumer, cursor.position, handle, {
    aside: { ...asideInStore(store, indexConsumer), add: leaveOut },
    again: (entry) => Effect.retry(listAgain(entry), { times: indexLimits.listAgainTries }),
  });

  return Indexes.of({
    position: () => cursor.position,
    passed: (position) =>
      cursor.position >= position
        ? Effect.void
        : Effect.asVoid(Effect.timeoutOption(passed(position), indexLimits.waitMs)),
  });
});
