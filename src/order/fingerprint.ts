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
