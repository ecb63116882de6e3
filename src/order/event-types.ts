/**
 * The types of events of orders, with what is told of each. A large order has many lines, which its own page
 * tells: here they are counted, but for those that an event is about.
 */
import { Schema } from "effect";
import { Money } from "../kernel/vocabulary.ts";
import {
  eventCount,
  type EventDefinition,
  eventTime,
  type EventTypes,
  locationIdsSchema,
  noDetails,
  statusSchema,
} from "../subject/event-type.ts";
import { LotUnits } from "../lot/event-types.ts";
import { goodsDatesFields } from "./dates-schema.ts";
import { editEventTypes } from "./edit-events.ts";
import { invoiceEventTypes } from "./invoice-events.ts";
import { exchangeEventTypes } from "./exchange-events.ts";
import type { OrderEvent } from "./order.ts";
import { ReturnChanges, returnEventTypes } from "./return-events.ts";
import { paymentEventTypes } from "./payment-events.ts";
import {
  CancelCode,
  FulfillmentOrderStatus,
  HoldBlocks,
  HoldCode,
  OrderStatus,
  TrackingStatus,
} from "./vocabulary.ts";

/** Units of a line, of the lots that they are of where its item is tracked. */
const PickedUnits = Schema.Struct({
  lineId: Schema.String,
  quantity: eventCount,
  lots: Schema.optionalKey(Schema.Array(LotUnits)),
}).annotate({ identifier: "PickedUnits" });

/** Units of a line. */
export const LineUnits = Schema.Struct({ lineId: Schema.String, quantity: eventCount }).annotate({
  identifier: "LineUnits",
});

const lines = Schema.Array(LineUnits);
const ofFulfillmentOrder = { fulfillmentOrderId: Schema.String };
const justFulfillmentOrder = Schema.Struct(ofFulfillmentOrder);

const placed = Schema.Struct({
  externalId: Schema.String,
  customerId: Schema.optionalKey(Schema.String),
  lines: eventCount.annotate({ description: "How many" }),
  units: eventCount,
  total: Money,
});

const allocated = Schema.Struct({
  complete: Schema.Boolean.annotate({
    description: "False while the allocation of a large order goes on",
  }),
  units: eventCount.annotate({ description: "Units allocated now" }),
});

const linePromise = Schema.Struct({
  supplyId: Schema.String,
  locationId: Schema.String,
  quantity: eventCount,
  expectedAt: eventTime,
  ...goodsDatesFields,
}).annotate({ identifier: "PromisedUnits" });

const promised = Schema.Struct({
  lines: Schema.Array(
    Schema.Struct({ lineId: Schema.String, promises: Schema.Array(linePromise) })
      .annotate({ identifier: "LinePromises" }),
  ).annotate({ description: "All promises of these lines as they are now" }),
  moved: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        lineId: Schema.String,
        quantity: eventCount,
        from: linePromise,
        to: Schema.NullOr(linePromise).annotate({ description: "Null: no supply is left for it" }),
      }).annotate({ identifier: "MovedPromise" }),
    ).annotate({ description: "Units whose promise is another than before" }),
  ),
});

const held = Schema.Struct({
  code: HoldCode,
  reason: Schema.String,
  by: Schema.String.annotate({ description: "Who gave the reason" }),
  blocks: Schema.optionalKey(HoldBlocks),
});

const released = Schema.Struct({
  code: Schema.optionalKey(HoldCode).annotate({
    description: "Absent: all holds end",
  }),
  reason: Schema.optionalKey(Schema.String),
});

const cancelled = Schema.Struct({
  reason: Schema.String,
  code: Schema.optionalKey(CancelCode),
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      quantity: eventCount,
      backordered: eventCount,
      allocated: Schema.Array(
        Schema.Struct({
          ...ofFulfillmentOrder,
          quantity: eventCount,
          partId: Schema.optionalKey(
            Schema.String.annotate({ description: "Of a kit whose parts are apart: which part" }),
          ),
        }).annotate({ identifier: "FulfillmentOrderUnits" }),
      ),
      waitingParts: Schema.optionalKey(
        lines.annotate({ description: "Of kits whose parts are apart: those that waited" }),
      ),
    }).annotate({ identifier: "CancelledLine" }),
  ),
  complete: Schema.Boolean.annotate({
    description: "False while the cancellation of a large order goes on",
  }),
});

const packed = Schema.Struct({
  ...ofFulfillmentOrder,
  packages: Schema.Array(
    Schema.Struct({
      reference: Schema.optionalKey(Schema.String),
      weightGrams: Schema.optionalKey(eventCount),
    }).annotate({ identifier: "FulfillmentPackage" }),
  ),
});

const shipped = Schema.Struct({
  shipmentId: Schema.String,
  ...ofFulfillmentOrder,
  carrier: Schema.String,
  trackingNumber: Schema.optionalKey(Schema.String),
  moreTrackingNumbers: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({ description: "Those of its further parcels" }),
  ),
  units: eventCount,
});

const ofShipment = { shipmentId: Schema.String };

const reportFields = {
  status: TrackingStatus,
  occurredAt: eventTime,
  description: Schema.optionalKey(Schema.String),
};

const report = Schema.Struct({ ...reportFields, recordedAt: eventTime }).annotate({
  identifier: "TrackingEvent",
});

const tracked = Schema.Struct({ ...ofShipment, tracking: report });

const corrected = Schema.Struct({
  ...ofShipment,
  was: Schema.Struct(reportFields).annotate({ identifier: "CorrectedReport" }),
  becomes: Schema.NullOr(report).annotate({ description: "Null: there is none in its place" }),
  reason: Schema.String,
});

const numbered = Schema.Struct({
  ...ofShipment,
  carrier: Schema.String,
  trackingNumbers: Schema.Array(Schema.String).annotate({ description: "All that it has now" }),
});

export const orderEventTypes = {
  "order.placed": { description: "An order was placed", details: placed },
  "order.allocating": {
    description: "An order is so large that its stock is reserved in several commits",
    details: noDetails,
  },
  "order.allocated": { description: "Stock was reserved for an order", details: allocated },
  "order.backordered": {
    description: "Units of an order wait for stock",
    details: Schema.Struct({ lines }),
  },
  "order.promised": {
    description: "Units that wait are promised of supply that is on its way, or of another one",
    details: promised,
  },
  "order.shorted": {
    description: "Units of an order could not be had and were taken out of it",
    details: Schema.Struct({ lines }),
  },
  "order.held": { description: "An order waits until somebody releases it", details: held },
  "order.released": { description: "A hold of an order has ended", details: released },
  "order.cancelled": {
    description: "An order, or a part of it, was cancelled",
    details: cancelled,
  },
  ...editEventTypes,
  ...invoiceEventTypes,
  ...exchangeEventTypes,
  "fulfillment_order.accepted": {
    description: "A location has begun with its part of an order",
    details: justFulfillmentOrder,
  },
  "fulfillment_order.rejected": {
    description: "A location cannot do its part of an order: it goes elsewhere or waits",
    details: Schema.Struct({ ...ofFulfillmentOrder, reason: Schema.String }),
  },
  "fulfillment_order.picked": {
    description: "Units were taken from their shelves",
    details: Schema.Struct({ ...ofFulfillmentOrder, lines: Schema.Array(PickedUnits) }),
  },
  "fulfillment_order.packed": { description: "Units were packed", details: packed },
  "fulfillment_order.ready_for_pickup": {
    description: "A customer may come for a part of an order",
    details: justFulfillmentOrder,
  },
  "fulfillment_order.collected": {
    description: "A customer has come for a part of an order",
    details: Schema.Struct({
      ...ofFulfillmentOrder,
      lots: Schema.optionalKey(Schema.Array(PickedUnits)),
    }),
  },
  "fulfillment_order.delivered": {
    description: "A part of an order has arrived",
    details: justFulfillmentOrder,
  },
  "fulfillment_order.undelivered": {
    description: "A part of an order has not arrived after all: what was reported was wrong",
    details: justFulfillmentOrder,
  },
  "shipment.created": { description: "Units have left a location", details: shipped },
  "shipment.tracked": { description: "A carrier has reported", details: tracked },
  "shipment.tracking_corrected": {
    description: "What a carrier had reported was wrong",
    details: corrected,
  },
  "shipment.numbered": {
    description: "A shipment has other tracking numbers, or another carrier",
    details: numbered,
  },
  "shipment.noted": {
    description: "Somebody has noted what others should know of a shipment",
    details: Schema.Struct({ ...ofShipment, text: Schema.String }),
  },
  "shipment.replaced": {
    description: "A shipment was given up: its units are fulfilled once more",
    details: Schema.Struct({ ...ofShipment, reason: Schema.String }),
  },
  ...returnEventTypes,
  ...paymentEventTypes,
  "order.closed": {
    description: "Nothing of an order is open any more, a while after its delivery",
    details: noDetails,
  },
} as const satisfies Readonly<Record<OrderEvent["type"], EventDefinition>>;

export const orderEvents: EventTypes = {
  members: {
    orderId: Schema.String,
    channel: Schema.String,
    externalId: Schema.optionalKey(
      Schema.String.annotate({ description: "Absent where an earlier version did not record it" }),
    ),
    version: Schema.Int.annotate({ description: "The order's version after the commit" }),
    locationIds: locationIdsSchema,
    status: statusSchema("Order", OrderStatus),
    fulfillmentOrders: Schema.Array(
      Schema.Struct({
        id: Schema.String,
        locationId: Schema.NullOr(Schema.String).annotate({
          description: "Null for digital delivery",
        }),
        from: Schema.NullOr(FulfillmentOrderStatus).annotate({
          description: "Null for a new one",
        }),
        to: FulfillmentOrderStatus,
      }).annotate({ identifier: "FulfillmentOrderChange" }),
    ).annotate({ description: "The fulfillment orders that the commit has changed" }),
    returns: Schema.optionalKey(ReturnChanges),
  },
  types: orderEventTypes,
};
