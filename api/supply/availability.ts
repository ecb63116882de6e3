/** How many units may be promised of SKUs, now and on each later day. */
import { Effect, Schema } from "effect";
import { Promises, type SkuAvailability, type TooManyGoods } from "../../actors/supply/promises.ts";
import type { OverdueSupply } from "../../actors/supply/supply-reader.ts";
import { epochMsOf, instantOf } from "../../src/kernel/instant.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import type { Principal, Role } from "../../src/kernel/principal.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { promiseLimits } from "../../src/supply/limits.ts";
import { json } from "../http/answer.ts";
import { fail, invalidParameter } from "../http/problems.ts";
import { route, type Tag } from "../http/registry.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds } from "../http/several.ts";
import { normalized } from "../http/times.ts";
import { asOfParameter, Availability } from "./promise-schemas.ts";

export const promisesTag: Tag = {
  name: "Availability",
  description: "What may be promised by when, of stock and of supply that is on its way",
};

const mayAskAsOf: readonly Role[] = ["admin", "operations"];

/** The moment that is asked about. Others might learn by it what they are not told. */
export const asOfIn = ({ role }: Principal, asOf: string | undefined) =>
  asOf === undefined || mayAskAsOf.includes(role)
    ? Effect.succeed(asOf === undefined ? undefined : epochMsOf(normalized(asOf)))
    : Effect.fail(fail("forbidden", `The role ${role} may not ask as of another time.`));

export const tooManyText = ({ goods, most }: TooManyGoods): string =>
  `comes to ${goods} SKUs with the parts of kits, and may to ${most}`;

const overdueView = ({ supplyId, sku, locationId, dueMs, units }: OverdueSupply) => ({
  ...{ supplyId, sku, locationId },
  dueAt: instantOf(dueMs),
  quantity: units,
});

const availabilityView = (
  { sku, byDate, locations, backorderable, overdue, whole }: SkuAvailability,
) => ({
  sku,
  available: byDate[0]?.units ?? 0,
  ...(locations === undefined ? {} : { locations }),
  byDate: byDate.map(({ fromMs, units }) => ({ from: instantOf(fromMs), available: units })),
  backorderable,
  method: whole ? "exact" : "bounded",
  overdue: overdue.slice(0, promiseLimits.overdueShown).map(overdueView),
});

const getAvailability = route({
  method: "GET",
  path: "/v1/availability",
  operationId: "getAvailability",
  summary: "Units that may be promised, now and on later days",
  description:
    "Units of supply that is on its way count from when they can be shipped, less what is promised of them. Of " +
    "a key of one channel, or of one location, it is what that one may promise.",
  tags: [promisesTag],
  permission: "inventory:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    sku: someIds(textLimits.sku),
    channel: Schema.optionalKey(Identifier),
    locationId: Schema.optionalKey(someIds(textLimits.id)),
    asOf: Schema.optionalKey(asOfParameter),
  }),
  responses: { 200: { description: "Each SKU that was asked for", schema: Availability } },
  handler: Effect.fnUntraced(function* ({ query, by }) {
    const promises = yield* Promises;
    const channel = yield* narrowed(by.scope.channel, query.channel, "channel");
    const locationIds = yield* narrowedIds(
      by.scope.locationId,
      idsIn(query.locationId),
      "location",
    );
    const asked = {
      skus: idsIn(query.sku) ?? [],
      ...{ channel, locationIds },
      asOfMs: yield* asOfIn(by, query.asOf),
    };
    const { asOf, skus } = yield* Effect.catchTag(
      promises.availability(asked),
      "TooManyGoods",
      (tooMany) => invalidParameter("sku", tooManyText(tooMany)),
    );
    // Of several, the text as a whole is a SKU only where one has commas.
    const several = query.sku.length > 1;
    const named = skus.filter(({ known }, n) => n > 0 || !several || known);
    return json(200, {
      asOf,
      channel: channel ?? null,
      locationIds: locationIds ?? null,
      data: named.map(availabilityView),
    });
  }),
});

export const availabilityRoutes = [getAvailability];
