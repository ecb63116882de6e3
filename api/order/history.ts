/**
 * The history of an order as the API shows it: each event in the envelope that all readers get, with the
 * members that histories had before there was one, which say more of its lines and parts.
 */
import { Schema } from "effect";
import { type OwnEntry, ownEventsOf } from "../../actors/aggregate/history.ts";
import { editDetailsOf } from "../../src/order/edit-events.ts";
import { exchangeDetailsOf } from "../../src/order/exchange-events.ts";
import { LineUnits, orderEvents, orderEventTypes } from "../../src/order/event-types.ts";
import { invoicedDetailsOf } from "../../src/order/invoice-events.ts";
import type { OrderEvent } from "../../src/order/order.ts";
import { isOrderRecord, type OrderRecord } from "../../src/order/record.ts";
import { requestedDetails } from "../../src/order/return-events.ts";
import { isPaymentEvent, paymentDetailsOf } from "../../src/order/payment-events.ts";
import { OrderStatus, ShortagePolicy } from "../../src/order/vocabulary.ts";
import { type EventEnvelope, eventFieldsOf, oneOf } from "../../src/subject/event.ts";
import { schemaNameOf } from "../../src/subject/event-type.ts";
import type { RecordKinds } from "../../src/subject/record.ts";
import { count, time } from "../http/schemas.ts";
import { toldFulfillmentOrderFields, toldShipmentFields } from "./schemas.ts";

const filled = Schema.Array(LineUnits);

/** Members of events that their `details` tell shorter, or not. */
const ownMembers: Partial<Readonly<Record<OrderEvent["type"], Schema.Struct.Fields>>> = {
  "order.placed": {
    onShortage: ShortagePolicy,
    placedAt: time,
    lines: Schema.Array(
      Schema.Struct({ lineId: Schema.String, sku: Schema.String, quantity: count }).annotate({
        identifier: "PlacedLine",
      }),
    ),
  },
  "order.allocated": {
    fulfillmentOrders: Schema.Array(
      Schema.Struct({
        ...toldFulfillmentOrderFields,
        from: Schema.NullOr(toldFulfillmentOrderFields.status),
        to: toldFulfillmentOrderFields.status,
      }).annotate({ identifier: "AllocatedFulfillmentOrder" }),
    ).annotate({ description: "Those that it made, and nothing else of the commit" }),
    filled: filled.annotate({ description: "Units that were backordered until now" }),
    complete: Schema.Boolean,
  },
  "shipment.created": {
    shipment: Schema.Struct(toldShipmentFields).annotate({ identifier: "CreatedShipment" }),
  },
};

const membersOf = (type: OrderEvent["type"]): Schema.Struct.Fields => {
  const { details } = orderEventTypes[type];
  return ownMembers[type] ?? ("fields" in details ? details.fields : {});
};

const historySchemaOf = (type: OrderEvent["type"]) =>
  Schema.Struct({
    ...eventFieldsOf({ type, members: orderEvents.members, ...orderEventTypes[type] }),
    from: Schema.NullOr(OrderStatus).annotate({ description: "`status.from`" }),
    to: OrderStatus.annotate({ description: "`status.to`" }),
    ...membersOf(type),
  }).annotate({
    identifier: schemaNameOf(type, "History"),
    description: orderEventTypes[type].description,
  });

/** An event in an order's history. */
export const OrderHistoryEvent = oneOf(
  (Object.keys(orderEventTypes) as OrderEvent["type"][]).map(historySchemaOf),
  "OrderEvent",
  "An event of an order, by its `type`. Beside the members of every event: those of `details`, and more of " +
    "what was placed, allocated and shipped",
);

/** The fulfillment orders that an event made, whole; each also says how the commit changed it. */
const madeBy = (
  { fulfillmentOrders }: Extract<OrderEvent, { type: "order.allocated" }>,
  record: OrderRecord,
) =>
  fulfillmentOrders.map((each) => {
    const { from = null, to = each.status } = record.fulfillment.find(({ id }) => id === each.id) ??
      {};
    return { ...each, from, to };
  });

/** Members of an event that the order itself tells better are left out. */
const membersIn = (event: OrderEvent, record: OrderRecord): Readonly<Record<string, unknown>> => {
  if (event.type === "order.allocated") {
    return { ...event, fulfillmentOrders: madeBy(event, record) };
  }
  if (event.type === "return.requested") return { ...requestedDetails(event.return) };
  if (event.type === "order.edited") return { ...editDetailsOf(event) };
  if (event.type === "order.invoiced") return { ...invoicedDetailsOf(event) };
  if (event.type === "order.exchanged") return { ...exchangeDetailsOf(event) };
  if (isPaymentEvent(event)) return paymentDetailsOf(event);
  if (event.type !== "order.placed") return event;
  const { onShortage, placedAt, lines } = event.order;
  return {
    onShortage,
    placedAt,
    lines: lines.map(({ id, sku, quantity }) => ({ lineId: id, sku, quantity })),
  };
};

const viewOf = (told: EventEnvelope | undefined, event: OrderEvent, record: OrderRecord) => ({
  ...told,
  ...membersIn(event, record),
  type: event.type,
  by: record.by,
  from: record.from,
  to: record.to,
});

/** The events of one commit of an order, each with its author, its time and the order's status after it. */
export const eventViews = (entry: OwnEntry, kinds: RecordKinds) => {
  const told = ownEventsOf(entry, kinds);
  return entry.records.filter(isOrderRecord)
    .flatMap((record) => record.events.map((event) => ({ record, event })))
    .map(({ record, event }, n) => viewOf(told[n]?.event, event, record));
};
