/** The steps of a location with its fulfillment order, up to the point where goods leave by carrier. */
import { Result } from "effect";
import { allocateDemands, demandsOf, rejectingLocationIds } from "./allocate.ts";
import { evolve } from "./evolve.ts";
import { holdCodesOf } from "./hold-codes.ts";
import type {
  FulfillmentAction,
  FulfillmentOrder,
  LineQuantity,
  Order,
  OrderEvent,
  OrderFacts,
  OrderRejection,
  Package,
  SomeLines,
} from "./order.ts";
import { leavingLots, type PickedLine, pickedLots } from "./lots.ts";
import type { NamedLine } from "../lot/naming.ts";
import { lineOf } from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { chosenUnits, illegalForFulfillmentOrder, illegalForOrder } from "./refusals.ts";
import { orderAllows, supportedActions } from "./status.ts";
import { commitRoom, TakenRoom } from "./room.ts";

/** Why an action on an order with holds is refused. */
export const heldDetail = (action: string, order: Order): string =>
  `An order that is held for ${holdCodesOf(order).join(", ")} does not allow "${action}".`;

/** The fulfillment order, if it is there and the tables allow the action now. */
export const actOn = (
  order: Order,
  fulfillmentOrderId: string,
  action: FulfillmentAction,
): Result.Result<FulfillmentOrder, OrderRejection> => {
  const found = order.fulfillmentOrders.find(({ id }) => id === fulfillmentOrderId);
  if (found === undefined) {
    return Result.fail({ _tag: "UnknownFulfillmentOrder", fulfillmentOrderId });
  }
  if (supportedActions(found, order).includes(action)) return Result.succeed(found);
  if (orderAllows(order, "fulfill")) return illegalForFulfillmentOrder(action, found);
  return order.holds.length === 0
    ? illegalForOrder(action, order)
    : illegalForOrder(action, order, heldDetail(action, order));
};

/** The lines that an action names, or all units that `left` says are left. */
export const someLinesOf = (
  { lines }: FulfillmentOrder,
  chosen: SomeLines,
  left: (line: FulfillmentOrder["lines"][number]) => number,
  whatIsLeft: string,
): Result.Result<readonly LineQuantity[], OrderRejection> => {
  if (chosen === undefined) {
    return Result.succeed(
      lines.map((line) => ({ lineId: line.lineId, quantity: left(line) }))
        .filter(({ quantity }) => quantity > 0),
    );
  }
  const byId = new Map(lines.map((line) => [line.lineId, left(line)]));
  return Result.map(
    chosenUnits(chosen, (lineId) => byId.get(lineId), whatIsLeft),
    (units) => [...units].map(([lineId, quantity]) => ({ lineId, quantity })),
  );
};

export const accept = (order: Order, fulfillmentOrderId: string): OrderDecision =>
  Result.map(
    actOn(order, fulfillmentOrderId, "accept"),
    () => [{ type: "fulfillment_order.accepted", fulfillmentOrderId }],
  );

/**
 * The location cannot fulfill it: other locations get its units. Units that no location has are backordered,
 * whatever the policy, because they were promised.
 */
export const reject = (
  order: Order,
  fulfillmentOrderId: string,
  reason: string,
  facts: OrderFacts,
): OrderDecision => {
  const found = actOn(order, fulfillmentOrderId, "reject");
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const rejected: OrderEvent = {
    type: "fulfillment_order.rejected",
    fulfillmentOrderId,
    reason,
  };
  const { lines } = found.success;
  const demands = lines.flatMap(({ lineId, quantity, shipped }) =>
    demandsOf(order, lineId, quantity - shipped)
  );
  const without = evolve(order, rejected, facts.now);
  const taken = new TakenRoom(order, commitRoom(facts));
  for (const { lineId, sku } of lines) {
    taken.goods(found.success.locationId, lineOf(order, lineId) ?? { sku });
  }
  const room = taken.left;
  // No room for other rows beside those given back: the next commit allocates.
  if (room.rows <= 0 || room.locations <= 0 || room.keyBytes <= 0) {
    return Result.succeed([rejected, { type: "order.allocating" }]);
  }
  return Result.map(
    allocateDemands(without, demands, facts, {
      promised: true,
      otherwise: "hold",
      room,
      excludedLocationIds: rejectingLocationIds(without),
    }),
    (events) => [rejected, ...events],
  );
};

export const pick = (
  order: Order,
  fulfillmentOrderId: string,
  chosen: readonly PickedLine[] | undefined,
  named: readonly NamedLine[] | undefined,
  facts: OrderFacts,
): OrderDecision => {
  const found = actOn(order, fulfillmentOrderId, "pick");
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const left = ({ quantity, picked }: FulfillmentOrder["lines"][number]) => quantity - picked;
  const lines = someLinesOf(found.success, chosen, left, "left to pick");
  if (Result.isFailure(lines)) return Result.fail(lines.failure);
  return Result.map(
    pickedLots(found.success, lines.success, chosen, named, facts),
    (lines) => [{ type: "fulfillment_order.picked", fulfillmentOrderId, lines }],
  );
};

export const pack = (
  order: Order,
  fulfillmentOrderId: string,
  packages: readonly Package[] = [],
): OrderDecision =>
  Result.map(
    actOn(order, fulfillmentOrderId, "pack"),
    () => [{ type: "fulfillment_order.packed", fulfillmentOrderId, packages }],
  );

export const readyForPickup = (order: Order, fulfillmentOrderId: string): OrderDecision =>
  Result.map(
    actOn(order, fulfillmentOrderId, "ready-for-pickup"),
    () => [{ type: "fulfillment_order.ready_for_pickup", fulfillmentOrderId }],
  );

/** The customer takes it: the goods leave the location, and have arrived. */
export const collect = (
  order: Order,
  fulfillmentOrderId: string,
  named: readonly NamedLine[] | undefined,
  facts: OrderFacts,
): OrderDecision => {
  const found = actOn(order, fulfillmentOrderId, "collect");
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const leaving = found.success.lines.map(({ lineId, quantity, shipped }) => ({
    lineId,
    quantity: quantity - shipped,
  }));
  return Result.map(leavingLots(order, found.success, leaving, named, facts), (lines) => {
    const lots = lines.filter((line) => line.lots !== undefined);
    return [{
      type: "fulfillment_order.collected",
      fulfillmentOrderId,
      ...(lots.length === 0 ? {} : { lots }),
    }];
  });
};
