/**
 * The status of an order, and the tables of transitions for orders and for fulfillment orders. Decisions ask
 * these tables, and the documentation is made from them.
 */
import { isHeld } from "./hold-codes.ts";
import type {
  FulfillmentAction,
  FulfillmentMethod,
  FulfillmentOrder,
  FulfillmentOrderStatus,
  Order,
  OrderStatus,
} from "./order.ts";
import { totalQuantitiesOf } from "./quantities.ts";

/** Actions on an order itself; `fulfill` stands for every action on its fulfillment orders. */
export type OrderAction = "hold" | "cancel" | "edit" | "close" | "fulfill";

interface OrderStep {
  readonly actions: readonly OrderAction[];
  /** The other statuses that the next commit may bring. */
  readonly next: readonly OrderStatus[];
}

/**
 * The actions and next statuses of each status. `allocating` is seen only while an order too large for one
 * commit is being allocated, or its stock given back, in several.
 */
export const orderTransitions: Readonly<Record<OrderStatus, OrderStep>> = {
  held: {
    actions: ["hold", "cancel", "edit"],
    next: [
      "allocating",
      "backordered",
      "partially_allocated",
      "allocated",
      "fulfilling",
      "partially_shipped",
      "shipped",
      "delivered",
      "cancelled",
    ],
  },
  allocating: {
    actions: ["cancel"],
    next: [
      "held",
      "backordered",
      "partially_allocated",
      "allocated",
      "fulfilling",
      "partially_shipped",
      "shipped",
      "delivered",
      "cancelled",
    ],
  },
  backordered: {
    actions: ["hold", "cancel", "edit", "fulfill"],
    next: [
      "held",
      "allocating",
      "partially_allocated",
      "allocated",
      "partially_shipped",
      "delivered",
      "cancelled",
    ],
  },
  partially_allocated: {
    actions: ["hold", "cancel", "edit", "fulfill"],
    next: [
      "held",
      "allocating",
      "backordered",
      "allocated",
      "fulfilling",
      "partially_shipped",
      "delivered",
      "cancelled",
    ],
  },
  allocated: {
    actions: ["hold", "cancel", "edit", "fulfill"],
    next: [
      "held",
      "allocating",
      "backordered",
      "partially_allocated",
      "fulfilling",
      "partially_shipped",
      "delivered",
      "cancelled",
    ],
  },
  fulfilling: {
    actions: ["hold", "cancel", "edit", "fulfill"],
    next: [
      "held",
      "allocating",
      "backordered",
      "partially_allocated",
      "allocated",
      "partially_shipped",
      "shipped",
      "delivered",
      "cancelled",
    ],
  },
  partially_shipped: {
    actions: ["hold", "cancel", "edit", "fulfill"],
    next: [
      "held",
      "allocating",
      "backordered",
      "partially_allocated",
      "allocated",
      "fulfilling",
      "shipped",
      "delivered",
    ],
  },
  shipped: {
    actions: ["fulfill"],
    next: [
      "held",
      "allocating",
      "backordered",
      "partially_allocated",
      "allocated",
      "partially_shipped",
      "delivered",
    ],
  },
  // An exchange adds lines: then there is something to do again.
  delivered: {
    actions: ["close", "fulfill"],
    next: ["held", "allocating", "partially_shipped", "shipped", "closed"],
  },
  closed: { actions: [], next: ["held", "allocating", "partially_shipped", "delivered"] },
  cancelled: { actions: [], next: [] },
};

/** Whether its status allows it, and, where it is to be fulfilled, its holds. */
export const orderAllows = (
  { status, holds }: Pick<Order, "status" | "holds">,
  action: OrderAction,
): boolean =>
  orderTransitions[status].actions.includes(action) &&
  (action !== "fulfill" || holds.length === 0);

/** Steps of a fulfillment order: the actions of its location, and the steps that the order makes it take. */
export type FulfillmentStep = FulfillmentAction | "release" | "cancel" | "deliver" | "correct";

/** From each status, by which step, to which statuses. Any other step is refused. */
export const fulfillmentTransitions: Readonly<
  Record<
    FulfillmentOrderStatus,
    Readonly<Partial<Record<FulfillmentStep, readonly FulfillmentOrderStatus[]>>>
  >
> = {
  waiting: { release: ["open"], cancel: ["waiting", "cancelled"], deliver: ["delivered"] },
  open: {
    accept: ["accepted"],
    reject: ["rejected"],
    cancel: ["open", "cancelled"],
    deliver: ["delivered"],
  },
  accepted: {
    pick: ["partially_picked", "picked"],
    reject: ["rejected"],
    cancel: ["accepted", "cancelled"],
  },
  partially_picked: {
    pick: ["partially_picked", "picked"],
    reject: ["rejected"],
    cancel: ["partially_picked", "picked", "cancelled"],
  },
  picked: {
    pack: ["packed"],
    ship: ["partially_shipped", "shipped"],
    "ready-for-pickup": ["ready_for_pickup"],
    reject: ["rejected"],
    cancel: ["picked", "cancelled"],
  },
  packed: {
    ship: ["partially_shipped", "shipped"],
    "ready-for-pickup": ["ready_for_pickup"],
    reject: ["rejected"],
    cancel: ["packed", "cancelled"],
  },
  ready_for_pickup: {
    collect: ["collected"],
    cancel: ["ready_for_pickup", "cancelled"],
  },
  partially_shipped: {
    ship: ["partially_shipped", "shipped"],
    cancel: ["partially_shipped", "shipped"],
  },
  shipped: { deliver: ["delivered"] },
  collected: {},
  delivered: { correct: ["shipped"] },
  rejected: {},
  cancelled: {},
};

const actionsOfMethod: Readonly<Record<FulfillmentMethod, readonly FulfillmentAction[]>> = {
  ship: ["accept", "reject", "pick", "pack", "ship"],
  pickup: ["accept", "reject", "pick", "pack", "ready-for-pickup", "collect"],
  digital: [],
};

/** The next actions of a location on a fulfillment order: none while the order has holds or is allocating. */
export const supportedActions = (
  fulfillmentOrder: FulfillmentOrder,
  order: Pick<Order, "status" | "holds">,
): readonly FulfillmentAction[] => {
  if (!orderAllows(order, "fulfill")) return [];
  const steps = fulfillmentTransitions[fulfillmentOrder.status];
  return actionsOfMethod[fulfillmentOrder.method].filter((action) => steps[action] !== undefined);
};

const isUnderWay = ({ status }: FulfillmentOrder): boolean =>
  status === "accepted" || status === "partially_picked" || status === "picked" ||
  status === "packed" || status === "ready_for_pickup";

/** The status of an order: nothing but a function of its other parts. */
export const statusOf = (order: Order): OrderStatus => {
  if (order.closed) return "closed";
  const units = totalQuantitiesOf(order);
  if (units.cancelled === units.ordered) return "cancelled";
  if (isHeld(order)) return "held";
  if (order.allocating || units.pending > 0) return "allocating";
  const wanted = units.ordered - units.cancelled;
  if (units.delivered === wanted) return "delivered";
  if (units.shipped === wanted) return "shipped";
  if (units.shipped > 0) return "partially_shipped";
  if (order.fulfillmentOrders.some(isUnderWay)) return "fulfilling";
  if (units.allocated === 0) return "backordered";
  return units.backordered > 0 || units.short > 0 ? "partially_allocated" : "allocated";
};

/** Fulfillment orders in these statuses still need work. */
export const openFulfillmentStatuses = [
  "open",
  "accepted",
  "partially_picked",
  "picked",
  "packed",
  "ready_for_pickup",
  "partially_shipped",
] as const satisfies readonly FulfillmentOrderStatus[];
