/** What the changes of an edit come to, or the first that is wrong with them. Stock is looked at afterwards. */
import { largestAmount } from "../kernel/money.ts";
import { parseRate, taxesOf, taxOnTop, taxWithin } from "../money/tax.ts";
import { CaptureErrors } from "./capture-errors.ts";
import { tooManyComponents, withKitOf } from "./capture-kits.ts";
import { isTaxOff, totalOf } from "./charges.ts";
import { hasShippingCredit } from "./credit-units.ts";
import { destinationOf } from "./destination.ts";
import type { AddLine, ChangedShipping, EditChange, RepricedLine } from "./edit.ts";
import { chargesWith, priceOf, shippingOf } from "./edit.ts";
import { hasInvoicedUnits, invoicedUnits } from "./invoice.ts";
import { orderLimits } from "./limits.ts";
import type { Destination, LineId, Order, OrderFacts, OrderLine, Totals } from "./order.ts";
import { lineIndexOf, lineOf, type LineQuantities, quantitiesOf } from "./quantities.ts";

type Change<Type extends EditChange["type"]> = Extract<EditChange, { readonly type: Type }>;

/** A line with its new price and discount. */
interface Priced {
  readonly line: OrderLine;
  /** Where the edit says it; absent: it follows from the rate. */
  readonly tax: number | undefined;
  readonly pointer: string;
}

/** The outcome of all changes. */
export interface Drafted {
  readonly repriced: readonly RepricedLine[];
  readonly addedLines: readonly OrderLine[];
  readonly taken: ReadonlyMap<LineId, number>;
  readonly shipping: ChangedShipping | undefined;
  readonly destination: Destination | undefined;
  readonly totals: Totals;
}

const goodsOf = ({ unitPrice, quantity, discount }: OrderLine): number =>
  unitPrice * quantity - discount;

export class EditDraft {
  readonly errors = new CaptureErrors();
  readonly #priced = new Map<LineId, Priced>();
  readonly #adding: { readonly change: AddLine; readonly pointer: string }[] = [];
  readonly #taken = new Map<LineId, number>();
  readonly #said = new Set<string>();
  readonly #quantities: readonly LineQuantities[];
  #shipping: ChangedShipping | undefined;
  #destination: Destination | undefined;

  constructor(private readonly order: Order, private readonly facts: OrderFacts) {
    this.#quantities = quantitiesOf(order);
  }

  take(change: EditChange, pointer: string): void {
    if (change.type === "add-line") {
      this.#adding.push({ change, pointer });
      return;
    }
    const about = "lineId" in change ? change.lineId : "";
    if (this.#said.has(`${change.type} ${about}`)) {
      this.errors.add(pointer, `There is a change of the kind ${change.type} for it already.`);
      return;
    }
    this.#said.add(`${change.type} ${about}`);
    switch (change.type) {
      case "set-quantity":
        return this.#setQuantity(change, pointer);
      case "set-price":
      case "set-discount":
        return this.#setPrice(change, pointer);
      case "set-shipping":
        return this.#setShipping(change, pointer);
      case "set-address":
        return this.#setAddress(change, pointer);
    }
  }

  /** What all changes come to; it means something only where there are no errors. */
  drafted(): Drafted {
    const { order, errors } = this;
    const added = this.#adding.flatMap(({ change, pointer }, n) => this.#added(change, pointer, n));
    if (order.lines.length + added.length > orderLimits.lines) {
      errors.add("/changes", `An order has at most ${orderLimits.lines} lines.`);
    }
    if (tooManyComponents([...order.lines, ...added.map(({ line }) => line)])) {
      errors.add("/changes", `Kits of an order come to at most ${orderLimits.components} goods.`);
    }
    const taxed = this.#taxed([...this.#priced.values(), ...added]);
    const changed = new Map(taxed.map((line) => [line.id, line]));
    const repriced = order.lines.flatMap((was): readonly RepricedLine[] => {
      const line = changed.get(was.id) ?? was;
      const isSame = was.unitPrice === line.unitPrice && was.discount === line.discount &&
        was.tax === line.tax;
      return isSame ? [] : [{ lineId: line.id, before: priceOf(was), after: priceOf(line) }];
    });
    const addedLines = taxed.slice(this.#priced.size);
    const lines = [...order.lines.map((line) => changed.get(line.id) ?? line), ...addedLines];
    return {
      ...{ repriced, addedLines, taken: this.#taken, totals: this.#totals(lines) },
      ...{ shipping: this.#shipping, destination: this.#destination },
    };
  }

  #setQuantity({ lineId, quantity }: Change<"set-quantity">, pointer: string): void {
    const { order, errors } = this;
    const line = lineOf(order, lineId);
    const units = this.#quantities[lineIndexOf(order, lineId)];
    if (line === undefined || units === undefined) return this.#unknown(lineId, pointer);
    const there = line.quantity - line.cancelled;
    const most = orderLimits.unitsPerLine;
    if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > there + most) {
      errors.add(`${pointer}/quantity`, `A quantity is a whole number from 0 to ${there + most}.`);
    } else if (quantity < units.shipped) {
      const detail = `Line ${lineId} has ${units.shipped} units that have left: at most ` +
        `${there - units.shipped} can be taken out.`;
      errors.add(`${pointer}/quantity`, detail);
    } else if (quantity < there) {
      this.#taken.set(lineId, there - quantity);
    } else if (quantity > there) {
      const change: AddLine = { type: "add-line", basedOn: lineId, quantity: quantity - there };
      this.#adding.push({ change, pointer });
    }
  }

  #unknown(lineId: LineId, pointer: string, member = "lineId"): void {
    this.errors.add(`${pointer}/${member}`, `There is no line ${lineId} here.`);
  }

  /** Why a line costs for good what it costs; null where that may change. */
  #fixedPrice(line: OrderLine): string | null {
    const { order } = this;
    const { id } = line;
    const index = lineIndexOf(order, id);
    // A parcel that was given up has left all the same, and its invoice stands.
    if (Math.max(this.#quantities[index]?.shipped ?? 0, invoicedUnits(order)[index] ?? 0) > 0) {
      return `Units of line ${id} have left: its price stays. Add units at another price as a line.`;
    }
    if (line.cancelled === line.quantity) return `Nothing is left of line ${id}.`;
    const credits = order.settlement?.credits ?? [];
    return credits.some(({ lines }) => lines.some(({ lineId }) => lineId === id))
      ? `Something was given off line ${id} already: its price stays.`
      : null;
  }

  #setPrice(change: Change<"set-price" | "set-discount">, pointer: string): void {
    const { order, errors } = this;
    const { currency } = order;
    const { lineId } = change;
    const was = lineOf(order, lineId);
    if (was === undefined) return this.#unknown(lineId, pointer);
    const fixed = this.#fixedPrice(was);
    if (fixed !== null) return errors.add(`${pointer}/lineId`, fixed);
    const before = this.#priced.get(lineId);
    const line = before?.line ?? was;
    const tax = change.tax === undefined
      ? before?.tax
      : errors.amount(change.tax, currency, `${pointer}/tax`);
    const next: OrderLine = change.type === "set-price"
      ? { ...line, unitPrice: errors.amount(change.unitPrice, currency, `${pointer}/unitPrice`) }
      : {
        ...line,
        discount: (line.orderDiscount ?? 0) +
          errors.amount(change.discount, currency, `${pointer}/discount`),
      };
    this.#priced.set(lineId, { line: next, tax, pointer });
  }

  #setShipping(change: Change<"set-shipping">, pointer: string): void {
    const { order, errors } = this;
    const { currency, charges } = order;
    const before = shippingOf(order);
    const { service = before.service } = change;
    const amountOf = (name: "amount" | "discount" | "tax"): number =>
      change[name] === undefined
        ? before[name]
        : errors.amount(change[name], currency, `${pointer}/${name}`);
    const [amount, discount] = [amountOf("amount"), amountOf("discount")];
    const isSame = amount === before.amount && discount === before.discount;
    const isIncluded = charges?.taxesIncluded === true;
    const rate = charges?.shippingTaxRate;
    const base = Math.max(0, amount - discount);
    const tax = change.tax !== undefined || isSame || rate === undefined
      ? amountOf("tax")
      : (isIncluded ? taxWithin : taxOnTop)(base, rate);
    if (discount > amount) {
      errors.add(`${pointer}/discount`, "The discount is more than the shipping costs.");
    } else if (!isSame && change.tax === undefined && rate === undefined && before.tax > 0) {
      errors.add(`${pointer}/tax`, "Shipping has a tax and no rate: say its new tax.");
    } else if (isIncluded && tax > base) {
      errors.add(`${pointer}/tax`, "The tax is more than the shipping costs.");
    } else if (
      (!isSame || tax !== before.tax) &&
      (hasInvoicedUnits(order) || this.#quantities.some(({ shipped }) => shipped > 0))
    ) {
      errors.add(pointer, "Units have left, and shipping was owed with them: its price stays.");
    } else if ((!isSame || tax !== before.tax) && hasShippingCredit(order)) {
      errors.add(pointer, "Shipping was credited: its price stays.");
    } else if (!isSame || tax !== before.tax || service !== before.service) {
      const after = { ...(service === undefined ? {} : { service }), amount, discount, tax };
      this.#shipping = { before, after };
    }
  }

  /** Parcels that are packed have their label, and those that have left are on their way. */
  #setAddress({ shippingAddress }: Change<"set-address">, pointer: string): void {
    const packed = this.order.fulfillmentOrders.find(({ method, status }) =>
      method === "ship" &&
      (status === "packed" || status === "partially_shipped" || status === "shipped" ||
        status === "delivered")
    );
    if (packed === undefined) {
      this.#destination = destinationOf(shippingAddress);
    } else {
      const detail = `${packed.id} is ${packed.status.replace("_", " ")} for the address that is ` +
        "there: it stays.";
      this.errors.add(pointer, detail);
    }
  }

  #added(change: AddLine, pointer: string, n: number): readonly Priced[] {
    const { order, errors, facts } = this;
    const { basedOn, quantity, fulfillment } = change;
    const base = basedOn === undefined ? undefined : lineOf(order, basedOn);
    const found = errors.found.length;
    if (basedOn !== undefined && base === undefined) this.#unknown(basedOn, pointer, "basedOn");
    const { sku = base?.sku ?? "" } = change;
    if (sku === "") errors.add(`${pointer}/sku`, "Say which item, or which line it is based on.");
    if (base !== undefined && sku !== base.sku) {
      errors.add(`${pointer}/sku`, `Line ${base.id} is of ${base.sku}: leave basedOn out.`);
    }
    if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > orderLimits.unitsPerLine) {
      const detail = `A line has from 1 to ${orderLimits.unitsPerLine} units.`;
      errors.add(`${pointer}/quantity`, detail);
    }
    const item = facts.item(sku);
    const method = item?.digital === true
      ? "digital"
      : fulfillment?.method ?? base?.method ?? "ship";
    const wanted = fulfillment === undefined ? base?.locationId : fulfillment.locationId;
    const locationId = method === "digital" ? undefined : wanted;
    this.#checkPlace(method, locationId, pointer);
    const rate = change.taxRatePercent === undefined
      ? base?.taxRate
      : parseRate(change.taxRatePercent) ?? undefined;
    const line: OrderLine = {
      ...{ id: String(order.lines.length + n + 1), sku, quantity, method },
      unitPrice: this.#unitPrice(change, base, pointer),
      discount: errors.amount(change.discount, order.currency, `${pointer}/discount`),
      tax: 0,
      mayBackorder: order.onShortage === "backorder" && item?.backorder !== "never",
      ...{ backordered: 0, cancelled: 0, short: 0 },
      ...(locationId === undefined ? {} : { locationId }),
      ...(rate === undefined ? {} : { taxRate: rate }),
      ...(basedOn === undefined ? {} : { basedOn }),
    };
    const tax = change.tax === undefined
      ? undefined
      : errors.amount(change.tax, order.currency, `${pointer}/tax`);
    if (tax === undefined && rate === undefined && (base?.tax ?? 0) > 0) {
      errors.add(pointer, `Line ${basedOn} has a tax and no rate: add a line and say its tax.`);
    }
    if (errors.found.length > found) return [];
    return [{ line: withKitOf(line, base, item), tax, pointer }];
  }

  /** What a unit of an added line costs: as the line that it is based on after the edit, unless it says so. */
  #unitPrice({ unitPrice }: AddLine, base: OrderLine | undefined, pointer: string): number {
    if (unitPrice !== undefined) {
      return this.errors.amount(unitPrice, this.order.currency, `${pointer}/unitPrice`);
    }
    if (base === undefined) {
      this.errors.add(`${pointer}/unitPrice`, "Say what a unit costs.");
      return 0;
    }
    return this.#priced.get(base.id)?.line.unitPrice ?? base.unitPrice;
  }

  #checkPlace(
    method: OrderLine["method"],
    locationId: string | undefined,
    pointer: string,
  ): void {
    const place = `${pointer}/fulfillment/locationId`;
    if (locationId !== undefined && this.facts.locations.every(({ id }) => id !== locationId)) {
      this.errors.add(place, `There is no location ${locationId}.`);
    }
    if (method === "pickup" && locationId === undefined) {
      this.errors.add(place, "Pickup needs the location to pick up at.");
    }
    if (method === "ship" && (this.#destination ?? this.order.destination) === undefined) {
      this.errors.add(pointer, "The order has no address to ship to.");
    }
  }

  /** The lines with their taxes: those that follow from rates are worked out together. */
  #taxed(priced: readonly Priced[]): readonly OrderLine[] {
    const { charges } = this.order;
    const included = charges?.taxesIncluded === true;
    for (const each of priced) this.#checkWorth(each);
    if (this.errors.found.length > 0) return [];
    const isRated = ({ line, tax }: Priced) =>
      tax === undefined && line.taxRate !== undefined && !this.#isAsItWas(line);
    const rated = priced.filter(isRated);
    const taxes = taxesOf(
      rated.map(({ line }) => ({ amount: goodsOf(line), rate: line.taxRate ?? 0 })),
      { included, rounding: charges?.taxRounding ?? "line" },
    );
    return priced.map((each): OrderLine => {
      const { line, pointer } = each;
      const tax = isRated(each) ? taxes[rated.indexOf(each)] ?? 0 : each.tax ?? line.tax;
      if (included && tax > goodsOf(line)) {
        this.errors.add(`${pointer}/tax`, "The tax is more than the line is worth.");
      }
      if (each.tax !== undefined && isTaxOff(goodsOf(line), tax, line.taxRate, included)) {
        this.errors.add(`${pointer}/tax`, "The tax is not what the line's rate makes it.");
      }
      return { ...line, tax };
    });
  }

  #isAsItWas({ id, unitPrice, discount }: OrderLine): boolean {
    const was = lineOf(this.order, id);
    return was?.unitPrice === unitPrice && was.discount === discount;
  }

  #checkWorth({ line, tax, pointer }: Priced): void {
    const goods = line.unitPrice * line.quantity;
    if (goods > largestAmount) {
      this.errors.sum(goods, this.order.currency, `${pointer}/unitPrice`);
    } else if (line.discount > goods) {
      this.errors.add(pointer, `Line ${line.id} is discounted by more than it is worth.`);
    } else if (
      tax === undefined && line.taxRate === undefined && line.tax > 0 && !this.#isAsItWas(line)
    ) {
      this.errors.add(`${pointer}/tax`, `Line ${line.id} has a tax and no rate: say its new tax.`);
    }
  }

  #totals(lines: readonly OrderLine[]): Totals {
    const { order, errors } = this;
    const { currency, charges } = order;
    let subtotal = 0, discount = 0, tax = 0;
    for (const line of lines) {
      subtotal += line.unitPrice * line.quantity;
      discount += line.discount;
      tax += line.tax;
    }
    const after = this.#shipping?.after;
    const shipping = after?.amount ?? order.totals.shipping;
    const sums = { subtotal, discount, tax, shipping };
    const total = totalOf(sums, after === undefined ? charges : chargesWith(charges, after));
    for (const sum of [subtotal, tax, total]) errors.sum(sum, currency, "/changes");
    if (total < 0) errors.add("/changes", "The order would be worth less than nothing.");
    return { ...sums, total };
  }
}
