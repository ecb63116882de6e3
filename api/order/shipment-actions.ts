/** The actions on a shipment. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { Reason, text, Timestamp } from "../../src/kernel/vocabulary.ts";
import { orderLimits } from "../../src/order/limits.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { TrackingStatus } from "../../src/order/vocabulary.ts";
import type { Action, ActionField, Actions } from "../http/actions.ts";
import { normalized } from "../http/times.ts";
import { reason } from "./actions.ts";

/** For the compiler: the command gets the body's decoded type. */
const action = <Body>(definition: Action<Body, OrderCommand>): Action<Body, OrderCommand> =>
  definition;

/** The numbers of a shipment's parcels. */
export const TrackingNumbers = Schema.Array(text(textLimits.id)).check(
  Schema.isMaxLength(orderLimits.trackingNumbersPerShipment),
).annotate({ description: "One for each parcel; each counts once" });

const reportFields = {
  status: TrackingStatus,
  occurredAt: Timestamp.annotate({ description: "At most a day ahead of now" }),
  description: Schema.optionalKey(text(textLimits.description)),
};

const TrackingReport = Schema.Struct(reportFields).annotate({ identifier: "TrackingReport" });

const leftExample = {
  status: "in_transit",
  occurredAt: "2025-03-03T09:30:00Z",
  description: "Left the sorting center",
} as const;

const reportOf = (report: typeof TrackingReport.Type) => ({
  ...report,
  occurredAt: normalized(report.occurredAt),
});

export const descriptionField: ActionField = {
  name: "description",
  label: "What the carrier says",
  required: false,
  maxLength: textLimits.description,
};

const carrierField: ActionField = {
  name: "carrier",
  label: "Carrier, if it is another",
  required: false,
  maxLength: textLimits.id,
};

export const shipmentActions = {
  "tracking": action({
    operationId: "trackShipment",
    summary: "What the carrier reports; late and repeated reports are welcome",
    permission: "shipments:track",
    body: Schema.Struct(reportFields).annotate({
      identifier: "TrackingRequest",
      examples: [leftExample],
    }),
    command: (report, shipmentId) => ({ type: "track", shipmentId, ...reportOf(report) }),
    says: {
      opens: "Report…",
      button: "Report",
      tone: "main",
      fields: [descriptionField],
      done: "The report is taken.",
    },
  }),
  "correct-tracking": action({
    operationId: "correctShipmentTracking",
    summary: "Put right what was reported wrongly, or take it back",
    description: "What followed from the report follows no more: an order that was delivered by " +
      "mistake is `shipped` again, unless it is closed by then.",
    permission: "shipments:track",
    body: Schema.Struct({
      was: Schema.Struct({ ...reportFields, occurredAt: Timestamp }).annotate({
        description: "One of the shipment's reports, in full",
      }),
      becomes: Schema.optionalKey(
        TrackingReport.annotate({ description: "What it should have said; absent: nothing" }),
      ),
      reason: Reason,
    }).annotate({
      identifier: "CorrectTrackingRequest",
      examples: [{
        was: leftExample,
        becomes: { ...leftExample, occurredAt: "2025-03-03T10:30:00Z" },
        reason: "The carrier's clock was an hour behind",
      }],
    }),
    command: ({ was, becomes, reason }, shipmentId) => ({
      type: "correct-tracking",
      shipmentId,
      was: reportOf(was),
      becomes: becomes && reportOf(becomes),
      reason,
    }),
    says: {
      opens: "Correct…",
      button: "Correct the report",
      fields: [descriptionField, reason],
      done: "The report is corrected.",
    },
  }),
  "set-tracking-numbers": action({
    operationId: "setShipmentTrackingNumbers",
    summary: "All tracking numbers of a shipment, in place of those before",
    permission: "shipments:track",
    body: Schema.Struct({
      trackingNumbers: TrackingNumbers,
      carrier: Schema.optionalKey(text(textLimits.id)),
    }).annotate({
      identifier: "TrackingNumbersRequest",
      examples: [{ trackingNumbers: ["JD014600003828", "JD014600003829"] }],
    }),
    command: ({ trackingNumbers, carrier }, shipmentId) => ({
      type: "set-tracking-numbers",
      shipmentId,
      trackingNumbers,
      carrier,
    }),
    says: {
      opens: "Tracking numbers…",
      button: "Save the numbers",
      fields: [carrierField],
      done: "The tracking numbers are saved.",
    },
  }),
  "note": action({
    operationId: "noteShipment",
    summary: "Write down what others should know of a shipment",
    permission: "shipments:note",
    body: Schema.Struct({ text: text(textLimits.description) }).annotate({
      identifier: "NoteRequest",
      examples: [{ text: "The carrier looks for the second parcel" }],
    }),
    command: ({ text }, shipmentId) => ({ type: "note", shipmentId, text }),
    says: {
      opens: "Note…",
      button: "Write it down",
      fields: [{ name: "text", label: "Note", required: true, maxLength: textLimits.description }],
      done: "The note is written down.",
    },
  }),
  "reship": action({
    operationId: "reshipShipment",
    summary: "Give a shipment up and fulfill its units once more",
    description: "The shipment is `replaced`, and its units are allocated anew. Units that no " +
      "location has are backordered, whatever the order's policy: they were promised.",
    permission: "shipments:reship",
    body: Schema.Struct({ reason: Reason }).annotate({
      identifier: "ReshipRequest",
      examples: [{ reason: "The carrier has lost it" }],
    }),
    command: ({ reason }, shipmentId) => ({ type: "reship", shipmentId, reason }),
    says: {
      opens: "Reship…",
      button: "Send its units once more",
      tone: "danger",
      fields: [reason],
      done: "Given up: its units are fulfilled once more.",
    },
  }),
} as const satisfies Actions<OrderCommand>;
