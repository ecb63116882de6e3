/** What the lines of an order are worth: amounts of lines and of the order, in minor units, to the last one. */
import { Result } from "effect";
import { formatAmount, largestAmount, parseAmount } from "../kernel/money.ts";
import { quoted } from "../kernel/white-space.ts";
import { spread } from "../money/apportion.ts";
import type { ItemDraft, LineAmount, SharedField } from "./draft.ts";
import { importLimits } from "./limits.ts";
import type { ImportFieldName } from "./mapping.ts";
import { type NumberFormat, readAmount } from "./numbers.ts";

export interface LineWorth {
  readonly unitPrice: number;
  readonly discount: number;
  readonly tax: number;
}

export interface OrderWorth {
  readonly lines: readonly LineWorth[];
  /** Null where nothing says what shipping costs. */
  readonly shipping: number | null;
}

/** What is wrong with an amount: of a line by its place, or of the order. */
export interface WorthError {
  readonly field: ImportFieldName;
  readonly line: number | null;
  readonly detail: string;
}

interface Options {
  readonly currency: string;
  readonly numbers: NumberFormat;
  readonly discountIncludesLines: boolean;
  /** Whether tax is a part of all prices. */
  readonly taxesIncluded: boolean;
}

/** Reads amounts and collects what is wrong with them. */
class AmountReader {
  readonly errors: WorthError[] = [];

  constructor(readonly options: Options) {}

  /** Zero where the text is empty or wrong. */
  read(field: ImportFieldName, line: number | null, text: string): number {
    if (text === "") return 0;
    const { currency, numbers } = this.options;
    const amount = readAmount(text, currency, numbers);
    const minorUnits = Result.isSuccess(amount) ? parseAmount(amount.success, currency) : null;
    if (minorUnits !== null) return minorUnits;
    const shown = quoted(text, importLimits.shownCharacters);
    const detail = Result.isFailure(amount)
      ? amount.failure
      : `is more than ${formatAmount(largestAmount, currency)}`;
    this.errors.push({ field, line, detail: `${shown} ${detail}` });
    return 0;
  }

  /** From zero up. */
  positive(field: ImportFieldName, line: number | null, text: string): number {
    const amount = this.read(field, line, text);
    if (amount >= 0) return amount;
    const shown = quoted(text, importLimits.shownCharacters);
    this.errors.push({ field, line, detail: `${shown} must not be negative` });
    return 0;
  }

  /** Files write what is taken off with a minus or without one. */
  discount(field: ImportFieldName, line: number | null, text: string): number {
    return Math.abs(this.read(field, line, text));
  }
}

/**
 * A line by its price or by its total. The price of a total that does not divide is rounded up, and what is too
 * much is a discount, so that nothing of the total is lost.
 */
const lineWorth = (reader: AmountReader, item: ItemDraft, line: number): LineWorth => {
  const quantity = item.quantity ?? 0;
  const amount = (field: LineAmount) => reader.positive(field, line, item.amounts[field]);
  const total = amount("lineTotal");
  const unitPrice = item.amounts.lineTotal === ""
    ? amount("unitPrice")
    : Math.ceil(total / Math.max(quantity, 1));
  const rounding = item.amounts.lineTotal === "" ? 0 : unitPrice * quantity - total;
  return {
    unitPrice,
    discount: rounding + reader.discount("discount", line, item.amounts.discount),
    tax: amount("tax"),
  };
};

const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0);

const netOf = (line: LineWorth, quantity: number): number =>
  Math.max(0, line.unitPrice * quantity - line.discount);

/** The discount of the order that its lines do not have yet, spread over what they are worth. */
const withOrderDiscount = (
  reader: AmountReader,
  lines: readonly LineWorth[],
  quantities: readonly number[],
  text: string,
): readonly LineWorth[] => {
  const { currency, discountIncludesLines } = reader.options;
  const told = reader.discount("orderDiscount", null, text);
  const ofLines = discountIncludesLines ? sum(lines.map(({ discount }) => discount)) : 0;
  const left = told - ofLines;
  const nets = lines.map((line, n) => netOf(line, quantities[n] ?? 0));
  if (text === "" || left === 0) return lines;
  const amount = (minorUnits: number) => formatAmount(minorUnits, currency);
  if (left < 0 || left > sum(nets)) {
    const detail = left < 0
      ? `${amount(told)} is less than the ${amount(ofLines)} that the lines are discounted`
      : `${amount(left)} is more than the ${amount(sum(nets))} that the lines are worth`;
    reader.errors.push({ field: "orderDiscount", line: null, detail });
    return lines;
  }
  const shares = spread(left, nets);
  return lines.map((line, n) => ({ ...line, discount: line.discount + (shares[n] ?? 0) }));
};

const withOrderTax = (
  reader: AmountReader,
  lines: readonly LineWorth[],
  quantities: readonly number[],
  text: string,
): readonly LineWorth[] => {
  const tax = reader.positive("orderTax", null, text);
  if (tax === 0 || lines.length === 0) return lines;
  const shares = spread(tax, lines.map((line, n) => netOf(line, quantities[n] ?? 0)));
  return lines.map((line, n) => ({ ...line, tax: line.tax + (shares[n] ?? 0) }));
};

const shippingOf = (
  reader: AmountReader,
  items: readonly ItemDraft[],
  shared: Readonly<Record<SharedField, string>>,
): number | null => {
  const parts = items.map(({ amounts }) => amounts.lineShipping);
  if (shared.shippingAmount === "" && parts.every((part) => part === "")) return null;
  const cost = reader.positive("shippingAmount", null, shared.shippingAmount) +
    sum(parts.map((part, line) => reader.positive("lineShipping", line, part)));
  const off = reader.discount("shippingDiscount", null, shared.shippingDiscount);
  if (off <= cost) return cost - off;
  reader.errors.push({
    field: "shippingDiscount",
    line: null,
    detail: "is more than the shipping costs",
  });
  return cost;
};

/** What the order adds up to must be what the file says that it does. */
const checkTotal = (
  reader: AmountReader,
  { lines, shipping }: OrderWorth,
  quantities: readonly number[],
  text: string,
): void => {
  if (text === "" || reader.errors.length > 0) return;
  const told = reader.read("orderTotal", null, text);
  if (reader.errors.length > 0) return;
  const { currency, taxesIncluded } = reader.options;
  const total = (shipping ?? 0) + sum(
    lines.map(({ unitPrice, discount, tax }, n) =>
      unitPrice * (quantities[n] ?? 0) - discount + (taxesIncluded ? 0 : tax)
    ),
  );
  if (total === told) return;
  reader.errors.push({
    field: "orderTotal",
    line: null,
    detail: `is ${formatAmount(told, currency)}, and the order adds up to ${
      formatAmount(total, currency)
    }`,
  });
};

/** The worth of the items, each of a quantity above zero, or all that is wrong with their amounts. */
export const worthOf = (
  items: readonly ItemDraft[],
  shared: Readonly<Record<SharedField, string>>,
  options: Options,
): Result.Result<OrderWorth, readonly WorthError[]> => {
  const reader = new AmountReader(options);
  const quantities = items.map(({ quantity }) => quantity ?? 0);
  const own = items.map((item, line) => lineWorth(reader, item, line));
  const discounted = withOrderDiscount(reader, own, quantities, shared.orderDiscount);
  const lines = withOrderTax(reader, discounted, quantities, shared.orderTax);
  const worth: OrderWorth = { lines, shipping: shippingOf(reader, items, shared) };
  checkTotal(reader, worth, quantities, shared.orderTotal);
  return reader.errors.length === 0 ? Result.succeed(worth) : Result.fail(reader.errors);
};
