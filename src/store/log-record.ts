/**
 * A log record as it is stored: two lines of JSON. An order's first line says what most readers of the log
 * want to know, by position instead of by name; its second one holds its events, without what follows from
 * the rest, and is read only when somebody asks for them. Every order is in the log once more than in its
 * document, so this is half of what it writes; and every process reads what all the others write.
 */
import { fulfillmentOrderIdOf, shipmentIdOf } from "../order/ids.ts";
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import type { StockDelta } from "../stock/stock.ts";
import type { FulfillmentLine, FulfillmentOrder, OrderEvent } from "../order/order.ts";
import type { FulfillmentChange, LogRecord, OrderRecord, ShipmentChange } from "./log.ts";
import { at, type Json, numberOf, type Packed, trimmed } from "../kernel/packed.ts";
import { indexOfMethod, methodOf, packOrder, unpackOrder } from "../order/order-codec.ts";

/** Of the first line below; another one gets another number. */
const layout = 2;
/** The layout before it: one line with the events in it. */
const layoutOfOneLine = 1;

/** What an event is stored as instead of its name, where it is not stored as it is. */
const placed = 0;
const allocated = 1;

/** What many want to know of a record's events without reading them. */
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
  type === "order.placed" ? placed : type === "order.allocated" ? allocated : type;

const unpackType = (packed: Json): OrderEvent["type"] =>
  packed === placed
    ? "order.placed"
    : packed === allocated
    ? "order.allocated"
    : packed as OrderEvent["type"];

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

/** JSON has no line ends of its own. */
const lineEnd = "\n";

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
  ...(record.shipments === undefined ? [] : [record.shipments.map(packShipment)]),
];

/** A log record as it is stored. */
export const packRecord = (record: LogRecord): string =>
  record.kind !== "order"
    ? JSON.stringify(record) + lineEnd
    : JSON.stringify(packFirstLine(record, digestOfEvents(record.events))) + lineEnd +
      JSON.stringify(record.events.map((event) => packEvent(event, record)));

/** Several of them. */
export const joinRecords = (packed: readonly string[]): string => packed.join(lineEnd);

/** An order's record whose events are read when somebody asks for them. */
class UnreadOrderRecord implements OrderRecord {
  readonly kind = "order";
  readonly orderId: string;
  readonly channel: string;
  declare readonly customerId?: string;
  readonly from: OrderRecord["from"];
  readonly to: OrderRecord["to"];
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  readonly stock: readonly StockDelta[];
  readonly fulfillment: readonly FulfillmentChange[];
  declare readonly shipments?: readonly ShipmentChange[];
  readonly digest: EventDigest;
  #eventsLine: string;
  #events: readonly OrderEvent[] | undefined;

  constructor(packed: Packed, eventsLine: string) {
    const orderId = at<string>(packed, 1);
    const customerId = at<string | null>(packed, 3);
    const shipments = at<readonly Packed[] | undefined>(packed, 13);
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
    if (shipments !== undefined) {
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

/** What a record's events are about: known without reading them where the record comes from the store. */
export const digestOf = (record: OrderRecord): EventDigest =>
  record instanceof UnreadOrderRecord ? record.digest : digestOfEvents(record.events);

/** A record by name, as all were stored at first: an order that is placed may be packed in it. */
const unpackNamed = (record: LogRecord): LogRecord => {
  if (record.kind !== "order") return record;
  const [first, ...events] = record.events;
  if (first?.type !== "order.placed") return record;
  const order = unpackOrder(first.order as unknown as Json);
  return { ...record, events: [{ ...first, order }, ...events] };
};

const unknownLayout = (found: Json | undefined): never => {
  throw new TypeError(`A log record has the layout ${found}, which this version does not know.`);
};

const readWhole = (record: UnreadOrderRecord): OrderRecord => ({
  kind: "order",
  orderId: record.orderId,
  channel: record.channel,
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
});

const unpackOneLine = (packed: Packed): OrderRecord => {
  const firstLine = [...packed.slice(0, 9), [], 0, ...packed.slice(10)];
  return readWhole(new UnreadOrderRecord(firstLine, JSON.stringify(packed[9])));
};

/** A record of an earlier layout: all of it is one piece of JSON. */
export const unpackEarlier = (stored: Json): LogRecord =>
  !Array.isArray(stored)
    ? unpackNamed(stored as unknown as LogRecord)
    : stored[0] === layoutOfOneLine
    ? unpackOneLine(stored)
    : unknownLayout(stored[0]);

const unpackUnread = (firstLine: string, eventsLine: string): LogRecord => {
  const stored: Json = JSON.parse(firstLine);
  if (!Array.isArray(stored)) return stored as unknown as LogRecord;
  return stored[0] === layout
    ? new UnreadOrderRecord(stored, eventsLine)
    : unknownLayout(stored[0]);
};

/** The records of joined texts; events of orders are read when somebody asks for them. */
export const unpackRecords = (text: string): readonly LogRecord[] => {
  if (text === "") return [];
  const lines = text.split(lineEnd);
  if (lines.length % 2 !== 0) throw new TypeError("A log record has lost a line.");
  const records: LogRecord[] = [];
  for (let line = 0; line < lines.length; line += 2) {
    records.push(unpackUnread(lines[line] ?? "", lines[line + 1] ?? ""));
  }
  return records;
};

/** The same record with its events read: it has nothing that a new one would not have. */
export const whole = (record: LogRecord): LogRecord =>
  record instanceof UnreadOrderRecord ? readWhole(record) : record;
