/** Locations and items as the API answers with them. */
import { Schema } from "effect";
import { backorderRules, locationTypes } from "../../src/catalog/catalog.ts";
import { trackings } from "../../src/lot/lot.ts";
import { Address } from "../../src/kernel/vocabulary.ts";
import { count, time } from "../http/schemas.ts";

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
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Location" });

export const Item = Schema.Struct({
  sku: Schema.String,
  name: Schema.String,
  weightGrams: Schema.optionalKey(count),
  backorder: Schema.optionalKey(BackorderRule),
  digital: Schema.Boolean,
  tracking: Schema.optionalKey(Tracking),
  minRemainingDays: Schema.optionalKey(count),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Item" });
