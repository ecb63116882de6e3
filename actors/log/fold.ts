/**
 * Runs a fold: a reactor whose changes of its own keys go into the commit that moves its cursor, so that each
 * change counts exactly once, whatever fails and however many processes there are.
 */
import { Clock, Effect } from "effect";
import { elapsedMs } from "../../src/kernel/instant.ts";
import { reactorLimits } from "./limits.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry, Position } from "../../src/store/log.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { type Mutation, Store, StoreError } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import { Cursor } from "./cursor.ts";
import { Hurry, react } from "./reactor.ts";
import type { Note } from "./set-aside.ts";

/** The keys of a fold in memory while they change. */
export interface FoldedKeys<Change> {
  /** Makes a change in memory; false when its key has to be loaded first. */
  readonly apply: (change: Change) => boolean;
  readonly load: (change: Change) => Effect.Effect<void, StoreError>;
  /** The size of a commit of the changes so far: no more than this. */
  readonly changedKeys: () => number;
  readonly changedBytes: () => number;
  readonly changedKeyBytes: () => number;
  /** The writes for all changes, and others that tidy up while `mayTidy` says that there is room. */
  readonly mutations: (mayTidy: () => boolean) => readonly Mutation[];
  /** The store took the last `mutations`. */
  readonly written: () => void;
  /** Forgets everything, changes too: another process may have written. */
  readonly clear: () => void;
}

export interface FoldOptions<Change> {
  readonly name: string;
  readonly keys: FoldedKeys<Change>;
  readonly changesOf: (record: LogRecord) => readonly Change[];
  /** Keys written in one commit. */
  readonly keysPerCommit: number;
  /** At most so often it commits: the more at once, the cheaper. */
  readonly commitEveryMs: number;
  /** The changes of an entry that was left out and is late. Those that it made then, where nothing is said. */
  readonly changesLate?: (entry: LogEntry) => Effect.Effect<readonly Change[], StoreError>;
}

export interface RunningFold<Change = never> {
  /** Everything up to here is folded. */
  readonly position: () => Position;
  /** Completes when everything up to the position is folded. */
  readonly passed: (position: Position) => Effect.Effect<void>;
  /**
   * Makes changes that no entry asks for. They are looked for behind the cursor, which stands still meanwhile:
   * what changes then is folded afterwards, and has the last word. `more` goes with the last of them.
   */
  readonly beside: (
    looked: Effect.Effect<readonly Change[], StoreError>,
    more?: readonly Mutation[],
  ) => Effect.Effect<void, StoreError>;
}

/** Shares of a commit that folding, and then tidying up, may fill. The rest is for the cursor. */
const foldedShare = 0.8;
const tidyingShare = 0.9;

const overtaken = (name: string) =>
  new StoreError({
    operation: "commit",
    detail: `Another process moves the cursor of ${name}.`,
    reason: "locked",
    cause: null,
  });

class FoldRunner<Change> {
  readonly hurry = new Hurry();
  readonly cursor: Cursor;
  #committedAtMs = 0;

  constructor(
    readonly store: Store["Service"],
    readonly options: FoldOptions<Change>,
  ) {
    this.cursor = new Cursor(store, options.name);
  }

  #isOver(share: number): boolean {
    const { keys } = this.options;
    const { mutations, commitBytes, keyBytesPerCommit } = this.store.limits;
    return keys.changedKeys() >= mutations * share ||
      keys.changedBytes() >= commitBytes * share ||
      keys.changedKeyBytes() >= keyBytesPerCommit * share;
  }

  #isFull(): boolean {
    return this.options.keys.changedKeys() >= this.options.keysPerCommit ||
      this.#isOver(foldedShare);
  }

  /** False when another process was first. */
  readonly #commit = Effect.fnUntraced(function* (
    this: FoldRunner<Change>,
    position: Position,
    done: number,
    more: readonly Mutation[] = [],
  ) {
    const { keys } = this.options;
    const mutations = [...keys.mutations(() => !this.#isOver(tidyingShare)), ...more];
    const place = done === 0 ? { position } : { position, done };
    if (!(yield* this.cursor.move(place, mutations))) return false;
    keys.written();
    this.#committedAtMs = yield* Clock.currentTimeMillis;
    return true;
  }).bind(this);

  /** Commits whenever a commit is full, also in the middle of an entry: then the cursor says where. */
  readonly work = Effect.fnUntraced(function* (
    this: FoldRunner<Change>,
    entries: readonly LogEntry[],
  ): Effect.fn.Return<boolean, StoreError> {
    const { keys, changesOf } = this.options;
    let { position, done } = this.cursor;
    for (const entry of entries) {
      let n = 0;
      for (const record of entry.records) {
        for (const change of changesOf(record)) {
          if (n++ < done) continue;
          if (this.#isFull() && !(yield* this.#commit(position, n - 1))) return false;
          while (!keys.apply(change)) yield* keys.load(change);
        }
      }
      position = entry.position;
      done = 0;
      yield* Effect.yieldNow;
    }
    return yield* this.#commit(position, 0);
  }).bind(this);

  /** Waits for more entries, so that one commit folds them together. */
  readonly rest = Effect.fnUntraced(function* (this: FoldRunner<Change>) {
    const { commitEveryMs } = this.options;
    const sinceMs = elapsedMs(this.#committedAtMs, yield* Clock.currentTimeMillis);
    if (sinceMs < commitEveryMs) yield* this.hurry.pause(commitEveryMs - sinceMs);
  }).bind(this);

  readonly forget = (): void => this.options.keys.clear();

  readonly #changesLate = (entry: LogEntry): Effect.Effect<readonly Change[], StoreError> =>
    this.options.changesLate?.(entry) ??
      Effect.sync(() => entry.records.flatMap(this.options.changesOf));

  /** The entry's note goes with the last of its changes, so that they count once. */
  readonly again = Effect.fnUntraced(function* (
    this: FoldRunner<Change>,
    entry: LogEntry,
  ): Effect.fn.Return<void, StoreError> {
    const { cursor, store, options: { name, keys: folded } } = this;
    const key = keys.setAside(name, entry.position);
    const changes = yield* this.#changesLate(entry);
    this.forget();
    yield* cursor.read;
    const { value } = yield* store.get(key);
    if (value === null) return;
    const note = decodeJson<Note>(value);
    const from = note.done ?? 0;
    const { position, done } = cursor;
    const commit = (made: number) =>
      this.#commit(position, done, [
        made === changes.length
          ? { type: "delete", key }
          : { type: "set", key, value: encodeJson({ ...note, done: made }) },
      ]);
    for (const [n, change] of changes.entries()) {
      if (n < from) continue;
      if (this.#isFull() && !(yield* commit(n))) return yield* overtaken(name);
      while (!folded.apply(change)) yield* folded.load(change);
    }
    if (!(yield* commit(changes.length))) return yield* overtaken(name);
  }).bind(this);

  readonly beside = Effect.fnUntraced(function* (
    this: FoldRunner<Change>,
    looked: Effect.Effect<readonly Change[], StoreError>,
    more: readonly Mutation[] = [],
  ): Effect.fn.Return<void, StoreError> {
    const { cursor, options: { name, keys: folded } } = this;
    const before = cursor.isKnown ? cursor.versionstamp : undefined;
    yield* cursor.read;
    if (before !== cursor.versionstamp) this.forget();
    const { position, done } = cursor;
    const changes = yield* looked;
    if (changes.length === 0 && more.length === 0) return;
    for (const change of changes) {
      if (this.#isFull() && !(yield* this.#commit(position, done))) return yield* overtaken(name);
      while (!folded.apply(change)) yield* folded.load(change);
    }
    if (!(yield* this.#commit(position, done, more))) return yield* overtaken(name);
  }).bind(this);

  readonly passed = Effect.fnUntraced(function* (this: FoldRunner<Change>, position: Position) {
    while (this.cursor.position < position) {
      this.hurry.up();
      yield* this.cursor.moved;
    }
  }).bind(this);
}

export const runFold = Effect.fnUntraced(function* <Change>(options: FoldOptions<Change>) {
  const fold = new FoldRunner(yield* Store, options);
  const { cursor, hurry } = fold;
  const turns = yield* react({
    cursor,
    takeOverMs: reactorLimits.foldTakeOverMs,
    work: fold.work,
    forget: fold.forget,
    rest: fold.rest(),
    again: (entry) =>
      fold.again(entry).pipe(
        Effect.onError(() => Effect.sync(() => cursor.doubt())),
        Effect.retry({ times: reactorLimits.lateTries }),
      ),
  }, hurry);
  return {
    position: () => cursor.position,
    passed: (position) => fold.passed(position),
    beside: (looked, more) =>
      turns.alone(
        fold.beside(looked, more).pipe(
          Effect.onError(() => Effect.sync(() => cursor.doubt())),
          Effect.retry({ times: reactorLimits.lateTries }),
        ),
      ),
  } satisfies RunningFold<Change>;
});
