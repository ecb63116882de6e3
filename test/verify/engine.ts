/** The real engine below the API, for tests of what it leaves in the store. */
import { Clock, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { inStock } from "../../src/stock/balance.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { KvStore } from "../../src/store/kv.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { Catalog } from "../../actors/catalog/catalog.ts";
import { EngineSettings } from "../../actors/aggregate/engine-settings.ts";
import { Identifiers } from "../../actors/ledger/identifiers.ts";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Aggregates } from "../../actors/aggregate/aggregates.ts";
import { Deciding } from "../../actors/aggregate/deciding.ts";
import { LargeOrders } from "../../actors/order/large-orders.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Lots } from "../../actors/lot/lots.ts";
import { Books } from "../../actors/balance/books.ts";
import { References } from "../../actors/reference/references.ts";
import { locations } from "../../src/catalog/references.ts";
import { subjectServices } from "../../actors/engine.ts";
import type { StockRecord } from "../../src/stock/record.ts";

export const engine = (path = ":memory:") =>
  Orders.layer.pipe(
    Layer.provideMerge(LargeOrders.layer),
    Layer.provideMerge(Aggregates.layer),
    Layer.provideMerge(Lots.layer),
    Layer.provideMerge(Deciding.layer),
    Layer.provideMerge(Layer.mergeAll(Catalog.layer, Idempotency.layer)),
    Layer.provideMerge(References.layer),
    Layer.provideMerge(Ledger.layer),
    Layer.provideMerge(Layer.mergeAll(
      Books.layer,
      Identifiers.layer,
      LogTail.layer,
      BatchReader.layer,
      StoreMeta.layer({ shelves: 2 }),
      Layer.succeed(EngineSettings, { autoCloseAfterMs: 86_400_000 }),
    )),
    Layer.provideMerge(subjectServices()),
    Layer.provideMerge(KvStore.layer({ path })),
    Layer.fresh,
  );
export type Engine = Layer.Success<ReturnType<typeof engine>>;

export const bySystem = { by: systemPrincipal };

export const addLocation = (id: string) =>
  Effect.flatMap(References, (references) =>
    references.save(locations, {
      id,
      name: id,
      type: "warehouse",
      address: { country: "DE" },
      active: true,
    }, bySystem));

export const receive = Effect.fnUntraced(function* (
  locationId: string,
  units: Readonly<Record<string, number>>,
) {
  const ledger = yield* Ledger;
  const stock = Object.entries(units).map(([sku, onHand]) =>
    stockDelta(locationId, sku, { onHand })
  );
  const at = instantOf(yield* Clock.currentTimeMillis);
  const record: StockRecord = {
    kind: "stock",
    type: "stock.adjusted",
    at,
    by: "system",
    locationId,
    reason: "received",
    stock,
  };
  yield* ledger.submit({
    reads: [],
    partitions: [],
    balances: inStock(stock),
    writes: [],
    records: [record],
  });
});

export const requestOf = (
  externalId: string,
  lines: Readonly<Record<string, number>>,
  more: Partial<PlaceOrderRequest> = {},
): PlaceOrderRequest => ({
  channel: "shop",
  externalId,
  currency: "EUR",
  customer: { id: "c-1", name: "Erika Mustermann", email: "erika@example.org" },
  shippingAddress: { name: "Erika Mustermann", line1: "Heidestrasse 17", country: "DE" },
  lines: Object.entries(lines).map(([sku, quantity]) => ({
    sku,
    quantity,
    unitPrice: { amount: "19.99", currency: "EUR" },
    tax: { amount: "1.50", currency: "EUR" },
  })),
  shipping: { amount: { amount: "4.90", currency: "EUR" } },
  ...more,
});

export const place = (request: PlaceOrderRequest) =>
  Effect.flatMap(
    Orders,
    (orders) => Effect.map(orders.place(request, bySystem), ({ document }) => document.state),
  );

export const command = (orderId: string, asked: OrderCommand) =>
  Effect.flatMap(
    Orders,
    (orders) => Effect.map(orders.command(orderId, asked, bySystem), ({ state: order }) => order),
  );

/** Takes the first fulfillment order from open to shipped. */
export const shipFirst = Effect.fnUntraced(function* (order: Order) {
  const fulfillmentOrderId = order.fulfillmentOrders[0]?.id ?? "";
  yield* command(order.id, { type: "accept", fulfillmentOrderId });
  yield* command(order.id, { type: "pick", fulfillmentOrderId });
  yield* command(order.id, { type: "pack", fulfillmentOrderId });
  return yield* command(order.id, { type: "ship", fulfillmentOrderId, carrier: "DHL" });
});

/** A small store with something of everything: two locations, orders in several stages. */
export const sampleStore = Effect.gen(function* () {
  yield* addLocation("berlin");
  yield* addLocation("paris");
  yield* receive("berlin", { mug: 20, jug: 20 });
  yield* receive("paris", { mug: 5 });
  const allocated = yield* place(requestOf("allocated", { mug: 2, jug: 1 }));
  const shipped = yield* shipFirst(yield* place(requestOf("shipped", { mug: 3 })));
  const delivered = yield* shipFirst(yield* place(requestOf("delivered", { jug: 2 })));
  yield* command(delivered.id, {
    type: "track",
    shipmentId: delivered.shipments[0]?.id ?? "",
    status: "delivered",
    occurredAt: delivered.updatedAt,
  });
  const cancelled = yield* place(requestOf("cancelled", { mug: 1 }));
  yield* command(cancelled.id, { type: "cancel", reason: "changed her mind" });
  const held = yield* place(requestOf("held", { mug: 1 }));
  yield* command(held.id, { type: "hold", reason: "to be checked" });
  const waiting = yield* place(
    requestOf("waiting", { mug: 1, rare: 4 }, { onShortage: "backorder" }),
  );
  return { allocated, shipped, delivered, cancelled, held, waiting };
});
