/**
 * An order's document as it is stored: by position instead of by name, without members that follow from the
 * rest. That more than halves it: SQLite keeps a row of up to about 1,000 bytes in its page and gives a
 * longer one a page of its own, so most orders must stay below that.
 */
import { fulfillmentOrderIdOf, shipmentIdOf } from "./ids.ts";
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import type {
  Contact,
  FulfillmentMethod,
  FulfillmentOrder,
  Hold,
  Order,
  OrderLine,
  Shipment,
  TrackingEvent,
} from "./order.ts";
import { fulfillmentMethods, holdBlocks } from "./order.ts";
import { noHolds } from "./hold-codes.ts";
import { at, given, type Json, json, numberOf, type Packed, trimmed } from "../kernel/packed.ts";
import type { DocumentCodec } from "../subject/aggregate.ts";
import type { OrderDocument } from "./document.ts";

/** The number of the layout below; another layout gets another number. */
const layout = 1;

export const indexOfMethod = (method: FulfillmentMethod): number =>
  fulfillmentMethods.indexOf(method);

export const methodOf = (index: number): FulfillmentMethod => fulfillmentMethods[index] ?? "ship";

/** Milliseconds since the order was made: short numbers. */
const since = (origin: number, instant: Instant): number => epochMsOf(instant) - origin;

const packLine = (line: OrderLine): Packed =>
  trimmed([
    line.id,
    line.sku,
    line.quantity,
    line.unitPrice,
    indexOfMethod(line.method),
    line.mayBackorder ? 1 : 0,
    line.discount,
    line.tax,
    line.backordered,
    line.cancelled,
    line.short,
    json(line.locationId),
  ]);

const packFulfillmentOrder = (origin: number) => (each: FulfillmentOrder): Packed =>
  trimmed([
    numberOf(each.id),
    each.status,
    each.locationId,
    indexOfMethod(each.method),
    each.lines.map(({ lineId, quantity, picked, shipped }) =>
      trimmed([lineId, quantity, picked, shipped])
    ),
    since(origin, each.createdAt),
    since(origin, each.updatedAt),
    json(each.reason),
    each.packages.length === 0 ? null : json(each.packages),
  ]);

const packTracking = (origin: number) => (event: TrackingEvent): Packed =>
  trimmed([
    event.status,
    since(origin, event.occurredAt),
    since(origin, event.recordedAt),
    json(event.description),
  ]);

const packShipment = (origin: number) => (shipment: Shipment): Packed =>
  trimmed([
    numberOf(shipment.id),
    numberOf(shipment.fulfillmentOrderId),
    shipment.locationId,
    shipment.status,
    shipment.carrier,
    shipment.lines.map(({ lineId, quantity }) => [lineId, quantity]),
    since(origin, shipment.shippedAt),
    json(shipment.trackingNumber),
    shipment.deliveredAt === undefined ? null : since(origin, shipment.deliveredAt),
    shipment.tracking.map(packTracking(origin)),
  ]);

const packHold = (origin: number) => ({ code, reason, at, by, blocks }: Hold): Packed =>
  trimmed([code, reason, since(origin, at), by, holdBlocks.indexOf(blocks)]);

/** One hold that blocks all is stored by name, as when an order had one hold and no other kind. */
const packHolds = (origin: number, holds: readonly Hold[]): Json => {
  const [first] = holds;
  if (first === undefined) return null;
  if (holds.length > 1 || first.blocks !== "all") return holds.map(packHold(origin));
  const { code, reason, at, by } = first;
  return { code, reason, at, by };
};

/** An order without its personal data, as the log has it too. */
export const packOrder = (order: Order): Packed => {
  const origin = epochMsOf(order.createdAt);
  const { totals } = order;
  return trimmed([
    layout,
    order.id,
    order.channel,
    order.externalId,
    order.fingerprint,
    order.currency,
    order.onShortage,
    order.status,
    order.version,
    origin,
    since(origin, order.placedAt),
    since(origin, order.updatedAt),
    [totals.subtotal, totals.discount, totals.tax, totals.shipping, totals.total],
    order.lines.map(packLine),
    order.fulfillmentOrders.map(packFulfillmentOrder(origin)),
    json(order.customerId),
    json(order.destination),
    order.shipments.length === 0 ? null : order.shipments.map(packShipment(origin)),
    order.allocating ? 1 : 0,
    order.closed ? 1 : 0,
    json(order.shippingService),
    Object.keys(order.metadata).length === 0 ? null : order.metadata,
    packHolds(origin, order.holds),
    json(order.cancelling),
    json(order.cancelReason),
  ]);
};

/** By position: the order, its contact, and its history. */
const packDocument = ({ state, personal, history }: OrderDocument): Json => [
  packOrder(state),
  json(personal),
  history,
];

const lineOf = (packed: Packed): OrderLine => ({
  id: at(packed, 0),
  sku: at(packed, 1),
  quantity: at(packed, 2),
  unitPrice: at<number | undefined>(packed, 3) ?? 0,
  discount: at<number | undefined>(packed, 6) ?? 0,
  tax: at<number | undefined>(packed, 7) ?? 0,
  method: methodOf(at<number | undefined>(packed, 4) ?? 0),
  ...given("locationId", at<string | undefined>(packed, 11)),
  mayBackorder: at(packed, 5) === 1,
  backordered: at<number | undefined>(packed, 8) ?? 0,
  cancelled: at<number | undefined>(packed, 9) ?? 0,
  short: at<number | undefined>(packed, 10) ?? 0,
});

/** A hold as it is stored by name: it blocks all. */
type NamedHold = Omit<Hold, "blocks">;

const namedHolds = (hold: NamedHold | null | undefined): readonly Hold[] =>
  hold === null || hold === undefined ? noHolds : [{ ...hold, blocks: "all" }];

const isPacked = (stored: unknown): stored is readonly Packed[] => Array.isArray(stored);

const holdsOf = (
  stored: readonly Packed[] | NamedHold | null | undefined,
  origin: number,
): readonly Hold[] => {
  if (!isPacked(stored)) return namedHolds(stored);
  return stored.map((hold) => ({
    code: at(hold, 0),
    reason: at(hold, 1),
    at: instantOf(origin + (at<number | undefined>(hold, 2) ?? 0)),
    by: at(hold, 3),
    blocks: holdBlocks[at<number | undefined>(hold, 4) ?? 0] ?? "all",
  }));
};

const orderByPosition = (packed: Packed): Order => {
  const id = at<string>(packed, 1);
  const origin = at<number>(packed, 9);
  const instant = (value: number | undefined): Instant => instantOf(origin + (value ?? 0));
  const lines = at<readonly Packed[]>(packed, 13).map(lineOf);
  const skus = new Map(lines.map((line) => [line.id, line.sku]));
  const skuOf = (lineId: string): string => skus.get(lineId) ?? "";
  const [subtotal = 0, discount = 0, tax = 0, shipping = 0, total = 0] = at<readonly number[]>(
    packed,
    12,
  );

  const fulfillmentOrderOf = (each: Packed): FulfillmentOrder => ({
    id: fulfillmentOrderIdOf(id, at(each, 0)),
    status: at(each, 1),
    locationId: at<string | undefined>(each, 2) ?? null,
    method: methodOf(at<number | undefined>(each, 3) ?? 0),
    lines: at<readonly Packed[]>(each, 4).map((line) => ({
      lineId: at(line, 0),
      sku: skuOf(at(line, 0)),
      quantity: at<number | undefined>(line, 1) ?? 0,
      picked: at<number | undefined>(line, 2) ?? 0,
      shipped: at<number | undefined>(line, 3) ?? 0,
    })),
    packages: at<FulfillmentOrder["packages"] | undefined>(each, 8) ?? [],
    ...given("reason", at<string | undefined>(each, 7)),
    createdAt: instant(at(each, 5)),
    updatedAt: instant(at(each, 6)),
  });

  const trackingOf = (event: Packed): TrackingEvent => ({
    status: at(event, 0),
    occurredAt: instant(at(event, 1)),
    ...given("description", at<string | undefined>(event, 3)),
    recordedAt: instant(at(event, 2)),
  });

  const shipmentOf = (each: Packed): Shipment => {
    const deliveredAt = at<number | null | undefined>(each, 8);
    return {
      id: shipmentIdOf(id, at(each, 0)),
      fulfillmentOrderId: fulfillmentOrderIdOf(id, at(each, 1)),
      locationId: at(each, 2),
      status: at(each, 3),
      carrier: at(each, 4),
      ...given("trackingNumber", at<string | undefined>(each, 7)),
      lines: at<readonly Packed[]>(each, 5).map((line) => ({
        lineId: at(line, 0),
        sku: skuOf(at(line, 0)),
        quantity: at(line, 1),
      })),
      tracking: (at<readonly Packed[] | undefined>(each, 9) ?? []).map(trackingOf),
      shippedAt: instant(at(each, 6)),
      ...given("deliveredAt", typeof deliveredAt === "number" ? instant(deliveredAt) : null),
    };
  };

  return {
    id,
    channel: at(packed, 2),
    externalId: at(packed, 3),
    fingerprint: at(packed, 4),
    currency: at(packed, 5),
    ...given("customerId", at<string | undefined>(packed, 15)),
    ...given("destination", at<Order["destination"]>(packed, 16)),
    onShortage: at(packed, 6),
    ...given("shippingService", at<string | undefined>(packed, 20)),
    metadata: at<Order["metadata"] | undefined>(packed, 21) ?? {},
    status: at(packed, 7),
    holds: holdsOf(at(packed, 22), origin),
    allocating: at(packed, 18) === 1,
    ...given("cancelling", at<string | undefined>(packed, 23)),
    closed: at(packed, 19) === 1,
    lines,
    totals: { subtotal, discount, tax, shipping, total },
    fulfillmentOrders: at<readonly Packed[]>(packed, 14).map(fulfillmentOrderOf),
    shipments: (at<readonly Packed[] | null | undefined>(packed, 17) ?? []).map(shipmentOf),
    ...given("cancelReason", at<string | undefined>(packed, 24)),
    placedAt: instant(at(packed, 10)),
    createdAt: instantOf(origin),
    updatedAt: instant(at(packed, 11)),
    version: at(packed, 8),
  };
};

/** An order as the first versions stored it: by name, with one hold. */
type NamedOrder = Omit<Order, "holds"> & { readonly hold?: NamedHold };

const orderByName = ({ hold, ...order }: NamedOrder): Order => ({
  ...order,
  holds: namedHolds(hold),
});

const isByPosition = (stored: Json): stored is Packed => Array.isArray(stored);

/** An order of any layout. */
export const unpackOrder = (stored: Json): Order =>
  isByPosition(stored) ? orderByPosition(stored) : orderByName(stored as unknown as NamedOrder);

/** A document as the first versions stored it. */
interface NamedDocument {
  readonly order: Json;
  readonly contact: Contact;
  readonly history: readonly string[];
}

const unpackDocument = (stored: Packed): OrderDocument => {
  const [order, personal, history] = stored as unknown as [
    Packed,
    OrderDocument["personal"],
    OrderDocument["history"],
  ];
  return { state: orderByPosition(order), personal, history };
};

export const orderCodec: DocumentCodec<Order, Contact> = {
  pack: (document) => JSON.stringify(packDocument(document)),
  unpack: (stored) => {
    const document: Json = JSON.parse(stored);
    if (isByPosition(document)) return unpackDocument(document);
    const { order, contact, history } = document as unknown as NamedDocument;
    return { state: unpackOrder(order), personal: contact, history };
  },
};
