/** Previews of what is asked of an order: the decision of the command, without its commit. */
import { Effect } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { command, type CommandRequest, json, kept } from "../http/answer.ts";
import { orderView } from "./views.ts";

/** Answers with the order as the command would leave it. It is refused where the command would be. */
export const previewed = Effect.fnUntraced(function* (
  request: CommandRequest,
  orderId: string,
  asked: OrderCommand,
) {
  const orders = yield* Orders;
  return yield* command(
    request,
    (context) =>
      Effect.flatMap(
        orders.preview(orderId, asked, request.by.id),
        (would) => kept(would, context),
      ),
    (document: OrderDocument) => json(200, orderView(document)),
  );
});
