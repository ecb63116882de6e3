/** Orders of any prices in currencies of no, two and three decimals, for properties of their money. */
import fc from "fast-check";
import { formatAmount } from "../../src/kernel/money.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { request } from "./support.ts";

const currencies = ["JPY", "EUR", "KWD"] as const;

export const pricing = {
  currency: fc.constantFrom(...currencies),
  lines: fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 7 }),
      unitPrice: fc.integer({ min: 0, max: 10_007 }),
      discounted: fc.integer({ min: 0, max: 100 }),
      tax: fc.integer({ min: 0, max: 3_001 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  shipping: fc.integer({ min: 0, max: 999 }),
  included: fc.boolean(),
};
const pricedOrder = fc.record(pricing);
type Priced = typeof pricedOrder extends fc.Arbitrary<infer A> ? A : never;

export const placedOrder = ({ currency, lines, shipping, included }: Priced): PlaceOrderRequest => {
  const money = (units: number) => ({ amount: formatAmount(units, currency), currency });
  return {
    ...request(
      lines.map(({ quantity, unitPrice, discounted, tax }, n) => {
        const goods = unitPrice * quantity;
        const discount = Math.floor(goods * discounted / 100);
        return {
          ...{ sku: `s${n}`, quantity, unitPrice: money(unitPrice), discount: money(discount) },
          tax: money(included ? Math.min(tax, goods - discount) : tax),
        };
      }),
    ),
    currency,
    ...(included ? { taxesIncluded: true } : {}),
    shipping: { amount: money(shipping) },
    paymentPolicy: {},
  };
};

/** Whether a whole number is within so many halves of a fraction of whole numbers, exactly. */
export const isWithin = (halves: bigint, found: number, numerator: bigint, denominator: bigint) => {
  const off = 2n * (BigInt(found) * denominator - numerator);
  return off <= halves * denominator && off >= -halves * denominator;
};
