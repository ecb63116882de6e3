/** The types of events of exchanges, with what is told of each: amounts as money. */
import { Schema } from "effect";
import { moneyOf } from "../kernel/money.ts";
import { Money } from "../kernel/vocabulary.ts";
import { type EventDefinition, noDetails } from "../subject/event-type.ts";
import { AddedLines, toldLines } from "./edit-events.ts";
import type { ExchangeEvent } from "./exchange.ts";
import { ShipWhen } from "./vocabulary.ts";

export const exchangeEventTypes = {
  "order.exchanged": {
    description: "Lines were added to an order in place of what is returned",
    details: Schema.Struct({
      returnId: Schema.String,
      shipWhen: ShipWhen,
      by: Schema.String.annotate({ description: "Who exchanged it" }),
      addedLines: AddedLines,
      total: Money.annotate({ description: "The order's total after it" }),
    }),
  },
  "order.reopened": {
    description: "An order of which all had arrived has lines to fulfill again",
    details: noDetails,
  },
  "fulfillment_order.released": {
    description: "Goods that were kept for a customer until a return is there may leave",
    details: Schema.Struct({ fulfillmentOrderId: Schema.String }),
  },
} as const satisfies Readonly<Record<ExchangeEvent["type"], EventDefinition>>;

export const exchangeDetailsOf = (
  event: Extract<ExchangeEvent, { readonly type: "order.exchanged" }>,
): object => {
  const { returnId, shipWhen, by, addedLines, totals, currency } = event;
  return {
    ...{ returnId, shipWhen, by },
    addedLines: toldLines(addedLines, currency),
    total: moneyOf(totals.total, currency),
  };
};
