/** Answers what is available when, and when an order could be there. Nothing is taken or written. */
import { Clock, Context, Data, Effect, Layer } from "effect";
import { calendars, carriers } from "../../src/calendar/references.ts";
import { type DateRules, dateRules, type DeliverBy } from "../../src/calendar/rules.ts";
import type { Item, Location } from "../../src/catalog/catalog.ts";
import { locations } from "../../src/catalog/references.ts";
import { bufferOf, type Channel, poolOf } from "../../src/channel/channel.ts";
import { channels } from "../../src/channel/references.ts";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Destination, FulfillmentMethod } from "../../src/order/order.ts";
import { byPreference } from "../../src/order/route.ts";
import { availableOver } from "../../src/stock/available-for.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import {
  type Promisable,
  promisableBy,
  type Step,
  stepsOf,
  withoutKeptBack,
} from "../../src/supply/atp.ts";
import {
  type PromiseDates,
  type PromiseLine,
  type PromiseMode,
  promiseOf,
  type PromisePlan,
} from "../../src/supply/promise.ts";
import { type KitOfParts, kitPromisable } from "../../src/supply/kit-units.ts";
import { promiseLimits } from "../../src/supply/limits.ts";
import { promiseWithKits } from "../../src/supply/promise-kits.ts";
import { type LocationDates, locationDates } from "../../src/supply/promise-dates.ts";
import type { Deciding } from "../aggregate/deciding.ts";
import type { Books } from "../balance/books.ts";
import { Catalog } from "../catalog/catalog.ts";
import { References } from "../reference/references.ts";
import { type OverdueSupply, readSupply, type SupplyFound } from "./supply-reader.ts";

export interface AvailabilityQuery {
  readonly skus: readonly string[];
  readonly channel?: string | undefined;
  /** Any of these; absent: all. */
  readonly locationIds?: readonly string[] | undefined;
  /** Instead of now. */
  readonly asOfMs?: number | undefined;
}

export interface SkuAvailability {
  readonly sku: string;
  /** The first is of now. */
  readonly byDate: readonly Step[];
  /** Units that may be promised now at each location, for a channel that is told of them. */
  readonly locations?: readonly { readonly locationId: string; readonly available: number }[];
  /** Whether more is sold than there is. */
  readonly backorderable: boolean;
  readonly overdue: readonly OverdueSupply[];
  /** Whether anybody has described it. */
  readonly known: boolean;
  /** Whether all supply within the horizon was looked at. */
  readonly whole: boolean;
}

export interface Availability {
  readonly asOf: Instant;
  readonly skus: readonly SkuAvailability[];
}

export interface PromiseRequest {
  readonly channel: string;
  readonly destination?: Destination | undefined;
  readonly lines: readonly (Omit<PromiseLine, "method"> & {
    readonly method?: FulfillmentMethod | undefined;
  })[];
  readonly mode: PromiseMode;
  readonly service?: string | undefined;
  /** Instead of now. */
  readonly asOfMs?: number | undefined;
}

export interface Promised {
  readonly asOf: Instant;
  readonly plan: PromisePlan<DeliverBy>;
  readonly overdue: readonly OverdueSupply[];
}

/** The kits that were asked for have more parts together than are looked at for one question. */
export class TooManyGoods extends Data.TaggedError("TooManyGoods")<{
  readonly goods: number;
  readonly most: number;
}> {}

/** The part of what there is that a channel may sell. */
interface Choice {
  readonly locations: readonly Location[];
  /** Absent for a channel without settings, which may sell all of it. */
  readonly channel?: Channel | undefined;
}

export class Promises extends Context.Service<Promises, {
  readonly availability: (
    query: AvailabilityQuery,
  ) => Effect.Effect<Availability, TooManyGoods | StoreError>;
  readonly promise: (
    request: PromiseRequest,
  ) => Effect.Effect<Promised, TooManyGoods | StoreError>;
}>()("allot/Promises") {
  static readonly layer = Layer.effect(Promises, Effect.suspend(() => makePromises));
}

type PromisableAt = SupplyFound["promisable"];

/** Goods are promised as they are; kits by their parts. */
const withKits = (
  promisable: PromisableAt,
  kits: ReadonlyMap<string, KitOfParts>,
  locationIds: readonly string[],
): PromisableAt => {
  if (kits.size === 0) return promisable;
  const made = new Map<string, ReadonlyMap<string, Promisable>>();
  for (const [sku, kit] of kits) {
    const places = kitPromisable(kit, locationIds, promisable);
    made.set(sku, new Map(locationIds.map((id, place) => [id, places[place] ?? []])));
  }
  return (locationId, sku) => {
    const own = made.get(sku);
    return own === undefined ? promisable(locationId, sku) : own.get(locationId) ?? [];
  };
};

/** What a channel may promise, by location and SKU. */
const ofChoice = (
  promisable: PromisableAt,
  { locations: all, channel }: Choice,
  skus: readonly string[],
): PromisableAt => {
  if (channel === undefined) return promisable;
  const left = new Map<string, ReadonlyMap<string, Promisable>>();
  for (const sku of skus) {
    const buffer = bufferOf(channel, sku);
    if (buffer === undefined) continue;
    const places = withoutKeptBack(
      all.map(({ id }) => promisable(id, sku)),
      (units) => availableOver([units], buffer),
    );
    left.set(sku, new Map(all.map(({ id }, place) => [id, places[place] ?? []])));
  }
  return (locationId, sku) => {
    const own = left.get(sku);
    return own === undefined ? promisable(locationId, sku) : own.get(locationId) ?? [];
  };
};

const rulesNow = Effect.gen(function* () {
  const references = yield* References;
  const all = yield* references.all(locations);
  const rules = dateRules({
    locations: all,
    calendars: yield* references.all(calendars),
    carriers: yield* references.all(carriers),
  });
  return { rules, dates: locationDates(rules, all) };
});

const choiceOf = Effect.fnUntraced(function* (
  name: string | undefined,
): Effect.fn.Return<Choice, StoreError, References> {
  const references = yield* References;
  const all = yield* references.all(locations);
  const pool = name === undefined ? undefined : poolOf(yield* references.all(channels), name, all);
  return pool ?? { locations: all.filter(({ active }) => active) };
});

const nowOr = (asOfMs: number | undefined): Effect.Effect<number> =>
  asOfMs === undefined ? Clock.currentTimeMillis : Effect.succeed(asOfMs);

/** The kits among items, by SKU. */
const kitsAmong = (
  items: ReadonlyMap<string, (Item & { readonly kit?: KitOfParts }) | null>,
): ReadonlyMap<string, KitOfParts> => {
  const kits = new Map<string, KitOfParts>();
  for (const [sku, item] of items) if (item?.kit !== undefined) kits.set(sku, item.kit);
  return kits;
};

const partsOf = (sku: string, kits: ReadonlyMap<string, KitOfParts>): readonly string[] =>
  kits.get(sku)?.parts.map((part) => part.sku) ?? [sku];

/** What is taken off shelves for these: goods, and the parts of kits. */
const goodsOf = (
  skus: readonly string[],
  kits: ReadonlyMap<string, KitOfParts>,
): Effect.Effect<readonly string[], TooManyGoods> => {
  const goods = [...new Set(skus.flatMap((sku) => partsOf(sku, kits)))];
  const { goods: most } = promiseLimits;
  return goods.length > most
    ? Effect.fail(new TooManyGoods({ goods: goods.length, most }))
    : Effect.succeed(goods);
};

const availability = Effect.fnUntraced(function* (
  { skus, locationIds, channel, asOfMs }: AvailabilityQuery,
) {
  const nowMs = yield* nowOr(asOfMs);
  const choice = yield* choiceOf(channel);
  const own = locationIds === undefined
    ? choice.locations
    : choice.locations.filter(({ id }) => locationIds.includes(id));
  const places = own.map(({ id }) => id);
  const { dates } = yield* rulesNow;
  const items = yield* (yield* Catalog).items(skus);
  const kits = kitsAmong(items);
  const goods = yield* goodsOf(skus, kits);
  const found = yield* readSupply({ skus: goods, locationIds: places, nowMs, dates });
  const ofGoods = ofChoice(found.promisable, { ...choice, locations: own }, goods);
  const promisable = withKits(ofGoods, kits, places);
  return {
    asOf: instantOf(nowMs),
    skus: skus.map((sku) => ({
      sku,
      byDate: stepsOf(places.map((id) => promisable(id, sku)), nowMs),
      ...(choice.channel?.exposes === "locations"
        ? {
          locations: places.map((locationId) => ({
            locationId,
            available: promisableBy(promisable(locationId, sku), nowMs),
          })),
        }
        : {}),
      backorderable: items.get(sku)?.backorder === "allowed",
      overdue: found.overdue.filter((each) => partsOf(sku, kits).includes(each.sku)),
      known: (items.get(sku) ?? null) !== null,
      whole: !partsOf(sku, kits).some((each) => found.cut.has(each)),
    })),
  };
});

const datesOf = (
  rules: DateRules,
  dates: LocationDates,
  { service, destination }: PromiseRequest,
  nowMs: number,
): PromiseDates<DeliverBy> => ({
  // Nobody asks for this moment again.
  shipBy: (locationId, fromMs) => (fromMs === nowMs ? rules : dates).shipBy(locationId, fromMs),
  deliverBy: (_, shipped) =>
    destination === undefined ? null : rules.deliverBy(shipped, service, destination),
});

/** Of digital goods, the item says that they are. */
const linesOf = (
  { lines }: PromiseRequest,
  items: ReadonlyMap<string, Item | null>,
): readonly PromiseLine[] =>
  lines.map(({ method, ...line }) => ({
    ...line,
    method: items.get(line.sku)?.digital === true ? "digital" : method ?? "ship",
  }));

const promise = Effect.fnUntraced(function* (request: PromiseRequest) {
  const nowMs = yield* nowOr(request.asOfMs);
  const { rules, dates } = yield* rulesNow;
  const choice = yield* choiceOf(request.channel);
  const items = yield* (yield* Catalog).items([
    ...new Set(request.lines.map(({ sku }) => sku)),
  ]);
  const kits = kitsAmong(items);
  const lines = linesOf(request, items);
  const shipped = lines.flatMap(({ method, sku }) => method === "digital" ? [] : [sku]);
  const skus = yield* goodsOf(shipped, kits);
  const locationIds = byPreference(choice.locations, request.destination).map(({ id }) => id);
  const found = yield* readSupply({ skus, locationIds, nowMs, dates });
  const problem = {
    ...{ lines, nowMs, locationIds },
    mode: request.mode,
    promisable: ofChoice(found.promisable, choice, skus),
    dates: datesOf(rules, dates, request, nowMs),
  };
  const plan = promiseWithKits(problem, kits, promiseOf);
  return {
    asOf: instantOf(nowMs),
    plan: found.cut.size === 0 ? plan : { ...plan, method: "bounded" as const },
    overdue: found.overdue,
  };
});

const makePromises = Effect.gen(function* () {
  const services = yield* Effect.context<References | Catalog | Store | Books | Deciding>();
  return Promises.of({
    availability: (query) => Effect.provide(availability(query), services),
    promise: (request) => Effect.provide(promise(request), services),
  });
});
