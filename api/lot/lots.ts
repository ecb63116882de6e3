/** Lots and serials: which there are, and who got units of them. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { LotLists } from "../../actors/lot/lists.ts";
import { serialState, traceOf } from "../../actors/lot/trace.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Sku } from "../../src/kernel/vocabulary.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import type { TraceRow } from "../../src/lot/trace.ts";
import { json } from "../http/answer.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { idsIn, narrowedIds, someIds } from "../http/several.ts";
import { Lot, LotId, Serial, SerialUnit, TraceEntry } from "./schemas.ts";

export const lotTag: Tag = {
  name: "Lots",
  description: "Lots and serials of tracked items, when they expire, and who got units of them",
};

const ofLots = {
  method: "GET",
  tags: [lotTag],
  permission: "inventory:read",
  scopes: { channel: "refused", location: "narrowed" },
} as const;

export const listLots = route({
  ...ofLots,
  path: "/v1/lots",
  operationId: "listLots",
  summary: "Lots, by location, SKU and expiry",
  description:
    "With a `sku`, the units of which nobody has said the lot are there too, as a lot without an id. Lots " +
    "of which nothing is left are not.",
  query: Schema.Struct({
    ...pageParameters,
    sku: Schema.optionalKey(Sku),
    locationId: Schema.optionalKey(someIds(textLimits.id)),
    attention: Schema.optionalKey(
      Schema.Literals(["true", "false"]).annotate({
        description:
          "`true`: only lots that are short-dated or expired, with units that are neither picked nor set " +
          "aside: they are promised, and must be replaced, or moved by hand",
      }),
    ),
  }),
  responses: { 200: { description: "A page of lots", schema: pageOf(Lot) } },
  handler: Effect.fnUntraced(function* (request) {
    const { query, by } = request;
    const asked = idsIn(query.locationId);
    const locationIds = yield* narrowedIds(by.scope.locationId, asked, "location");
    const [afterLocation, afterRow] = (yield* decodeCursor(query, 2)) ?? [];
    const lists = yield* LotLists;
    const { lots, next } = yield* lists.page({
      sku: query.sku,
      attention: query.attention === "true",
      locationIds,
      after: afterLocation === undefined || afterRow === undefined
        ? undefined
        : { locationId: afterLocation, row: afterRow },
      limit: pageSize(query),
    });
    return page(request, lots, next === null ? null : encodeCursor([next.locationId, next.row]));
  }),
});

const seenBy = ({ scope }: Principal) => ({ locationId }: TraceRow): boolean =>
  scope.locationId === undefined || scope.locationId === locationId;

export const traceLot = route({
  ...ofLots,
  path: "/v1/lots/{sku}/{lotId}/trace",
  operationId: "traceLot",
  summary: "Who got units of a lot, and where they came from",
  description:
    "For a recall: first the orders that have units of it, with their shipments, then what changes of " +
    "stock did to it. A page may be short, or even empty, and still have a next one.",
  params: Schema.Struct({ sku: Sku, lotId: LotId }),
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of its trace", schema: pageOf(TraceEntry) } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const { params: { sku, lotId }, query, by } = request;
    const after = yield* decodeCursor(query, 2);
    const { rows, next } = yield* traceOf(sku, lotId, { after, limit: pageSize(query) });
    if (rows.length === 0 && after === undefined) {
      return yield* new NotFound({ what: "lot", id: `${sku}/${lotId}` });
    }
    return page(request, rows.filter(seenBy(by)), next === null ? null : encodeCursor(next));
  }),
});

const latest = (rows: readonly TraceRow[]): TraceRow | undefined =>
  rows.reduce<TraceRow | undefined>(
    (last, row) => last === undefined || row.at >= last.at ? row : last,
    undefined,
  );

export const getSerial = route({
  ...ofLots,
  path: "/v1/serials/{sku}/{serial}",
  operationId: "getSerial",
  summary: "Where the unit of a serial is",
  params: Schema.Struct({ sku: Sku, serial: Serial }),
  responses: { 200: { description: "The unit", schema: SerialUnit } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* ({ params: { sku, serial }, by }) {
    const row = yield* serialState(sku, serial);
    const { rows } = yield* traceOf(sku, serial, { limit: lotLimits.lotsPerRead });
    const seen = rows.filter(seenBy(by));
    const last = latest(seen);
    if (row === null || last === undefined) {
      return yield* new NotFound({ what: "serial", id: `${sku}/${serial}` });
    }
    const order = latest(seen.filter(({ orderId }) => orderId !== undefined));
    const isPicked = row.there > 0 && seen.reduce((sum, { picked }) => sum + picked, 0) > 0;
    return json(200, {
      sku,
      serial,
      state: isPicked ? "picked" : row.there > 0 ? "in_stock" : row.gone > 0 ? "shipped" : "out",
      locationId: last.locationId,
      ...(order === undefined ? {} : { orderId: order.orderId }),
      ...(order?.shipmentIds === undefined ? {} : { shipmentIds: order.shipmentIds }),
      at: last.at,
    });
  }),
});

export const lotRoutes = [listLots, traceLot, getSerial];
