/**
 * An order's log record as it is stored: two lines of JSON. The first one has all that most readers ask for,
 * by position and not by name. The second one has the events, without members that follow from the rest, and
 * is parsed only when a reader asks for them. An order writes half of its bytes to the log, and every process
 * reads the records of all the others.
 */
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import { at, type Json, json, numberOf, type Packed, trimmed } from "../kernel/packed.ts";
import type { StockDelta } from "../stock/stock.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import type { StoredRecord } from "../subject/record.ts";
import { packDates, unpackDates } from "./goods-dates.ts";
import { fulfillmentOrderIdOf, paymentIdOf, shipmentIdOf } from "./ids.ts";
import { packInvoiced, unpackInvoiced } from "./invoice-codec.ts";
import { indexOfMethod, methodOf, packOrder, unpackOrder } from "./order-codec.ts";
import type { FulfillmentLine, FulfillmentOrder, OrderEvent } from "./order.ts";
import type { PaymentChange } from "./payment-attention.ts";
import {
  type FulfillmentChange,
  type OrderRecord,
  orderRecordKind,
  type ShipmentChange,
} from "./record.ts";
import { packReturnChange, type ReturnChange, unpackReturnChange } from "./return-record.ts";
import type { NumberChanges } from "./tracked.ts";

/** The number of the first line's layout below; another layout gets another number. */
const layout = 2;
/** The layout before it: one line with the events in it. */
const layoutOfOneLine = 1;
export const orderLayouts = [layout, layoutOfOneLine] as const;

/** Numbers that stand for the names of events that are packed. */
const placed = 0;
const allocated = 1;
const invoiced = 2;

/** The part of a record's events that many ask for: known without reading them. */
export interface EventDigest {
  readonly types: readonly OrderEvent["type"][];
  /** Units of the order, where it was placed. */
  readonly unitsPlaced: number;
}

const digestOfEvents = (events: readonly OrderEvent[]): EventDigest => {
  let unitsPlaced = 0;
  for (const event of events) {
    if (event.type !== "order.placed") continue;
    for (const { quantity } of event.order.lines) unitsPlaced += quantity;
  }
  return { types: events.map(({ type }) => type), unitsPlaced };
};

const packType = (type: OrderEvent["type"]): Json =>
  type === "order.placed"
    ? placed
    : type === "order.allocated"
    ? allocated
    : type === "order.invoiced"
    ? invoiced
    : type;

const unpackType = (packed: Json): OrderEvent["type"] =>
  packed === placed
    ? "order.placed"
    : packed === allocated
    ? "order.allocated"
    : packed === invoiced
    ? "order.invoiced"
    : packed as OrderEvent["type"];

const isFresh = (line: FulfillmentLine): boolean => line.picked === 0 && line.shipped === 0;

/** Whether a fulfillment order is as allocation makes it: then the rest of it follows from the record. */
const isNew = (each: FulfillmentOrder, { orderId, at: now }: OrderRecord): boolean =>
  each.status === "open" && each.packages.length === 0 && each.reason === undefined &&
  each.createdAt === now && each.updatedAt === now && each.lines.every(isFresh) &&
  each.id === fulfillmentOrderIdOf(orderId, numberOf(each.id));

const packNew = (each: FulfillmentOrder): Packed => [
  numberOf(each.id),
  each.locationId,
  indexOfMethod(each.method),
  each.lines.map(({ lineId, sku, quantity }) => [lineId, sku, quantity]),
  ...(each.shipBy === undefined ? noDates : [packDates(epochMsOf(each.createdAt), each)]),
];

const noDates: readonly Json[] = [];

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
  ...(packed.length > 4
    ? unpackDates(at(packed, 4), (since) => instantOf(epochMsOf(now) + (since ?? 0)))
    : undefined),
  createdAt: now,
  updatedAt: now,
});

const packEvent = (event: OrderEvent, record: OrderRecord): Json => {
  if (event.type === "order.placed") return [placed, packOrder(event.order)];
  if (event.type === "order.invoiced") return [invoiced, packInvoiced(event)];
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
  if (packed[0] === invoiced) return unpackInvoiced(at(packed, 1), orderId);
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
  claimed: undefined,
  buckets: undefined,
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

const packPaymentChange = (change: PaymentChange): Packed => [
  numberOf(change.id),
  change.from,
  change.to,
  change.neededAttention ? 1 : 0,
  change.needsAttention ? 1 : 0,
];

const unpackPaymentChange = (packed: Packed, orderId: string): PaymentChange => ({
  id: paymentIdOf(orderId, at(packed, 0)),
  from: at(packed, 1),
  to: at(packed, 2),
  neededAttention: at(packed, 3) === 1,
  needsAttention: at(packed, 4) === 1,
});

/** Members that the record of an order that is placed lacks. */
const packTail = (record: OrderRecord): Packed => {
  const { shipments, externalId, payments, returns, numbers, others } = record;
  const packed = shipments?.map(packShipment);
  if (
    payments !== undefined || returns !== undefined || numbers !== undefined || others !== undefined
  ) {
    return trimmed([
      packed ?? [],
      externalId ?? null,
      payments?.map(packPaymentChange) ?? [],
      returns?.map(packReturnChange) ?? null,
      numbers === undefined ? null : [numbers.added, numbers.removed],
      json(others),
    ]);
  }
  if (externalId !== undefined) return [packed ?? [], externalId];
  return packed === undefined ? [] : [packed];
};

const packFirstLine = (record: OrderRecord, { types, unitsPlaced }: EventDigest): Packed => [
  layout,
  record.orderId,
  record.channel,
  record.customerId ?? null,
  record.from,
  record.to,
  record.version,
  epochMsOf(record.at),
  record.by,
  types.map(packType),
  unitsPlaced,
  record.stock.map(packDelta),
  record.fulfillment.map(packChange),
  ...packTail(record),
];

export const packOrderRecord = (record: OrderRecord): StoredRecord => ({
  first: JSON.stringify(packFirstLine(record, digestOfEvents(record.events))),
  second: JSON.stringify(record.events.map((event) => packEvent(event, record))),
});

/** An order's record whose events are read when somebody asks for them. */
class UnreadOrderRecord implements OrderRecord {
  readonly kind = orderRecordKind;
  readonly orderId: string;
  readonly channel: string;
  declare readonly externalId?: string;
  declare readonly customerId?: string;
  readonly from: OrderRecord["from"];
  readonly to: OrderRecord["to"];
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  readonly stock: readonly StockDelta[];
  readonly fulfillment: readonly FulfillmentChange[];
  declare readonly shipments?: readonly ShipmentChange[];
  declare readonly returns?: readonly ReturnChange[];
  declare readonly payments?: readonly PaymentChange[];
  declare readonly numbers?: NumberChanges;
  declare readonly others?: readonly BalanceDeltas[];
  readonly digest: EventDigest;
  #eventsLine: string;
  #events: readonly OrderEvent[] | undefined;

  constructor(packed: Packed, eventsLine: string) {
    const orderId = at<string>(packed, 1);
    const customerId = at<string | null>(packed, 3);
    const shipments = at<readonly Packed[] | undefined>(packed, 13) ?? [];
    this.orderId = orderId;
    this.channel = at(packed, 2);
    if (customerId !== null) this.customerId = customerId;
    this.from = at(packed, 4);
    this.to = at(packed, 5);
    this.version = at(packed, 6);
    this.at = instantOf(at(packed, 7));
    this.by = at(packed, 8);
    this.digest = {
      types: at<readonly Json[]>(packed, 9).map(unpackType),
      unitsPlaced: at(packed, 10),
    };
    this.stock = at<readonly Packed[]>(packed, 11).map(unpackDelta);
    this.fulfillment = at<readonly Packed[]>(packed, 12).map((each) => unpackChange(each, orderId));
    const externalId = at<string | null | undefined>(packed, 14) ?? undefined;
    if (externalId !== undefined) this.externalId = externalId;
    const payments = at<readonly Packed[] | undefined>(packed, 15) ?? [];
    if (payments.length > 0) {
      this.payments = payments.map((each) => unpackPaymentChange(each, orderId));
    }
    const returns = at<readonly Packed[] | null | undefined>(packed, 16) ?? undefined;
    if (returns !== undefined) {
      this.returns = returns.map((each) => unpackReturnChange(each, orderId));
    }
    const numbers = at<readonly (readonly string[])[] | null | undefined>(packed, 17) ?? undefined;
    if (numbers !== undefined) {
      this.numbers = { added: numbers[0] ?? [], removed: numbers[1] ?? [] };
    }
    const others = at<readonly BalanceDeltas[] | null | undefined>(packed, 18) ?? undefined;
    if (others !== undefined) this.others = others;
    if (shipments.length > 0) {
      this.shipments = shipments.map((each) => unpackShipment(each, orderId));
    }
    this.#eventsLine = eventsLine;
  }

  get events(): readonly OrderEvent[] {
    if (this.#events === undefined) {
      const packed: readonly Json[] = JSON.parse(this.#eventsLine);
      this.#events = packed.map((event) => unpackEvent(event, this.orderId, this.at));
      this.#eventsLine = "";
    }
    return this.#events;
  }
}

/** The digest of a record. A record from the store has it without reading the events. */
export const digestOf = (record: OrderRecord): EventDigest =>
  record instanceof UnreadOrderRecord ? record.digest : digestOfEvents(record.events);

/** A record by name, as all were stored at first: an order that is placed may be packed in it. */
const unpackNamed = (record: OrderRecord): OrderRecord => {
  const [first, ...events] = record.events;
  if (first?.type !== "order.placed") return record;
  const order = unpackOrder(first.order as unknown as Json);
  return { ...record, events: [{ ...first, order }, ...events] };
};

/** The record with its events read: equal to the one that was written. */
export const wholeOrderRecord = (record: OrderRecord): OrderRecord =>
  !(record instanceof UnreadOrderRecord) ? record : {
    kind: orderRecordKind,
    orderId: record.orderId,
    channel: record.channel,
    ...(record.externalId === undefined ? {} : { externalId: record.externalId }),
    ...(record.customerId === undefined ? {} : { customerId: record.customerId }),
    from: record.from,
    to: record.to,
    version: record.version,
    at: record.at,
    by: record.by,
    events: record.events,
    stock: record.stock,
    fulfillment: record.fulfillment,
    ...(record.shipments === undefined ? {} : { shipments: record.shipments }),
    ...(record.returns === undefined ? {} : { returns: record.returns }),
    ...(record.payments === undefined ? {} : { payments: record.payments }),
    ...(record.others === undefined ? {} : { others: record.others }),
    ...(record.numbers === undefined ? {} : { numbers: record.numbers }),
  };

const unpackOneLine = (packed: Packed): OrderRecord => {
  const firstLine = [...packed.slice(0, 9), [], 0, ...packed.slice(10)];
  return wholeOrderRecord(new UnreadOrderRecord(firstLine, JSON.stringify(packed[9])));
};

/** A record of any layout; the events of today's are read when somebody asks for them. */
export const unpackOrderRecord = (first: Json, second: string): OrderRecord =>
  !Array.isArray(first)
    ? unpackNamed(first as unknown as OrderRecord)
    : first[0] === layoutOfOneLine
    ? unpackOneLine(first)
    : new UnreadOrderRecord(first, second);
