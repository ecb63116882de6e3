/** The types of events of returns, with what is told of each. */
import { Schema } from "effect";
import { eventCount, type EventDefinition } from "../subject/event-type.ts";
import type { Return, ReturnEvent } from "./return.ts";
import type { ReturnChange } from "./return-record.ts";
import { Disposition, ReturnReason, ReturnStatus } from "./vocabulary.ts";

const ofReturn = { returnId: Schema.String };
const justReturn = Schema.Struct(ofReturn);
const withReason = Schema.Struct({ ...ofReturn, reason: Schema.String });

/** Units of goods that came with a return and are none of its order's. */
export const UnexpectedUnits = Schema.Struct({ sku: Schema.String, quantity: eventCount }).annotate(
  {
    identifier: "UnexpectedUnits",
  },
);

const requested = Schema.Struct({
  ...ofReturn,
  goodsBack: Schema.Boolean.annotate({ description: "False for a claim: nothing comes back" }),
  locationId: Schema.optionalKey(Schema.String),
  lines: Schema.Array(
    Schema.Struct({ lineId: Schema.String, quantity: eventCount, reason: ReturnReason }).annotate({
      identifier: "RequestedReturnLine",
    }),
  ),
  note: Schema.optionalKey(Schema.String),
  overrideReason: Schema.optionalKey(Schema.String),
});

const received = Schema.Struct({
  ...ofReturn,
  locationId: Schema.String,
  lines: Schema.Array(
    Schema.Struct({ lineId: Schema.String, sku: Schema.String, quantity: eventCount }).annotate({
      identifier: "ReceivedUnits",
    }),
  ),
  unexpected: Schema.Array(UnexpectedUnits),
});

const inspected = Schema.Struct({
  ...ofReturn,
  locationId: Schema.String,
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      sku: Schema.String,
      quantity: eventCount,
      disposition: Disposition,
      accepted: Schema.Boolean.annotate({ description: "Whether they may be credited" }),
    }).annotate({ identifier: "InspectedLine" }),
  ),
});

export const returnEventTypes = {
  "return.requested": {
    description: "Units of an order are to come back, or are claimed",
    details: requested,
  },
  "return.authorized": {
    description: "A return may come",
    details: Schema.Struct({
      ...ofReturn,
      locationId: Schema.optionalKey(Schema.String),
      expiresAfterDays: Schema.optionalKey(
        Schema.Int.annotate({ description: "Days without anything of it, after which it ends" }),
      ),
    }),
  },
  "return.declined": { description: "A return is not taken", details: withReason },
  "return.shipped": {
    description: "A return is on its way",
    details: Schema.Struct({
      ...ofReturn,
      carrier: Schema.optionalKey(Schema.String),
      trackingNumber: Schema.optionalKey(Schema.String),
    }),
  },
  "return.received": {
    description: "Units of a return have come, and are set aside until they are inspected",
    details: received,
  },
  "return.inspected": {
    description: "Units of a return were inspected, and each has its disposition",
    details: inspected,
  },
  "return.closed_short": {
    description: "Units of a return that have not come are waited for no more",
    details: justReturn,
  },
  "return.closed": { description: "Nothing of a return is open any more", details: justReturn },
  "return.cancelled": { description: "A return will not come", details: withReason },
} as const satisfies Readonly<Record<ReturnEvent["type"], EventDefinition>>;

/** The returns that a commit has changed, as its events tell it. */
export const ReturnChanges = Schema.Array(
  Schema.Struct({
    id: Schema.String,
    locationId: Schema.NullOr(Schema.String).annotate({
      description: "Null where it is not known yet where the goods go",
    }),
    from: Schema.NullOr(ReturnStatus).annotate({ description: "Null for a new one" }),
    to: ReturnStatus,
  }).annotate({ identifier: "ReturnChange" }),
).annotate({ description: "The returns that the commit has changed; absent without any" });

export const toldReturn = ({ id, locationId, from, to }: ReturnChange) => ({
  ...{ id, locationId, from, to },
});

/** A new return without the members that follow from its being new. */
export const requestedDetails = (
  { id, goodsBack, locationId, lines, note, overrideReason }: Return,
): object => ({
  returnId: id,
  goodsBack,
  ...(locationId === undefined ? {} : { locationId }),
  lines: lines.map(({ lineId, quantity, reason }) => ({ lineId, quantity, reason })),
  ...(note === undefined ? {} : { note }),
  ...(overrideReason === undefined ? {} : { overrideReason }),
});
