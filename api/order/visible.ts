/** Which orders, and which parts of them, a key sees by its scope. */
import { Effect } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { FulfillmentOrder, Order } from "../../src/order/order.ts";

export const seesFulfillmentOrder = (
  { scope }: Principal,
  order: Pick<Order, "channel">,
  { locationId }: Pick<FulfillmentOrder, "locationId">,
): boolean =>
  (scope.channel === undefined || scope.channel === order.channel) &&
  (scope.locationId === undefined || scope.locationId === locationId);

/** A key of a location sees the returns to it. */
export const seesReturn = (
  by: Principal,
  order: Pick<Order, "channel">,
  { locationId = null }: { readonly locationId?: string | null },
): boolean => seesFulfillmentOrder(by, order, { locationId });

/** A key of a location sees the orders of which it fulfills a part. */
export const seesOrder = (
  { scope }: Principal,
  order: Pick<Order, "channel" | "fulfillmentOrders">,
): boolean =>
  (scope.channel === undefined || scope.channel === order.channel) &&
  (scope.locationId === undefined ||
    order.fulfillmentOrders.some(({ locationId }) => locationId === scope.locationId));

/** The order when the key may see it; else it is as if there were none. */
export const visible = <Document extends { readonly state: Order }>(
  by: Principal,
  document: Document,
): Effect.Effect<Document, NotFound> =>
  seesOrder(by, document.state)
    ? Effect.succeed(document)
    : Effect.fail(new NotFound({ what: "order", id: document.state.id }));
