/** The text that tells a repeat of an order request from another request with its number. */
import { formatAmount, type Money, parseAmount } from "../kernel/money.ts";
import { parseRate } from "../money/tax.ts";
import type { Address } from "../kernel/vocabulary.ts";
import { usualPolicy } from "./payment-evolve.ts";
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

const rateParts = (percent: string | undefined) =>
  percent === undefined ? undefined : parseRate(percent) ?? percent;

/** A line's own name and rate stand behind, so that a line without them has the text that it had. */
const lineParts = (line: PlaceOrderLine) => {
  const parts: unknown[] = [
    line.sku,
    line.quantity,
    moneyParts(line.unitPrice),
    extraParts(line.discount),
    lineTaxParts(line),
    fulfillmentParts(line.fulfillment),
  ];
  if (
    line.externalId !== undefined || line.taxRatePercent !== undefined ||
    line.neededAt !== undefined
  ) {
    parts.push(line.externalId, rateParts(line.taxRatePercent));
  }
  if (line.neededAt !== undefined) parts.push(line.neededAt);
  return parts;
};

/** With a rate, a tax of zero is not what leaving it out is. */
const lineTaxParts = ({ tax, taxRatePercent }: PlaceOrderLine) =>
  taxRatePercent === undefined || tax === undefined ? extraParts(tax) : moneyParts(tax);

const feeParts = ({ code, amount, tax }: NonNullable<PlaceOrderRequest["fees"]>[number]) =>
  isZero(amount) && extraParts(tax) === undefined
    ? []
    : [[code, moneyParts(amount), extraParts(tax)]];

/** All that a request says of its money beside prices, discounts and taxes of lines; undefined for most. */
const chargeParts = (request: PlaceOrderRequest): readonly unknown[] | undefined => {
  const { taxesIncluded, taxRounding, discounts, fees, channelTotal, shipping } = request;
  const { tax: shippingTax, taxRatePercent: shippingRate } = shipping ?? {};
  if (
    taxesIncluded === undefined && taxRounding === undefined && discounts === undefined &&
    fees === undefined && channelTotal === undefined && shipping?.discount === undefined &&
    shippingTax === undefined && shippingRate === undefined
  ) return undefined;
  const discounted = discounts?.filter(({ amount }) => !isZero(amount));
  const charged = fees?.flatMap(feeParts);
  const parts = [
    taxesIncluded === true ? true : undefined,
    taxRounding === "order" ? taxRounding : undefined,
    discounted === undefined || discounted.length === 0
      ? undefined
      : discounted.map(({ code, amount }) => [code, moneyParts(amount)]),
    extraParts(shipping?.discount),
    shippingRate === undefined || shippingTax === undefined
      ? extraParts(shippingTax)
      : moneyParts(shippingTax),
    rateParts(shippingRate),
    charged === undefined || charged.length === 0 ? undefined : charged,
    channelTotal && moneyParts(channelTotal),
  ];
  return parts.every((part) => part === undefined) ? undefined : parts;
};

const paymentPart = (payment: NonNullable<PlaceOrderRequest["payments"]>[number]) => [
  payment.provider,
  payment.method,
  moneyParts(payment.amount),
  payment.status,
  payment.reference,
  payment.expiresAt,
];

/** All that a request says of payments, in one object; undefined for one that says nothing. */
const paymentParts = ({ payments, paymentPolicy }: PlaceOrderRequest) =>
  payments === undefined && paymentPolicy === undefined ? undefined : {
    payments: payments?.map(paymentPart),
    policy: paymentPolicy && policyParts(paymentPolicy),
  };

/** What is so by default says what leaving it out says. */
const policyParts = (policy: NonNullable<PlaceOrderRequest["paymentPolicy"]>) => [
  ...(["captureAt", "fulfillWhen", "onLatePayment", "refundOnCancel"] as const).map((name) =>
    policy[name] === usualPolicy[name] ? undefined : policy[name]
  ),
  policy.unpaidCancelAfterHours,
  // Only where it is said, so that requests of before are what they were.
  ...((policy.authorizeAt ?? "placement") === "placement" ? [] : [policy.authorizeAt]),
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
 * position, as a test makes sure, but for the reservation: a cart may have been kept anew before its order was
 * sent again, and the order is the same one. A request that says nothing in another way has the text of `textByPosition`.
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
  const charges = chargeParts(request);
  const payments = paymentParts(request);
  const serving = servingParts(request);
  const later = [request.note, charges, payments, serving];
  while (later.length > 0 && later[later.length - 1] === undefined) later.pop();
  if (later.length > 0) parts.push(...later);
  return JSON.stringify(parts);
};

/** How an order is served; undefined for one that says nothing, or what is so by default. */
const servingParts = ({ shipComplete, priority }: PlaceOrderRequest) =>
  shipComplete !== true && (priority ?? 0) === 0 ? undefined : [shipComplete === true, priority];

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
