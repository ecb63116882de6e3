/** The actions on a fulfillment order, in the order of the work. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { optionalList, Reason, text } from "../../src/kernel/vocabulary.ts";
import type { FulfillmentAction, OrderCommand } from "../../src/order/order.ts";
import type { Action, Nothing } from "../http/actions.ts";
import { reason } from "./actions.ts";
import { TrackingNumbers } from "./shipment-actions.ts";
import { PickedLines, SomeLines } from "./some-lines.ts";

const action = <Body = Nothing>(
  definition: Omit<Action<Body, OrderCommand>, "permission">,
): Action<Body, OrderCommand> => ({ ...definition, permission: "fulfillment:act" });

const Package = Schema.Struct({
  reference: Schema.optionalKey(text(textLimits.id)),
  weightGrams: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 })),
  ),
}).annotate({ identifier: "PackageRequest" });

export const fulfillmentActions = {
  "accept": action({
    operationId: "acceptFulfillmentOrder",
    summary: "The location takes it on",
    command: (_, fulfillmentOrderId) => ({ type: "accept", fulfillmentOrderId }),
    says: { button: "Accept", tone: "main", done: "Accepted: now pick it." },
  }),
  "reject": action({
    operationId: "rejectFulfillmentOrder",
    summary: "The location cannot do it: it goes elsewhere or is backordered",
    body: Schema.Struct({ reason: Reason }).annotate({
      identifier: "RejectRequest",
      examples: [{ reason: "Not on the shelf" }],
    }),
    command: ({ reason }, fulfillmentOrderId) => ({ type: "reject", fulfillmentOrderId, reason }),
    says: {
      opens: "Reject…",
      button: "Reject",
      tone: "danger",
      fields: [reason],
      done: "Rejected: it goes elsewhere or waits for stock.",
    },
  }),
  "pick": action({
    operationId: "pickFulfillmentOrder",
    summary: "Lines are picked",
    body: Schema.Struct({ lines: PickedLines }).annotate({
      identifier: "PickRequest",
      examples: [{ lines: [{ lineId: "1", quantity: 2 }] }],
    }),
    command: ({ lines }, fulfillmentOrderId) => ({ type: "pick", fulfillmentOrderId, lines }),
    says: { button: "All picked", done: "Picked." },
  }),
  "pack": action({
    operationId: "packFulfillmentOrder",
    summary: "It is packed",
    body: Schema.Struct({
      packages: optionalList(Package, { mostEntries: orderLimits.packages }),
    }).annotate({
      identifier: "PackRequest",
      examples: [{ packages: [{ reference: "BOX-1", weightGrams: 750 }] }],
    }),
    command: ({ packages }, fulfillmentOrderId) => ({ type: "pack", fulfillmentOrderId, packages }),
    says: { button: "Packed", tone: "main", done: "Packed." },
  }),
  "ship": action({
    operationId: "shipFulfillmentOrder",
    summary: "Units leave: makes a shipment",
    body: Schema.Struct({
      carrier: text(textLimits.id),
      trackingNumber: Schema.optionalKey(text(textLimits.id)),
      trackingNumbers: Schema.optionalKey(TrackingNumbers),
      lines: SomeLines,
    }).annotate({
      identifier: "ShipRequest",
      examples: [{ carrier: "DHL", trackingNumber: "JD014600003828" }],
    }),
    command: ({ carrier, trackingNumber, trackingNumbers = [], lines }, fulfillmentOrderId) => ({
      type: "ship",
      fulfillmentOrderId,
      carrier,
      trackingNumbers: trackingNumber === undefined
        ? trackingNumbers
        : [trackingNumber, ...trackingNumbers],
      lines,
    }),
    says: {
      button: "Ship",
      tone: "main",
      fields: [
        { name: "carrier", label: "Carrier", required: true, maxLength: textLimits.id },
        {
          name: "trackingNumber",
          label: "Tracking number, or several with commas",
          required: false,
          maxLength: orderLimits.trackingNumbersPerShipment * (textLimits.id + 1),
        },
      ],
      done: "Shipped.",
    },
  }),
  "ready-for-pickup": action({
    operationId: "readyFulfillmentOrder",
    summary: "It waits for the customer",
    command: (_, fulfillmentOrderId) => ({ type: "ready-for-pickup", fulfillmentOrderId }),
    says: { button: "Ready for pickup", tone: "main", done: "Ready for pickup." },
  }),
  "collect": action({
    operationId: "collectFulfillmentOrder",
    summary: "The customer has it",
    command: (_, fulfillmentOrderId) => ({ type: "collect", fulfillmentOrderId }),
    says: { button: "Collected", tone: "main", done: "Collected." },
  }),
} as const satisfies Readonly<Record<FulfillmentAction, Action<unknown, OrderCommand>>>;
