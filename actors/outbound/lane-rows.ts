/** The values of a lane in the store: its cursor, which names its holder, and a row for each message that waits or died. */
import { Effect } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { below, type Key } from "../../src/kernel/key.ts";
import type { Failing } from "../../src/outbound/breaker.ts";
import type { LaneOptions } from "../../src/outbound/lane.ts";
import type { Plan } from "../../src/outbound/plan.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import {
  type Attempt,
  type DeadLetter,
  type Message,
  messageId,
  type Waiting,
} from "../../src/outbound/message.ts";
import { packRow, unpackRow } from "../../src/outbound/rows.ts";
import type { Position } from "../../src/store/log.ts";
import { keys } from "../../src/store/keys.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { type Entry, type Mutation, Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson, encodeJson, packText, valueOf } from "../../src/store/values.ts";
import type { CursorPlace } from "../log/cursor.ts";

/** The cursor of a lane. */
export interface LanePlace extends CursorPlace {
  /** When the entry at the position was committed, epoch milliseconds. */
  readonly atMs: number | null;
  /** The process that holds the lane; null for none. */
  readonly holder: string | null;
  /** Counts the moves, so that a process knows its own after an unclear answer. */
  readonly moves: number;
  /** Rows that wait. */
  readonly waiting: number;
  readonly failing: Failing | null;
  /** The page that the next attempts are written on. */
  readonly page: number;
}

/** A request to the process that holds a lane. */
export type LaneRequest =
  | { readonly type: "redeliver"; readonly id: string }
  | { readonly type: "dismiss"; readonly id: string }
  /** Messages of an entry that was left out. */
  | { readonly type: "take"; readonly position: string };

export const requestName = (request: LaneRequest): string =>
  request.type === "take" ? request.position : request.id;

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
  const first = messageId(position, 0, 0);
  const ahead: string[] = [];
  let count = 0;
  const range = { ...below(["dead_letter", lane]), limit: outboundLimits.rowsPerRead };
  yield* forEachPage(store, range, (entries) =>
    Effect.sync(() => {
      count += entries.length;
      ahead.push(...entries.map(({ key }) => String(key[2])).filter((id) => id > first));
    }));
  return { count, ahead };
});

/** Dead letters after an id, oldest first. */
export const listDeadLetters = Effect.fnUntraced(function* (
  store: Store["Service"],
  lane: string,
  after: string,
  limit: number,
) {
  const entries = yield* store.list({
    start: [...keys.deadLetter(lane, after), ""],
    end: below(["dead_letter", lane]).end,
    limit,
  });
  const rows = yield* Effect.forEach(entries, (entry) => rowOf<DeadLetter>(store, entry));
  return rows.flatMap((row) => row === null ? [] : [row]);
});

export const listRequests = (store: Store["Service"], lane: string) =>
  Effect.map(
    store.list({ ...below(["lane_request", lane]), limit: outboundLimits.requestsPerLook }),
    (entries) =>
      entries.flatMap(({ value }) => value === null ? [] : [decodeJson<LaneRequest>(value)]),
  );

/** Attempts that are kept, oldest first. */
export const listAttempts = (store: Store["Service"], lane: string) =>
  Effect.map(
    store.list({
      start: keys.attempts(lane, 0),
      end: keys.attempts(lane, outboundLimits.attemptPages),
      limit: outboundLimits.attemptPages,
    }),
    (entries) =>
      entries.flatMap(({ value }) => value === null ? [] : decodeJson<readonly Attempt[]>(value))
        .sort((one, other) => one.atMs - other.atMs),
  );

const waitingOf = (queued: Queued): Waiting => ({
  id: queued.id,
  key: queued.key,
  attempts: queued.attempts,
  firstAtMs: queued.firstAtMs,
  nextAtMs: queued.nextAtMs,
  reason: queued.reason,
  body: queued.body ?? "",
});

/** The writes of a plan beside the lane's place; what goes comes before what is set. */
export const mutationsOf = (lane: string, plan: Plan, page: number): readonly Mutation[] => {
  const mutations: Mutation[] = [];
  const remove = (key: Key) => mutations.push({ type: "delete", key });
  const set = (key: Key, value: Uint8Array) => mutations.push({ type: "set", key, value });
  for (const id of plan.gone) remove(keys.waitingMessage(lane, id));
  for (const { name, buries } of plan.answered) {
    remove(keys.laneRequest(lane, name));
    if (buries) remove(keys.deadLetter(lane, name));
  }
  for (const queued of plan.rows) {
    set(keys.waitingMessage(lane, queued.id), packText(packRow(waitingOf(queued))));
  }
  for (const letter of plan.dead) set(keys.deadLetter(lane, letter.id), packText(packRow(letter)));
  for (const note of plan.leftOut) set(keys.setAside(lane, note.position), encodeJson(note));
  if (plan.attempts.length > 0) set(keys.attempts(lane, page), encodeJson(plan.attempts));
  return mutations;
};
