/** Makes an order of a channel's request, or says everything that is wrong with it. */
import { Result } from "effect";
import type { Item } from "../catalog/catalog.ts";
import type { Instant } from "../kernel/instant.ts";
import { epochMsOf, parseInstant } from "../kernel/instant.ts";
import { orderLimits } from "./limits.ts";
import type { Money } from "../kernel/money.ts";
import { digitsOf, formatAmount, largestAmount, parseAmount } from "../kernel/money.ts";
import type { Address } from "../kernel/vocabulary.ts";
import { noHolds } from "./hold-codes.ts";
import type { Contact, Destination, FulfillmentMethod, Order, OrderLine } from "./order.ts";
import type { PlaceOrderLine, PlaceOrderRequest } from "./request.ts";
import { statusOf } from "./status.ts";

export interface CaptureError {
  /** JSON pointer into the request. */
  readonly pointer: string;
  readonly detail: string;
}

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

/** Collects what is wrong, so that a client sees all of it at once. */
class Errors {
  readonly found: CaptureError[] = [];

  add(pointer: string, detail: string): void {
    this.found.push({ pointer, detail });
  }

  /** Minor units of an amount from zero up; zero where it is wrong. */
  amount(money: Money | undefined, currency: string, pointer: string): number {
    if (money === undefined) return 0;
    if (money.currency !== currency) {
      this.add(`${pointer}/currency`, `The order is in ${currency}, so its amounts must be.`);
      return 0;
    }
    const minorUnits = parseAmount(money.amount, currency);
    if (minorUnits === null) {
      this.add(
        `${pointer}/amount`,
        `An amount in ${currency} has exactly ${digitsOf(currency)} decimals and is at most ` +
          `${formatAmount(largestAmount, currency)}.`,
      );
      return 0;
    }
    if (minorUnits < 0) {
      this.add(`${pointer}/amount`, "The amount must not be negative.");
      return 0;
    }
    return minorUnits;
  }

  /** A sum within bounds, so that every later sum of it is an exact integer. */
  sum(units: number, currency: string, pointer: string): number {
    if (units <= largestAmount) return units;
    this.add(pointer, `The sum is more than ${formatAmount(largestAmount, currency)} ${currency}.`);
    return 0;
  }
}

const methodOf = (line: PlaceOrderLine, item: Item | null | undefined): FulfillmentMethod =>
  item?.digital === true ? "digital" : line.fulfillment?.method ?? "ship";

const checkPlace = (
  line: PlaceOrderLine,
  method: FulfillmentMethod,
  facts: CaptureFacts,
  pointer: string,
  errors: Errors,
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

const captureLine = (
  line: PlaceOrderLine,
  index: number,
  request: PlaceOrderRequest,
  facts: CaptureFacts,
  errors: Errors,
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
  return {
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
  };
};

const captureTotals = (
  lines: readonly OrderLine[],
  shipping: number,
  currency: string,
  errors: Errors,
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
  const total = errors.sum(subtotal - discount + tax + shipping, currency, "/lines");
  return { subtotal, discount, tax, shipping, total };
};

const capturePlacedAt = (request: PlaceOrderRequest, now: Instant, errors: Errors): Instant => {
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

const destinationOf = (address: Address): Destination => ({
  country: address.country,
  ...(address.region === undefined ? {} : { region: address.region }),
  ...(address.postalCode === undefined ? {} : { postalCode: address.postalCode }),
  ...(address.latitude === undefined ? {} : { latitude: address.latitude }),
  ...(address.longitude === undefined ? {} : { longitude: address.longitude }),
});

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
  const errors = new Errors();
  const { currency, shippingAddress } = request;
  if (request.lines.length === 0 || request.lines.length > orderLimits.lines) {
    const detail = `An order has 1 to ${orderLimits.lines} lines.`;
    return Result.fail([{ pointer: "/lines", detail }]);
  }
  const lines = request.lines.map((line, i) => captureLine(line, i, request, facts, errors));
  const toShip = lines.findIndex(({ method }) => method === "ship");
  if (toShip >= 0 && shippingAddress === undefined) {
    errors.add("/shippingAddress", `Line ${toShip + 1} is to be shipped: where to?`);
  }
  const shipping = errors.amount(request.shipping?.amount, currency, "/shipping/amount");
  const placedAt = capturePlacedAt(request, facts.now, errors);
  const sound = errors.found.length === 0;
  const totals = captureTotals(lines, shipping, currency, sound ? errors : new Errors());
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
    metadata: request.metadata ?? {},
    status: "allocating",
    holds: noHolds,
    allocating: false,
    closed: false,
    lines,
    totals,
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
