/** The text that tells a repeat of an order request from another request with its number. */
import { formatAmount, type Money, parseAmount } from "../kernel/money.ts";
import type { Address } from "../kernel/vocabulary.ts";
import type { PlaceOrderLine, PlaceOrderRequest } from "./request.ts";

const nine = "9".charCodeAt(0);
const one = "1".charCodeAt(0);
const minus = "-".charCodeAt(0);
const zero = "0".charCodeAt(0);
const point = ".".charCodeAt(0);

const isZero = ({ amount }: Money): boolean => {
  for (let i = 0; i < amount.length; i++) {
    const digit = amount.charCodeAt(i);
    if (digit >= one && digit <= nine) return false;
  }
  return true;
};

/** The one way to write the amount: only a sign or a zero at its beginning can make another. */
const amountText = ({ amount, currency }: Money): string => {
  const first = amount.charCodeAt(0);
  if (first !== minus && (first !== zero || amount.length < 2 || amount.charCodeAt(1) === point)) {
    return amount;
  }
  const minorUnits = parseAmount(amount, currency);
  return minorUnits === null ? amount : formatAmount(minorUnits, currency);
};

const moneyParts = (money: Money) => [amountText(money), money.currency];

/** Zero says what leaving it out says. */
const extraParts = (money: Money | undefined) =>
  money === undefined || isZero(money) ? undefined : moneyParts(money);

const addressParts = (address: Address | undefined) =>
  address && [
    address.name,
    address.company,
    address.line1,
    address.line2,
    address.city,
    address.region,
    address.postalCode,
    address.country,
    address.phone,
    address.latitude,
    address.longitude,
  ];

const fulfillmentParts = (fulfillment: PlaceOrderLine["fulfillment"]) =>
  fulfillment === undefined ||
    fulfillment.method === "ship" && fulfillment.locationId === undefined
    ? undefined
    : [fulfillment.method, fulfillment.locationId];

const lineParts = (line: PlaceOrderLine) => [
  line.sku,
  line.quantity,
  moneyParts(line.unitPrice),
  extraParts(line.discount),
  extraParts(line.tax),
  fulfillmentParts(line.fulfillment),
];

const shippingParts = (shipping: PlaceOrderRequest["shipping"]) => {
  if (shipping === undefined) return undefined;
  const amount = extraParts(shipping.amount);
  return shipping.service === undefined && amount === undefined
    ? undefined
    : [shipping.service, amount];
};

/** By name, one below the other; none when there are none. */
const metadataParts = (metadata: PlaceOrderRequest["metadata"]) => {
  const entries = metadata && Object.entries(metadata);
  return entries === undefined || entries.length === 0
    ? undefined
    : entries.sort(([left], [right]) => left < right ? -1 : 1);
};

/**
 * The content of a request in its normal form, whatever the order of its names, and whether or not it says what
 * is so by default; the fingerprint is a hash of it. Every field of `PlaceOrderRequest` stands here by its
 * position, as a test makes sure. A request that says nothing in another way has the text of `textByPosition`.
 */
export const fingerprintText = (request: PlaceOrderRequest): string => {
  const parts: unknown[] = [
    request.channel,
    request.externalId,
    request.currency,
    [
      request.customer.id,
      request.customer.name,
      request.customer.email,
      request.customer.phone,
    ],
    addressParts(request.shippingAddress),
    addressParts(request.billingAddress),
    request.lines.map(lineParts),
    shippingParts(request.shipping),
    request.placedAt,
    request.onShortage === "reject" ? undefined : request.onShortage,
    metadataParts(request.metadata),
  ];
  // Fields that came later stand behind, so that a request without them has the text that it had.
  if (request.note !== undefined) parts.push(request.note);
  return JSON.stringify(parts);
};

const sentMoneyParts = (money: Money | undefined) => money && [money.amount, money.currency];

const sentLineParts = (line: PlaceOrderLine) => [
  line.sku,
  line.quantity,
  sentMoneyParts(line.unitPrice),
  sentMoneyParts(line.discount),
  sentMoneyParts(line.tax),
  line.fulfillment && [line.fulfillment.method, line.fulfillment.locationId],
];

/** The fields of a request by their position, each as it was sent. */
const textByPosition = (request: PlaceOrderRequest): string =>
  JSON.stringify([
    request.channel,
    request.externalId,
    request.currency,
    [
      request.customer.id,
      request.customer.name,
      request.customer.email,
      request.customer.phone,
    ],
    addressParts(request.shippingAddress),
    addressParts(request.billingAddress),
    request.lines.map(sentLineParts),
    request.shipping && [request.shipping.service, sentMoneyParts(request.shipping.amount)],
    request.placedAt,
    request.onShortage,
    request.metadata &&
    Object.entries(request.metadata).sort(([left], [right]) => left < right ? -1 : 1),
  ]);

/** JSON with the names of objects in order, each value as it was sent. */
const textByName = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(textByName).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const name of Object.keys(fields).sort()) {
    const part = fields[name];
    if (part !== undefined) text += `${text && ","}${JSON.stringify(name)}:${textByName(part)}`;
  }
  return `{${text}}`;
};

/** How an earlier version made fingerprints of a request as it was sent: a text, and how its SHA-256 is written. */
export interface EarlierForm {
  readonly textOf: (sent: PlaceOrderRequest) => string;
  readonly digest: "base64url" | "hex";
}

/** References in stores have fingerprints of these forms, so each stays here as it is. The latest is first. */
export const earlierForms: readonly EarlierForm[] = [
  { textOf: textByPosition, digest: "base64url" },
  { textOf: textByName, digest: "base64url" },
  { textOf: textByName, digest: "hex" },
];
