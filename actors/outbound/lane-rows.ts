/** The values of a lane in the store: its cursor, which names its holder, and a row for each message that waits or died. */
import { Effect } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { below, type Key } from "../../src/kernel/key.ts";
import { unpackPage } from "../../src/outbound/attempt.ts";
import type { LaneOptions } from "../../src/outbound/lane-options.ts";
import type { Plan } from "../../src/outbound/plan.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import {
  type Attempt,
  type DeadLetter,
  type Message,
  parsedMessageId,
  type Waiting,
} from "../../src/outbound/message.ts";
import { type LaneRequest, requestName } from "../../src/outbound/request.ts";
import { packRow, unpackRow } from "../../src/outbound/rows.ts";
import type { Position } from "../../src/store/log.ts";
import { keys } from "../../src/store/keys.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { type Entry, type Mutation, Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson, encodeJson, packText, valueOf } from "../../src/store/values.ts";

const rowOf = <Row extends Message>(
  store: Store["Service"],
  entry: Entry,
): Effect.Effect<Row | null, StoreError> =>
  valueOf(entry, unpackRow<Row>).pipe(
    Effect.provideService(Store, store),
    Effect.map((stored) => stored?.value ?? null),
  );

const readRow = <Row extends Message>(store: Store["Service"], key: Key) =>
  Effect.flatMap(store.get(key), (entry) => rowOf<Row>(store, entry));

export const readWaiting = (store: Store["Service"], lane: string, id: string) =>
  readRow<Waiting>(store, keys.waitingMessage(lane, id));

export const readDeadLetter = (store: Store["Service"], lane: string, id: string) =>
  readRow<DeadLetter>(store, keys.deadLetter(lane, id));

/** All rows of a lane that wait, without their bodies, in the order of their ids. */
export const listWaiting = Effect.fnUntraced(function* (
  store: Store["Service"],
  lane: string,
): Effect.fn.Return<readonly Omit<Waiting, "body">[], StoreError> {
  const found: Omit<Waiting, "body">[] = [];
  const range = { ...below(["waiting_message", lane]), limit: outboundLimits.rowsPerRead };
  yield* forEachPage(
    store,
    range,
    Effect.fnUntraced(function* (entries) {
      for (const entry of entries) {
        const row = yield* rowOf<Waiting>(store, entry);
        if (row === null) continue;
        const { body: _, ...rest } = row;
        found.push(rest);
      }
    }),
  );
  return found;
});

/** Counts the dead letters of a lane, and lists the ids of those that are of entries after a position. */
export const deadLettersOf = Effect.fnUntraced(function* (
  store: Store["Service"],
  lane: string,
  position: Position,
): Effect.fn.Return<LaneOptions["dead"], StoreError> {
  const ahead: string[] = [];
  let count = 0;
  const range = { ...below(["dead_letter", lane]), limit: outboundLimits.rowsPerRead };
  yield* forEachPage(store, range, (entries) =>
    Effect.sync(() => {
      count += entries.length;
      const ids = entries.map(({ key }) => String(key[2]));
      ahead.push(...ids.filter((id) => (parsedMessageId(id)?.position ?? "") > position));
    }));
  return { count, ahead };
});

const rowsAfter = <Row extends Message>(keyOf: (lane: string, id: string) => Key) =>
  Effect.fnUntraced(function* (
    store: Store["Service"],
    lane: string,
    after: string,
    limit: number,
  ): Effect.fn.Return<readonly Row[], StoreError> {
    const { start, end } = below(keyOf(lane, "").slice(0, 2));
    const entries = yield* store.list({
      start: after === "" ? start : [...keyOf(lane, after), ""],
      end,
      limit,
    });
    const rows = yield* Effect.forEach(entries, (entry) => rowOf<Row>(store, entry));
    return rows.flatMap((row) => row === null ? [] : [row]);
  });

/** Messages after an id that wait in the store, in the order of their ids. */
export const listWaitingAfter = rowsAfter<Waiting>(keys.waitingMessage);

/** Dead letters after an id, in the order of their ids. */
export const listDeadLetters = rowsAfter<DeadLetter>(keys.deadLetter);

export const listRequests = (store: Store["Service"], lane: string) =>
  Effect.map(
    store.list({ ...below(["lane_request", lane]), limit: outboundLimits.requestsPerLook }),
    (entries) =>
      entries.flatMap(({ value }) => value === null ? [] : [decodeJson<LaneRequest>(value)]),
  );

/** The write of a request to whoever holds the lane. */
export const requestWrite = (lane: string, request: LaneRequest): Mutation => ({
  type: "set",
  key: keys.laneRequest(lane, requestName(request)),
  value: encodeJson(request),
});

/** Leaves a request for whoever holds the lane. */
export const ask = (
  store: Store["Service"],
  lane: string,
  request: LaneRequest,
): Effect.Effect<void, StoreError> =>
  Effect.asVoid(store.commit({ checks: [], mutations: [requestWrite(lane, request)] }));

/** The number of the newest page of attempts; 0 when there is none. */
export const newestPage = (store: Store["Service"], lane: string) =>
  Effect.map(
    store.list({ ...below(["attempts", lane]), limit: 1, reverse: true }),
    ([newest]) => newest === undefined ? 0 : Number(newest.key[2]),
  );

export interface AttemptsOfPage {
  readonly number: number;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

/** Pages of attempts before a number, as many as one look reads, the newest first. */
export const listAttemptPages = (
  store: Store["Service"],
  lane: string,
  before: number | null,
): Effect.Effect<readonly AttemptsOfPage[], StoreError> => {
  const { start, end } = below(["attempts", lane]);
  return Effect.flatMap(
    store.list({
      start,
      end: before === null ? end : keys.attempts(lane, before),
      limit: outboundLimits.attemptPagesPerRead,
      reverse: true,
    }),
    (entries) =>
      Effect.forEach(entries, (entry) =>
        valueOf(entry, unpackPage).pipe(
          Effect.provideService(Store, store),
          Effect.map((stored) => ({
            number: Number(entry.key[2]),
            attempts: stored?.value ?? [],
          })),
        )),
  );
};

const waitingOf = (queued: Queued): Waiting => ({
  id: queued.id,
  key: queued.key,
  attempts: queued.attempts,
  firstAtMs: queued.firstAtMs,
  nextAtMs: queued.nextAtMs,
  reason: queued.reason,
  body: queued.body ?? "",
  ...(queued.draft ? { draft: true } : {}),
  ...(queued.correlation === undefined ? {} : { correlation: queued.correlation }),
});

/** A page of attempts that a save writes. */
export interface WrittenPage {
  readonly number: number;
  readonly text: string;
}

/** The writes of a plan beside the lane's place; what goes comes before what is set. */
export const mutationsOf = (
  lane: string,
  plan: Plan,
  page: WrittenPage | null,
): readonly Mutation[] => {
  const mutations: Mutation[] = [];
  const remove = (key: Key) => mutations.push({ type: "delete", key });
  const set = (key: Key, value: Uint8Array) => mutations.push({ type: "set", key, value });
  for (const id of plan.gone) remove(keys.waitingMessage(lane, id));
  for (const { name, buries, next } of plan.answered) {
    if (next === undefined) remove(keys.laneRequest(lane, name));
    else set(keys.laneRequest(lane, requestName(next)), encodeJson(next));
    for (const id of buries) remove(keys.deadLetter(lane, id));
  }
  for (const queued of plan.rows) {
    set(keys.waitingMessage(lane, queued.id), packText(packRow(waitingOf(queued))));
  }
  for (const letter of plan.dead) set(keys.deadLetter(lane, letter.id), packText(packRow(letter)));
  for (const note of plan.leftOut) set(keys.setAside(lane, note.position), encodeJson(note));
  if (page !== null) {
    const { attemptPages, attemptsKeptMs } = outboundLimits;
    mutations.push({
      type: "set",
      key: keys.attempts(lane, page.number),
      value: packText(page.text),
      expireInMs: attemptsKeptMs,
    });
    if (page.number >= attemptPages) remove(keys.attempts(lane, page.number - attemptPages));
  }
  return mutations;
};
