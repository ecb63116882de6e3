/** The changes of an edit, as schemas: requests are decoded with them, and the OpenAPI document is made of them. */
import { Schema } from "effect";
import { textLimits } from "../kernel/limits.ts";
import { Address, Identifier, Money, Sku, text } from "../kernel/vocabulary.ts";
import { orderLimits } from "./limits.ts";
import { Quantity, TaxRatePercent } from "./request.ts";
import { FulfillmentMethod } from "./vocabulary.ts";

const money = (description: string) => Schema.optionalKey(Money.annotate({ description }));
const newTax = money(
  "For all units of the line. Absent: by its rate, which must be known where the line has a tax",
);

/** A line that is added to an order. */
export const addedLineFields = {
  basedOn: Schema.optionalKey(
    Identifier.annotate({
      description: "The line that these are more units of: what is not said here is as there",
    }),
  ),
  sku: Schema.optionalKey(Sku),
  quantity: Quantity,
  unitPrice: Schema.optionalKey(Money),
  discount: money("For all units of the line; none when absent"),
  tax: money("For all units of the line. Absent: by its rate"),
  taxRatePercent: Schema.optionalKey(TaxRatePercent),
  fulfillment: Schema.optionalKey(
    Schema.Struct({
      method: FulfillmentMethod,
      locationId: Schema.optionalKey(Identifier),
    }).annotate({ identifier: "EditFulfillment" }),
  ),
};

const AddLine = Schema.Struct({ type: Schema.Literal("add-line"), ...addedLineFields }).annotate({
  identifier: "AddLineChange",
});

const SetQuantity = Schema.Struct({
  type: Schema.Literal("set-quantity"),
  lineId: Identifier,
  quantity: Schema.Int.check(
    Schema.isBetween({ minimum: 0, maximum: orderLimits.unitsPerLine }),
  ).annotate({
    description: "Units that are left of the line. Fewer are cancelled; more become a new line",
  }),
}).annotate({ identifier: "SetQuantityChange" });

const SetPrice = Schema.Struct({
  type: Schema.Literal("set-price"),
  lineId: Identifier,
  unitPrice: Money,
  tax: newTax,
}).annotate({ identifier: "SetPriceChange" });

const SetDiscount = Schema.Struct({
  type: Schema.Literal("set-discount"),
  lineId: Identifier,
  discount: Money.annotate({
    description: "For all units of the line, beside its share of the order's discounts",
  }),
  tax: newTax,
}).annotate({ identifier: "SetDiscountChange" });

const SetShipping = Schema.Struct({
  type: Schema.Literal("set-shipping"),
  service: Schema.optionalKey(text(textLimits.id)),
  amount: Schema.optionalKey(Money),
  discount: Schema.optionalKey(Money),
  tax: Schema.optionalKey(Money),
}).annotate({ identifier: "SetShippingChange", description: "What is not said stays as it is" });

const SetAddress = Schema.Struct({
  type: Schema.Literal("set-address"),
  shippingAddress: Address,
}).annotate({
  identifier: "SetAddressChange",
  description: "The whole address; refused once a parcel is packed",
});

const Change = Schema.Union([
  AddLine,
  SetQuantity,
  SetPrice,
  SetDiscount,
  SetShipping,
  SetAddress,
]).annotate({ identifier: "OrderChange" });

export const editChanges = Schema.Array(Change).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(orderLimits.changesPerEdit),
);
