/** Locations and items. */
import { Schema } from "effect";
import type { Item as ItemOf, Location as LocationOf } from "../../src/catalog/catalog.ts";
import { completeItem } from "../../actors/catalog/kits.ts";
import { unmade } from "../../src/catalog/kit.ts";
import { catalogLimits } from "../../src/catalog/limits.ts";
import { items, locations } from "../../src/catalog/references.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import {
  Address,
  Identifier,
  Latitude,
  Longitude,
  Sku,
  text,
} from "../../src/kernel/vocabulary.ts";
import { requireCalendar } from "../calendar/known.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import type { Tag } from "../http/registry.ts";
import {
  BackorderRule,
  Item,
  KitShipping,
  Location,
  locationDates,
  LocationType,
  Tracking,
} from "./schemas.ts";

const catalogTag: Tag = { name: "Catalog", description: "Locations and items" };

const Name = text(textLimits.name);

const LocationRequest = Schema.Struct({
  name: Name,
  type: LocationType,
  address: Address,
  latitude: Schema.optionalKey(Latitude),
  longitude: Schema.optionalKey(Longitude),
  active: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "True by default. False: gets no new orders" }),
  ),
  ...locationDates,
}).annotate({
  identifier: "LocationRequest",
  examples: [{
    name: "Amsterdam warehouse",
    type: "warehouse",
    address: { line1: "Havenstraat 12", city: "Amsterdam", postalCode: "1075 PR", country: "NL" },
    latitude: 52.35,
    longitude: 4.86,
    timeZone: "Europe/Amsterdam",
    cutOff: "15:00",
  }],
});

const { kitParts, kitPartUnits, kitDepth } = catalogLimits;

const KitRequest = Schema.Struct({
  components: Schema.Array(
    Schema.Struct({
      sku: Sku,
      quantity: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: kitPartUnits })),
    }).annotate({ identifier: "KitComponentRequest" }),
  ).check(Schema.isMinLength(1), Schema.isMaxLength(kitParts)).annotate({
    description: "Of one unit of the kit. A component may be a kit itself, and none may be digital",
  }),
  ship: Schema.optionalKey(
    KitShipping.annotate({
      description: "Whether all of a unit comes from one location; `together` when absent",
    }),
  ),
}).annotate({ identifier: "KitRequest" });

const ItemRequest = Schema.Struct({
  name: Name,
  weightGrams: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 })),
  ),
  backorder: Schema.optionalKey(BackorderRule),
  digital: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Delivered without stock or shipment" }),
  ),
  kit: Schema.optionalKey(
    KitRequest.annotate({ description: "It is sold as one, and has no stock of its own" }),
  ),
  tracking: Schema.optionalKey(Tracking),
  minRemainingDays: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: lotLimits.remainingDays })).annotate({
      description: "Lots that expire sooner are promised no more",
    }),
  ),
}).annotate({
  identifier: "ItemRequest",
  examples: [{ name: "Mug, blue", weightGrams: 350, backorder: "allowed" }],
});

const catalog = { tags: [catalogTag], read: "catalog:read", write: "catalog:write" } as const;

const locationApi: ReferenceApi<LocationOf, typeof LocationRequest.Type> = {
  ...catalog,
  path: "/v1/locations",
  parameter: "locationId",
  id: Identifier,
  body: LocationRequest,
  schema: Location,
  check: requireCalendar,
  document: (id, body) => ({ active: true, ...body, id }),
};

const itemApi: ReferenceApi<ItemOf, typeof ItemRequest.Type> = {
  ...catalog,
  path: "/v1/items",
  parameter: "sku",
  id: Sku,
  body: ItemRequest,
  schema: Item,
  document: (sku, { kit, ...body }) => ({
    ...{ digital: false, ...body, sku },
    ...(kit === undefined ? {} : { kit: unmade({ ship: "together", ...kit }) }),
  }),
  complete: completeItem,
};

export const saveLocation = saveRoute(locations, locationApi, {
  operationId: "saveLocation",
  summary: "Make or change a location",
});

export const listLocations = listRoute(locations, locationApi, {
  operationId: "listLocations",
  summary: "Locations, by id",
});

export const getLocation = getRoute(locations, locationApi, {
  operationId: "getLocation",
  summary: "A location",
});

export const saveItem = saveRoute(items, itemApi, {
  operationId: "saveItem",
  summary: "Make or change an item",
  description:
    "A kit is taken apart into its goods when it is saved, and anew whenever a kit within it changes. Orders " +
    "keep the goods as they were when they were placed. A recipe that leads back to itself, goes more than " +
    `${kitDepth} kits deep or comes to more than ${kitParts} different goods is refused with 422.`,
});

export const listItems = listRoute(items, itemApi, {
  operationId: "listItems",
  summary: "Items, by SKU",
});

export const getItem = getRoute(items, itemApi, {
  operationId: "getItem",
  summary: "An item",
});

export const catalogRoutes = [
  saveLocation,
  listLocations,
  getLocation,
  saveItem,
  listItems,
  getItem,
];
