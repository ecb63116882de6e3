/**
 * The normal form of a request for an order: without white space around texts, with codes in capitals and its
 * time in the engine's form. A request that is in this form already is not copied.
 */
import { parseInstant } from "../kernel/instant.ts";
import type { Money } from "../kernel/money.ts";
import { trimmed } from "../kernel/white-space.ts";
import type { PlaceOrderLine, PlaceOrderRequest } from "./request.ts";

const capitals = (code: string): string => {
  for (let i = 0; i < code.length; i++) if (code.charCodeAt(i) > 0x5a) return code.toUpperCase();
  return code;
};

/** The texts directly in an object trimmed, but for one that is a code. */
const withTexts = <A extends object>(fields: A, code = ""): A => {
  let result: Record<string, unknown> | null = null;
  for (const name in fields) {
    const value: unknown = fields[name];
    if (typeof value !== "string") continue;
    const normal = name === code ? capitals(value) : trimmed(value);
    if (normal === value) continue;
    result ??= { ...fields } as Record<string, unknown>;
    result[name] = normal;
  }
  return result === null ? fields : result as A;
};

/** The object with another value in one place, or the same object. */
const having = <A extends object, Name extends keyof A>(object: A, name: Name, value: A[Name]): A =>
  object[name] === value ? object : { ...object, [name]: value };

const money = <Amount extends Money | undefined>(amount: Amount): Amount =>
  amount === undefined ? amount : having(amount, "currency", capitals(amount.currency));

const lineOf = (line: PlaceOrderLine): PlaceOrderLine => {
  let normal = having(withTexts(line), "unitPrice", money(line.unitPrice));
  const { discount, tax, fulfillment, neededAt } = line;
  if (discount !== undefined) normal = having(normal, "discount", money(discount));
  if (tax !== undefined) normal = having(normal, "tax", money(tax));
  if (neededAt !== undefined) {
    normal = having(normal, "neededAt", parseInstant(neededAt) ?? neededAt);
  }
  return fulfillment === undefined ? normal : having(normal, "fulfillment", withTexts(fulfillment));
};

const linesOf = (lines: readonly PlaceOrderLine[]): readonly PlaceOrderLine[] => {
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line !== undefined && lineOf(line) !== line) return lines.map(lineOf);
  }
  return lines;
};

const shippingOf = (shipping: NonNullable<PlaceOrderRequest["shipping"]>) => {
  const { amount, discount, tax } = shipping;
  let normal = withTexts(shipping);
  if (amount !== undefined) normal = having(normal, "amount", money(amount));
  if (discount !== undefined) normal = having(normal, "discount", money(discount));
  return tax === undefined ? normal : having(normal, "tax", money(tax));
};

const chargeOf = <Charge extends { readonly amount: Money; readonly tax?: Money }>(
  charge: Charge,
): Charge => {
  const normal = having(withTexts(charge), "amount", money(charge.amount));
  return charge.tax === undefined ? normal : having(normal, "tax", money(charge.tax));
};

const paymentOf = (payment: NonNullable<PlaceOrderRequest["payments"]>[number]) => {
  const { expiresAt } = payment;
  const normal = having(withTexts(payment), "amount", money(payment.amount));
  return expiresAt === undefined
    ? normal
    : having(normal, "expiresAt", parseInstant(expiresAt) ?? expiresAt);
};

/** The request in its normal form: the object itself when it has that form already. */
export const normalForm = (request: PlaceOrderRequest): PlaceOrderRequest => {
  let normal = withTexts(request, "currency");
  const { customer, shippingAddress, billingAddress, lines, shipping, placedAt } = request;
  normal = having(normal, "customer", withTexts(customer));
  normal = having(normal, "lines", linesOf(lines));
  if (shippingAddress !== undefined) {
    normal = having(normal, "shippingAddress", withTexts(shippingAddress, "country"));
  }
  if (billingAddress !== undefined) {
    normal = having(normal, "billingAddress", withTexts(billingAddress, "country"));
  }
  if (shipping !== undefined) normal = having(normal, "shipping", shippingOf(shipping));
  const { discounts, fees, channelTotal } = request;
  if (discounts !== undefined) normal = { ...normal, discounts: discounts.map(chargeOf) };
  if (fees !== undefined) normal = { ...normal, fees: fees.map(chargeOf) };
  if (channelTotal !== undefined) normal = having(normal, "channelTotal", money(channelTotal));
  if (request.payments !== undefined) {
    normal = { ...normal, payments: request.payments.map(paymentOf) };
  }
  if (placedAt !== undefined) {
    normal = having(normal, "placedAt", parseInstant(placedAt) ?? placedAt);
  }
  return normal;
};
