/** Returns as the API answers with them, and as it is asked for them. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier, optionalList, Reason, Sku, text } from "../../src/kernel/vocabulary.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { addedLineFields } from "../../src/order/edit-request.ts";
import type { Exchange } from "../../src/order/exchange.ts";
import { orderLimits } from "../../src/order/limits.ts";
import type { Order } from "../../src/order/order.ts";
import { Quantity } from "../../src/order/request.ts";
import { type Return as ReturnState, supportedReturnActions } from "../../src/order/return.ts";
import { UnexpectedUnits } from "../../src/order/return-events.ts";
import { lineIndexOf, quantitiesOf } from "../../src/order/quantities.ts";
import { returnExpiryMs } from "../../src/order/return-policy.ts";
import { inspectedUnits } from "../../src/order/return-units.ts";
import {
  Disposition,
  ReturnAction,
  ReturnReason,
  ReturnStatus,
  ShipWhen,
} from "../../src/order/vocabulary.ts";
import { count, time } from "../http/schemas.ts";

const ReturnLine = Schema.Struct({
  lineId: Schema.String,
  sku: Schema.String,
  quantity: count.annotate({
    description: "Units that are to come back; zero where units came that nobody had announced",
  }),
  reason: ReturnReason,
  received: count,
  inspected: Schema.Array(
    Schema.Struct({ disposition: Disposition, quantity: count }).annotate({
      identifier: "InspectedUnits",
    }),
  ),
  awaitingInspection: count.annotate({ description: "Received, and not inspected yet" }),
  accepted: count.annotate({
    description: "Of the inspected units, or of a claim's, those that may be credited",
  }),
}).annotate({ identifier: "ReturnLine" });

export const Return = Schema.Struct({
  id: Schema.String,
  orderId: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  status: ReturnStatus,
  goodsBack: Schema.Boolean.annotate({ description: "False for a claim: nothing comes back" }),
  locationId: Schema.optionalKey(
    Schema.String.annotate({ description: "Where the goods are to go, or have come to" }),
  ),
  lines: Schema.Array(ReturnLine),
  unexpected: Schema.Array(UnexpectedUnits).annotate({
    description: "What came with it and is none of the order's: written down, and no stock",
  }),
  note: Schema.optionalKey(Schema.String),
  overrideReason: Schema.optionalKey(
    Schema.String.annotate({ description: "Why it was taken although the policy forbids it" }),
  ),
  carrier: Schema.optionalKey(Schema.String),
  trackingNumber: Schema.optionalKey(Schema.String),
  endReason: Schema.optionalKey(
    Schema.String.annotate({ description: "Why it was declined or cancelled" }),
  ),
  expiresAt: Schema.optionalKey(
    time.annotate({ description: "When it ends by itself, unless something of it comes" }),
  ),
  exchange: Schema.optionalKey(
    Schema.Struct({
      shipWhen: ShipWhen,
      lines: Schema.Array(
        Schema.Struct({
          ...{ lineId: Schema.String, sku: Schema.String },
          ...{ quantity: count, shipped: count, cancelled: count },
        }).annotate({ identifier: "ExchangeLine" }),
      ),
    }).annotate({
      identifier: "Exchange",
      description: "The lines of the order that are in place of what comes back",
    }),
  ),
  supportedActions: Schema.Array(ReturnAction).annotate({ description: "What may be done now" }),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int.annotate({ description: "The version of its order" }),
}).annotate({ identifier: "OrderReturn" });

const exchangeView = ({ shipWhen, added }: Exchange, order: Order) => {
  const quantities = quantitiesOf(order);
  return {
    shipWhen,
    lines: added.flatMap((lineId) => {
      const index = lineIndexOf(order, lineId);
      const [line, units] = [order.lines[index], quantities[index]];
      if (line === undefined || units === undefined) return [];
      const { sku, quantity, cancelled } = line;
      return [{ lineId, sku, quantity, shipped: units.shipped, cancelled }];
    }),
  };
};

const expiryOf = (each: ReturnState) => {
  const dueMs = returnExpiryMs(each);
  return dueMs === null ? {} : { expiresAt: instantOf(dueMs) };
};

/** A return with the facts of its order that its location must know. It has no amounts and no customer. */
export const returnView = (
  state: ReturnState,
  order: Order,
) => {
  const { expiresAfterDays: _, exchange, ...each } = state;
  return {
    ...each,
    ...expiryOf(state),
    ...(exchange === undefined ? {} : { exchange: exchangeView(exchange, order) }),
    orderId: order.id,
    channel: order.channel,
    externalId: order.externalId,
    lines: each.lines.map((line) => ({
      ...line,
      awaitingInspection: line.received - inspectedUnits(line),
    })),
    supportedActions: supportedReturnActions(each),
    version: order.version,
  };
};

export type ReturnView = ReturnType<typeof returnView>;

/** Units with a disposition. */
export const InspectedLineRequest = Schema.Struct({
  lineId: Identifier,
  quantity: Quantity,
  disposition: Disposition,
  accepted: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether they may be credited: yes when absent" }),
  ),
}).annotate({ identifier: "InspectedLineRequest" });

export const inspectedLines = (lines: readonly (typeof InspectedLineRequest.Type)[]) =>
  lines.map(({ accepted = true, ...line }) => ({ ...line, accepted }));

/** Entries of an inspection: a line has at most one for each disposition, accepted and not. */
export const mostInspected = orderLimits.linesPerReturn * 10;

export const UnexpectedGoods = optionalList(
  Schema.Struct({ sku: Sku, quantity: Quantity }).annotate({
    identifier: "UnexpectedUnitsRequest",
  }),
  {
    mostEntries: orderLimits.unexpectedPerReturn,
    description: "What came with it and is none of the order's: written down, and no stock",
  },
);

export const RequestReturnRequest = Schema.Struct({
  lines: Schema.Array(
    Schema.Struct({ lineId: Identifier, quantity: Quantity, reason: ReturnReason }).annotate({
      identifier: "ReturnLineRequest",
    }),
  ).check(Schema.isMinLength(1), Schema.isMaxLength(orderLimits.linesPerReturn)),
  goodsBack: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "`false` claims units that do not come back. They do when absent",
    }),
  ),
  locationId: Schema.optionalKey(
    Identifier.annotate({ description: "Where they are to go: to their sender when absent" }),
  ),
  note: Schema.optionalKey(text(textLimits.description)),
  overrideReason: Schema.optionalKey(
    Reason.annotate({ description: "Takes what the policy of the channel forbids" }),
  ),
  received: Schema.optionalKey(
    Schema.Struct({
      locationId: Identifier,
      inspected: optionalList(InspectedLineRequest, { mostEntries: mostInspected }),
    }).annotate({
      identifier: "ReceivedAtOnce",
      description:
        "The goods are there already, all of them: authorizes and receives at once, and " +
        "inspects as far as is said",
    }),
  ),
  exchange: Schema.optionalKey(
    Schema.Struct({
      lines: Schema.Array(
        Schema.Struct(addedLineFields).annotate({ identifier: "ExchangeLineRequest" }),
      ).check(Schema.isMinLength(1), Schema.isMaxLength(orderLimits.linesPerExchange)),
      shipWhen: Schema.optionalKey(ShipWhen.annotate({ description: "`received` when absent" })),
    }).annotate({
      identifier: "ExchangeRequest",
      description: "New lines of the order in place of what comes back: their goods are kept for " +
        "the customer, and leave when the return is there, or ahead of it",
    }),
  ),
}).annotate({
  identifier: "RequestReturnRequest",
  examples: [{ lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }] }],
});
