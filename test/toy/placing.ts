/** One unit of work over two subjects: an order is placed, and units of a voucher are redeemed for it. */
import { Effect, Schema } from "effect";
import { Orders, type Placed } from "../../actors/order/orders.ts";
import { command, versioned } from "../../api/http/answer.ts";
import { problem } from "../../api/http/problems.ts";
import { jsonBody, route } from "../../api/http/registry.ts";
import { insufficientStock, orderExists, orderFailures } from "../../api/order/problems.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { PlaceOrderRequest } from "../../src/order/request.ts";
import { count, tag, vouchers } from "./voucher.ts";

/** A voucher says in words why it refuses; orders have problems of their own. */
const failures = {
  ...orderFailures,
  Refused: {
    ...orderFailures.Refused,
    problem: (refused: Parameters<typeof orderFailures.Refused.problem>[0]) =>
      "detail" in refused.rejection && !("action" in refused.rejection)
        ? problem("conflict", String(refused.rejection.detail))
        : orderFailures.Refused.problem(refused),
  },
};

export const placeWithVoucher = route({
  method: "POST",
  path: "/v1/vouchers/{id}/orders",
  operationId: "placeOrderWithVoucher",
  summary: "Place an order and redeem units for it",
  tags: [tag],
  permission: "orders:place",
  scopes: { channel: "refused", location: "refused" },
  params: Schema.Struct({ id: Identifier }),
  body: jsonBody(Schema.Struct({ units: count, order: PlaceOrderRequest })),
  responses: {
    200: { description: "The same order was placed before" },
    201: { description: "The new order" },
  },
  problems: ["not-found", "conflict", insufficientStock, orderExists],
  failures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { params: { id }, body: { order, units } } = request;
    const redeem = { aggregate: vouchers, id, command: { type: "redeem", units } };
    return yield* command(
      request,
      (context) => orders.place(order, { ...context, alongside: [redeem] }),
      ({ created, document: { state } }: Placed) =>
        versioned(created ? 201 : 200, { orderId: state.id, status: state.status }, state.version),
    );
  }),
});
