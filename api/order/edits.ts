/** Edits of orders: what one would do, and doing it. A preview is the decision of the edit, without its commit. */
import { Effect, Schema } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import { Identifier, Reason } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { contactAfter, type EditCommand } from "../../src/order/edit.ts";
import { editChanges } from "../../src/order/edit-request.ts";
import { command, versioned } from "../http/answer.ts";
import { jsonBody, route } from "../http/registry.ts";
import { etag } from "./fulfillment.ts";
import { ordersTag } from "./orders.ts";
import { withoutPersonal } from "./personal.ts";
import { previewed } from "./preview.ts";
import { illegalTransition, insufficientStock, kitIncomplete, orderFailures } from "./problems.ts";
import { Order } from "./schemas.ts";
import { orderView } from "./views.ts";
import { visible } from "./visible.ts";

const OrderParameters = Schema.Struct({ orderId: Identifier });

const EditRequest = Schema.Struct({ reason: Reason, changes: editChanges }).annotate({
  identifier: "EditOrderRequest",
  description: "All changes are made, or none",
  examples: [{
    reason: "The customer called",
    changes: [{ type: "set-quantity", lineId: "1", quantity: 1 }],
  }],
});

/** What both routes share. */
const shared = {
  method: "POST",
  tags: [ordersTag],
  permission: "orders:edit",
  scopes: { channel: "narrowed", location: "refused" },
  params: OrderParameters,
  body: jsonBody(EditRequest),
  problems: ["not-found", insufficientStock, illegalTransition, kitIncomplete],
  failures: orderFailures,
} as const;

/** The edit without the address, which is not for the log, at its place. */
const logged = (edit: EditCommand): EditCommand => ({
  ...edit,
  changes: edit.changes.map((change) =>
    change.type === "set-address" ? { type: "set-shipping" } : change
  ),
});

/** The edit, if nothing of the customer's, as it is or is to be, is in texts of it that the log keeps. */
const asked = Effect.fnUntraced(function* (request: {
  readonly params: typeof OrderParameters.Type;
  readonly body: typeof EditRequest.Type;
  readonly by: Parameters<typeof visible>[0];
}) {
  const orders = yield* Orders;
  const document = yield* visible(request.by, yield* orders.get(request.params.orderId));
  const edit: EditCommand = { type: "edit", ...request.body };
  const personal = contactAfter(document.personal, edit);
  yield* withoutPersonal(document, logged(edit));
  yield* withoutPersonal({ ...document, personal }, logged(edit));
  return edit;
});

export const previewEdit = route({
  ...shared,
  path: "/v1/orders/{orderId}/edits/preview",
  operationId: "previewEdit",
  summary: "The order as an edit would leave it: nothing is done",
  description: "It is refused where the edit would be. Stock may be taken by others meanwhile.",
  responses: { 200: { description: "The order as it would be", schema: Order } },
  handler: Effect.fnUntraced(function* (request) {
    return yield* previewed(request, request.params.orderId, yield* asked(request));
  }),
});

export const editOrder = route({
  ...shared,
  path: "/v1/orders/{orderId}/edits",
  operationId: "editOrder",
  summary: "Change lines, quantities, prices, discounts or shipping of an order",
  description:
    "Only the difference is reserved, or given back. Units are added as a new line and taken out as a " +
    "cancellation, so lines only grow. What has left keeps its price. `edits` of the order tells all of them.",
  responses: { 200: { description: "The order as it is now", schema: Order, headers: etag } },
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { params: { orderId } } = request;
    const edit = yield* asked(request);
    return yield* command(
      request,
      (context) => orders.command(orderId, edit, context),
      (document: OrderDocument) => versioned(200, orderView(document), document.state.version),
    );
  }),
});

export const editRoutes = [previewEdit, editOrder];
