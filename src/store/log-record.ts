/**
 * An order's log record as it is stored: by position instead of by name, without what follows from the rest.
 * Every order is in the log once more than in its document, so this is half of what it writes.
 */
import { fulfillmentOrderIdOf, shipmentIdOf } from "../ids.ts";
import { epochMsOf, type Instant, instantOf } from "../instant.ts";
import type { StockDelta } from "../inventory/stock.ts";
import type { FulfillmentLine, FulfillmentOrder, OrderEvent } from "../order/order.ts";
import type { FulfillmentChange, LogRecord, OrderRecord, ShipmentChange } from "./log.ts";
import {
  at,
  indexOfMethod,
  type Json,
  methodOf,
  numberOf,
  type Packed,
  packOrder,
  trimmed,
  unpackOrder,
} from "./order-document.ts";

/** Of the layout below; another one gets another number. */
const layout = 1;

/** What an event is stored as instead of its name, where it is not stored as it is. */
const placed = 0;
const allocated = 1;

const isFresh = (line: FulfillmentLine): boolean => line.picked === 0 && line.shipped === 0;

/** As allocation makes it: all else follows from the record. */
const isNew = (each: FulfillmentOrder, { orderId, at: now }: OrderRecord): boolean =>
  each.status === "open" && each.packages.length === 0 && each.reason === undefined &&
  each.createdAt === now && each.updatedAt === now && each.lines.every(isFresh) &&
  each.id === fulfillmentOrderIdOf(orderId, numberOf(each.id));

const packNew = (each: FulfillmentOrder): Packed => [
  numberOf(each.id),
  each.locationId,
  indexOfMethod(each.method),
  each.lines.map(({ lineId, sku, quantity }) => [lineId, sku, quantity]),
];

const unpackNew = (packed: Packed, orderId: string, now: Instant): FulfillmentOrder => ({
  id: fulfillmentOrderIdOf(orderId, at(packed, 0)),
  status: "open",
  locationId: at(packed, 1),
  method: methodOf(at(packed, 2)),
  lines: at<readonly Packed[]>(packed, 3).map((line) => ({
    lineId: at(line, 0),
    sku: at(line, 1),
    quantity: at(line, 2),
    picked: 0,
    shipped: 0,
  })),
  packages: [],
  createdAt: now,
  updatedAt: now,
});

const packEvent = (event: OrderEvent, record: OrderRecord): Json => {
  if (event.type === "order.placed") return [placed, packOrder(event.order)];
  if (event.type === "order.allocated") {
    const { fulfillmentOrders, filled, complete } = event;
    if (fulfillmentOrders.every((each) => isNew(each, record))) {
      return [
        allocated,
        fulfillmentOrders.map(packNew),
        complete ? 1 : 0,
        filled.map(({ lineId, quantity }) => [lineId, quantity]),
      ];
    }
  }
  return event as unknown as Json;
};

const unpackEvent = (packed: Json, orderId: string, now: Instant): OrderEvent => {
  if (!Array.isArray(packed)) return packed as unknown as OrderEvent;
  if (packed[0] === placed) return { type: "order.placed", order: unpackOrder(at(packed, 1)) };
  return {
    type: "order.allocated",
    fulfillmentOrders: at<readonly Packed[]>(packed, 1).map((each) =>
      unpackNew(each, orderId, now)
    ),
    filled: at<readonly Packed[]>(packed, 3).map((line) => ({
      lineId: at(line, 0),
      quantity: at(line, 1),
    })),
    complete: at(packed, 2) === 1,
  };
};

const packDelta = (delta: StockDelta): Packed =>
  trimmed([
    delta.locationId,
    delta.sku,
    delta.reserved,
    delta.onHand,
    delta.unavailable,
    delta.safetyStock,
  ]);

const unpackDelta = (packed: Packed): StockDelta => ({
  locationId: at(packed, 0),
  sku: at(packed, 1),
  onHand: at<number | undefined>(packed, 3) ?? 0,
  reserved: at<number | undefined>(packed, 2) ?? 0,
  unavailable: at<number | undefined>(packed, 4) ?? 0,
  safetyStock: at<number | undefined>(packed, 5) ?? 0,
});

const packChange = ({ id, locationId, from, to }: FulfillmentChange): Packed => [
  numberOf(id),
  locationId,
  from,
  to,
];

const unpackChange = (packed: Packed, orderId: string): FulfillmentChange => ({
  id: fulfillmentOrderIdOf(orderId, at(packed, 0)),
  locationId: at(packed, 1),
  from: at(packed, 2),
  to: at(packed, 3),
});

const packShipment = ({ id, locationId, from, to }: ShipmentChange): Packed => [
  numberOf(id),
  locationId,
  from,
  to,
];

const unpackShipment = (packed: Packed, orderId: string): ShipmentChange => ({
  id: shipmentIdOf(orderId, at(packed, 0)),
  locationId: at(packed, 1),
  from: at(packed, 2),
  to: at(packed, 3),
});

/** A log record as it is stored: JSON. */
export const packRecord = (record: LogRecord): Json =>
  record.kind !== "order" ? record as unknown as Json : [
    layout,
    record.orderId,
    record.channel,
    record.customerId ?? null,
    record.from,
    record.to,
    record.version,
    epochMsOf(record.at),
    record.by,
    record.events.map((event) => packEvent(event, record)),
    record.stock.map(packDelta),
    record.fulfillment.map(packChange),
    ...(record.shipments === undefined ? [] : [record.shipments.map(packShipment)]),
  ];

const unpackOrderRecord = (packed: Packed): OrderRecord => {
  const orderId = at<string>(packed, 1);
  const now = instantOf(at(packed, 7));
  const customerId = at<string | null>(packed, 3);
  const shipments = at<readonly Packed[] | undefined>(packed, 12);
  return {
    kind: "order",
    orderId,
    channel: at(packed, 2),
    ...(customerId === null ? {} : { customerId }),
    from: at(packed, 4),
    to: at(packed, 5),
    version: at(packed, 6),
    at: now,
    by: at(packed, 8),
    events: at<readonly Json[]>(packed, 9).map((event) => unpackEvent(event, orderId, now)),
    stock: at<readonly Packed[]>(packed, 10).map(unpackDelta),
    fulfillment: at<readonly Packed[]>(packed, 11).map((change) => unpackChange(change, orderId)),
    ...(shipments === undefined
      ? {}
      : { shipments: shipments.map((change) => unpackShipment(change, orderId)) }),
  };
};

/** A record by name, as all were stored at first: of it only an order that is placed is packed. */
const unpackNamed = (record: LogRecord): LogRecord => {
  if (record.kind !== "order") return record;
  const [first, ...events] = record.events;
  if (first?.type !== "order.placed" || !Array.isArray(first.order)) return record;
  return { ...record, events: [{ ...first, order: unpackOrder(first.order) }, ...events] };
};

/** The record that was packed. */
export const unpackRecord = (stored: Json): LogRecord =>
  Array.isArray(stored) ? unpackOrderRecord(stored) : unpackNamed(stored as unknown as LogRecord);
