/** Engines for tests: the whole of it on the real store, in this process. */
import { Clock, Effect, Layer, ManagedRuntime } from "effect";
import { engineLayer, type EngineServices } from "../../actors/engine.ts";
import { type Delivery, delivery, latestDelivery } from "../../actors/outbound/held-lane.ts";
import type { Deliveries } from "../../actors/outbound/outbound.ts";
import { References } from "../../actors/reference/references.ts";
import { locations } from "../../src/catalog/references.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { limitsForTests } from "./limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import type { Store } from "../../src/store/store.ts";
import type { DocumentOutbox } from "../../src/subject/reactor.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { subjects } from "../../src/subjects.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { ProviderPorts } from "../../src/payment/port.ts";

const takesAnyMessage = delivery(() => Effect.succeed({ _tag: "Delivered" }));

const takesAnyLevel = (outbox: DocumentOutbox): Delivery =>
  latestDelivery(outbox, {
    tell: () => Effect.succeed({ _tag: "Delivered" }),
    isUrgent: () => false,
    keysAfter: () => Effect.succeed([]),
  });

/** The other ends of all outboxes: they take everything. Those that are optional are not set up. */
export const nobodyListens = (list: SubjectList = subjects): Deliveries =>
  Object.fromEntries(
    [...list.reactors.values()]
      .flatMap((each) =>
        each.type === "document outbox" || (each.type === "outbox" && !each.isOptional)
          ? [[each.name, "latest" in each ? takesAnyLevel(each) : takesAnyMessage]]
          : []
      ),
  );

export const bySystem = { by: systemPrincipal };

export interface TestEngineOptions {
  readonly path?: string;
  readonly shelves?: number;
  /** Instead of those of the engine. */
  readonly subjects?: SubjectList;
  readonly deliveries?: Deliveries;
  /** What calls payment providers. */
  readonly providers?: ProviderPorts;
  /** False: it sends nothing, and calls nobody, but when it is told to. */
  readonly lanes?: boolean;
  /** Put between the engine and its store. */
  readonly faults?: Layer.Layer<Store, never, Store>;
  /** Instead of the machine's. */
  readonly clock?: Clock.Clock;
}

export const testEngineLayer = (options: TestEngineOptions = {}) => {
  const kv = KvStore.layer({ path: options.path ?? ":memory:" });
  const store = options.faults === undefined ? kv : options.faults.pipe(Layer.provide(kv));
  return engineLayer({
    settings: { autoCloseAfterMs: limitsForTests.autoCloseAfterMs },
    shelves: options.shelves ?? 1,
    ...(options.subjects === undefined ? {} : { subjects: options.subjects }),
    deliveries: { ...nobodyListens(options.subjects), ...options.deliveries },
    ...(options.providers === undefined ? {} : { providers: options.providers }),
    ...(options.lanes === undefined ? {} : { lanes: options.lanes }),
  }).pipe(
    Layer.provideMerge(
      options.clock === undefined
        ? store
        : Layer.merge(store, Layer.succeed(Clock.Clock, options.clock)),
    ),
    Layer.fresh,
  );
};

/** Runs a test against an engine of its own. */
export const withEngine = <A, E>(
  test: Effect.Effect<A, E, EngineServices>,
  options: TestEngineOptions = {},
): Promise<A> => Effect.runPromise(Effect.provide(test, testEngineLayer(options)));

/** An engine that is used from outside of Effect, and closed by `dispose`. */
export const startEngine = (options: TestEngineOptions = {}) =>
  ManagedRuntime.make(testEngineLayer(options));

export const location = (id: string, place: { latitude?: number; longitude?: number } = {}) => ({
  id,
  name: `Location ${id}`,
  type: "warehouse" as const,
  address: { country: "NL" },
  active: true,
  ...place,
});

/** Makes locations with stock: `{ams: {mug: 5}}`. */
export const stockUp = Effect.fnUntraced(function* (
  stock: Readonly<Record<string, Readonly<Record<string, number>>>>,
) {
  const references = yield* References;
  const inventory = yield* Inventory;
  for (const [locationId, units] of Object.entries(stock)) {
    yield* references.save(locations, location(locationId), bySystem);
    const changes = Object.entries(units).map(([sku, delta]) => ({ sku, delta }));
    if (changes.length > 0) {
      yield* inventory.adjust({ locationId, reason: "received", changes }, bySystem);
    }
  }
});

/** A request for `{sku: quantity}`, or for lines in their order as pairs. */
export const request = (
  externalId: string,
  lines: Readonly<Record<string, number>> | readonly (readonly [string, number])[],
  more: Partial<PlaceOrderRequest> = {},
): PlaceOrderRequest => ({
  channel: "web",
  externalId,
  currency: "USD",
  customer: { name: "Ada Example" },
  shippingAddress: { country: "NL", city: "Utrecht", line1: "Somewhere 1" },
  lines: (Array.isArray(lines) ? lines : Object.entries(lines)).map(([sku, quantity]) => ({
    sku,
    quantity,
    unitPrice: { amount: "10.00", currency: "USD" },
  })),
  ...more,
});
