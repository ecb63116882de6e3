/** The charges of a request for an order, and the lines with their shares of discounts and their taxes. */
import { spread } from "../money/apportion.ts";
import { parseRate, taxesOf, taxOnTop, type TaxRate, taxWithin } from "../money/tax.ts";
import type { CaptureErrors } from "./capture-errors.ts";
import { noCharges, roundingFee } from "./charges.ts";
import type { Charges, Fee, OrderDiscount, OrderLine } from "./order.ts";
import type { PlaceOrderRequest } from "./request.ts";

/** Whether a request has plain prices, with the taxes that it names on top of them. */
export const isPlain = (request: PlaceOrderRequest): boolean => {
  const { taxesIncluded, taxRounding, discounts, fees, channelTotal, shipping, lines } = request;
  return taxesIncluded === undefined && taxRounding === undefined && discounts === undefined &&
    fees === undefined && channelTotal === undefined &&
    (shipping === undefined ||
      shipping.discount === undefined && shipping.tax === undefined &&
        shipping.taxRatePercent === undefined) &&
    lines.every(({ taxRatePercent }) => taxRatePercent === undefined);
};

const rateOf = (percent: string | undefined): TaxRate | undefined =>
  percent === undefined ? undefined : parseRate(percent) ?? undefined;

const goodsOf = ({ unitPrice, quantity, discount }: OrderLine): number =>
  unitPrice * quantity - discount;

const captureDiscounts = (
  { discounts = [], currency }: PlaceOrderRequest,
  errors: CaptureErrors,
): readonly OrderDiscount[] =>
  discounts.map(({ code, amount }, index) => ({
    ...(code === undefined ? {} : { code }),
    amount: errors.amount(amount, currency, `/discounts/${index}/amount`),
  })).filter(({ amount }) => amount > 0);

/** The lines with what the order's discounts take off each: by what each is worth after its own. */
const discounted = (
  lines: readonly OrderLine[],
  discounts: readonly OrderDiscount[],
  errors: CaptureErrors,
): readonly OrderLine[] => {
  const discount = discounts.reduce((sum, { amount }) => sum + amount, 0);
  if (discount === 0 || errors.found.length > 0) return lines;
  const goods = lines.map(goodsOf);
  if (discount > goods.reduce((sum, amount) => sum + amount, 0)) {
    errors.add("/discounts", "The discounts are more than the lines are worth.");
    return lines;
  }
  const shares = spread(discount, goods);
  return lines.map((line, index) => {
    const orderDiscount = shares[index] ?? 0;
    return orderDiscount === 0
      ? line
      : { ...line, discount: line.discount + orderDiscount, orderDiscount };
  });
};

/** The lines with their rates, and with the tax of those that say a rate and no tax. */
const taxed = (
  { lines: sent, taxesIncluded: included = false, taxRounding: rounding = "line" }:
    PlaceOrderRequest,
  lines: readonly OrderLine[],
): readonly OrderLine[] => {
  const rated = lines.map((line, index) => {
    const taxRate = rateOf(sent[index]?.taxRatePercent);
    return taxRate === undefined ? line : { ...line, taxRate };
  });
  const untaxed = [...rated.keys()].filter((index) =>
    rated[index]?.taxRate !== undefined && sent[index]?.tax === undefined
  );
  const bases = untaxed.map((index) => {
    const line = rated[index];
    return { amount: line === undefined ? 0 : goodsOf(line), rate: line?.taxRate ?? 0 };
  });
  const taxes = taxesOf(bases, { included, rounding });
  const found = new Map(untaxed.map((index, place) => [index, taxes[place] ?? 0]));
  return rated.map((line, index) => ({ ...line, tax: found.get(index) ?? line.tax }));
};

/** Tax within prices is a part of what they are. */
const checkIncluded = (lines: readonly OrderLine[], errors: CaptureErrors): void => {
  for (const [index, line] of lines.entries()) {
    if (line.tax > goodsOf(line)) {
      errors.add(`/lines/${index}/tax/amount`, "The tax is more than the line is worth.");
    }
  }
};

type ShippingCharges = Pick<Charges, "shippingDiscount" | "shippingTax" | "shippingTaxRate">;

const captureShipping = (
  { shipping = {}, currency, taxesIncluded = false }: PlaceOrderRequest,
  amount: number,
  errors: CaptureErrors,
): ShippingCharges => {
  const shippingDiscount = errors.amount(shipping.discount, currency, "/shipping/discount");
  if (shippingDiscount > amount) {
    errors.add("/shipping/discount/amount", "The discount is more than the shipping costs.");
  }
  const rate = rateOf(shipping.taxRatePercent);
  const base = Math.max(0, amount - shippingDiscount);
  const shippingTax = shipping.tax === undefined && rate !== undefined
    ? (taxesIncluded ? taxWithin : taxOnTop)(base, rate)
    : errors.amount(shipping.tax, currency, "/shipping/tax");
  if (taxesIncluded && shippingTax > base) {
    errors.add("/shipping/tax/amount", "The tax is more than the shipping costs.");
  }
  return {
    shippingDiscount,
    shippingTax,
    ...(rate === undefined ? {} : { shippingTaxRate: rate }),
  };
};

const captureFees = (
  { fees = [], currency }: PlaceOrderRequest,
  errors: CaptureErrors,
): readonly Fee[] =>
  fees.map(({ code, amount, tax }, index) => {
    const pointer = `/fees/${index}`;
    return {
      code,
      amount: code === roundingFee
        ? errors.signedAmount(amount, currency, `${pointer}/amount`)
        : errors.amount(amount, currency, `${pointer}/amount`),
      tax: errors.amount(tax, currency, `${pointer}/tax`),
    };
  }).filter(({ amount, tax }) => amount !== 0 || tax !== 0);

const isUsual = (charges: Charges): boolean => {
  const { taxesIncluded, taxRounding, discounts, fees, channelTotal } = charges;
  return !taxesIncluded && taxRounding === "line" && discounts.length === 0 && fees.length === 0 &&
    channelTotal === undefined && charges.shippingDiscount === 0 && charges.shippingTax === 0 &&
    charges.shippingTaxRate === undefined;
};

/**
 * The charges of a request, undefined where all of them are as usual, and its captured lines with their shares
 * of discounts and with their taxes.
 */
export const captureCharges = (
  request: PlaceOrderRequest,
  captured: readonly OrderLine[],
  /** Minor units, without its discount. */
  shipping: number,
  errors: CaptureErrors,
): { readonly lines: readonly OrderLine[]; readonly charges: Charges | undefined } => {
  const { channelTotal, currency, taxesIncluded, taxRounding } = request;
  const discounts = captureDiscounts(request, errors);
  const lines = taxed(request, discounted(captured, discounts, errors));
  if (taxesIncluded === true) checkIncluded(lines, errors);
  const charges: Charges = {
    taxesIncluded: taxesIncluded ?? noCharges.taxesIncluded,
    taxRounding: taxRounding ?? noCharges.taxRounding,
    discounts,
    ...captureShipping(request, shipping, errors),
    fees: captureFees(request, errors),
    ...(channelTotal === undefined
      ? {}
      : { channelTotal: errors.amount(channelTotal, currency, "/channelTotal") }),
  };
  return { lines, charges: isUsual(charges) ? undefined : charges };
};
