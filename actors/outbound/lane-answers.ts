/** What the process that holds a lane does with a request: it asks the lane for messages, made anew or kept. */
import { Clock, Effect, Result } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { type Again, parsedMessageId, sweptId } from "../../src/outbound/message.ts";
import {
  type LaneRequest,
  type RedeliverRange,
  requestName,
  type Sweep,
} from "../../src/outbound/request.ts";
import { logLimits } from "../../src/store/limits.ts";
import type { LogEntry } from "../../src/store/log.ts";
import type { StoreError } from "../../src/store/store.ts";
import { eventIdOf } from "../../src/subject/event.ts";
import { keysFrom } from "./held-lane.ts";
import type { Hold } from "./lane-hold.ts";
import { listDeadLetters, readDeadLetter } from "./lane-rows.ts";

/** The part of a hold that answers. */
type Answering = Pick<Hold, "options" | "lane" | "messagesIn">;

/** The messages of an entry as it makes them now, or what is noted of it; none of one that is not there. */
const madeOf = Effect.fnUntraced(function* (hold: Answering, entry: LogEntry | null) {
  if (entry === null) return Result.succeed<readonly Again[]>([]);
  const made = yield* hold.messagesIn(entry);
  const { delivery, source } = hold.options;
  const draft = delivery.completes(source.document);
  return Result.map(made, (messages) => messages.map((message): Again => ({ ...message, draft })));
});

/** The message of an id, as the log makes it; null where it makes none. */
const messageAgain = Effect.fnUntraced(function* (
  hold: Answering,
  id: string,
): Effect.fn.Return<Again | null, StoreError> {
  const origin = parsedMessageId(id);
  const { tail, cursor } = hold.options;
  // What comes later is sent in its turn.
  if (origin === null || origin.position > cursor.position) return null;
  const made = yield* madeOf(hold, yield* tail.entry(origin.position));
  return Result.getOrElse(made, () => []).find((message) => message.id === id) ?? null;
});

const sendAgain = Effect.fnUntraced(function* (
  hold: Answering,
  { id, type }: Extract<LaneRequest, { type: "redeliver" | "dismiss" }>,
): Effect.fn.Return<void, StoreError> {
  const letter = yield* readDeadLetter(hold.options.store, hold.options.source.name, id);
  const nowMs = yield* Clock.currentTimeMillis;
  const request = { name: id, buries: letter === null ? [] : [id] };
  if (type === "dismiss") return hold.lane.ask(request, [], nowMs);
  const again = letter ?? (yield* messageAgain(hold, id));
  hold.lane.ask(request, again === null ? [] : [again], nowMs);
});

/** A part of a range: what to send, and behind what the next part begins; null where this is the last. */
interface Part {
  readonly messages: readonly Again[];
  readonly next: string | null;
}

/** Dead letters after an id, as many as one look reads. */
const deadPart = Effect.fnUntraced(function* (
  { options: { store, tail, source } }: Answering,
  { after, upTo, types }: RedeliverRange,
): Effect.fn.Return<Part, StoreError> {
  const limit = outboundLimits.rowsPerRead;
  // The first part begins behind an entry, the others behind a message.
  const behind = parsedMessageId(after) === null ? eventIdOf(after, null) : after;
  const letters = yield* listDeadLetters(store, source.name, behind, limit);
  const messages: Again[] = [];
  for (const letter of letters) {
    const position = parsedMessageId(letter.id)?.position ?? "";
    if (position > upTo) return { messages, next: null };
    const entry = types === null ? null : yield* tail.entry(position);
    if (types === null || (entry !== null && source.isOfType(entry, letter.id, types))) {
      messages.push(letter);
    }
  }
  return { messages, next: letters.length < limit ? null : letters.at(-1)?.id ?? null };
});

/** Messages of the entries after a position, about as many as a lane takes at once. */
const sentPart = Effect.fnUntraced(function* (
  hold: Answering,
  { after, upTo, types }: RedeliverRange,
): Effect.fn.Return<Part, StoreError> {
  const { store, tail, cursor, source } = hold.options;
  const last = upTo < cursor.position ? upTo : cursor.position;
  const entries = yield* tail.read(after, logLimits.entriesPerRead);
  const messages: Again[] = [];
  for (const entry of entries) {
    if (entry.position > last) return { messages, next: null };
    for (const made of Result.getOrElse(yield* madeOf(hold, entry), () => [])) {
      if (types !== null && !source.isOfType(entry, made.id, types)) continue;
      messages.push((yield* readDeadLetter(store, source.name, made.id)) ?? made);
    }
    if (messages.length >= outboundLimits.window) return { messages, next: entry.position };
  }
  return { messages, next: entries.at(-1)?.position ?? null };
});

const sendRangeAgain = Effect.fnUntraced(function* (
  hold: Answering,
  asked: RedeliverRange,
): Effect.fn.Return<void, StoreError> {
  const { messages, next } = yield* asked.onlyDead ? deadPart(hold, asked) : sentPart(hold, asked);
  const request = {
    name: asked.name,
    buries: messages.flatMap((message) => "diedAtMs" in message ? [message.id] : []),
    ...(next === null ? {} : { next: { ...asked, after: next } }),
  };
  hold.lane.ask(request, messages, yield* Clock.currentTimeMillis);
});

const takeAgain = Effect.fnUntraced(function* (
  hold: Answering,
  { position }: Extract<LaneRequest, { type: "take" }>,
): Effect.fn.Return<void, StoreError> {
  const made = yield* madeOf(hold, yield* hold.options.tail.entry(position));
  const nowMs = yield* Clock.currentTimeMillis;
  const request = { name: position, buries: [] };
  if (Result.isSuccess(made)) return hold.lane.ask(request, made.success, nowMs);
  hold.lane.ask({ ...request, note: made.failure }, [], nowMs);
});

/** Tells of the next keys of a sweep; the request goes on behind them. */
const sweepOn = Effect.fnUntraced(function* (
  hold: Answering,
  asked: Sweep,
): Effect.fn.Return<void, StoreError> {
  const { source, delivery: { latest } } = hold.options;
  const { position, after } = asked;
  const limit = outboundLimits.keysPerSweep;
  const keys = latest === null ? [] : yield* keysFrom(source, latest, after, limit);
  const isLast = keys.length < limit;
  const request = {
    name: requestName(asked),
    buries: [],
    sweep: { isFirst: after === "", isLast },
    ...(isLast ? {} : { next: { ...asked, after: keys.at(-1) ?? after } }),
  };
  const messages = keys.map((key) => ({
    id: sweptId(position, key),
    ...{ key, body: "", isSwept: true },
  }));
  hold.lane.ask(request, messages, yield* Clock.currentTimeMillis);
});

/** Works on a request, unless the lane does already, or has too much to do. */
export const answerOf = Effect.fnUntraced(function* (
  hold: Answering,
  asked: LaneRequest,
): Effect.fn.Return<void, StoreError> {
  const { lane } = hold;
  const name = requestName(asked);
  if (lane.isAsked(name)) return;
  if (asked.type === "probe") {
    const nowMs = yield* Clock.currentTimeMillis;
    lane.probeNow(nowMs);
    return lane.ask({ name, buries: [] }, [], nowMs);
  }
  const isFull = lane.waitingRows >= outboundLimits.waitingRows;
  if (isFull && asked.type !== "dismiss") return;
  if ((asked.type === "range" || asked.type === "sweep") && !lane.hasRoom) return;
  if (asked.type === "sweep" && lane.isSweeping) return;
  switch (asked.type) {
    case "take":
      return yield* takeAgain(hold, asked);
    case "range":
      return yield* sendRangeAgain(hold, asked);
    case "sweep":
      return yield* sweepOn(hold, asked);
    default:
      return yield* sendAgain(hold, asked);
  }
});
