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
import { waitingKey } from "../subject/link.ts";
import { backorderRules, type Item, type Location, locationTypes } from "./catalog.ts";
import { catalogKeys } from "./keys.ts";
import { kitShipping } from "./kit.ts";

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
    timeZone: Schema.optionalKey(Schema.String),
    calendarId: Schema.optionalKey(Schema.String),
    cutOff: Schema.optionalKey(Schema.String),
    handlingDays: Schema.optionalKey(Schema.Int),
    receivingDays: Schema.optionalKey(Schema.Int),
    ...savedFields,
  }),
  partition: sharedReferencePartition,
  limit: catalogLimits.locations,
  memory: { type: "all" },
  records: referenceRecords("location", kind),
  locationIdsOf: (id) => [id],
});

const Components = Schema.Array(Schema.Struct({ sku: Schema.String, quantity: Schema.Int }));

export const items = reference<Item>({
  name: "item",
  idOf: ({ sku }) => sku,
  schema: Schema.Struct({
    sku: Schema.String,
    name: Schema.String,
    weightGrams: Schema.optionalKey(Schema.Int),
    backorder: Schema.optionalKey(Schema.Literals(backorderRules)),
    digital: Schema.Boolean,
    kit: Schema.optionalKey(
      Schema.Struct({
        components: Components,
        ship: Schema.Literals(kitShipping),
        parts: Components,
        depth: Schema.Int,
      }),
    ),
    tracking: Schema.optionalKey(Schema.Literals(trackings)),
    minRemainingDays: Schema.optionalKey(Schema.Int),
    ...savedFields,
  }),
  partition: sharedReferencePartition,
  limit: null,
  memory: { type: "recent", capacity: catalogLimits.cachedItems },
  records: referenceRecords("item", kind),
  linksOf: ({ sku, kit }) =>
    (kit?.components ?? []).map((part) => waitingKey(catalogKeys.kitWith(part.sku, sku), { sku })),
  linkFamilies: ["kit_with"],
});
