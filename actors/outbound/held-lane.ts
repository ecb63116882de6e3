/**
 * The way to the outside. A delivery needs the lane that it is for, and only the process that holds the lane
 * has it to give: an observer of the log, a fold or a command that ran a delivery would not type-check.
 */
import { Context, Effect } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Message, Outcome } from "../../src/outbound/message.ts";
import { readTraceparent } from "../../src/kernel/traceparent.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { DocumentOutbox } from "../../src/subject/reactor.ts";
import type { Saved } from "../../src/subject/reference.ts";
import { correlated } from "../tracing/correlating.ts";
import { traced } from "../tracing/spans.ts";

export interface LaneToSend {
  readonly name: string;
  /** The document that it is the lane of; null for the one lane of an outbox. */
  readonly document: Saved | null;
}

/** Not exported as a value: nobody else can provide it. */
class HeldLane extends Context.Service<HeldLane, LaneToSend>()("allot/HeldLane") {}

/**
 * Delivers one message and says what became of it. It may be asked for the same message again, with the same
 * id and the same bytes: also when it had delivered it, and nobody came to know.
 */
export type Deliver = (message: Message) => Effect.Effect<Outcome, never, HeldLane>;

/**
 * Completes the body of a message that is about to be sent for the first time. What it answers is kept, and
 * sent at every attempt. Null: it cannot be told now, and is asked for again.
 */
export type Complete = (message: Message) => Effect.Effect<string | null, never, HeldLane>;

/** The keys of which a request tells how they are. */
export interface ToldNow {
  readonly keys: readonly string[];
  /** Whether all keys are told of, marked or not: these are some of them. */
  readonly isSwept: boolean;
}

/** The delivery of lanes that tell how things are. */
export interface LatestDelivery {
  /** Reads how the keys are, tells it, and says what became of it; null: it cannot be read now. */
  readonly deliver: (told: ToldNow) => Effect.Effect<Outcome | null, never, HeldLane>;
  /** Whether a key is to be told of before others, as far as this process knows. */
  readonly isUrgent: (key: string, document: Saved | null) => boolean;
  /** Keys after one, in their order, as many as that; fewer where they end. */
  readonly keysAfter: (
    after: string,
    limit: number,
  ) => Effect.Effect<readonly string[], StoreError, HeldLane>;
}

export interface Delivery {
  readonly deliver: Deliver;
  /** How long one attempt may take, milliseconds: then it is interrupted, and counts as failed. */
  readonly attemptMs: number;
  /** Instead of that for lanes that tell how things are; null for others. */
  readonly latest: LatestDelivery | null;
  readonly complete: Complete | null;
  /** Whether the bodies of a document's messages are to be completed. */
  readonly completes: (document: Saved | null) => boolean;
}

/** Makes a delivery out of what sends a message; for composition roots. */
export const delivery = (
  send: (message: Message, lane: string) => Effect.Effect<Outcome>,
  attemptMs: number = outboundLimits.attemptMs,
): Delivery => ({
  deliver: (message) => Effect.flatMap(HeldLane, ({ name }) => send(message, name)),
  attemptMs,
  latest: null,
  complete: null,
  completes: () => false,
});

/** The same for lanes of documents. */
export const documentDelivery = <Document extends Saved>(
  _outbox: DocumentOutbox<Document>,
  { send, complete, completes = () => complete !== undefined }: {
    readonly send: (message: Message, document: Document) => Effect.Effect<Outcome>;
    /** Absent where bodies are what the outbox says. */
    readonly complete?: (message: Message, document: Document) => Effect.Effect<string | null>;
    /** For whichever documents; for all when absent. */
    readonly completes?: (document: Document) => boolean;
  },
): Delivery => ({
  deliver: (message) =>
    Effect.flatMap(HeldLane, ({ document }) => send(message, document as Document)),
  attemptMs: outboundLimits.attemptMs,
  latest: null,
  complete: complete === undefined
    ? null
    : (message) =>
      Effect.flatMap(HeldLane, ({ document }) => complete(message, document as Document)),
  completes: (document) => completes(document as Document),
});

/** The same for lanes of documents that tell how things are. */
export const latestDelivery = <Document extends Saved>(
  _outbox: DocumentOutbox<Document>,
  { tell, isUrgent, keysAfter }: {
    readonly tell: (told: ToldNow, document: Document) => Effect.Effect<Outcome | null>;
    readonly isUrgent: (key: string, document: Document) => boolean;
    readonly keysAfter: (
      document: Document,
      after: string,
      limit: number,
    ) => Effect.Effect<readonly string[], StoreError>;
  },
): Delivery => ({
  deliver: () => Effect.die(new TypeError("These lanes have no messages with bodies.")),
  latest: {
    deliver: (told) => Effect.flatMap(HeldLane, ({ document }) => tell(told, document as Document)),
    isUrgent: (key, document) => isUrgent(key, document as Document),
    keysAfter: (after, limit) =>
      Effect.flatMap(HeldLane, ({ document }) => keysAfter(document as Document, after, limit)),
  },
  attemptMs: outboundLimits.attemptMs,
  complete: null,
  completes: () => false,
});

/** For the process that holds the lane. */
export const deliverLatestFrom = (
  lane: LaneToSend,
  deliver: LatestDelivery["deliver"],
  told: ToldNow,
): Effect.Effect<Outcome | null> =>
  traced(
    `deliver ${lane.name}`,
    {
      kind: "client",
      attributes: { "allot.lane": lane.name, "messaging.batch.message_count": told.keys.length },
    },
    Effect.provideService(deliver(told), HeldLane, lane),
  );

/** Keys to tell of, for the process that holds the lane. */
export const keysFrom = (
  lane: LaneToSend,
  { keysAfter }: LatestDelivery,
  after: string,
  limit: number,
): Effect.Effect<readonly string[], StoreError> =>
  Effect.provideService(keysAfter(after, limit), HeldLane, lane);

/** For the process that holds the lane. */
export const deliverFrom = (
  lane: LaneToSend,
  { deliver }: Delivery,
  message: Message,
): Effect.Effect<Outcome> =>
  traced(
    `deliver ${lane.name}`,
    {
      kind: "client",
      attributes: { "allot.lane": lane.name, "messaging.message.id": message.id },
      within: readTraceparent(message.correlation?.traceparent ?? ""),
    },
    correlated(message.correlation, Effect.provideService(deliver(message), HeldLane, lane)),
  );

export const completeFrom = (
  lane: LaneToSend,
  complete: Complete,
  message: Message,
): Effect.Effect<string | null> => Effect.provideService(complete(message), HeldLane, lane);
