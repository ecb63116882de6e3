/** Answers what is available when, and when an order could be there. Nothing is taken or written. */
import { Clock, Context, Effect, Layer } from "effect";
import { calendars, carriers } from "../../src/calendar/references.ts";
import { type DateRules, dateRules, type DeliverBy } from "../../src/calendar/rules.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import { locations } from "../../src/catalog/references.ts";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Destination, FulfillmentMethod } from "../../src/order/order.ts";
import { byPreference } from "../../src/order/route.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { type Promisable, type Step, stepsOf, withoutKeptBack } from "../../src/supply/atp.ts";
import {
  type PromiseLine,
  type PromiseMode,
  promiseOf,
  type PromisePlan,
} from "../../src/supply/promise.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { Books } from "../balance/books.ts";
import { Catalog } from "../catalog/catalog.ts";
import { References } from "../reference/references.ts";
import { type OverdueSupply, type SupplyFound, supplyReader } from "./supply-reader.ts";

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

/** The part of what there is that a channel may sell. */
interface Choice {
  readonly locations: readonly Location[];
  /** Units of all those in all that it may not. */
  readonly keptBackOf: (sku: string) => ((units: number) => number) | null;
}

export class Promises extends Context.Service<Promises, {
  readonly availability: (query: AvailabilityQuery) => Effect.Effect<Availability, StoreError>;
  readonly promise: (request: PromiseRequest) => Effect.Effect<Promised, StoreError>;
}>()("allot/Promises") {
  static readonly layer = Layer.effect(Promises, Effect.suspend(() => makePromises));
}

/** What a channel may promise, by location and SKU. */
const ofChoice = (
  { promisable }: SupplyFound,
  { locations: all, keptBackOf }: Choice,
  skus: readonly string[],
): (locationId: string, sku: string) => Promisable => {
  const left = new Map<string, ReadonlyMap<string, Promisable>>();
  for (const sku of skus) {
    const keptBack = keptBackOf(sku);
    if (keptBack === null) continue;
    const places = withoutKeptBack(all.map(({ id }) => promisable(id, sku)), keptBack);
    left.set(sku, new Map(all.map(({ id }, place) => [id, places[place] ?? []])));
  }
  return (locationId, sku) => {
    const own = left.get(sku);
    return own === undefined ? promisable(locationId, sku) : own.get(locationId) ?? [];
  };
};

const makePromises = Effect.gen(function* () {
  const references = yield* References;
  const catalog = yield* Catalog;
  const clock = yield* Clock.Clock;
  const read = supplyReader(yield* Store, yield* Books, yield* Deciding);

  const rulesNow = Effect.gen(function* () {
    return dateRules({
      locations: yield* references.all(locations),
      calendars: yield* references.all(calendars),
      carriers: yield* references.all(carriers),
    });
  });

  const choiceOf = (all: readonly Location[]): Choice => ({
    locations: all.filter(({ active }) => active),
    keptBackOf: () => null,
  });

  const nowMs = (asOfMs: number | undefined): number => asOfMs ?? clock.currentTimeMillisUnsafe();

  const availability = Effect.fnUntraced(function* (query: AvailabilityQuery) {
    const { skus, locationIds } = query;
    const at = nowMs(query.asOfMs);
    const rules = yield* rulesNow;
    const choice = choiceOf(yield* references.all(locations));
    const own = locationIds === undefined
      ? choice.locations
      : choice.locations.filter(({ id }) => locationIds.includes(id));
    const places = own.map(({ id }) => id);
    const found = yield* read({ skus, locationIds: places, nowMs: at, rules });
    const items = yield* catalog.items(skus);
    const promisable = ofChoice(found, { ...choice, locations: own }, skus);
    return {
      asOf: instantOf(at),
      skus: skus.map((sku) => ({
        sku,
        byDate: stepsOf(places.map((id) => promisable(id, sku)), at),
        backorderable: items.get(sku)?.backorder === "allowed",
        overdue: found.overdue.filter((each) => each.sku === sku),
        known: (items.get(sku) ?? null) !== null,
        whole: !found.cut.has(sku),
      })),
    };
  });

  const datesOf = (rules: DateRules, { service, destination }: PromiseRequest) => ({
    shipBy: (locationId: string, fromMs: number) => rules.shipBy(locationId, fromMs),
    deliverBy: (_: string, shipped: string) =>
      destination === undefined ? null : rules.deliverBy(shipped, service, destination),
  });

  const promise = Effect.fnUntraced(function* (request: PromiseRequest) {
    const at = nowMs(request.asOfMs);
    const rules = yield* rulesNow;
    const choice = choiceOf(yield* references.all(locations));
    const items = yield* catalog.items([...new Set(request.lines.map(({ sku }) => sku))]);
    const lines = request.lines.map(({ method, ...line }) => ({
      ...line,
      method: items.get(line.sku)?.digital === true ? "digital" : method ?? "ship",
    }));
    const skus = [
      ...new Set(lines.flatMap(({ method, sku }) => method === "digital" ? [] : [sku])),
    ];
    const places = byPreference(choice.locations, request.destination).map(({ id }) => id);
    const found = yield* read({ skus, locationIds: places, nowMs: at, rules });
    const plan = promiseOf({
      lines,
      mode: request.mode,
      nowMs: at,
      locationIds: places,
      promisable: ofChoice(found, choice, skus),
      dates: datesOf(rules, request),
    });
    const isWhole = found.cut.size === 0;
    return {
      asOf: instantOf(at),
      plan: isWhole ? plan : { ...plan, method: "bounded" as const },
      overdue: found.overdue,
    };
  });

  return Promises.of({ availability, promise });
});
