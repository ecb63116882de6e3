/**
 * An order's document as it is stored: by position instead of by name, without members that follow from the
 * rest. That more than halves it: SQLite keeps a row of up to about 1,000 bytes in its page and gives a
 * longer one a page of its own, so most orders must stay below that.
 */
import { fulfillmentOrderIdOf, shipmentIdOf } from "./ids.ts";
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import { taxRoundings } from "../money/tax.ts";
import type {
  Charges,
  Contact,
  FulfillmentMethod,
  FulfillmentOrder,
  Hold,
  Order,
  OrderLine,
  Shipment,
  ShipmentNote,
  TrackingEvent,
} from "./order.ts";
import { fulfillmentMethods, holdBlocks } from "./order.ts";
import { packEdits, unpackEdits } from "./edit-codec.ts";
import { skuOf as partSkuOf } from "./kits.ts";
import { packDates, unpackDates } from "./goods-dates.ts";
import { packInvoices, withStoredInvoices } from "./invoice-codec.ts";
import { noHolds } from "./hold-codes.ts";
import { lotUnitsAt, packLots, pickedLotsAt } from "./lot-codec.ts";
import { packReturns, unpackReturns } from "./return-codec.ts";
import {
  at,
  boxed,
  given,
  type Json,
  json,
  numberOf,
  type Packed,
  trimmed,
  unboxed,
} from "../kernel/packed.ts";
import type { DocumentCodec } from "../subject/aggregate.ts";
import type { OrderDocument } from "./document.ts";
import { boxedTime, packSettlement, timeAt, unpackSettlement } from "./settlement-codec.ts";

/** The number of the layout below; another layout gets another number. */
const layout = 1;

export const indexOfMethod = (method: FulfillmentMethod): number =>
  fulfillmentMethods.indexOf(method);

export const methodOf = (index: number): FulfillmentMethod => fulfillmentMethods[index] ?? "ship";

/** Milliseconds since the order was made: short numbers. */
const since = (origin: number, instant: Instant): number => epochMsOf(instant) - origin;

/** Members that few lines have. */
const packRare = (line: OrderLine): Json[] => {
  const { externalId, taxRate, orderDiscount, basedOn, promises, components, neededAt } = line;
  if (
    externalId === undefined && taxRate === undefined && orderDiscount === undefined &&
    basedOn === undefined && promises === undefined && components === undefined &&
    neededAt === undefined
  ) return noRare;
  return [
    ...[json(externalId), boxed(taxRate), json(orderDiscount), json(basedOn)],
    json(promises),
    components === undefined ? null : packKit(line, components),
    json(neededAt),
  ];
};

/** How a kit ships, and then its components. */
const packKit = (
  { shipsSeparately, waitingParts }: OrderLine,
  components: NonNullable<OrderLine["components"]>,
): Packed => [
  shipsSeparately === true ? 1 : 0,
  ...components.map(({ sku, quantity }, n) => trimmed([sku, quantity, waitingParts?.[n] ?? 0])),
];

const noRare: Json[] = [];

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
    ...packRare(line),
  ]);

const packFulfillmentOrder = (origin: number) => (each: FulfillmentOrder): Packed =>
  trimmed([
    numberOf(each.id),
    each.status,
    each.locationId,
    indexOfMethod(each.method),
    each.lines.map(({ lineId, quantity, picked, shipped, lots }) =>
      trimmed([lineId, quantity, picked, shipped, packLots(lots)])
    ),
    since(origin, each.createdAt),
    since(origin, each.updatedAt),
    json(each.reason),
    each.packages.length === 0 ? null : json(each.packages),
    packDates(origin, each),
  ]);

const packTracking = (origin: number) => (event: TrackingEvent): Packed =>
  trimmed([
    event.status,
    since(origin, event.occurredAt),
    since(origin, event.recordedAt),
    json(event.description),
  ]);

const packNote = (origin: number) => ({ text, at, by }: ShipmentNote): Packed => [
  text,
  since(origin, at),
  by,
];

const packShipment = (origin: number) => (shipment: Shipment): Packed =>
  trimmed([
    numberOf(shipment.id),
    numberOf(shipment.fulfillmentOrderId),
    shipment.locationId,
    shipment.status,
    shipment.carrier,
    shipment.lines.map(({ lineId, quantity, lots }) =>
      lots === undefined ? [lineId, quantity] : [lineId, quantity, packLots(lots)]
    ),
    since(origin, shipment.shippedAt),
    json(shipment.trackingNumber),
    shipment.deliveredAt === undefined ? null : since(origin, shipment.deliveredAt),
    shipment.tracking.map(packTracking(origin)),
    json(shipment.moreTrackingNumbers),
    shipment.notes === undefined ? null : shipment.notes.map(packNote(origin)),
    json(shipment.replacedReason),
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

const packCharges = (charges: Charges): Packed =>
  trimmed([
    charges.taxesIncluded ? 1 : 0,
    taxRoundings.indexOf(charges.taxRounding),
    charges.discounts.map(({ code, amount }) => trimmed([amount, json(code)])),
    charges.shippingDiscount,
    charges.shippingTax,
    boxed(charges.shippingTaxRate),
    charges.fees.map(({ code, amount, tax }) => trimmed([code, amount, tax])),
    boxed(charges.channelTotal),
  ]);

const chargesOf = (packed: Packed | null | undefined): Charges | undefined =>
  packed === null || packed === undefined ? undefined : {
    taxesIncluded: at(packed, 0) === 1,
    taxRounding: taxRoundings[at<number>(packed, 1)] ?? "line",
    discounts: at<readonly Packed[]>(packed, 2).map((each) => ({
      ...given("code", at<string | undefined>(each, 1)),
      amount: at<number>(each, 0),
    })),
    shippingDiscount: at<number | undefined>(packed, 3) ?? 0,
    shippingTax: at<number | undefined>(packed, 4) ?? 0,
    ...given("shippingTaxRate", unboxed(at(packed, 5))),
    fees: (at<readonly Packed[] | undefined>(packed, 6) ?? []).map((each) => ({
      code: at<string>(each, 0),
      amount: at<number | undefined>(each, 1) ?? 0,
      tax: at<number | undefined>(each, 2) ?? 0,
    })),
    ...given("channelTotal", unboxed(at(packed, 7))),
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
    order.charges === undefined ? null : packCharges(order.charges),
    order.settlement === undefined ? null : packSettlement(order.settlement, origin),
    packReturns(origin, order.returns),
    packEdits(origin, order.edits),
    boxedTime(origin, order.deliveredAt),
    order.reservation === undefined ? null : [order.reservation.id, order.reservation.used ? 1 : 0],
    order.shipComplete === true ? 1 : 0,
    order.priority ?? 0,
  ]);
};

/** By position: the order, its contact, its history, and its invoices where it has any. */
const packDocument = ({ state, personal, history }: OrderDocument): Json => [
  packOrder(state),
  json(personal),
  history,
  // Not in `packOrder`, which the log has as well: an order that is placed has none, and a document that has
  // them would pay there for all rare members before them.
  ...(state.invoices === undefined ? [] : [packInvoices(state)]),
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
  ...(packed.length > 12 ? rareOf(packed) : undefined),
});

type KitLine = Pick<OrderLine, "components" | "shipsSeparately" | "waitingParts">;
type RareLine =
  & Pick<
    OrderLine,
    "externalId" | "taxRate" | "orderDiscount" | "basedOn" | "promises" | "neededAt"
  >
  & KitLine;

const kitOf = (packed: Packed | null | undefined): KitLine | undefined => {
  if (packed === null || packed === undefined) return undefined;
  const [ship, ...components] = packed;
  const waitingParts = components.map((each) => at<number | undefined>(each as Packed, 2) ?? 0);
  return {
    components: components.map((each) => ({
      sku: at<string>(each as Packed, 0),
      quantity: at<number>(each as Packed, 1),
    })),
    ...(ship === 1 ? { shipsSeparately: true } : {}),
    ...(waitingParts.some((units) => units > 0) ? { waitingParts } : {}),
  };
};

const rareOf = (packed: Packed): RareLine => ({
  ...given("externalId", at<string | null | undefined>(packed, 12)),
  ...given("taxRate", unboxed(at(packed, 13))),
  ...given("orderDiscount", at<number | null | undefined>(packed, 14)),
  ...given("basedOn", at<string | null | undefined>(packed, 15)),
  ...given("promises", at<OrderLine["promises"] | null>(packed, 16)),
  ...kitOf(at<Packed | null | undefined>(packed, 17)),
  ...given("neededAt", at<string | null | undefined>(packed, 18)),
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
  const skuOf = (lineId: string): string => skus.get(lineId) ?? partSkuOf({ lines }, lineId);
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
      ...(line.length > 4 ? given("lots", pickedLotsAt(line, 4)) : undefined),
    })),
    packages: at<FulfillmentOrder["packages"] | null | undefined>(each, 8) ?? [],
    ...given("reason", at<string | undefined>(each, 7)),
    ...(each.length > 9 ? unpackDates(at(each, 9), instant) : undefined),
    createdAt: instant(at(each, 5)),
    updatedAt: instant(at(each, 6)),
  });

  const trackingOf = (event: Packed): TrackingEvent => ({
    status: at(event, 0),
    occurredAt: instant(at(event, 1)),
    ...given("description", at<string | undefined>(event, 3)),
    recordedAt: instant(at(event, 2)),
  });

  const noteOf = (note: Packed): ShipmentNote => ({
    text: at(note, 0),
    at: instant(at(note, 1)),
    by: at(note, 2),
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
      ...given("moreTrackingNumbers", at<readonly string[] | null | undefined>(each, 10)),
      lines: at<readonly Packed[]>(each, 5).map((line) => ({
        lineId: at(line, 0),
        sku: skuOf(at(line, 0)),
        quantity: at(line, 1),
        ...(line.length > 2 ? given("lots", lotUnitsAt(line, 2)) : undefined),
      })),
      tracking: (at<readonly Packed[] | undefined>(each, 9) ?? []).map(trackingOf),
      shippedAt: instant(at(each, 6)),
      ...given("deliveredAt", typeof deliveredAt === "number" ? instant(deliveredAt) : null),
      ...given("notes", at<readonly Packed[] | null | undefined>(each, 11)?.map(noteOf)),
      ...given("replacedReason", at<string | undefined>(each, 12)),
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
    ...(at(packed, 31) === 1 ? { shipComplete: true } : undefined),
    ...(packed.length > 32 ? given("priority", at<number>(packed, 32)) : undefined),
    metadata: at<Order["metadata"] | undefined>(packed, 21) ?? {},
    status: at(packed, 7),
    holds: holdsOf(at(packed, 22), origin),
    allocating: at(packed, 18) === 1,
    ...given("cancelling", at<string | undefined>(packed, 23)),
    closed: at(packed, 19) === 1,
    lines,
    totals: { subtotal, discount, tax, shipping, total },
    ...given("charges", chargesOf(at(packed, 25))),
    ...given("settlement", unpackSettlement(at(packed, 26), id, origin)),
    fulfillmentOrders: at<readonly Packed[]>(packed, 14).map(fulfillmentOrderOf),
    shipments: (at<readonly Packed[] | null | undefined>(packed, 17) ?? []).map(shipmentOf),
    ...given("returns", unpackReturns(at(packed, 27), id, origin, skuOf)),
    ...given("edits", unpackEdits(at(packed, 28), id, origin)),
    ...given("deliveredAt", timeAt(packed, 29, origin)),
    ...given("reservation", reservationIn(at(packed, 30))),
    ...given("cancelReason", at<string | undefined>(packed, 24)),
    placedAt: instant(at(packed, 10)),
    createdAt: instantOf(origin),
    updatedAt: instant(at(packed, 11)),
    version: at(packed, 8),
  };
};

const reservationIn = (packed: Packed | null | undefined): Order["reservation"] =>
  packed === null || packed === undefined
    ? undefined
    : { id: at(packed, 0), used: at(packed, 1) === 1 };

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
  const [order, personal, history, invoices] = stored as unknown as [
    Packed,
    OrderDocument["personal"],
    OrderDocument["history"],
    Packed?,
  ];
  return { state: withStoredInvoices(orderByPosition(order), invoices), personal, history };
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
