/** What tells a repeat of an order request from another request with its number. */
import type { PlaceOrderRequest } from "./request.ts";

type Line = PlaceOrderRequest["lines"][number];
type Money = Line["unitPrice"];
type Place = PlaceOrderRequest["shippingAddress"];

const moneyParts = (money: Money | undefined) => money && [money.amount, money.currency];

const placeParts = (place: Place) =>
  place && [
    place.name,
    place.company,
    place.line1,
    place.line2,
    place.city,
    place.region,
    place.postalCode,
    place.country,
    place.phone,
    place.latitude,
    place.longitude,
  ];

const lineParts = (line: Line) => [
  line.sku,
  line.quantity,
  moneyParts(line.unitPrice),
  moneyParts(line.discount),
  moneyParts(line.tax),
  line.fulfillment && [line.fulfillment.method, line.fulfillment.locationId],
];

/**
 * What a request says, whatever the order of its names: what its fingerprint is a hash of. Every field of
 * `PlaceOrderRequest` is here by its position; a test holds it to that.
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
    placeParts(request.shippingAddress),
    placeParts(request.billingAddress),
    request.lines.map(lineParts),
    request.shipping && [request.shipping.service, moneyParts(request.shipping.amount)],
    request.placedAt,
    request.onShortage,
    request.metadata &&
    Object.entries(request.metadata).sort(([left], [right]) => left < right ? -1 : 1),
  ]);
