/** Locations and items as the API answers with them. */
import { Schema } from "effect";
import { backorderRules, locationTypes } from "../../src/catalog/catalog.ts";
import { kitShipping } from "../../src/catalog/kit.ts";
import { calendarLimits } from "../../src/calendar/limits.ts";
import { Address, described, Identifier, PlaceTimeZone } from "../../src/kernel/vocabulary.ts";
import { trackings } from "../../src/lot/lot.ts";
import { count, time } from "../http/schemas.ts";

const days = (maximum: number, description: string) =>
  Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum })).annotate({ description }),
  );

const cutOffPattern = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

const CutOff = Schema.String.check(
  Schema.makeFilter(
    (value: string) => cutOffPattern.test(value) || "must be a time of the day such as 15:00",
    { toJsonSchema: () => ({ pattern: cutOffPattern.source }) },
  ),
).annotate({ identifier: "CutOff" });

/** What dates of a location rest on. */
export const locationDates = {
  timeZone: Schema.optionalKey(
    PlaceTimeZone.annotate({ description: "Of its days and its cut-off; UTC when absent" }),
  ),
  calendarId: Schema.optionalKey(
    Identifier.annotate({ description: "Its working days; every day when absent" }),
  ),
  cutOff: Schema.optionalKey(
    described(
      CutOff,
      "From this time of the day on, an order is one of the next working day. None when absent",
    ),
  ),
  handlingDays: days(
    calendarLimits.handlingDays,
    "Working days more until an order leaves. 0 when absent",
  ),
  receivingDays: days(
    calendarLimits.receivingDays,
    "Working days more until units that arrive can leave. 0 when absent",
  ),
} as const;

export const LocationType = Schema.Literals(locationTypes).annotate({ identifier: "LocationType" });

export const BackorderRule = Schema.Literals(backorderRules).annotate({
  identifier: "BackorderRule",
});

export const Tracking = Schema.Literals(trackings).annotate({
  identifier: "Tracking",
  description: "`serial`: a lot of each unit. Absent: its units are not told apart",
});

export const Location = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  type: LocationType,
  address: Address,
  latitude: Schema.optionalKey(Schema.Finite),
  longitude: Schema.optionalKey(Schema.Finite),
  active: Schema.Boolean.annotate({ description: "False: gets no new orders, ships what it has" }),
  ...locationDates,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Location" });

export const KitShipping = Schema.Literals(kitShipping).annotate({ identifier: "KitShipping" });

export const KitComponent = Schema.Struct({
  sku: Schema.String,
  quantity: Schema.Int.annotate({ description: "Units of it in one kit" }),
}).annotate({ identifier: "KitComponent" });

const Kit = Schema.Struct({
  components: Schema.Array(KitComponent),
  ship: KitShipping,
  parts: Schema.Array(KitComponent).annotate({
    description: "The goods that one unit takes off shelves: components that are kits taken apart",
  }),
  depth: Schema.Int.annotate({ description: "1, and one more for each kit within a kit" }),
}).annotate({ identifier: "Kit" });

export const Item = Schema.Struct({
  sku: Schema.String,
  name: Schema.String,
  weightGrams: Schema.optionalKey(count),
  backorder: Schema.optionalKey(BackorderRule),
  digital: Schema.Boolean,
  kit: Schema.optionalKey(Kit),
  tracking: Schema.optionalKey(Tracking),
  minRemainingDays: Schema.optionalKey(count),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Item" });
