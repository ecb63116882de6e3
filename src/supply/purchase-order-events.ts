/** The types of events of purchase orders, with what is told of each. */
import { Schema } from "effect";
import { eventCount, type EventDefinition, eventTime } from "../subject/event-type.ts";
import { LineUnitsSchema, movedDetails } from "./event-parts.ts";
import type { PurchaseOrderEvent } from "./purchase-order.ts";

const line = Schema.Struct({
  id: Schema.String,
  sku: Schema.String,
  ordered: eventCount,
  expectedAt: eventTime,
  ...{ received: eventCount, rejected: eventCount, cancelled: eventCount },
  ...{ arriving: eventCount, cutting: eventCount },
}).annotate({ identifier: "PurchaseOrderLine" });

/** As it begins: nothing has come. */
const placed = Schema.Struct({
  order: Schema.Struct({
    id: Schema.String,
    status: Schema.Literal("open"),
    version: eventCount,
    createdAt: eventTime,
    updatedAt: eventTime,
    externalId: Schema.optionalKey(Schema.String),
    supplierId: Schema.optionalKey(Schema.String),
    channel: Schema.optionalKey(Schema.String),
    locationId: Schema.String,
    lines: Schema.Array(line),
    receipts: Schema.Array(Schema.Never),
    overReceiptPercent: eventCount,
    fingerprint: Schema.String.annotate({ description: "Tells a repeat from another request" }),
  }).annotate({ identifier: "PlacedPurchaseOrder" }),
});

const changed = Schema.Struct({
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      ordered: Schema.optionalKey(Schema.Struct({ from: eventCount, to: eventCount })),
      expectedAt: Schema.optionalKey(Schema.Struct({ from: eventTime, to: eventTime })),
    }).annotate({ identifier: "ChangedPurchaseOrderLine" }),
  ),
  added: Schema.Array(line),
  overReceiptPercent: Schema.optionalKey(Schema.Struct({ from: eventCount, to: eventCount })),
});

const received = Schema.Struct({
  receipt: Schema.Struct({
    id: Schema.String,
    reference: Schema.optionalKey(Schema.String),
    by: Schema.String,
    lines: Schema.Array(
      Schema.Struct({
        lineId: Schema.String,
        quantity: eventCount.annotate({ description: "Units that came, all of them" }),
        rejected: eventCount.annotate({ description: "Of these, units unfit for sale" }),
        bucket: Schema.optionalKey(Schema.String),
      }).annotate({ identifier: "ReceivedPurchaseOrderLine" }),
    ),
  }).annotate({ identifier: "PurchaseOrderReceiptTold" }),
});

const ended = Schema.Struct({
  lines: Schema.Array(LineUnitsSchema).annotate({ description: "Units that are given up" }),
  reason: Schema.optionalKey(Schema.String),
});

export const purchaseOrderEventTypes: Readonly<
  Record<PurchaseOrderEvent["type"], EventDefinition>
> = {
  "purchase_order.placed": { description: "A purchase order was placed", details: placed },
  "purchase_order.changed": {
    description: "Quantities or dates of a purchase order were changed, or lines added",
    details: changed,
  },
  "purchase_order.received": { description: "A delivery was received", details: received },
  "purchase_order.moved": {
    description:
      "Units have left the supply of a purchase order: they are on the shelf, or cut off",
    details: movedDetails,
  },
  "purchase_order.closed": {
    description: "A purchase order was closed: what has not come is given up",
    details: ended,
  },
  "purchase_order.cancelled": {
    description: "A purchase order was cancelled before anything came",
    details: ended,
  },
};
