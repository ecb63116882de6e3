/** Who waits for a SKU, in which turn, and why. */
import { Effect, Schema } from "effect";
import {
  type BackorderCursor,
  type BackorderOf,
  backordersOf,
  cursorLength,
  cursorOfTexts,
  textsOfCursor,
} from "../../actors/order/backorders.ts";
import { Sku } from "../../src/kernel/vocabulary.ts";
import { HoldCode, OrderStatus } from "../../src/order/vocabulary.ts";
import { whyOf } from "../../src/order/waiting.ts";
import { decodeCursor, largePage, type PageCursor, pageSize } from "../http/pages.ts";
import { invalidParameter } from "../http/problems.ts";
import { route } from "../http/registry.ts";
import { count, pageOf, pageParameters, time } from "../http/schemas.ts";
import { ordersTag } from "./orders.ts";
import { LinePromise } from "./schemas.ts";
import { seesOrder } from "./visible.ts";

export const BackorderView = Schema.Struct({
  position: count.annotate({ description: "From 1, among all orders that wait for the SKU" }),
  orderId: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  status: OrderStatus,
  sku: Schema.String,
  quantity: count.annotate({ description: "Units that wait; of a kit, those of its goods" }),
  promised: count.annotate({ description: "Of these, units that supply is promised for" }),
  unpromised: count,
  priority: Schema.Int.annotate({ description: "The higher, the sooner; 0 without one" }),
  neededAt: Schema.optionalKey(
    time.annotate({ description: "Of its line that is served first" }),
  ),
  placedAt: time,
  promises: Schema.Array(LinePromise),
  held: Schema.Array(HoldCode).annotate({
    description: "Holds that keep stock from it: the next one is served meanwhile",
  }),
  shipComplete: Schema.optionalKey(Schema.Boolean),
  why: Schema.String.annotate({ description: "What decides its turn, for whoever reads it" }),
}).annotate({ identifier: "Backorder" });

const view = (
  { document: { state: order }, backorder, position }: BackorderOf,
  sku: string,
): typeof BackorderView.Type => {
  const { quantity, promised, promises, priority, neededAt, held } = backorder;
  return {
    position,
    ...{ orderId: order.id, channel: order.channel, externalId: order.externalId },
    ...{ status: order.status, sku, quantity, promised, unpromised: quantity - promised, priority },
    ...(neededAt === undefined ? {} : { neededAt }),
    ...{ placedAt: order.placedAt, promises, held },
    ...(order.shipComplete === undefined ? {} : { shipComplete: order.shipComplete }),
    why: whyOf(backorder, position === 1),
  };
};

export const listBackorders = route({
  method: "GET",
  path: "/v1/backorders",
  operationId: "listBackorders",
  summary: "Orders that wait for a SKU, whoever is served next first",
  description:
    "By priority, then by the date that is needed, then first come. A page may be short, or even empty, and " +
    "still have a next one. A kit's order waits for the kit's goods.",
  tags: [ordersTag],
  permission: "orders:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({ ...pageParameters, sku: Sku }),
  responses: { 200: { description: "A page of those who wait", schema: pageOf(BackorderView) } },
  handler: Effect.fnUntraced(function* (request) {
    const { query, by } = request;
    const texts = yield* decodeCursor(query, cursorLength);
    if (texts !== undefined && cursorOfTexts(texts) === null) {
      return yield* invalidParameter("cursor", "is not a cursor of this list");
    }
    const read = backordersOf(query.sku, ({ state }) => seesOrder(by, state));
    const cursorAfter = (cursor: BackorderCursor): PageCursor => textsOfCursor(cursor);
    return yield* largePage(request, {
      limit: pageSize(query),
      cursor: texts,
      read: (limit: number, from: PageCursor | undefined) =>
        Effect.map(
          read(limit, from === undefined ? undefined : cursorOfTexts(from) ?? undefined),
          ({ rows, next }) => ({ rows, next: next === null ? null : cursorAfter(next) }),
        ),
      after: ({ cursor }) => cursorAfter(cursor),
      view: (row) => view(row, query.sku),
    });
  }),
});

export const backorderRoutes = [listBackorders];
