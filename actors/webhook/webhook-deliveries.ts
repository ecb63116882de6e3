/** What endpoints got and did not get, and having it sent again. */
import { Clock, Context, Data, Effect, Layer } from "effect";
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Attempt, DeadLetter, Waiting } from "../../src/outbound/message.ts";
import { parsedMessageId } from "../../src/outbound/message.ts";
import type { LaneRequest } from "../../src/outbound/request.ts";
import { SharedEvents, sourceOfDocument } from "../../src/outbound/source.ts";
import type { LaneState } from "../../src/outbound/state.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { webhookLimits } from "../../src/webhook/limits.ts";
import { webhookOutbox } from "../../src/webhook/outbox.ts";
import { webhooks } from "../../src/webhook/references.ts";
import { type Webhook, webhookRecordKind, webhookRecords } from "../../src/webhook/webhook.ts";
import { type CommandContext, type CommandFailure, LimitReached } from "../command/command.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Ledger } from "../ledger/ledger.ts";
import { LogTail } from "../log/log-tail.ts";
import { positionBefore } from "../log/position-at.ts";
import { Outbound } from "../outbound/outbound.ts";
import { requestWrite } from "../outbound/lane-rows.ts";
import { laneOfWebhook } from "./webhooks.ts";

/** Nothing is sent to it until somebody enables it. */
export class EndpointDisabled extends Data.TaggedError("EndpointDisabled")<{
  readonly id: string;
}> {}

/** What is to be sent again. */
export type Redelivery =
  | { readonly eventIds: readonly string[] }
  | {
    readonly since: Instant;
    readonly until?: Instant | undefined;
    /** Patterns of types; all when absent. */
    readonly types?: readonly string[] | undefined;
    /** Whether only what failed for good. */
    readonly onlyFailed: boolean;
  };

/** How the lane of an endpoint does. */
export interface EndpointLane extends LaneState {
  /** Seconds of the log that it is behind. */
  readonly secondsBehind: number;
}

/** An attempt, with the place behind it in the list of them. */
export interface PlacedAttempt extends Attempt {
  readonly place: string;
}

/** A redelivery that was asked for. */
export interface RedeliveryJob {
  readonly id: string;
}

/** What a list has beside its place: rows, and from where it goes on; null at its end. */
export interface DeliveriesPart<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

type RowsOf<Row> = (
  webhook: Webhook,
  page: {
    readonly after: string | undefined;
    readonly limit: number;
    readonly key: string | undefined;
  },
) => Effect.Effect<DeliveriesPart<Row>, StoreError>;

export class WebhookDeliveries extends Context.Service<WebhookDeliveries, {
  /** How the lane of an endpoint does, also of one that is disabled. */
  readonly lane: (webhook: Webhook) => Effect.Effect<EndpointLane, StoreError>;
  /** Messages that are to be tried again by themselves, in the order of their events. */
  readonly waiting: RowsOf<Waiting>;
  /** Messages that failed for good. */
  readonly failed: RowsOf<DeadLetter>;
  /** Attempts, newest first, of those with one of these outcomes; of all where nothing is said. */
  readonly attempts: (
    outcomes: readonly Attempt["outcome"][] | null,
  ) => RowsOf<PlacedAttempt>;
  /** The body of an event as it is sent to the endpoint; null where it is not made of the log alone. */
  readonly bodyOf: (webhook: Webhook, eventId: string) => Effect.Effect<string | null, StoreError>;
  /** Has the endpoint told of a test, and looks at once whether it answers. */
  readonly test: (
    webhook: Webhook,
    context: CommandContext<Webhook>,
  ) => Effect.Effect<Webhook, EndpointDisabled | CommandFailure>;
  readonly redeliver: (
    webhook: Webhook,
    what: Redelivery,
    context: CommandContext<RedeliveryJob>,
  ) => Effect.Effect<RedeliveryJob, EndpointDisabled | LimitReached | CommandFailure>;
  /** Has events forgotten that failed for good. */
  readonly dismiss: (
    webhook: Webhook,
    eventIds: readonly string[],
    context: CommandContext<RedeliveryJob>,
  ) => Effect.Effect<RedeliveryJob, EndpointDisabled | LimitReached | CommandFailure>;
}>()("allot/WebhookDeliveries") {
  static readonly layer = Layer.effect(
    WebhookDeliveries,
    Effect.suspend(() => makeDeliveries),
  );
}

/** Lanes of endpoints are known: their outbox is one of the engine. */
const ofLane = <A>(
  read: Effect.Effect<A, StoreError | { readonly _tag: "UnknownLane" }>,
): Effect.Effect<A, StoreError> =>
  Effect.catch(
    read,
    (error) => error._tag === "UnknownLane" ? Effect.die(error) : Effect.fail(error),
  );

const rowsPerLook = 100;

interface Parts {
  readonly outbound: Outbound["Service"];
  readonly ledger: Ledger["Service"];
  readonly store: Store["Service"];
  readonly tail: LogTail["Service"];
  readonly identifiers: Identifiers["Service"];
  readonly events: SharedEvents;
}

/** Rows of a store family behind one, those of one key alone where one is asked for. */
const rowsOf = <Row extends { readonly id: string; readonly key: string }>(
  read: (
    lane: string,
    after: string,
    limit: number,
  ) => Effect.Effect<readonly Row[], StoreError | { readonly _tag: "UnknownLane" }>,
): RowsOf<Row> =>
  Effect.fnUntraced(function* ({ id }, { after = "", limit, key }) {
    const rows: Row[] = [];
    let from = after;
    for (let looked = 0; looked < webhookLimits.lookedAt; looked += rowsPerLook) {
      const some = yield* ofLane(read(laneOfWebhook(id), from, rowsPerLook));
      for (const row of some) {
        if (key !== undefined && row.key !== key) continue;
        if (rows.length >= limit) return { rows, next: rows.at(-1)?.id ?? null };
        rows.push(row);
      }
      if (some.length < rowsPerLook) return { rows, next: null };
      from = some.at(-1)?.id ?? from;
    }
    return { rows, next: from };
  });

/** A place behind an attempt: its page, and how many of the page come before it. */
const placeIn = (after: string): readonly [page: number, left: number] => {
  const [page = 0, left = 0] = after.split(":").map(Number);
  return [page, left];
};

class Deliveries {
  constructor(private readonly parts: Parts) {}

  readonly lane = ({ id }: Webhook): Effect.Effect<EndpointLane, StoreError> => {
    const name = laneOfWebhook(id);
    return Effect.map(ofLane(this.parts.outbound.lane(name)), (lane) => {
      const lag = this.parts.tail.lags().find((each) => each.name === name);
      return { ...lane, secondsBehind: lag?.secondsBehind ?? 0 };
    });
  };

  readonly attempts = (
    outcomes: readonly Attempt["outcome"][] | null,
  ): RowsOf<PlacedAttempt> => {
    const { outbound } = this.parts;
    return Effect.fnUntraced(function* ({ id }, { after, limit, key }) {
      const keptSinceMs = (yield* Clock.currentTimeMillis) - outboundLimits.attemptsKeptMs;
      const isAskedFor = (attempt: Attempt): boolean =>
        attempt.atMs >= keptSinceMs && (key === undefined || attempt.key === key) &&
        (outcomes === null || outcomes.includes(attempt.outcome));
      const from = after === undefined ? null : placeIn(after);
      const before = from === null ? null : from[0] + 1;
      const pages = yield* ofLane(outbound.attempts(laneOfWebhook(id), before));
      const rows: PlacedAttempt[] = [];
      for (const { number, attempts } of pages) {
        for (let n = (number === from?.[0] ? from[1] : attempts.length) - 1; n >= 0; n--) {
          const attempt = attempts[n];
          if (attempt === undefined || !isAskedFor(attempt)) continue;
          const place = `${number}:${n}`;
          rows.push({ ...attempt, place });
          if (rows.length >= limit) return { rows, next: place };
        }
      }
      const last = pages.at(-1);
      const isEnd = last === undefined || pages.length < outboundLimits.attemptPagesPerRead;
      return { rows, next: isEnd ? null : `${last.number}:0` };
    });
  };

  readonly bodyOf = Effect.fnUntraced(function* (
    this: Deliveries,
    webhook: Webhook,
    eventId: string,
  ): Effect.fn.Return<string | null, StoreError> {
    const { tail, events } = this.parts;
    const origin = parsedMessageId(eventId);
    if (origin === null || webhook.include.length > 0) return null;
    const entry = yield* tail.entry(origin.position);
    if (entry === null) return null;
    const source = sourceOfDocument(webhookOutbox, webhook, webhook.id, events);
    return source.messagesOf(entry).find(({ id }) => id === eventId)?.body ?? null;
  }).bind(this);

  readonly test = Effect.fnUntraced(function* (
    this: Deliveries,
    webhook: Webhook,
    context: CommandContext<Webhook>,
  ) {
    yield* requireEnabled(webhook);
    const at = instantOf(yield* Clock.currentTimeMillis);
    const record: LogRecord & { readonly type: string; readonly webhookId: string } = {
      ...{ kind: webhookRecordKind, type: webhookRecords.test },
      ...{ at, by: context.by.id, webhookId: webhook.id },
    };
    return yield* this.#submit(context, webhook, [{ type: "probe" }], [record], webhook);
  }).bind(this);

  readonly redeliver = Effect.fnUntraced(function* (
    this: Deliveries,
    webhook: Webhook,
    what: Redelivery,
    context: CommandContext<RedeliveryJob>,
  ) {
    yield* this.#requireRoom(webhook);
    const requests = yield* this.#requestsOf(what);
    return yield* this.#submit(context, webhook, requests, [], this.#newJob());
  }).bind(this);

  readonly dismiss = Effect.fnUntraced(function* (
    this: Deliveries,
    webhook: Webhook,
    eventIds: readonly string[],
    context: CommandContext<RedeliveryJob>,
  ) {
    yield* this.#requireRoom(webhook);
    const requests = eventIds.map((id): LaneRequest => ({ type: "dismiss", id }));
    return yield* this.#submit(context, webhook, requests, [], this.#newJob());
  }).bind(this);

  #newJob(): RedeliveryJob {
    return { id: `rdl_${this.parts.identifiers.orderTail()}` };
  }

  /** The lane must run to carry out requests, and have few of them. */
  readonly #requireRoom = Effect.fnUntraced(function* (this: Deliveries, webhook: Webhook) {
    yield* requireEnabled(webhook);
    const waiting = yield* ofLane(this.parts.outbound.requests(laneOfWebhook(webhook.id)));
    const limit = webhookLimits.redeliveries;
    if (waiting.length >= limit) {
      return yield* new LimitReached({ what: "requests to send again", limit });
    }
  }).bind(this);

  readonly #requestsOf = Effect.fnUntraced(function* (
    this: Deliveries,
    what: Redelivery,
  ): Effect.fn.Return<readonly LaneRequest[], StoreError> {
    if ("eventIds" in what) {
      return what.eventIds.map((id): LaneRequest => ({ type: "redeliver", id }));
    }
    const { store, tail, identifiers } = this.parts;
    const { since, until, types = null, onlyFailed } = what;
    const after = yield* positionBefore(store, epochMsOf(since));
    const upTo = until === undefined
      ? tail.committedPosition()
      : yield* positionBefore(store, epochMsOf(until) + 1);
    const name = `range_${identifiers.commitId()}`;
    return [{ type: "range", name, after, upTo, types, onlyDead: onlyFailed }];
  }).bind(this);

  /** Commits requests to the lane, and what the log has of them, with the answer. */
  readonly #submit = <A>(
    { idempotency }: CommandContext<A>,
    { id }: Webhook,
    requests: readonly LaneRequest[],
    records: readonly LogRecord[],
    result: A,
  ): Effect.Effect<A, CommandFailure> =>
    Effect.as(
      this.parts.ledger.submit({
        reads: idempotency === undefined ? [] : [idempotency.claim.read],
        partitions: [webhooks.partition],
        balances: noDeltas,
        writes: [
          ...requests.map((request) => requestWrite(laneOfWebhook(id), request)),
          ...(idempotency === undefined
            ? []
            : idempotency.claim.write(idempotency.respond(result))),
        ],
        records,
      }),
      result,
    );
}

const requireEnabled = ({ id, enabled }: Webhook): Effect.Effect<void, EndpointDisabled> =>
  enabled ? Effect.void : Effect.fail(new EndpointDisabled({ id }));

const makeDeliveries = Effect.gen(function* () {
  const outbound = yield* Outbound;
  const deliveries = new Deliveries({
    outbound,
    ledger: yield* Ledger,
    store: yield* Store,
    tail: yield* LogTail,
    identifiers: yield* Identifiers,
    events: new SharedEvents(yield* Subjects),
  });
  return WebhookDeliveries.of({
    lane: deliveries.lane,
    waiting: rowsOf(outbound.waiting),
    failed: rowsOf(outbound.deadLetters),
    attempts: deliveries.attempts,
    bodyOf: deliveries.bodyOf,
    test: deliveries.test,
    redeliver: deliveries.redeliver,
    dismiss: deliveries.dismiss,
  });
});
