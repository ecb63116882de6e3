/** The event of an edit, with what is told of it: amounts as money. */
import { Schema } from "effect";
import { moneyOf } from "../kernel/money.ts";
import { Money } from "../kernel/vocabulary.ts";
import { eventCount, type EventDefinition } from "../subject/event-type.ts";
import type { Edit, LinePrice, OrderEdited, RepricedLine, ShippingCharge } from "./edit.ts";
import type { OrderLine } from "./order.ts";

const LinePriceTold = Schema.Struct({ unitPrice: Money, discount: Money, tax: Money }).annotate({
  identifier: "LinePrice",
});

const ShippingChargeTold = Schema.Struct({
  service: Schema.optionalKey(Schema.String),
  amount: Money,
  discount: Money,
  tax: Money,
}).annotate({ identifier: "ShippingCharge" });

const TakenUnits = Schema.Struct({ lineId: Schema.String, quantity: eventCount }).annotate({
  identifier: "TakenUnits",
});

/** Lines that were added to an order, as its events tell them. */
export const AddedLines = Schema.Array(
  Schema.Struct({
    ...{ id: Schema.String, sku: Schema.String, quantity: eventCount, unitPrice: Money },
    basedOn: Schema.optionalKey(
      Schema.String.annotate({ description: "The line that its units are more of" }),
    ),
  }).annotate({ identifier: "AddedLine" }),
);

/** What an edit has changed, as its order and its event tell it. */
export const editFields = {
  reason: Schema.String,
  by: Schema.String.annotate({ description: "Who edited it" }),
  repriced: Schema.Array(
    Schema.Struct({ lineId: Schema.String, before: LinePriceTold, after: LinePriceTold }).annotate({
      identifier: "RepricedLine",
    }),
  ).annotate({ description: "Lines that cost another price; discount and tax are for all units" }),
  taken: Schema.Array(TakenUnits).annotate({ description: "Units that were taken out" }),
  shipping: Schema.optionalKey(
    Schema.Struct({ before: ShippingChargeTold, after: ShippingChargeTold }).annotate({
      identifier: "ChangedShipping",
    }),
  ),
  addressChanged: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether it is shipped to another address" }),
  ),
};

export const editEventTypes = {
  "order.edited": {
    description: "An order was edited: lines added, units taken out, or prices changed",
    details: Schema.Struct({
      ...editFields,
      addedLines: AddedLines,
      total: Money.annotate({ description: "The order's total after it" }),
    }),
  },
} as const satisfies Readonly<Record<OrderEdited["type"], EventDefinition>>;

const toldPrice = ({ unitPrice, discount, tax }: LinePrice, currency: string) => ({
  unitPrice: moneyOf(unitPrice, currency),
  discount: moneyOf(discount, currency),
  tax: moneyOf(tax, currency),
});

const toldCharge = ({ service, amount, discount, tax }: ShippingCharge, currency: string) => ({
  ...(service === undefined ? {} : { service }),
  amount: moneyOf(amount, currency),
  discount: moneyOf(discount, currency),
  tax: moneyOf(tax, currency),
});

type Edited = Omit<Edit, "at" | "added" | "total">;

/** What was changed, with amounts as money. */
export const toldEdit = (
  { reason, by, repriced, taken, shipping, addressChanged }: Edited,
  currency: string,
) => ({
  ...{ reason, by },
  repriced: repriced.map(({ lineId, before, after }: RepricedLine) => ({
    lineId,
    before: toldPrice(before, currency),
    after: toldPrice(after, currency),
  })),
  taken,
  ...(shipping === undefined ? {} : {
    shipping: {
      before: toldCharge(shipping.before, currency),
      after: toldCharge(shipping.after, currency),
    },
  }),
  ...(addressChanged === undefined ? {} : { addressChanged }),
});

export const toldLines = (lines: readonly OrderLine[], currency: string) =>
  lines.map(({ id, sku, quantity, unitPrice, basedOn }) => ({
    ...{ id, sku, quantity, unitPrice: moneyOf(unitPrice, currency) },
    ...(basedOn === undefined ? {} : { basedOn }),
  }));

export const editDetailsOf = (event: OrderEdited): object => ({
  ...toldEdit(
    { ...event, ...(event.destination === undefined ? {} : { addressChanged: true }) },
    event.currency,
  ),
  addedLines: toldLines(event.addedLines, event.currency),
  total: moneyOf(event.totals.total, event.currency),
});
