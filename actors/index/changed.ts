/**
 * Aggregates by their last change, the newest first. The log has all changes in their order, so nothing else
 * need be written: it is read backwards, and an aggregate stands where its document was written last.
 *
 * Times are those of the processes that made the changes. Where clocks of processes differ, entries are not
 * quite in the order of their times; so the log is read on for a while behind the beginning of a span.
 */
import { Effect } from "effect";
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import { below, type Key } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { indexLimits } from "../../src/store/limits.ts";
import type { Position } from "../../src/store/log.ts";
import { logEntryIn, timeOfEntry } from "../../src/store/log-entry.ts";
import { above } from "../../src/store/postings.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { valueOf } from "../../src/store/values.ts";
import type { AggregateDocument, DocumentCodec } from "../../src/subject/aggregate.ts";
import type { LogRecord, RecordKinds } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { changedLimits } from "./limits.ts";

export interface ChangedRow<A> {
  readonly value: A;
  /** The place behind it. */
  readonly cursor: string;
}

export interface ChangedPage<A> {
  readonly data: readonly ChangedRow<A>[];
  /** Null at the end. A page may be short, or empty, and have a next one. */
  readonly nextCursor: string | null;
}

/** The part of a definition that is asked. */
interface ChangedDefinition<S, P> {
  readonly name: string;
  key(id: string): Key;
  readonly codec: DocumentCodec<S, P>;
}

export interface ChangedRequest<S, P, A> {
  readonly definition: ChangedDefinition<S, P>;
  /** Neither moment is included. */
  readonly after: Instant;
  readonly before?: Instant | undefined;
  /** From the last page; a cursor that is none gives an empty page. */
  readonly cursor?: string | undefined;
  /** What the list shows of a document: itself, or some of its parts, each with its id. */
  readonly select: (
    document: AggregateDocument<S, P>,
  ) => readonly { readonly id: string; readonly value: A }[];
}

/** Pages of one list, each going on where the last one ended. */
export type ChangedPages<A> = (limit: number) => Effect.Effect<ChangedPage<A>, StoreError>;

/** A place in the log: an entry, a record of it and an id in that; or just behind an entry. */
interface Place {
  readonly position: Position;
  readonly record: number;
  readonly id: string;
}

const cursorPattern = /^([0-9a-f]{20})(?:\.(\d{1,6})\.(\w{1,60}))?$/;

/** Undefined where there is no cursor, null where the text is none. */
const placeOf = (cursor: string | undefined): Place | null | undefined => {
  if (cursor === undefined) return undefined;
  const match = cursorPattern.exec(cursor);
  if (match === null) return null;
  const [, position = "", record, id = ""] = match;
  return { position, record: record === undefined ? -1 : Number(record), id };
};

const log = below(["log"]);

/** Versionstamps are ten bytes in hexadecimal: numbers that can be halved. */
const numberOf = (position: Position): bigint => BigInt(`0x${position}`);
const positionOf = (number: bigint): Position => number.toString(16).padStart(20, "0");
const positionIn = ({ key }: Entry): Position => String(key[1]);

/** The end of what was written before a moment, by halving. */
const endBefore = Effect.fnUntraced(function* (
  before: Instant,
): Effect.fn.Return<Key, StoreError, Store> {
  const store = yield* Store;
  const limit = changedLimits.entriesPerProbe;
  const ends = yield* Effect.forEach(
    [false, true],
    (reverse) => store.list({ ...log, limit: 1, reverse }),
  );
  const [first, newest] = ends.map(([entry]) => entry === undefined ? null : positionIn(entry));
  if (!first || !newest) return log.end;
  const until = instantOf(epochMsOf(before) + changedLimits.clocksApartMs);
  let low = numberOf(first);
  let high = numberOf(newest) + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const [start, end] = [middle, high].map((number) => keys.log(positionOf(number)));
    // Positions are far apart: mostly there is nothing between two of them, which costs next to nothing.
    const entries = yield* store.list({ start: start ?? log.start, end: end ?? log.end, limit });
    const times = (yield* Effect.forEach(entries, timeOfEntry)).filter((time) => time !== null);
    const time = times.sort()[times.length >> 1];
    if (time === undefined || time >= until) high = middle;
    else low = middle;
  }
  // The middle one of some was late enough, so one of these may be the last that is not.
  const rest = yield* store.list({ start: keys.log(positionOf(high)), end: log.end, limit });
  const last = rest.at(-1);
  return last === undefined ? log.end : keys.log(above(positionIn(last)));
});

/**
 * The aggregates of a kind that an entry's records are about, each once, its last record first: it says when
 * the aggregate was changed, whatever the clock said before.
 */
const ownersIn = (
  records: readonly LogRecord[],
  kinds: RecordKinds,
  isWanted: (record: LogRecord, name: string) => boolean,
): readonly { readonly id: string; readonly record: number }[] => {
  const owners = new Map<string, number | null>();
  for (let n = records.length - 1; n >= 0; n--) {
    const record = records[n];
    if (record === undefined) continue;
    const owner = kinds.kindOf(record).ownerOf(record);
    if (owner === null || owners.has(owner.id)) continue;
    owners.set(owner.id, isWanted(record, owner.aggregate) ? n : null);
  }
  return [...owners].flatMap(([id, record]) => record === null ? [] : [{ id, record }]);
};

/** How far one page has looked. */
interface Looked {
  entries: number;
  documents: number;
}

const isTired = ({ entries, documents }: Looked): boolean =>
  entries >= changedLimits.entriesPerPage || documents >= indexLimits.documentsScannedPerPage;

/** Reads back through the log, as far as pages are asked for. */
class ChangedReader<S, P, A> {
  /** Found, and not given out yet. */
  #rows: ChangedRow<A>[] = [];
  /** Read, and not looked at yet. */
  #entries: Entry[] = [];
  #entriesPerRead: number = changedLimits.firstEntries;
  /** Entries in a row that are older than the span. */
  #older = 0;
  /** Null at the end of the log, or of the span. */
  #end: Key | null;

  constructor(
    private readonly store: Store["Service"],
    private readonly kinds: RecordKinds,
    private readonly request: ChangedRequest<S, P, A>,
    end: Key | null,
    /** The place at which the first page begins. */
    private readonly from: Place | null,
  ) {
    this.#end = end;
  }

  readonly page = Effect.fnUntraced(function* (
    this: ChangedReader<S, P, A>,
    limit: number,
  ): Effect.fn.Return<ChangedPage<A>, StoreError, Store> {
    const looked: Looked = { entries: 0, documents: 0 };
    while (this.#rows.length <= limit && this.#end !== null) {
      const entry = yield* this.#next();
      if (entry === null) break;
      yield* this.#take(entry, looked);
      if (this.#rows.length > limit || !isTired(looked)) continue;
      return { data: this.#rows.splice(0), nextCursor: positionIn(entry) };
    }
    const data = this.#rows.splice(0, limit);
    return { data, nextCursor: this.#rows.length === 0 ? null : data.at(-1)?.cursor ?? null };
  }).bind(this);

  /** The entry before the last one; null at the end. */
  readonly #next = Effect.fnUntraced(function* (this: ChangedReader<S, P, A>) {
    const known = this.#entries.shift();
    if (known !== undefined) return known;
    if (this.#end === null) return null;
    const limit = this.#entriesPerRead;
    // Most lists are of what was changed just now.
    this.#entriesPerRead = Math.min(limit * 2, changedLimits.entriesPerRead);
    const { start } = log;
    this.#entries = [
      ...yield* this.store.list({ start, end: this.#end, limit, reverse: true }),
    ];
    const entry = this.#entries.shift();
    if (entry === undefined) this.#end = null;
    return entry ?? null;
  }).bind(this);

  /** Whether nothing of the span is to be expected any more behind an entry of this time. */
  #isBehind(at: Instant): boolean {
    const { after } = this.request;
    this.#older = at <= after ? this.#older + 1 : 0;
    return this.#older >= changedLimits.olderEntries && isBefore(at, after);
  }

  /** Takes the rows of an entry. */
  readonly #take = Effect.fnUntraced(function* (
    this: ChangedReader<S, P, A>,
    entry: Entry,
    looked: Looked,
  ) {
    this.#end = entry.key;
    looked.entries++;
    yield* Effect.yieldNow;
    const at = yield* timeOfEntry(entry);
    if (at === null) return;
    if (this.#isBehind(at)) {
      this.#end = null;
      return;
    }
    const { after, before } = this.request;
    const isOutside = isBefore(at, after) || (before !== undefined && isBefore(before, at));
    if (!isOutside) yield* this.#takeRecords(entry, looked);
  }).bind(this);

  readonly #takeRecords = Effect.fnUntraced(function* (
    this: ChangedReader<S, P, A>,
    entry: Entry,
    looked: Looked,
  ) {
    const { after, before, definition, select } = this.request;
    const stored = yield* logEntryIn(this.kinds, entry);
    if (stored === null) return;
    const position = positionIn(entry);
    const from = this.from?.position === position ? this.from : null;
    const owners = ownersIn(
      stored.value.records,
      this.kinds,
      (record, name) =>
        name === definition.name && record.at > after &&
        (before === undefined || record.at < before),
    ).filter(({ record }) => from === null || record <= from.record);
    looked.documents += owners.length;
    const found = yield* this.store.getMany(owners.map(({ id }) => definition.key(id)));
    for (const [n, { record }] of owners.entries()) {
      const own = found[n];
      // Changed again later: it stands there.
      if (own === undefined || own.versionstamp !== position) continue;
      const document = yield* valueOf(own, (text) => definition.codec.unpack(text));
      if (document === null) continue;
      for (const { id, value } of select(document.value)) {
        if (from !== null && record === from.record && id >= from.id) continue;
        this.#rows.push({ value, cursor: `${position}.${record}.${id}` });
      }
    }
  }).bind(this);
}

/** Whether one moment is before another one by more than clocks may differ. */
const isBefore = (one: Instant, other: Instant): boolean =>
  epochMsOf(one) <= epochMsOf(other) - changedLimits.clocksApartMs;

/** Where the log is read from, backwards; null for a cursor that is none. */
const endOf = (
  { before }: { readonly before?: Instant | undefined },
  from: Place | null | undefined,
) =>
  from === null
    ? Effect.succeed(null)
    : from !== undefined
    ? Effect.succeed(keys.log(from.record < 0 ? from.position : above(from.position)))
    : before === undefined
    ? Effect.succeed(log.end)
    : endBefore(before);

export const changedPages = Effect.fnUntraced(function* <S, P, A>(
  request: ChangedRequest<S, P, A>,
): Effect.fn.Return<ChangedPages<A>, StoreError, Store | Subjects> {
  const store = yield* Store;
  const from = placeOf(request.cursor);
  const end = yield* endOf(request, from);
  const reader = new ChangedReader(store, yield* Subjects, request, end, from ?? null);
  return (limit) => Effect.provideService(reader.page(limit), Store, store);
});
