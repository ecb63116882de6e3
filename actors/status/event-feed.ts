/**
 * The events feed: pages of events out of the log, for readers that keep their own place in it. Reading moves
 * nothing. A reader that has seen everything may wait for the next event.
 */
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { elapsedMs } from "../../src/kernel/instant.ts";
import { keepNewest } from "../../src/kernel/keep-newest.ts";
import type { ChangeFilter } from "../../src/status/changes.ts";
import { FeedPage, ToldEntry } from "../../src/status/feed.ts";
import { feedLimits } from "../../src/status/limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import { beginning, type LogEntry } from "../../src/store/log.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import type { StoreError } from "../../src/store/store.ts";
import { eventCountOf, type EventPlace, parseEventId } from "../../src/subject/event.ts";
import type { RecordKinds } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Turns } from "../ledger/turns.ts";
import type { Overloaded } from "../ledger/unit.ts";
import { LogTail } from "../log/log-tail.ts";

export interface FeedRequest {
  readonly filter: ChangeFilter;
  /** The id of the last event that was seen; absent: nothing was. */
  readonly after?: string | undefined;
  /** Events of the page, `feedLimits.events` at most. */
  readonly limit: number;
  /** How long it may wait for an event; zero: not at all. */
  readonly waitMs: number;
  /** Ends the wait before its time. */
  readonly until: Effect.Effect<unknown>;
  /** The reader's key: no key has all there is. */
  readonly keyId: string;
}

/** The log has no such place: it is that of another store, or of one before a copy was put back. */
export class PositionUnknown extends Data.TaggedError("PositionUnknown")<{
  readonly after: string;
}> {}

export class EventFeed extends Context.Service<EventFeed, {
  readonly read: (
    request: FeedRequest,
  ) => Effect.Effect<FeedPage, PositionUnknown | Overloaded | StoreError>;
}>()("allot/EventFeed") {
  static readonly layer = Layer.effect(EventFeed, Effect.suspend(() => makeEventFeed));
}

/** How many there are; none where they cannot be counted. */
const eventsIn = ({ records }: LogEntry, kinds: RecordKinds): number =>
  Result.getOrElse(
    Result.try(() => records.reduce((sum, record) => sum + eventCountOf(record, kinds), 0)),
    () => 0,
  );

/** In an id: before the first entry of any log. */
const nowhere = "0".repeat(20);

const makeEventFeed = Effect.gen(function* () {
  const tail = yield* LogTail;
  const kinds = yield* Subjects;
  const { id: storeId } = yield* StoreMeta;
  const turns = new Turns({ what: "pages of the events feed", ...feedLimits.turns });
  /** A reader that may not wait now is told so at once. */
  const waits = new Turns({ what: "readers of the events feed", ...feedLimits.waits, waiting: 0 });
  const source = `/stores/${storeId}`;
  /** Those in the tail's memory are told once for all readers. */
  const recent = new WeakMap<LogEntry, ToldEntry>();
  /** Those in which a page ended, by position: most readers go on at once. */
  const begun = new Map<string, ToldEntry>();

  const toldOf = (entry: LogEntry): ToldEntry => new ToldEntry(entry, kinds, source);

  const sharedOf = (entry: LogEntry): ToldEntry => {
    const told = recent.get(entry) ?? toldOf(entry);
    recent.set(entry, told);
    return told;
  };

  /** What cannot be told is left out, as the status stream does: its consumer notes the entry in the status. */
  const take = (page: FeedPage, told: ToldEntry): void => {
    const { position } = told.entry;
    const taken = Result.try(() => page.take(told));
    if (Result.isFailure(taken)) page.pass(position);
    if (page.isWithin(position)) {
      begun.set(position, told);
      keepNewest(begun, feedLimits.begunEntries);
    }
  };

  /** Takes the rest of the entry in which a reader stopped. */
  const resume = Effect.fnUntraced(function* (page: FeedPage, { position, index }: EventPlace) {
    const known = begun.get(position);
    const entry = known?.entry ?? (yield* tail.entry(position));
    if (entry === null) return false;
    if (index === null || entry.unreadable) return true;
    if (index >= eventsIn(entry, kinds)) return false;
    begun.delete(position);
    take(page, known ?? toldOf(entry));
    return true;
  });

  const begin = Effect.fnUntraced(function* ({ after, filter, limit }: FeedRequest) {
    const bounds = {
      events: Math.min(limit, feedLimits.events),
      characters: feedLimits.characters,
      lookedAt: feedLimits.lookedAt,
    };
    const start: EventPlace = { position: nowhere, index: null };
    const place = after === undefined || after === "" ? start : parseEventId(after);
    if (place === null) return yield* new PositionUnknown({ after: after ?? "" });
    const page = new FeedPage(filter, bounds, place);
    if (place.position === nowhere) return page;
    if (!(yield* resume(page, place))) return yield* new PositionUnknown({ after: after ?? "" });
    return page;
  });

  /** The next entries: out of memory, where that has any. */
  const next = (
    position: string,
    limit: number,
  ): Effect.Effect<readonly ToldEntry[], StoreError> => {
    const inMemory = tail.recent(position) ?? [];
    return inMemory.length > 0
      ? Effect.succeed(inMemory.map(sharedOf))
      : Effect.map(tail.read(position, limit), (entries) => entries.map(toldOf));
  };

  /** Fills the page as far as the log goes. Reads few entries at first: one may hold hundreds of events. */
  const fill = Effect.fnUntraced(function* (page: FeedPage): Effect.fn.Return<void, StoreError> {
    let entriesAtOnce = 1;
    while (!page.isDone) {
      const position = page.position === nowhere ? beginning : page.position;
      const before = page.events.length;
      const entries = yield* next(position, entriesAtOnce);
      if (entries.length === 0) return;
      for (const entry of entries) {
        take(page, entry);
        if (page.isDone) return;
        yield* Effect.yieldNow;
      }
      const perEntry = Math.max(1, page.events.length - before) / entries.length;
      entriesAtOnce = Math.min(Math.ceil(page.room / perEntry), logLimits.entriesPerRead);
    }
  });

  const awaitEvent = Effect.fnUntraced(function* (
    page: FeedPage,
    { waitMs, keyId }: FeedRequest,
  ): Effect.fn.Return<void, StoreError | Overloaded> {
    const beganMs = yield* Clock.currentTimeMillis;
    while (page.events.length === 0 && !page.isDone) {
      const leftMs = waitMs - elapsedMs(beganMs, yield* Clock.currentTimeMillis);
      if (leftMs <= 0) return;
      // Looks now and then itself, should it miss that the tail has moved.
      if (tail.position() <= page.position) {
        yield* Effect.timeoutOption(tail.moved, Math.min(leftMs, logLimits.watchedPollMs));
      } else yield* turns.during(keyId, fill(page));
    }
  });

  return EventFeed.of({
    read: Effect.fnUntraced(function* (request) {
      const { keyId, waitMs, until } = request;
      const page = yield* turns.during(
        keyId,
        Effect.tap(begin(request), (page) => fill(page)),
      );
      if (waitMs > 0 && page.events.length === 0 && !page.isDone) {
        yield* waits.during(keyId, Effect.raceFirst(awaitEvent(page, request), until));
      }
      return page;
    }),
  });
});
