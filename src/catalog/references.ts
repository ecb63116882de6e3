/** Locations and items, as references: everybody knows all locations, and the items in use. */
import { Schema } from "effect";
import { trackings } from "../lot/lot.ts";
import { catalogLimits } from "./limits.ts";
import {
  reference,
  referenceRecords,
  savedFields,
  sharedReferencePartition,
} from "../subject/reference.ts";
import { backorderRules, type Item, type Location, locationTypes } from "./catalog.ts";

const kind = "catalog";

export const locations = reference<Location>({
  name: "location",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    name: Schema.String,
    type: Schema.Literals(locationTypes),
    address: Schema.Struct({ country: Schema.String }),
    latitude: Schema.optionalKey(Schema.Finite),
    longitude: Schema.optionalKey(Schema.Finite),
    active: Schema.Boolean,
    ...savedFields,
  }),
  partition: sharedReferencePartition,
  limit: catalogLimits.locations,
  memory: { type: "all" },
  records: referenceRecords("location", kind),
  locationIdsOf: (id) => [id],
});

export const items = reference<Item>({
  name: "item",
  idOf: ({ sku }) => sku,
  schema: Schema.Struct({
    sku: Schema.String,
    name: Schema.String,
    weightGrams: Schema.optionalKey(Schema.Int),
    backorder: Schema.optionalKey(Schema.Literals(backorderRules)),
    digital: Schema.Boolean,
    tracking: Schema.optionalKey(Schema.Literals(trackings)),
    minRemainingDays: Schema.optionalKey(Schema.Int),
    ...savedFields,
  }),
  partition: sharedReferencePartition,
  limit: null,
  memory: { type: "recent", capacity: catalogLimits.cachedItems },
  records: referenceRecords("item", kind),
});
