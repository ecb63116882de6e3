/** The text that tells a repeat of an order request from another request with its number. */
import type { Money } from "../kernel/money.ts";
import type { Address } from "../kernel/vocabulary.ts";
import type { PlaceOrderLine, PlaceOrderRequest } from "./request.ts";

const moneyParts = (money: Money | undefined) => money && [money.amount, money.currency];

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

const lineParts = (line: PlaceOrderLine) => [
  line.sku,
  line.quantity,
  moneyParts(line.unitPrice),
  moneyParts(line.discount),
  moneyParts(line.tax),
  line.fulfillment && [line.fulfillment.method, line.fulfillment.locationId],
];

/**
 * The content of a request, whatever the order of its names; the fingerprint is a hash of it. Every field of
 * `PlaceOrderRequest` stands here by its position, as a test makes sure.
 */
export const fingerprintText = (request: PlaceOrderRequest): string =>
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
    request.lines.map(lineParts),
    request.shipping && [request.shipping.service, moneyParts(request.shipping.amount)],
    request.placedAt,
    request.onShortage,
    request.metadata &&
    Object.entries(request.metadata).sort(([left], [right]) => left < right ? -1 : 1),
  ]);

/** JSON with the names of objects in order. */
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

/** How an earlier version made fingerprints: a text, and how its SHA-256 is written. */
export interface EarlierForm {
  readonly textOf: (request: PlaceOrderRequest) => string;
  readonly digest: "base64url" | "hex";
}

/** References in stores have fingerprints of these forms, so each stays here as it is. The latest is first. */
export const earlierForms: readonly EarlierForm[] = [
  { textOf: textByName, digest: "base64url" },
  { textOf: textByName, digest: "hex" },
];
