/** Stock: what is where, and every way to change it beside orders. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { Inventory, type StockLevel as StockLevelOf } from "../../actors/stock/inventory.ts";
import { isHistoryCursor, stockHistory } from "../../actors/stock/stock-history.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { availablePlace, bucketNames, unspecifiedPlace } from "../../src/stock/buckets.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import { described, Identifier, Sku, text } from "../../src/kernel/vocabulary.ts";
import { command, json } from "../http/answer.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { invalidParameter } from "../http/problems.ts";
import { jsonBody, route, type Tag } from "../http/registry.ts";
import { count, pageOf, pageParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds } from "../http/several.ts";
import { normalized } from "../http/times.ts";
import { lotShort, serialExists } from "../lot/problems.ts";
import { CountedLots, CountedSerials, whichUnits } from "../lot/schemas.ts";
import { belowZeroAvailable, countMismatch, stockFailures } from "./problems.ts";
import { StockChange, StockLevel } from "./schemas.ts";

const inventoryTag: Tag = { name: "Inventory", description: "What is where" };

/** Ten thousand times what one line may ask for: sums of many changes stay exact integers. */
const largestStock = orderLimits.unitsPerLine * 10_000;
const units = (minimum: number) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum: largestStock }));

const Reference = text(textLimits.name);

const changes = <Fields extends Schema.Struct.Fields>(identifier: string, fields: Fields) =>
  Schema.Array(Schema.Struct(fields).annotate({ identifier })).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(stockLimits.changesPerRequest),
  );

/** Two values for one SKU contradict each other. */
const onceForEachSku = Schema.makeFilter((entries: readonly { readonly sku: string }[]) => {
  const seen = new Set<string>();
  return entries.flatMap(({ sku }, index) => {
    if (!seen.has(sku)) {
      seen.add(sku);
      return [];
    }
    return [{ path: [index, "sku"], issue: "comes twice" }];
  });
});

const Bucket = text(textLimits.id).check(
  Schema.makeFilter((name: string) =>
    name !== availablePlace && name !== unspecifiedPlace || `${name} is no bucket`
  ),
);

const Place = text(textLimits.id);

/** A bucket without units would look as if the units on hand were taken out of it. */
const bucketWithUnits = Schema.makeFilter(
  (entries: readonly { readonly bucket?: string; readonly unavailable?: number }[]) =>
    entries.flatMap(({ bucket, unavailable }, index) =>
      bucket === undefined || unavailable !== undefined
        ? []
        : [{ path: [index, "bucket"], issue: "is of unavailable units: say how many" }]
    ),
);

const betweenPlaces = Schema.makeFilter(
  (entries: readonly { readonly from: string; readonly to: string }[]) =>
    entries.flatMap(({ from, to }, index) =>
      from === to ? [{ path: [index, "to"], issue: "is where they are" }] : []
    ),
);

const AdjustmentRequest = Schema.Struct({
  locationId: Identifier,
  reason: described(
    text(textLimits.id),
    "received, count, damaged, correction, ... in the words of whoever changes it",
  ),
  reference: Schema.optionalKey(Reference),
  changes: changes("StockAdjustment", {
    sku: Sku,
    delta: units(-largestStock).annotate({ description: "Units on hand, more or less" }),
    unavailable: Schema.optionalKey(
      units(-largestStock).annotate({
        description: "Units made unavailable, or available again, out of those on hand",
      }),
    ),
    bucket: Schema.optionalKey(
      described(
        Bucket,
        "The bucket into which the unavailable units go, or out of which; absent: in none by name",
      ),
    ),
    ...whichUnits,
  }).check(bucketWithUnits),
}).annotate({
  identifier: "AdjustmentRequest",
  examples: [{
    locationId: "ams",
    reason: "received",
    reference: "PO-4711",
    changes: [{ sku: "MUG-01", delta: 120 }],
  }],
});

const MoveRequest = Schema.Struct({
  locationId: Identifier,
  reason: Schema.optionalKey(described(text(textLimits.id), "Why; by default `move`")),
  reference: Schema.optionalKey(Reference),
  moves: changes("StockMove", {
    sku: Sku,
    quantity: units(1),
    from: described(
      Place,
      "`available`, a bucket, or `unspecified` for unavailable units in none",
    ),
    to: described(Place, `As \`from\`: ${bucketNames.join(", ")}, or any other name`),
  }).check(betweenPlaces),
}).annotate({
  identifier: "MoveRequest",
  examples: [{
    locationId: "ams",
    moves: [{ sku: "MUG-01", quantity: 2, from: "available", to: "damaged" }],
  }],
});

const CountRequest = Schema.Struct({
  locationId: Identifier,
  reason: Schema.optionalKey(
    described(text(textLimits.id), "Why it was counted; by default `count`"),
  ),
  reference: Schema.optionalKey(Reference),
  counts: changes("StockCount", {
    sku: Sku,
    onHand: units(0),
    expected: Schema.optionalKey(
      Schema.Int.annotate({ description: "Units on hand as the counter saw them: 409 if not" }),
    ),
    lots: Schema.optionalKey(CountedLots),
    serials: Schema.optionalKey(CountedSerials),
  }).check(onceForEachSku),
}).annotate({
  identifier: "CountRequest",
  examples: [{ locationId: "ams", counts: [{ sku: "MUG-01", onHand: 118, expected: 120 }] }],
});

const SafetyStockRequest = Schema.Struct({
  locationId: Identifier,
  levels: changes("SafetyStockLevel", { sku: Sku, safetyStock: units(0) }).check(onceForEachSku),
}).annotate({
  identifier: "SafetyStockRequest",
  examples: [{ locationId: "ams", levels: [{ sku: "MUG-01", safetyStock: 5 }] }],
});

type Counted = (typeof CountRequest.Type)["counts"][number];

/** The date of a lot in the form in which all are kept. */
const withInstant = <A extends { readonly expiresAt?: string }>(named: A): A =>
  named.expiresAt === undefined ? named : { ...named, expiresAt: normalized(named.expiresAt) };

const changed = {
  200: {
    description: "The rows as they are now",
    schema: Schema.Struct({ data: Schema.Array(StockLevel) }).annotate({
      identifier: "StockLevels",
    }),
  },
};
const changedRows = (rows: readonly StockLevelOf[]) => json(200, { data: rows });

const atOwnLocation = ({ scope }: Principal, locationId: string) =>
  narrowed(scope.locationId, locationId, "location");

export const adjustStock = route({
  method: "POST",
  path: "/v1/inventory/adjustments",
  operationId: "adjustStock",
  summary: "Add or take stock: all changes or none",
  tags: [inventoryTag],
  permission: "inventory:write",
  scopes: { channel: "refused", location: "narrowed" },
  body: jsonBody(AdjustmentRequest),
  responses: changed,
  problems: ["not-found", "limit-reached", belowZeroAvailable, lotShort, serialExists],
  failures: stockFailures,
  handler: Effect.fnUntraced(function* (request) {
    const inventory = yield* Inventory;
    yield* atOwnLocation(request.by, request.body.locationId);
    return yield* command(
      request,
      (context) =>
        inventory.adjust({
          ...request.body,
          changes: request.body.changes.map(withInstant),
        }, context),
      changedRows,
    );
  }),
});

export const moveStock = route({
  method: "POST",
  path: "/v1/inventory/moves",
  operationId: "moveStock",
  summary: "Set units aside in buckets, or make them available again: all moves or none",
  description:
    "Moves of one SKU count together. What is on hand stays; orders that wait get what becomes available.",
  tags: [inventoryTag],
  permission: "inventory:write",
  scopes: { channel: "refused", location: "narrowed" },
  body: jsonBody(MoveRequest),
  responses: changed,
  problems: ["not-found", "limit-reached", belowZeroAvailable, lotShort, serialExists],
  failures: stockFailures,
  handler: Effect.fnUntraced(function* (request) {
    const inventory = yield* Inventory;
    yield* atOwnLocation(request.by, request.body.locationId);
    return yield* command(
      request,
      (context) => inventory.move(request.body, context),
      changedRows,
    );
  }),
});

export const countStock = route({
  method: "POST",
  path: "/v1/inventory/counts",
  operationId: "countStock",
  summary: "Set what is on hand, where it still is what was expected",
  tags: [inventoryTag],
  permission: "inventory:write",
  scopes: { channel: "refused", location: "narrowed" },
  body: jsonBody(CountRequest),
  responses: changed,
  problems: ["not-found", belowZeroAvailable, countMismatch, lotShort, serialExists],
  failures: stockFailures,
  handler: Effect.fnUntraced(function* (request) {
    const inventory = yield* Inventory;
    yield* atOwnLocation(request.by, request.body.locationId);
    return yield* command(
      request,
      (context) =>
        inventory.count({
          ...request.body,
          counts: request.body.counts.map((each: Counted) =>
            each.lots === undefined ? each : { ...each, lots: each.lots.map(withInstant) }
          ),
        }, context),
      changedRows,
    );
  }),
});

const setSafetyStock = route({
  method: "PUT",
  path: "/v1/inventory/safety-stock",
  operationId: "setSafetyStock",
  summary: "Keep units back from promises",
  tags: [inventoryTag],
  permission: "inventory:write",
  scopes: { channel: "refused", location: "narrowed" },
  body: jsonBody(SafetyStockRequest),
  responses: changed,
  problems: ["not-found"],
  failures: stockFailures,
  handler: Effect.fnUntraced(function* (request) {
    const inventory = yield* Inventory;
    yield* atOwnLocation(request.by, request.body.locationId);
    return yield* command(
      request,
      (context) => inventory.setSafetyStock(request.body, context),
      changedRows,
    );
  }),
});

export const listStock = route({
  method: "GET",
  path: "/v1/inventory",
  operationId: "listStock",
  summary: "Stock, by location and SKU",
  tags: [inventoryTag],
  permission: "inventory:read",
  scopes: { location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    sku: Schema.optionalKey(someIds(textLimits.sku)),
    locationId: Schema.optionalKey(someIds(textLimits.id)),
  }),
  responses: { 200: { description: "A page of stock rows", schema: pageOf(StockLevel) } },
  handler: Effect.fnUntraced(function* (request) {
    const inventory = yield* Inventory;
    const { query, by } = request;
    const limit = pageSize(query);
    const asked = idsIn(query.locationId);
    const locationIds = yield* narrowedIds(by.scope.locationId, asked, "location");
    const [afterLocation, afterSku] = (yield* decodeCursor(query, 2)) ?? [];
    if (afterLocation !== undefined && locationIds?.includes(afterLocation) === false) {
      return yield* invalidParameter("cursor", "is of another location's list");
    }
    const rows = yield* inventory.levels({
      skus: idsIn(query.sku),
      locationIds,
      after: afterLocation === undefined || afterSku === undefined
        ? undefined
        : { locationId: afterLocation, sku: afterSku },
      limit: limit + 1,
    });
    const data = rows.slice(0, limit);
    const last = data.at(-1);
    return page(
      request,
      data,
      rows.length > limit && last !== undefined ? encodeCursor([last.locationId, last.sku]) : null,
    );
  }),
});

const StockRowParameters = Schema.Struct({ locationId: Identifier, sku: Sku });

/** Fails as if there were no row. A key of one location finds none of another. */
const noRow = ({ locationId, sku }: typeof StockRowParameters.Type) =>
  new NotFound({ what: "stock row", id: `${locationId}/${sku}` });

export const listStockChanges = route({
  method: "GET",
  path: "/v1/inventory/{locationId}/{sku}/history",
  operationId: "listStockChanges",
  summary: "What changed the stock of a SKU at a location, newest first",
  description:
    "Read backwards from the log: a page may be short, or even empty, and still have a next one. A key of " +
    "one channel sees what its channel's orders did.",
  tags: [inventoryTag],
  permission: "inventory:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: StockRowParameters,
  query: Schema.Struct(pageParameters),
  responses: {
    200: {
      description: "A page of changes",
      schema: Schema.Struct({
        ...pageOf(StockChange).fields,
        entries: count.annotate({ description: "Log entries that were looked at for it" }),
      }).annotate({ identifier: "StockChangePage" }),
    },
  },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const inventory = yield* Inventory;
    const { params, query, by } = request;
    const isElsewhere = (by.scope.locationId ?? params.locationId) !== params.locationId;
    const [row] = isElsewhere ? [] : yield* inventory.levels({
      skus: [params.sku],
      locationIds: [params.locationId],
      limit: 1,
    });
    if (row === undefined) return yield* noRow(params);
    const [before] = (yield* decodeCursor(query, 1)) ?? [];
    if (before !== undefined && !isHistoryCursor(before)) {
      return yield* invalidParameter("cursor", "is not a cursor of this list");
    }
    const found = yield* stockHistory(params, {
      before,
      limit: pageSize(query),
      channel: by.scope.channel,
    });
    const next = found.before === null ? null : encodeCursor([found.before]);
    return page(request, found.changes, next, { entries: found.entries });
  }),
});

export const inventoryRoutes = [
  adjustStock,
  moveStock,
  countStock,
  setSafetyStock,
  listStock,
  listStockChanges,
];
