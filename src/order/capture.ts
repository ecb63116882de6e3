/** Makes an order of a channel's request, or says everything that is wrong with it. */
import { Result } from "effect";
import type { Item } from "../catalog/catalog.ts";
import type { Instant } from "../kernel/instant.ts";
import { epochMsOf, parseInstant } from "../kernel/instant.ts";
import { orderLimits } from "./limits.ts";
import { captureCharges, isPlain } from "./capture-charges.ts";
import { type CaptureError, CaptureErrors } from "./capture-errors.ts";
import { totalOf } from "./charges.ts";
import { destinationOf } from "./destination.ts";
import { noHolds } from "./hold-codes.ts";
import type { Charges, Contact, FulfillmentMethod, Order, OrderLine } from "./order.ts";
import { captureSettlement } from "./payment-request.ts";
import { tooManyComponents, withKit } from "./capture-kits.ts";
import type { PlaceOrderLine, PlaceOrderRequest } from "./request.ts";
import { statusOf } from "./status.ts";

export interface CaptureFacts {
  readonly id: string;
  readonly now: Instant;
  /** Hash of `fingerprintText`. */
  readonly fingerprint: string;
  /** By SKU; null or absent where nobody described the SKU. */
  readonly items: ReadonlyMap<string, Item | null>;
  readonly knownLocation: (locationId: string) => boolean;
}

export interface Captured {
  /** Version 0 with everything pending: its first commit makes it version 1. */
  readonly order: Order;
  readonly contact: Contact;
}

const dayMs = 86_400_000;

const methodOf = (line: PlaceOrderLine, item: Item | null | undefined): FulfillmentMethod =>
  item?.digital === true ? "digital" : line.fulfillment?.method ?? "ship";

const checkPlace = (
  line: PlaceOrderLine,
  method: FulfillmentMethod,
  facts: CaptureFacts,
  pointer: string,
  errors: CaptureErrors,
): void => {
  const locationId = line.fulfillment?.locationId;
  if (locationId === undefined) {
    if (method === "pickup") {
      errors.add(`${pointer}/fulfillment/locationId`, "Pickup needs the location to pick up at.");
    }
  } else if (!facts.knownLocation(locationId)) {
    errors.add(`${pointer}/fulfillment/locationId`, `There is no location ${locationId}.`);
  }
};

const captureNeeded = (
  sent: string,
  pointer: string,
  errors: CaptureErrors,
): Pick<OrderLine, "neededAt"> => {
  const neededAt = parseInstant(sent);
  if (neededAt !== null) return { neededAt };
  errors.add(`${pointer}/neededAt`, "This is not an RFC 3339 time.");
  return {};
};

const captureLine = (
  line: PlaceOrderLine,
  index: number,
  request: PlaceOrderRequest,
  facts: CaptureFacts,
  errors: CaptureErrors,
): OrderLine => {
  const pointer = `/lines/${index}`;
  const { sku, quantity } = line;
  const { currency } = request;
  const item = facts.items.get(sku);
  const method = methodOf(line, item);
  checkPlace(line, method, facts, pointer, errors);
  const unitPrice = errors.amount(line.unitPrice, currency, `${pointer}/unitPrice`);
  const discount = errors.amount(line.discount, currency, `${pointer}/discount`);
  const tax = errors.amount(line.tax, currency, `${pointer}/tax`);
  const before = errors.found.length;
  const goods = errors.sum(unitPrice * quantity, currency, `${pointer}/unitPrice/amount`);
  if (discount > goods && errors.found.length === before) {
    errors.add(`${pointer}/discount/amount`, "The discount is more than the line is worth.");
  }
  const locationId = method === "digital" ? undefined : line.fulfillment?.locationId;
  const captured: OrderLine = {
    id: String(index + 1),
    sku,
    quantity,
    unitPrice,
    discount,
    tax,
    method,
    ...(locationId === undefined ? {} : { locationId }),
    mayBackorder: request.onShortage === "backorder" && item?.backorder !== "never",
    backordered: 0,
    cancelled: 0,
    short: 0,
    ...(line.externalId === undefined ? {} : { externalId: line.externalId }),
    ...(line.neededAt === undefined ? {} : captureNeeded(line.neededAt, pointer, errors)),
  };
  return item?.kit === undefined ? captured : withKit(captured, item.kit);
};

const captureTotals = (
  lines: readonly OrderLine[],
  shipping: number,
  charges: Charges | undefined,
  currency: string,
  errors: CaptureErrors,
): Order["totals"] => {
  let subtotal = 0, discount = 0, tax = 0;
  for (const line of lines) {
    subtotal += line.unitPrice * line.quantity;
    discount += line.discount;
    tax += line.tax;
  }
  // Sums beyond this are rounded, and refused all the same: each is far over the bound.
  errors.sum(subtotal, currency, "/lines");
  errors.sum(tax, currency, "/lines");
  const total = totalOf({ subtotal, discount, tax, shipping }, charges);
  errors.sum(total, currency, "/lines");
  if (total < 0) errors.add("/fees", "The order is worth less than nothing.");
  return { subtotal, discount, tax, shipping, total };
};

const capturePlacedAt = (
  request: PlaceOrderRequest,
  now: Instant,
  errors: CaptureErrors,
): Instant => {
  if (request.placedAt === undefined) return now;
  const placedAt = parseInstant(request.placedAt);
  if (placedAt === null) {
    errors.add("/placedAt", "This is not an RFC 3339 time.");
    return now;
  }
  if (epochMsOf(placedAt) > epochMsOf(now) + dayMs) {
    errors.add("/placedAt", "The time is more than a day in the future.");
  }
  return placedAt;
};

const contactOf = (
  { customer, shippingAddress, billingAddress, note }: PlaceOrderRequest,
): Contact => ({
  customer: {
    name: customer.name,
    ...(customer.email === undefined ? {} : { email: customer.email }),
    ...(customer.phone === undefined ? {} : { phone: customer.phone }),
  },
  ...(shippingAddress === undefined ? {} : { shippingAddress }),
  ...(billingAddress === undefined ? {} : { billingAddress }),
  ...(note === undefined ? {} : { note }),
});

/** The order of a decoded request, or all that is wrong with the request. */
export const capture = (
  request: PlaceOrderRequest,
  facts: CaptureFacts,
): Result.Result<Captured, readonly CaptureError[]> => {
  const errors = new CaptureErrors();
  const { currency, shippingAddress } = request;
  if (request.lines.length === 0 || request.lines.length > orderLimits.lines) {
    const detail = `An order has 1 to ${orderLimits.lines} lines.`;
    return Result.fail([{ pointer: "/lines", detail }]);
  }
  const captured = request.lines.map((line, i) => captureLine(line, i, request, facts, errors));
  if (tooManyComponents(captured)) {
    const detail = `The kits of an order come to at most ${orderLimits.components} goods.`;
    return Result.fail([{ pointer: "/lines", detail }]);
  }
  const toShip = captured.findIndex(({ method }) => method === "ship");
  if (toShip >= 0 && shippingAddress === undefined) {
    errors.add("/shippingAddress", `Line ${toShip + 1} is to be shipped: where to?`);
  }
  const shipping = errors.amount(request.shipping?.amount, currency, "/shipping/amount");
  const placedAt = capturePlacedAt(request, facts.now, errors);
  const { lines, charges } = isPlain(request)
    ? { lines: captured, charges: undefined }
    : captureCharges(request, captured, shipping, errors);
  const settlement = captureSettlement(request, facts, errors);
  const sound = errors.found.length === 0;
  const totals = captureTotals(
    lines,
    shipping,
    charges,
    currency,
    sound ? errors : new CaptureErrors(),
  );
  if (errors.found.length > 0) return Result.fail(errors.found);

  const order: Order = {
    id: facts.id,
    channel: request.channel,
    externalId: request.externalId,
    fingerprint: facts.fingerprint,
    currency,
    ...(request.customer.id === undefined ? {} : { customerId: request.customer.id }),
    ...(shippingAddress === undefined ? {} : { destination: destinationOf(shippingAddress) }),
    onShortage: request.onShortage ?? "reject",
    ...(request.shipping?.service === undefined
      ? {}
      : { shippingService: request.shipping.service }),
    ...(request.shipComplete === true ? { shipComplete: true } : {}),
    ...((request.priority ?? 0) === 0 ? {} : { priority: request.priority ?? 0 }),
    metadata: request.metadata ?? {},
    status: "allocating",
    holds: noHolds,
    allocating: false,
    closed: false,
    lines,
    totals,
    ...(charges === undefined ? {} : { charges }),
    ...(settlement === undefined ? {} : { settlement }),
    ...(request.reservationId === undefined ? {} : {
      reservation: { id: request.reservationId, used: true },
    }),
    fulfillmentOrders: [],
    shipments: [],
    placedAt,
    createdAt: facts.now,
    updatedAt: facts.now,
    version: 0,
  };
  return Result.succeed({
    order: { ...order, status: statusOf(order) },
    contact: contactOf(request),
  });
};
