/** Orders that wait for supply: who is promised what, and what becomes of it as the supply comes or does not. */
import assert from "node:assert/strict";
import { Effect, Result, Schedule } from "effect";
import { Aggregates } from "../../../actors/aggregate/aggregates.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { References } from "../../../actors/reference/references.ts";
import { Inventory } from "../../../actors/stock/inventory.ts";
import { SupplySettling } from "../../../actors/order/settling.ts";
import { type BackorderRule, defaultItem } from "../../../src/catalog/catalog.ts";
import { items } from "../../../src/catalog/references.ts";
import type { Order } from "../../../src/order/order.ts";
import { settleLimits } from "../../../src/supply/limits.ts";
import { isPending } from "../../../src/supply/moves.ts";
import { purchaseOrders } from "../../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../../src/supply/purchase-order-making.ts";
import type { NewPurchaseOrderLine } from "../../../src/supply/purchase-order.ts";
import { verify } from "../../../src/verify/verify.ts";
import { bySystem, request, stockUp, withEngine } from "../../support/engine.ts";

const soon = "2099-03-01T00:00:00.000Z";
const later = "2099-04-01T00:00:00.000Z";

/** Asks until it is so; bounded, so that it cannot hang. */
const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (value: A) => boolean) =>
  effect.pipe(
    Effect.repeat({ until, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("30 seconds"),
  );

const ordered = (
  lines: readonly NewPurchaseOrderLine[],
  more: { readonly externalId?: string; readonly locationId?: string } = {},
) =>
  Effect.flatMap(Aggregates, (aggregates) =>
    aggregates.create(
      purchaseOrders,
      purchaseOrderMaking({ locationId: "ams", externalId: "p1", ...more, lines }),
      bySystem,
    ));

const waits = { onShortage: "backorder" } as const;

const place = (name: string, quantity: number, more: object = {}) =>
  Effect.flatMap(Orders, (orders) =>
    Effect.map(
      orders.place(request(name, { mug: quantity }, { ...waits, ...more }), bySystem),
      ({ document }) => document.state,
    ));

const order = (id: string) =>
  Effect.flatMap(Orders, (orders) => Effect.map(orders.get(id), ({ state }) => state));

const promisedOf = ({ lines }: Order) =>
  lines.flatMap(({ promises = [] }) => promises).map(({ quantity, expectedAt }) => [
    quantity,
    expectedAt,
  ]);

const allocatedOf = ({ fulfillmentOrders }: Order): number =>
  fulfillmentOrders.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);

const rule = (backorder: BackorderRule) =>
  Effect.flatMap(References, (references) => {
    const { createdAt: _, updatedAt: __, version: ___, ...item } = defaultItem("mug", soon);
    return references.save(items, { ...item, backorder }, bySystem);
  });

const proved = Effect.gen(function* () {
  const report = yield* verify();
  assert.deepEqual(report.violations, []);
});

Deno.test("a receipt goes to those who were promised it, the first first, and the rest keeps its promise", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const { state: purchase } = yield* ordered([{ sku: "mug", quantity: 10, expectedAt: soon }]);
    const first = yield* place("first", 4);
    const second = yield* place("second", 4);
    const third = yield* place("third", 4);
    assert.deepEqual([first, second, third].map(promisedOf), [[[4, soon]], [[4, soon]], [[
      2,
      soon,
    ]]]);
    const settling = yield* SupplySettling;
    const [line] = purchase.lines;
    const received = yield* settling.command(purchaseOrders, purchase.id, {
      type: "receive",
      lines: [{ lineId: line?.id ?? "", quantity: 6, rejected: 0 }],
    }, bySystem);
    assert.equal(isPending(received.state.lines), false);
    const after = yield* Effect.forEach([first, second, third], ({ id }) => order(id));
    assert.deepEqual(after.map(allocatedOf), [4, 2, 0]);
    assert.deepEqual(after.map(promisedOf), [[], [[2, soon]], [[2, soon]]]);
    yield* proved;
  })));

Deno.test("400 orders for 100 units that are to come are promised exactly 100", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    yield* rule("against_supply");
    yield* ordered([{ sku: "mug", quantity: 100, expectedAt: soon }]);
    const results = yield* Effect.forEach(
      Array.from({ length: 400 }, (_, n) => `o-${n}`),
      (name) => Effect.result(place(name, 1)),
      { concurrency: "unbounded" },
    );
    const placed = results.flatMap((each) => Result.isSuccess(each) ? [each.success] : []);
    assert.equal(placed.length, 100);
    assert.ok(placed.every((each) => promisedOf(each).length === 1));
    yield* proved;
  })));

Deno.test("a purchase order that is cut takes promises from those who are served last", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const { state: purchase } = yield* ordered([{ sku: "mug", quantity: 10, expectedAt: soon }]);
    const placed = [yield* place("first", 4), yield* place("urgent", 4, { priority: 5 })];
    const other = yield* ordered([{ sku: "mug", quantity: 3, expectedAt: later }], {
      externalId: "p2",
    });
    const settling = yield* SupplySettling;
    const lines = [{ lineId: purchase.lines[0]?.id ?? "", quantity: 5 }];
    yield* settling.command(purchaseOrders, purchase.id, { type: "change", lines }, bySystem);
    const [first, urgent] = yield* Effect.forEach(placed, ({ id }) => order(id));
    assert.ok(first !== undefined && urgent !== undefined);
    assert.deepEqual(promisedOf(urgent), [[4, soon]]);
    assert.deepEqual(promisedOf(first), [[1, soon], [3, later]]);
    yield* settling.command(purchaseOrders, other.state.id, { type: "cancel" }, bySystem);
    assert.deepEqual(promisedOf(yield* order(first.id)), [[1, soon]]);
    yield* proved;
  })));

Deno.test("what is given back, and what is ordered later, is promised to who waits longest", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const [early, late] = [yield* place("early", 2), yield* place("late", 2)];
    const { state: purchase } = yield* ordered([{ sku: "mug", quantity: 2, expectedAt: soon }]);
    yield* eventually(order(early.id), (each) => promisedOf(each).length === 1);
    const lines = [{ lineId: purchase.lines[0]?.id ?? "", expectedAt: later }];
    const settling = yield* SupplySettling;
    yield* settling.command(purchaseOrders, purchase.id, { type: "change", lines }, bySystem);
    yield* eventually(order(early.id), (each) => promisedOf(each)[0]?.[1] === later);
    assert.deepEqual(promisedOf(yield* order(late.id)), []);
    const orders = yield* Orders;
    yield* orders.command(early.id, { type: "cancel", reason: "changed my mind" }, bySystem);
    yield* eventually(order(late.id), (each) => promisedOf(each).length === 1);
    yield* proved;
  })));

Deno.test("more orders than one commit has room for get what they were promised all the same", () =>
  withEngine(Effect.gen(function* () {
    const count = 2 * settleLimits.ordersPerCommit + 5;
    yield* stockUp({ ams: {} });
    const { state: purchase } = yield* ordered([{ sku: "mug", quantity: count, expectedAt: soon }]);
    const placed = yield* Effect.forEach(
      Array.from({ length: count }, (_, n) => `o-${n}`),
      (name) => place(name, 1),
    );
    const settling = yield* SupplySettling;
    const aggregates = yield* Aggregates;
    const lines = [{ lineId: purchase.lines[0]?.id ?? "", quantity: count, rejected: 0 }];
    yield* settling.command(purchaseOrders, purchase.id, { type: "receive", lines }, bySystem);
    yield* eventually(
      aggregates.get(purchaseOrders, purchase.id),
      ({ state }) => !isPending(state.lines),
    );
    const after = yield* Effect.forEach(placed, ({ id }) => order(id));
    assert.ok(after.every((each) => allocatedOf(each) === 1));
    const inventory = yield* Inventory;
    const [row] = yield* inventory.levels({ limit: 1 });
    assert.deepEqual([row?.onHand, row?.reserved], [count, count]);
    yield* proved;
  })));
