/** Locations and items. */
import { Effect, Schema } from "effect";
import { Catalog, type SaveResult } from "../../actors/catalog/catalog.ts";
import { PreconditionFailed } from "../../actors/aggregate/command.ts";
import {
  type Item as ItemOf,
  type Location as LocationOf,
  locationTypes,
} from "../../src/catalog/catalog.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { isAfter } from "../../src/store/keys.ts";
import {
  Address,
  Identifier,
  Latitude,
  Longitude,
  Sku,
  text,
} from "../../src/kernel/vocabulary.ts";
import { command, versioned } from "../http/answer.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { jsonBody, route, type Tag } from "../http/registry.ts";
import { standingOn } from "../http/preconditions.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { Item, Location } from "./schemas.ts";

const catalogTag: Tag = { name: "Catalog", description: "Locations and items" };

const Name = text(textLimits.name);

const LocationRequest = Schema.Struct({
  name: Name,
  type: Schema.Literals(locationTypes),
  address: Address,
  latitude: Schema.optionalKey(Latitude),
  longitude: Schema.optionalKey(Longitude),
  active: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "True by default. False: gets no new orders" }),
  ),
}).annotate({ identifier: "LocationRequest" });

const ItemRequest = Schema.Struct({
  name: Name,
  weightGrams: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 })),
  ),
  backorder: Schema.optionalKey(Schema.Literals(["never", "allowed"])),
  digital: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Delivered without stock or shipment" }),
  ),
}).annotate({ identifier: "ItemRequest" });

const missing = () => Effect.fail(new PreconditionFailed({ expected: "any", actual: "nothing" }));

const saved = <A extends { readonly version: number }>({ created, value }: SaveResult<A>) =>
  versioned(created ? 201 : 200, value, value.version);

const saveResponses = (what: string, schema: Schema.Constraint) => ({
  200: { description: `The ${what} as it is now`, schema, headers: { etag: "Its version" } },
  201: { description: `The new ${what}`, schema, headers: { etag: "Its version" } },
});

const saveHeaders = { "if-none-match": "`*` saves only what is not there yet" };

const LocationParameters = Schema.Struct({ locationId: Identifier });
const ItemParameters = Schema.Struct({ sku: Sku });

export const saveLocation = route({
  method: "PUT",
  path: "/v1/locations/{locationId}",
  operationId: "saveLocation",
  summary: "Make or change a location",
  tags: [catalogTag],
  permission: "catalog:write",
  scopes: { channel: "refused", location: "refused" },
  headers: saveHeaders,
  params: LocationParameters,
  body: jsonBody(LocationRequest),
  responses: saveResponses("location", Location),
  problems: ["limit-reached"],
  handler: Effect.fnUntraced(function* (request) {
    const catalog = yield* Catalog;
    const id = request.params.locationId;
    const existing = Effect.catchTag(catalog.location(id), "NotFound", missing);
    const ifMatch = yield* standingOn(request, existing);
    return yield* command(
      { ...request, ifMatch },
      (context) => catalog.saveLocation({ active: true, ...request.body, id }, context),
      (result: SaveResult<LocationOf>) => saved(result),
    );
  }),
});

export const listLocations = route({
  method: "GET",
  path: "/v1/locations",
  operationId: "listLocations",
  summary: "Locations, by id",
  tags: [catalogTag],
  permission: "catalog:read",
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of locations", schema: pageOf(Location) } },
  handler: Effect.fnUntraced(function* (request) {
    const catalog = yield* Catalog;
    const limit = pageSize(request.query);
    const [after] = (yield* decodeCursor(request.query, 1)) ?? [];
    const all = yield* catalog.locations;
    const rest = after === undefined ? all : all.filter(({ id }) => isAfter(id, after));
    const data = rest.slice(0, limit);
    const last = data.at(-1);
    return page(
      request,
      data,
      rest.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
    );
  }),
});

export const getLocation = route({
  method: "GET",
  path: "/v1/locations/{locationId}",
  operationId: "getLocation",
  summary: "A location",
  tags: [catalogTag],
  permission: "catalog:read",
  params: LocationParameters,
  responses: {
    200: { description: "The location", schema: Location, headers: { etag: "Its version" } },
  },
  handler: Effect.fnUntraced(function* ({ params }) {
    const catalog = yield* Catalog;
    const location = yield* catalog.location(params.locationId);
    return versioned(200, location, location.version);
  }),
});

export const saveItem = route({
  method: "PUT",
  path: "/v1/items/{sku}",
  operationId: "saveItem",
  summary: "Make or change an item",
  tags: [catalogTag],
  permission: "catalog:write",
  scopes: { channel: "refused", location: "refused" },
  headers: saveHeaders,
  params: ItemParameters,
  body: jsonBody(ItemRequest),
  responses: saveResponses("item", Item),
  handler: Effect.fnUntraced(function* (request) {
    const catalog = yield* Catalog;
    const { sku } = request.params;
    const existing = Effect.catchTag(catalog.item(sku), "NotFound", missing);
    const ifMatch = yield* standingOn(request, existing);
    return yield* command(
      { ...request, ifMatch },
      (context) => catalog.saveItem({ digital: false, ...request.body, sku }, context),
      (result: SaveResult<ItemOf>) => saved(result),
    );
  }),
});

export const getItem = route({
  method: "GET",
  path: "/v1/items/{sku}",
  operationId: "getItem",
  summary: "An item",
  tags: [catalogTag],
  permission: "catalog:read",
  params: ItemParameters,
  responses: {
    200: { description: "The item", schema: Item, headers: { etag: "Its version" } },
  },
  handler: Effect.fnUntraced(function* ({ params }) {
    const catalog = yield* Catalog;
    const item = yield* catalog.item(params.sku);
    return versioned(200, item, item.version);
  }),
});

export const catalogRoutes = [
  saveLocation,
  listLocations,
  getLocation,
  saveItem,
  getItem,
];
