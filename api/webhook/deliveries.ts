/** The deliveries of a webhook endpoint: what waits, what failed, and the last attempts. */
import { Effect, Schema } from "effect";
import { type DeliveriesPart, WebhookDeliveries } from "../../actors/webhook/webhook-deliveries.ts";
import { Webhooks } from "../../actors/webhook/webhooks.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { Attempt } from "../../src/outbound/message.ts";
import { decodeCursor, largePage, type PageCursor, pageSize } from "../http/pages.ts";
import { route } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { Delivery, deliveryOutcomes } from "./schemas.ts";
import { attemptView, failedView, waitingView } from "./views.ts";
import { ofWebhooks, WebhookParameters } from "./webhooks.ts";

type Outcome = (typeof deliveryOutcomes)[number];

const attemptOutcomes: Readonly<Partial<Record<Outcome, readonly Attempt["outcome"][]>>> = {
  delivered: ["Delivered"],
  not_delivered: ["Retry", "Rejected", "Gone"],
};

/** A row with the place behind it. */
interface Placed {
  readonly view: object;
  readonly place: string;
}

const placed = <Row extends { readonly id: string }>(
  { rows, next }: DeliveriesPart<Row>,
  view: (row: Row) => object,
) => ({ rows: rows.map((row): Placed => ({ view: view(row), place: row.id })), next });

export const listDeliveries = route({
  method: "GET",
  path: "/v1/webhooks/{webhookId}/deliveries",
  operationId: "listWebhookDeliveries",
  summary: "Attempts of the last seven days, newest first; or what waits, or failed for good",
  description:
    "Without `outcome`, attempts of any. `waiting` and `failed` list events, in the order " +
    "of the log. A page may be short, or even empty, and still have a next one.",
  ...ofWebhooks,
  params: WebhookParameters,
  query: Schema.Struct({
    ...pageParameters,
    outcome: Schema.optionalKey(Schema.Literals(deliveryOutcomes)),
    orderId: Schema.optionalKey(Identifier),
  }),
  responses: { 200: { description: "A page of deliveries", schema: pageOf(Delivery) } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const webhooks = yield* Webhooks;
    const deliveries = yield* WebhookDeliveries;
    const { by, query: { outcome, orderId: key }, params } = request;
    const asked: Outcome | undefined = outcome;
    const webhook = yield* webhooks.get(by, params.webhookId);
    const showsAnswer = by.scope.channel === undefined && by.scope.locationId === undefined &&
      by.role !== "channel";

    const read = Effect.fnUntraced(function* (limit: number, cursor: PageCursor | undefined) {
      const page = { after: cursor?.[0], limit, key };
      if (outcome === "waiting") {
        return placed(yield* deliveries.waiting(webhook, page), waitingView);
      }
      if (outcome === "failed") return placed(yield* deliveries.failed(webhook, page), failedView);
      const outcomes = asked === undefined ? null : attemptOutcomes[asked] ?? null;
      const { rows, next } = yield* deliveries.attempts(outcomes)(webhook, page);
      const views = yield* Effect.forEach(
        rows,
        ({ place, ...attempt }) =>
          Effect.map(
            deliveries.bodyOf(webhook, attempt.id),
            (body): Placed => ({ view: attemptView(attempt, body, showsAnswer), place }),
          ),
      );
      return { rows: views, next };
    });

    return yield* largePage(request, {
      limit: pageSize(request.query),
      cursor: yield* decodeCursor(request.query, 1),
      read: (limit, cursor) =>
        Effect.map(read(limit, cursor), ({ rows, next }) => ({
          rows,
          next: next === null ? null : [next],
        })),
      after: ({ place }) => [place],
      view: ({ view }) => view,
    });
  }),
});
