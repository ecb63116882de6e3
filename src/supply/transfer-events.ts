/** The types of events of transfers, with what is told of each. */
import { Schema } from "effect";
import { eventCount, type EventDefinition, eventTime } from "../subject/event-type.ts";
import { LineUnitsSchema, movedDetails } from "./event-parts.ts";
import type { TransferEvent } from "./transfer.ts";

const line = Schema.Struct({
  ...{ id: Schema.String, sku: Schema.String, quantity: eventCount, shipped: eventCount },
  ...{ received: eventCount, damaged: eventCount, lost: eventCount, returned: eventCount },
  ...{ released: eventCount, arriving: eventCount, cutting: eventCount },
}).annotate({ identifier: "TransferLine" });

/** As it begins: nothing has left. */
const requested = Schema.Struct({
  transfer: Schema.Struct({
    id: Schema.String,
    status: Schema.Literal("requested"),
    version: eventCount,
    createdAt: eventTime,
    updatedAt: eventTime,
    externalId: Schema.optionalKey(Schema.String),
    channel: Schema.optionalKey(Schema.String),
    from: Schema.String,
    to: Schema.String,
    expectedAt: eventTime,
    forOrderId: Schema.optionalKey(Schema.String),
    lines: Schema.Array(line),
    shipments: Schema.Array(Schema.Never),
    receipts: Schema.Array(Schema.Never),
    fingerprint: Schema.String.annotate({ description: "Tells a repeat from another request" }),
  }).annotate({ identifier: "RequestedTransfer" }),
});

const step = {
  id: Schema.String,
  reference: Schema.optionalKey(Schema.String),
  by: Schema.String,
};

const shipped = Schema.Struct({
  shipment: Schema.Struct({ ...step, lines: Schema.Array(LineUnitsSchema) })
    .annotate({ identifier: "TransferShipmentTold" }),
});

const received = Schema.Struct({
  receipt: Schema.Struct({
    ...step,
    lines: Schema.Array(
      Schema.Struct({
        lineId: Schema.String,
        quantity: eventCount.annotate({ description: "Units that came, all of them" }),
        damaged: eventCount.annotate({ description: "Of these, units not for sale" }),
        bucket: Schema.optionalKey(Schema.String),
        lost: eventCount.annotate({ description: "Units that will not come" }),
      }).annotate({ identifier: "ReceivedTransferLine" }),
    ),
  }).annotate({ identifier: "TransferReceiptTold" }),
});

const ended = Schema.Struct({
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      released: eventCount.annotate({ description: "Units that never left" }),
      returned: eventCount,
      lost: eventCount,
    }).annotate({ identifier: "EndedTransferLine" }),
  ),
  reason: Schema.optionalKey(Schema.String),
});

export const transferEventTypes: Readonly<Record<TransferEvent["type"], EventDefinition>> = {
  "transfer.requested": {
    description: "A transfer was requested: its units are claimed at the source",
    details: requested,
  },
  "transfer.shipped": { description: "Units of a transfer have left", details: shipped },
  "transfer.changed": {
    description: "A transfer is expected at another time",
    details: Schema.Struct({ expectedAt: Schema.Struct({ from: eventTime, to: eventTime }) }),
  },
  "transfer.received": {
    description: "Units of a transfer have come, or are lost",
    details: received,
  },
  "transfer.moved": {
    description: "Units have left the supply of a transfer: they are on the shelf, or cut off",
    details: movedDetails,
  },
  "transfer.closed": {
    description: "A transfer was closed: what was on its way is lost",
    details: ended,
  },
  "transfer.cancelled": {
    description: "A transfer was cancelled: what was on its way goes back, or is lost",
    details: ended,
  },
};
