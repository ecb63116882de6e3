/**
 * Edits of an order: what may be asked for, what is kept of it, and the order after it. Lines only grow: units are
 * added as a new line, and taken away as a cancellation, so that discount and tax of a line are divided over the
 * same units for life.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Money } from "../kernel/money.ts";
import type { Address } from "../kernel/vocabulary.ts";
import { noCharges } from "./charges.ts";
import type {
  Charges,
  Contact,
  Destination,
  FulfillmentMethod,
  LineId,
  LineQuantity,
  Order,
  OrderCommand,
  OrderLine,
  Totals,
} from "./order.ts";
import { lineIndexOf } from "./quantities.ts";

/** Units that were not ordered before: of another item, or like those of a line. */
export interface AddLine {
  readonly type: "add-line";
  /** The line that they are more of: what is not said here is as there. */
  readonly basedOn?: LineId | undefined;
  readonly sku?: string | undefined;
  readonly quantity: number;
  readonly unitPrice?: Money | undefined;
  readonly discount?: Money | undefined;
  readonly tax?: Money | undefined;
  readonly taxRatePercent?: string | undefined;
  readonly fulfillment?: {
    readonly method: FulfillmentMethod;
    readonly locationId?: string | undefined;
  } | undefined;
}

export type EditChange =
  | AddLine
  /** How many units of the line are to be left: fewer are cancelled, more are a new line. */
  | { readonly type: "set-quantity"; readonly lineId: LineId; readonly quantity: number }
  | {
    readonly type: "set-price";
    readonly lineId: LineId;
    readonly unitPrice: Money;
    readonly tax?: Money | undefined;
  }
  /** For all units of the line, beside its share of the order's discounts. */
  | {
    readonly type: "set-discount";
    readonly lineId: LineId;
    readonly discount: Money;
    readonly tax?: Money | undefined;
  }
  | {
    readonly type: "set-shipping";
    readonly service?: string | undefined;
    readonly amount?: Money | undefined;
    readonly discount?: Money | undefined;
    readonly tax?: Money | undefined;
  }
  /** Where it is shipped to. Only routing's part of it is in the log. */
  | { readonly type: "set-address"; readonly shippingAddress: Address };

export interface EditCommand {
  readonly type: "edit";
  readonly reason: string;
  readonly changes: readonly EditChange[];
}

/** What a line costs, in minor units; discount and tax are for all its units. */
export interface LinePrice {
  readonly unitPrice: number;
  readonly discount: number;
  readonly tax: number;
}

export interface RepricedLine {
  readonly lineId: LineId;
  readonly before: LinePrice;
  readonly after: LinePrice;
}

/** What shipping costs, in minor units, and by which service. */
export interface ShippingCharge {
  readonly service?: string;
  readonly amount: number;
  readonly discount: number;
  readonly tax: number;
}

export interface ChangedShipping {
  readonly before: ShippingCharge;
  readonly after: ShippingCharge;
}

export interface OrderEdited {
  readonly type: "order.edited";
  readonly reason: string;
  readonly by: string;
  readonly currency: string;
  readonly repriced: readonly RepricedLine[];
  readonly addedLines: readonly OrderLine[];
  /** Units that the cancellation beside this event takes out. */
  readonly taken: readonly LineQuantity[];
  readonly shipping?: ChangedShipping;
  /** Of the new address, where it was changed. */
  readonly destination?: Destination;
  /** Of all that was ever ordered. */
  readonly totals: Totals;
}

/** An edit as its order keeps it. */
export interface Edit {
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly repriced: readonly RepricedLine[];
  /** The ids of the lines that it added. */
  readonly added: readonly LineId[];
  readonly taken: readonly LineQuantity[];
  readonly shipping?: ChangedShipping;
  readonly addressChanged?: boolean;
  /** The return of which it is the exchange. */
  readonly returnId?: string;
  /** The order's total before and after it, in minor units. */
  readonly total: { readonly before: number; readonly after: number };
}

export const priceOf = ({ unitPrice, discount, tax }: LinePrice): LinePrice => ({
  ...{ unitPrice, discount, tax },
});

export const shippingOf = ({ totals, shippingService, charges }: Order): ShippingCharge => ({
  ...(shippingService === undefined ? {} : { service: shippingService }),
  amount: totals.shipping,
  discount: charges?.shippingDiscount ?? 0,
  tax: charges?.shippingTax ?? 0,
});

const noEdits: readonly Edit[] = [];

export const editsOf = ({ edits = noEdits }: Order): readonly Edit[] => edits;

/** The charges of an order with what shipping costs now. */
export const chargesWith = (
  charges: Charges | undefined,
  { discount, tax }: ShippingCharge,
): Charges | undefined =>
  charges === undefined && discount === 0 && tax === 0
    ? undefined
    : { ...(charges ?? noCharges), shippingDiscount: discount, shippingTax: tax };

const withShipping = (order: Order, { after }: ChangedShipping): Order => {
  const charges = chargesWith(order.charges, after);
  return {
    ...order,
    ...(after.service === undefined ? {} : { shippingService: after.service }),
    ...(charges === undefined ? {} : { charges }),
  };
};

/** The order after an edit; what it takes out, the cancellation after it takes. */
export const withEdit = (before: Order, event: OrderEdited, at: Instant): Order => {
  const { by, reason, repriced, addedLines, taken, shipping, destination, totals } = event;
  const order = shipping === undefined ? before : withShipping(before, shipping);
  const lines = [...order.lines, ...addedLines];
  for (const { lineId, after } of repriced) {
    const index = lineIndexOf(order, lineId);
    const line = lines[index];
    if (line !== undefined) lines[index] = { ...line, ...after };
  }
  const edit: Edit = {
    ...{ at, by, reason, repriced, taken },
    added: addedLines.map(({ id }) => id),
    ...(shipping === undefined ? {} : { shipping }),
    ...(destination === undefined ? {} : { addressChanged: true }),
    total: { before: before.totals.total, after: totals.total },
  };
  return {
    ...order,
    ...(destination === undefined ? {} : { destination }),
    lines,
    totals,
    edits: [...editsOf(before), edit],
  };
};

/** Whom the order is for after a command: an edit may bring another address. */
export const contactAfter = (contact: Contact, command: OrderCommand): Contact => {
  if (command.type !== "edit") return contact;
  const change = command.changes.find(({ type }) => type === "set-address");
  return change?.type === "set-address"
    ? { ...contact, shippingAddress: change.shippingAddress }
    : contact;
};
