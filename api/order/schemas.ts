/**
 * Orders and their parts as the API answers with them, as schemas: the OpenAPI document is made from them,
 * and tests hold real answers against them. `views.ts` makes the values.
 */
import { Schema } from "effect";
import {
  fulfillmentActions,
  fulfillmentMethods,
  fulfillmentOrderStatuses,
  holdBlocks,
  holdCodes,
  orderStatuses,
  shipmentStatuses,
  shortagePolicies,
  trackingStatuses,
} from "../../src/order/order.ts";
import { Address, Money } from "../../src/kernel/vocabulary.ts";
import { count, time } from "../http/schemas.ts";

const FulfillmentLine = Schema.Struct({
  lineId: Schema.String,
  sku: Schema.String,
  quantity: count,
  picked: count,
  shipped: count,
});

const Package = Schema.Struct({
  reference: Schema.optionalKey(Schema.String),
  weightGrams: Schema.optionalKey(count),
});

const method = Schema.Literals(fulfillmentMethods);

export const HoldCode = Schema.Literals(holdCodes).annotate({ identifier: "HoldCode" });

const Hold = Schema.Struct({
  code: HoldCode,
  reason: Schema.String,
  at: time.annotate({ description: "Since when it stands" }),
  by: Schema.String.annotate({ description: "Who gave the reason" }),
  blocks: Schema.Literals(holdBlocks).annotate({
    description: "`all`: the order is `held`. `fulfillment`: it gets its stock, and nothing leaves",
  }),
}).annotate({ identifier: "Hold" });

const TrackingEvent = Schema.Struct({
  status: Schema.Literals(trackingStatuses),
  occurredAt: time,
  description: Schema.optionalKey(Schema.String),
  recordedAt: time,
});

export const Shipment = Schema.Struct({
  id: Schema.String,
  orderId: Schema.String,
  fulfillmentOrderId: Schema.String,
  locationId: Schema.String,
  status: Schema.Literals(shipmentStatuses),
  carrier: Schema.String,
  trackingNumber: Schema.optionalKey(Schema.String),
  lines: Schema.Array(
    Schema.Struct({ lineId: Schema.String, sku: Schema.String, quantity: count }),
  ),
  tracking: Schema.Array(TrackingEvent).annotate({
    description: "By the time of occurrence, not of arrival",
  }),
  shippedAt: time,
  deliveredAt: Schema.optionalKey(time),
}).annotate({ identifier: "Shipment" });

const fulfillmentOrderFields = {
  id: Schema.String,
  status: Schema.Literals(fulfillmentOrderStatuses),
  locationId: Schema.NullOr(Schema.String).annotate({ description: "Null for digital delivery" }),
  method,
  lines: Schema.Array(FulfillmentLine),
  packages: Schema.Array(Package),
  reason: Schema.optionalKey(Schema.String),
  supportedActions: Schema.Array(Schema.Literals(fulfillmentActions)).annotate({
    description: "None while its order has holds",
  }),
  createdAt: time,
  updatedAt: time,
};

/** A fulfillment order inside its order. */
const OrderFulfillmentOrder = Schema.Struct(fulfillmentOrderFields).annotate({
  identifier: "OrderFulfillmentOrder",
});

/** A fulfillment order on its own, with the facts about the order that its location must know. */
export const FulfillmentOrder = Schema.Struct({
  ...fulfillmentOrderFields,
  orderId: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  recipient: Schema.Struct({
    name: Schema.String,
    phone: Schema.optionalKey(Schema.String),
    address: Schema.optionalKey(Address),
  }),
  shippingService: Schema.optionalKey(Schema.String),
  held: Schema.Boolean.annotate({
    description: "Whether it waits for the holds of its order to be released",
  }),
  holds: Schema.Array(HoldCode).annotate({ description: "The holds that it waits for" }),
  shipments: Schema.Array(Shipment),
  version: Schema.Int.annotate({ description: "The version of its order" }),
}).annotate({ identifier: "FulfillmentOrder" });

const OrderLine = Schema.Struct({
  id: Schema.String,
  sku: Schema.String,
  quantity: count,
  unitPrice: Money,
  discount: Money,
  tax: Money,
  fulfillment: Schema.Struct({ method, locationId: Schema.optionalKey(Schema.String) }),
  allocated: count,
  backordered: count,
  shipped: count,
  delivered: count,
  returned: count,
  cancelled: count,
  short: count.annotate({ description: "Of the cancelled, what could not be had" }),
  pending: count.annotate({ description: "Waits for allocation" }),
}).annotate({ identifier: "OrderLine" });

export const Order = Schema.Struct({
  id: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  status: Schema.Literals(orderStatuses),
  currency: Schema.String,
  customer: Schema.Struct({
    id: Schema.optionalKey(Schema.String),
    name: Schema.String,
    email: Schema.optionalKey(Schema.String),
    phone: Schema.optionalKey(Schema.String),
  }),
  shippingAddress: Schema.optionalKey(Address),
  billingAddress: Schema.optionalKey(Address),
  note: Schema.optionalKey(
    Schema.String.annotate({ description: "What the customer says of the order" }),
  ),
  shipping: Schema.Struct({ service: Schema.optionalKey(Schema.String), amount: Money }),
  onShortage: Schema.Literals(shortagePolicies),
  holds: Schema.Array(Hold).annotate({
    description:
      "At most one of each code, in the order in which they were placed; `hold` is the first",
  }),
  hold: Schema.optionalKey(Hold),
  lines: Schema.Array(OrderLine),
  totals: Schema.Struct({
    subtotal: Money,
    discount: Money,
    tax: Money,
    shipping: Money,
    total: Money,
  }),
  fulfillmentOrders: Schema.Array(OrderFulfillmentOrder),
  shipments: Schema.Array(Shipment),
  metadata: Schema.Record(Schema.String, Schema.String),
  cancelReason: Schema.optionalKey(Schema.String),
  placedAt: time,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Order" });

export const OrderEvent = Schema.StructWithRest(
  Schema.Struct({
    type: Schema.String,
    position: Schema.String.annotate({ description: "The commit's position in the log" }),
    at: time,
    by: Schema.String,
    orderId: Schema.String,
    version: Schema.Int.annotate({ description: "The order's version after the commit" }),
    from: Schema.NullOr(Schema.Literals(orderStatuses)),
    to: Schema.Literals(orderStatuses),
  }),
  [Schema.Record(Schema.String, Schema.Unknown)],
).annotate({ identifier: "OrderEvent" });
