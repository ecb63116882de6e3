/** Lots and serials in requests, and as the API answers with them. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { described, optionalList, text, Timestamp } from "../../src/kernel/vocabulary.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import { lotIdPattern } from "../../src/lot/lot.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { Quantity } from "../../src/order/request.ts";
import { Tracking } from "../catalog/schemas.ts";
import { count, time } from "../http/schemas.ts";

const largest = orderLimits.unitsPerLine * 10_000;

const visible = new RegExp(lotIdPattern, "u");

/** What stands on the goods: the number of a lot, or of one unit. */
const printed = (identifier: string) =>
  text(textLimits.id).check(
    Schema.makeFilter((value: string) => visible.test(value) || "must have no control characters"),
  ).annotate({ identifier });

export const LotId = printed("LotId");
export const Serial = printed("Serial");

/** Serials that were counted: all others are not there. */
export const CountedSerials = Schema.Array(Serial).check(
  Schema.isMaxLength(lotLimits.serialsPerRequest),
);

const Serials = optionalList(Serial, {
  mostEntries: lotLimits.serialsPerRequest,
  description: "One for each unit",
});

/** Members of a change of units that say which they are. */
export const whichUnits = {
  lotId: Schema.optionalKey(LotId),
  expiresAt: Schema.optionalKey(
    described(Timestamp, "When the lot expires; of a lot that is there it may be left out"),
  ),
  serials: Serials,
};

/** Lots that were counted: all others are not there. */
export const CountedLots = Schema.Array(
  Schema.Struct({
    lotId: LotId,
    expiresAt: whichUnits.expiresAt,
    onHand: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: largest })),
  }).annotate({ identifier: "CountedLot" }),
).check(Schema.isMaxLength(lotLimits.lotsPerLine));

/** Lots, or serials, that units of a line are picked of. */
export const pickedUnits = {
  lots: optionalList(
    Schema.Struct({
      lotId: Schema.optionalKey(
        described(LotId, "Absent: units of which nobody has said the lot"),
      ),
      quantity: Quantity,
    }).annotate({ identifier: "NamedLot" }),
    { mostEntries: lotLimits.lotsPerLine },
  ),
  serials: Serials,
};

export const lotFields = {
  lotId: Schema.String.annotate({
    description: "Empty: units of which nobody has said the lot",
  }),
  expiresAt: Schema.optionalKey(time),
  serial: Schema.optionalKey(
    Schema.Literal(true).annotate({ description: "The lot is one unit: its id is a serial" }),
  ),
};

/** Units of a lot. */
export const UnitsOfLot = Schema.Struct({ ...lotFields, quantity: count }).annotate({
  identifier: "UnitsOfLot",
});

export const PickedLot = Schema.Struct({ ...lotFields, quantity: count, shipped: count }).annotate({
  identifier: "PickedLot",
});

/** The lots that somebody should pick for a line. */
export const LotsOfLine = Schema.Struct({
  lineId: Schema.String,
  tracking: Tracking,
  lots: Schema.Array(UnitsOfLot),
}).annotate({ identifier: "LotsOfLine" });

export const Lot = Schema.Struct({
  locationId: Schema.String,
  sku: Schema.String,
  ...lotFields,
  onHand: count,
  picked: count.annotate({ description: "For orders, and still on hand" }),
  setAside: count.annotate({ description: "Unavailable" }),
  state: Schema.Literals(["good", "short-dated", "expired"]).annotate({
    description: "`short-dated`: good for fewer days than its item asks",
  }),
}).annotate({ identifier: "Lot" });

export const TraceEntry = Schema.Struct({
  locationId: Schema.String,
  at: time.annotate({ description: "When it last changed" }),
  onHand: Schema.Int.annotate({ description: "Units that came; less than none: that left" }),
  picked: Schema.Int,
  setAside: Schema.Int,
  orderId: Schema.optionalKey(Schema.String),
  shipmentIds: Schema.optionalKey(Schema.Array(Schema.String)),
  type: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String),
  reference: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "TraceEntry" });

export const SerialUnit = Schema.Struct({
  sku: Schema.String,
  serial: Schema.String,
  state: Schema.Literals(["in_stock", "picked", "shipped", "out"]).annotate({
    description: "`out`: taken out of stock by hand",
  }),
  locationId: Schema.optionalKey(
    Schema.String.annotate({ description: "Where it is, or was last" }),
  ),
  orderId: Schema.optionalKey(
    Schema.String.annotate({ description: "Who has it, or had it last" }),
  ),
  shipmentIds: Schema.optionalKey(Schema.Array(Schema.String)),
  at: time,
}).annotate({ identifier: "SerialUnit" });
