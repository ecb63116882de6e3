/**
 * Orders and their parts as the API answers with them, as schemas: the OpenAPI document is made from them,
 * and tests hold real answers against them. `views.ts` makes the values.
 */
import { Schema } from "effect";
import { Address, Money } from "../../src/kernel/vocabulary.ts";
import {
  FulfillmentAction,
  FulfillmentMethod,
  FulfillmentOrderStatus,
  HoldBlocks,
  HoldCode,
  OrderStatus,
  ShipmentStatus,
  ShortagePolicy,
  TaxRounding,
  TrackingStatus,
} from "../../src/order/vocabulary.ts";
import { goodsDatesFields } from "../../src/order/dates-schema.ts";
import { KitComponent } from "../catalog/schemas.ts";
import { count, time } from "../http/schemas.ts";
import { LotsOfLine, PickedLot, UnitsOfLot } from "../lot/schemas.ts";
import { documentFields } from "./invoice-schemas.ts";
import { Edit } from "./edit-schemas.ts";
import { Return } from "./return-schemas.ts";
import { settlementFields } from "./payment-schemas.ts";

const FulfillmentLine = Schema.Struct({
  lineId: Schema.String,
  sku: Schema.String,
  quantity: count,
  picked: count,
  shipped: count,
  components: Schema.optionalKey(
    Schema.Array(KitComponent).annotate({
      description: "Of a kit: the goods of each unit, which are what is taken off shelves",
    }),
  ),
  lots: Schema.optionalKey(
    Schema.Array(PickedLot).annotate({
      description: "Of its picked units, where its item is tracked",
    }),
  ),
}).annotate({ identifier: "FulfillmentLine" });

const Package = Schema.Struct({
  reference: Schema.optionalKey(Schema.String),
  weightGrams: Schema.optionalKey(count),
}).annotate({ identifier: "FulfillmentPackage" });

const Hold = Schema.Struct({
  code: HoldCode,
  reason: Schema.String,
  at: time.annotate({ description: "Since when it stands" }),
  by: Schema.String.annotate({ description: "Who gave the reason" }),
  blocks: HoldBlocks,
}).annotate({ identifier: "Hold" });

const TrackingEvent = Schema.Struct({
  status: TrackingStatus,
  occurredAt: time,
  description: Schema.optionalKey(Schema.String),
  recordedAt: time,
}).annotate({ identifier: "TrackingEvent" });

const ShipmentNote = Schema.Struct({
  text: Schema.String,
  at: time,
  by: Schema.String.annotate({ description: "Who wrote it" }),
}).annotate({ identifier: "ShipmentNote" });

/** A shipment as its events tell of it. */
export const toldShipmentFields = {
  id: Schema.String,
  fulfillmentOrderId: Schema.String,
  locationId: Schema.String,
  status: ShipmentStatus.annotate({
    description: "`replaced`: given up; its units count as shipped no more and are fulfilled anew",
  }),
  carrier: Schema.String,
  trackingNumber: Schema.optionalKey(Schema.String),
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      sku: Schema.String,
      quantity: count,
      lots: Schema.optionalKey(Schema.Array(UnitsOfLot)),
    }).annotate({ identifier: "ShipmentLine" }),
  ),
  tracking: Schema.Array(TrackingEvent).annotate({
    description: "By the time of occurrence, not of arrival",
  }),
  shippedAt: time,
  deliveredAt: Schema.optionalKey(time),
};

export const Shipment = Schema.Struct({
  orderId: Schema.String,
  ...toldShipmentFields,
  trackingNumbers: Schema.Array(Schema.String).annotate({ description: "One for each parcel" }),
  notes: Schema.Array(ShipmentNote).annotate({
    description: "Oldest first; whoever sees the shipment sees them",
  }),
  replacedReason: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "Shipment" });

export const DeliveryException = Schema.Struct({
  shipment: Shipment,
  channel: Schema.String,
  externalId: Schema.String,
  since: time.annotate({
    description: "When the first of the carrier's reports of it happened that no other followed",
  }),
  reason: Schema.optionalKey(
    Schema.String.annotate({ description: "What the carrier said of it last" }),
  ),
}).annotate({ identifier: "DeliveryException" });

/** A fulfillment order as its events tell of it. */
export const toldFulfillmentOrderFields = {
  id: Schema.String,
  status: FulfillmentOrderStatus,
  locationId: Schema.NullOr(Schema.String).annotate({ description: "Null for digital delivery" }),
  method: FulfillmentMethod,
  lines: Schema.Array(FulfillmentLine),
  packages: Schema.Array(Package),
  reason: Schema.optionalKey(Schema.String),
  ...goodsDatesFields,
  createdAt: time,
  updatedAt: time,
};

const fulfillmentOrderFields = {
  ...toldFulfillmentOrderFields,
  supportedActions: Schema.Array(FulfillmentAction).annotate({
    description: "None while its order has holds",
  }),
};

/** A fulfillment order inside its order. */
const OrderFulfillmentOrder = Schema.Struct(fulfillmentOrderFields).annotate({
  identifier: "OrderFulfillmentOrder",
});

/** A fulfillment order on its own, with the facts about the order that its location must know. */
export const FulfillmentOrder = Schema.Struct({
  ...fulfillmentOrderFields,
  suggestedLots: Schema.optionalKey(
    Schema.Array(LotsOfLine).annotate({
      description:
        "Of lines of tracked items that are still to be picked: what expires first. Only where one " +
        "fulfillment order is asked for",
    }),
  ),
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

export const LinePromise = Schema.Struct({
  supplyId: Schema.String.annotate({
    description: "The id of a line of a purchase order or of a transfer",
  }),
  locationId: Schema.String,
  quantity: count,
  expectedAt: time,
  ...goodsDatesFields,
}).annotate({ identifier: "LinePromise" });

const OrderLine = Schema.Struct({
  id: Schema.String,
  sku: Schema.String,
  quantity: count,
  unitPrice: Money,
  discount: Money,
  tax: Money,
  fulfillment: Schema.Struct({
    method: FulfillmentMethod,
    locationId: Schema.optionalKey(Schema.String),
  }),
  allocated: count,
  backordered: count,
  shipped: count,
  delivered: count,
  returned: count.annotate({ description: "Of the shipped, what came back" }),
  cancelled: count,
  short: count.annotate({ description: "Of the cancelled, what could not be had" }),
  pending: count.annotate({ description: "Waits for allocation" }),
  externalId: Schema.optionalKey(Schema.String),
  taxRatePercent: Schema.optionalKey(Schema.String),
  /** Of the discount, the line's share of the order's discounts. */
  orderDiscount: Schema.optionalKey(Money),
  basedOn: Schema.optionalKey(
    Schema.String.annotate({ description: "The line that an edit made more units of" }),
  ),
  neededAt: Schema.optionalKey(time),
  promises: Schema.optionalKey(
    Schema.Array(LinePromise).annotate({
      description: "Of the backordered units, those that supply is promised for",
    }),
  ),
  components: Schema.optionalKey(
    Schema.Array(KitComponent).annotate({
      description: "Of a kit: the goods of each unit, as its recipe was when the line came",
    }),
  ),
}).annotate({ identifier: "OrderLine" });

export const Order = Schema.Struct({
  id: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  status: OrderStatus,
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
  shipping: Schema.Struct({
    service: Schema.optionalKey(Schema.String),
    amount: Money,
    discount: Schema.optionalKey(Money),
    tax: Schema.optionalKey(Money),
    taxRatePercent: Schema.optionalKey(Schema.String),
  }),
  taxesIncluded: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Whether tax is a part of all prices; absent: it is not",
    }),
  ),
  taxRounding: Schema.optionalKey(TaxRounding),
  discounts: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ code: Schema.optionalKey(Schema.String), amount: Money }).annotate({
        identifier: "OrderDiscount",
      }),
    ),
  ),
  fees: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ code: Schema.String, amount: Money, tax: Money }).annotate({
        identifier: "OrderFee",
      }),
    ),
  ),
  channelTotal: Schema.optionalKey(Money),
  onShortage: ShortagePolicy,
  shipComplete: Schema.optionalKey(Schema.Boolean),
  priority: Schema.optionalKey(Schema.Int),
  holds: Schema.Array(Hold).annotate({
    description:
      "At most one of each code, in the order in which they were placed; `hold` is the first",
  }),
  hold: Schema.optionalKey(Hold),
  ...goodsDatesFields,
  lines: Schema.Array(OrderLine),
  totals: Schema.Struct({
    subtotal: Money,
    discount: Money,
    tax: Money,
    shipping: Money,
    shippingDiscount: Schema.optionalKey(Money),
    shippingTax: Schema.optionalKey(Money),
    fees: Schema.optionalKey(Money),
    feeTax: Schema.optionalKey(Money),
    total: Money,
  }),
  ...settlementFields,
  fulfillmentOrders: Schema.Array(OrderFulfillmentOrder),
  shipments: Schema.Array(Shipment),
  returns: Schema.optionalKey(
    Schema.Array(Return).annotate({ description: "Absent without any" }),
  ),
  edits: Schema.optionalKey(
    Schema.Array(Edit).annotate({ description: "Oldest first; absent without any" }),
  ),
  ...documentFields,
  metadata: Schema.Record(Schema.String, Schema.String),
  cancelReason: Schema.optionalKey(Schema.String),
  reservation: Schema.optionalKey(
    Schema.Struct({ id: Schema.String, used: Schema.Boolean }).annotate({
      identifier: "OrderReservation",
      description: "The reservation that it was placed with, and whether it took over its units",
    }),
  ),
  placedAt: time,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Order" });
