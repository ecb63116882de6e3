/**
 * The consumer of the log that keeps the posting lists behind the list endpoints. Pages and cursor move in
 * one commit that checks the cursor, so each entry counts once, whichever processes run the consumer.
 */
import { orderKeys } from "../../src/order/keys.ts";
import { Clock, Context, Effect, Latch, Layer, Random } from "effect";
import { indexLimits } from "../../src/kernel/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { beginning, type LogEntry, type OrderRecord, type Position } from "../../src/store/log.ts";
import { placedLists } from "../../src/store/placed.ts";
import { PostingPages } from "../../src/store/posting-pages.ts";
import { entryOf, type PostingList, postings } from "../../src/store/postings.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { fulfillmentOrderStatuses, type Order, orderStatuses } from "../../src/order/order.ts";
import { Store, StoreError, type Versionstamp } from "../../src/store/store.ts";
import { decodeJson, encodeJson, readValue } from "../../src/store/values.ts";
import { LogTail } from "../log/log-tail.ts";
import { asideInStore } from "../log/set-aside.ts";

export class Indexes extends Context.Service<Indexes, {
  /** Everything up to here can be found. */
  readonly position: () => Position;
  /** Completes when the index has passed the position, or after `indexLimits.waitMs`. */
  readonly passed: (position: Position) => Effect.Effect<void>;
}>()("allot/Indexes") {
  static readonly layer = Layer.effect(Indexes, Effect.suspend(() => makeIndexes));
}

export const indexConsumer = "indexes";

interface Change {
  readonly list: PostingList;
  readonly id: string;
  readonly present: boolean;
}

/** What an order's record changes in posting lists. Doing it again changes nothing. */
export const changesOf = (record: OrderRecord): readonly Change[] => {
  const changes: Change[] = [];
  const add = (list: PostingList, id: string) =>
    changes.push({ list, id: entryOf(list, id), present: true });
  const remove = (list: PostingList, id: string) =>
    changes.push({ list, id: entryOf(list, id), present: false });
  const { orderId, from, to } = record;
  if (from === null) {
    add(postings.channel(record.channel), orderId);
    if (record.customerId !== undefined) add(postings.customer(record.customerId), orderId);
    const [placed] = record.events;
    if (placed?.type === "order.placed") {
      for (const list of placedLists(placed.order)) add(list, orderId);
    }
  }
  if (from !== to) {
    if (from !== null) remove(postings.orderStatus(from), orderId);
    add(postings.orderStatus(to), orderId);
  }
  for (const { id, locationId, from, to } of record.fulfillment) {
    if (from === to) continue;
    if (from === null && locationId !== null) {
      add(postings.orderLocation(locationId), orderId);
      add(postings.fulfillmentLocation(locationId), id);
    }
    if (from !== null) {
      remove(postings.fulfillmentStatus(from), id);
      if (locationId !== null) remove(postings.fulfillmentLocationStatus(locationId, from), id);
    }
    add(postings.fulfillmentStatus(to), id);
    if (locationId !== null) add(postings.fulfillmentLocationStatus(locationId, to), id);
  }
  return changes;
};

/** What makes the lists of status and place say how an order is, whatever they said before. */
export const changesTo = (order: Order): readonly Change[] => {
  const changes: Change[] = [];
  const set = (list: PostingList, id: string, present = true) =>
    changes.push({ list, id: entryOf(list, id), present });
  set(postings.channel(order.channel), order.id);
  if (order.customerId !== undefined) set(postings.customer(order.customerId), order.id);
  for (const status of orderStatuses) {
    set(postings.orderStatus(status), order.id, status === order.status);
  }
  for (const { id, locationId, status: now } of order.fulfillmentOrders) {
    if (locationId !== null) {
      set(postings.orderLocation(locationId), order.id);
      set(postings.fulfillmentLocation(locationId), id);
    }
    for (const status of fulfillmentOrderStatuses) {
      set(postings.fulfillmentStatus(status), id, status === now);
      if (locationId !== null) {
        set(postings.fulfillmentLocationStatus(locationId, status), id, status === now);
      }
    }
  }
  return changes;
};

interface Cursor {
  readonly position: Position;
  readonly versionstamp: Versionstamp | null;
}

/** Of what a commit may hold: the rest is for the cursor, and for merging pages. */
const packedShare = 0.8;
const mergingShare = 0.9;

const makeIndexes = Effect.gen(function* () {
  const store = yield* Store;
  const tail = yield* LogTail;
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
  /** Opened by whoever waits for the cursor to move. */
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

  const change = Effect.fnUntraced(function* (changes: readonly Change[], whole: Position) {
    for (const { list, id, present } of changes) {
      if (isFull() && !(yield* commit(whole))) return false;
      while (!pages.apply(list, id, present)) yield* pages.load(list, id);
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
        if (record.kind !== "order") continue;
        if (!(yield* change(changesOf(record), whole))) return false;
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
    // What is committed while this waits is indexed in one go.
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

  /**
   * Lists the entry's orders as they are now. What the entry said may be overtaken; what comes between now
   * and the cursor is done again, and ends as it is.
   */
  const listAgain = Effect.fnUntraced(function* (entry: LogEntry) {
    const ids = new Set(
      entry.records.flatMap((record) => record.kind === "order" ? [record.orderId] : []),
    );
    const changes: Change[] = [];
    for (const id of ids) {
      const stored = yield* Effect.provideService(
        readValue<OrderDocument>(orderKeys.order(id)),
        Store,
        store,
      );
      if (stored !== null) changes.push(...changesTo(stored.value.order));
    }
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
