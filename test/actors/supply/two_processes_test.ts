/** Two engines on one file are two processes: what is to come, and what carts keep, is promised once. */
import assert from "node:assert/strict";
import { Effect, Result, Schedule } from "effect";
import { Aggregates } from "../../../actors/aggregate/aggregates.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { References } from "../../../actors/reference/references.ts";
import { Reservations } from "../../../actors/reservation/reservations.ts";
import { Inventory } from "../../../actors/stock/inventory.ts";
import { Supply } from "../../../actors/supply/supply.ts";
import { type BackorderRule, defaultItem } from "../../../src/catalog/catalog.ts";
import { items } from "../../../src/catalog/references.ts";
import type { Order } from "../../../src/order/order.ts";
import { isPending } from "../../../src/supply/moves.ts";
import { purchaseOrders } from "../../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../../src/supply/purchase-order-making.ts";
import type { PurchaseOrderCommand } from "../../../src/supply/purchase-order.ts";
import { verify } from "../../../src/verify/verify.ts";
import { bySystem, request, startEngine, stockUp } from "../../support/engine.ts";
import { withFile } from "../../support/files.ts";

type Engine = ReturnType<typeof startEngine>;

const soon = "2099-03-01T00:00:00.000Z";
const later = "2099-04-01T00:00:00.000Z";

const withTwo = (test: (engines: readonly [Engine, Engine]) => Promise<void>): Promise<void> =>
  withFile(async (path) => {
    const engines = [startEngine({ path }), startEngine({ path })] as const;
    try {
      await test(engines);
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  });

const rule = (backorder: BackorderRule) =>
  Effect.flatMap(References, (references) => {
    const { createdAt: _, updatedAt: __, version: ___, ...item } = defaultItem("mug", soon);
    return references.save(items, { ...item, backorder }, bySystem);
  });

const ordered = (quantity: number, externalId: string, expectedAt = soon) =>
  Effect.flatMap(Supply, (supply) =>
    Effect.map(
      supply.make(
        purchaseOrders,
        purchaseOrderMaking({
          ...{ locationId: "ams", externalId },
          lines: [{ sku: "mug", quantity, expectedAt }],
        }),
        bySystem,
      ),
      ({ document }) => document.state,
    ));

const place = (externalId: string, quantity = 1) =>
  Effect.flatMap(Orders, (orders) =>
    Effect.map(
      Effect.retry(
        orders.place(request(externalId, { mug: quantity }, { onShortage: "backorder" }), bySystem),
        // As a client does who is told that others were at it.
        { while: ({ _tag }) => _tag === "Conflict" || _tag === "Overloaded", times: 50 },
      ),
      ({ document }) => document.state,
    ));

const ask = (id: string, command: PurchaseOrderCommand) =>
  Effect.flatMap(Supply, (supply) => supply.command(purchaseOrders, id, command, bySystem));

const order = (id: string) =>
  Effect.flatMap(Orders, (orders) => Effect.map(orders.get(id), ({ state }) => state));

const purchase = (id: string) =>
  Effect.flatMap(
    Aggregates,
    (aggregates) => Effect.map(aggregates.get(purchaseOrders, id), ({ state }) => state),
  );

const promisesOf = ({ lines }: Order) => lines.flatMap(({ promises = [] }) => promises);

const promisedOf = (order: Order, supplyId?: string): number =>
  promisesOf(order).reduce(
    (sum, each) => supplyId === undefined || each.supplyId === supplyId ? sum + each.quantity : sum,
    0,
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const other = ([one, two]: readonly [Engine, Engine], n: number): Engine => n % 2 === 0 ? one : two;

/** Asks until it is so; bounded, so that it cannot hang. */
const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (value: A) => boolean) =>
  effect.pipe(
    Effect.repeat({ until, schedule: Schedule.spaced("20 millis") }),
    Effect.timeout("60 seconds"),
  );

const proved = async (engine: Engine): Promise<void> => {
  const report = await engine.runPromise(verify());
  assert.deepEqual(report.violations, []);
};

Deno.test("400 orders at once through two processes are promised the 100 units that are to come", () =>
  withTwo(async (engines) => {
    const [one] = engines;
    await one.runPromise(stockUp({ ams: {} }));
    await one.runPromise(rule("against_supply"));
    const { lines } = await one.runPromise(ordered(100, "p1"));
    const results = await Promise.all(
      Array.from(
        { length: 400 },
        (_, n) => other(engines, n).runPromise(Effect.result(place(`o-${n}`))),
      ),
    );
    const placed = results.flatMap((each) => Result.isSuccess(each) ? [each.success] : []);
    assert.equal(placed.length, 100);
    assert.ok(placed.every((each) => promisedOf(each, lines[0]?.id) === 1));
    const refused = results.flatMap((each) => Result.isFailure(each) ? [each.failure._tag] : []);
    assert.deepEqual([...new Set(refused)], ["Refused"]);
    await proved(one);
  }));

Deno.test("500 carts at once through two processes keep the 100 units that there are", () =>
  withTwo(async (engines) => {
    const [one, two] = engines;
    await one.runPromise(stockUp({ ams: { mug: 100 } }));
    const keep = (n: number) =>
      Effect.flatMap(Reservations, (reservations) =>
        reservations.reserve({
          ...{ channel: "web", externalId: `cart-${n}`, expiresInSeconds: 3_600 },
          lines: [{ sku: "mug", quantity: 1 }],
        }, bySystem));
    const results = await Promise.all(
      Array.from({ length: 500 }, (_, n) => other(engines, n).runPromise(Effect.result(keep(n)))),
    );
    assert.equal(results.filter(Result.isSuccess).length, 100);
    for (const engine of engines) {
      const levels = Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 }));
      const [row] = await engine.runPromise(
        eventually(levels, ([level]) => level?.claimed === 100),
      );
      assert.deepEqual([row?.onHand, row?.reserved, row?.claimed], [100, 0, 100]);
    }
    await proved(two);
  }));

Deno.test("what is cut while it is being promised is promised to nobody, and nobody is lost", () =>
  withTwo(async (engines) => {
    const [one, two] = engines;
    await one.runPromise(stockUp({ ams: {} }));
    const cut = await one.runPromise(ordered(60, "p1"));
    const whole = await one.runPromise(ordered(30, "p2", later));
    const [cutLine, wholeLine] = [cut.lines[0]?.id ?? "", whole.lines[0]?.id ?? ""];
    const quantities = [45, 20, 33, 10];
    const [placed] = await Promise.all([
      Promise.all(
        Array.from({ length: 120 }, (_, n) => other(engines, n).runPromise(place(`o-${n}`))),
      ),
      // Through both processes in turn, each cut once the one before it has been answered.
      quantities.reduce(async (before, quantity, n) => {
        await before;
        const lines = [{ lineId: cutLine, quantity }];
        await other(engines, n + 1).runPromise(ask(cut.id, { type: "change", lines }));
      }, Promise.resolve()),
    ]);
    const all = Effect.forEach(placed, ({ id }) => order(id));
    await two.runPromise(eventually(purchase(cut.id), (state) => !isPending(state.lines)));
    const settled = await one.runPromise(
      eventually(all, (orders) => sum(orders.map((each) => promisedOf(each))) === 40),
    );
    assert.equal(sum(settled.map((each) => promisedOf(each, cutLine))), 10);
    assert.equal(sum(settled.map((each) => promisedOf(each, wholeLine))), 30);
    assert.ok(settled.every(({ lines }) => sum(lines.map((line) => line.backordered)) === 1));
    await proved(two);
  }));

Deno.test("what is received through one process while the other promises goes to those who were promised it", () =>
  withTwo(async (engines) => {
    const [one, two] = engines;
    await one.runPromise(stockUp({ ams: {} }));
    await one.runPromise(rule("against_supply"));
    const { id, lines } = await one.runPromise(ordered(40, "p1"));
    const receive = (n: number) =>
      ask(id, {
        ...{ type: "receive", reference: `note-${n}` },
        lines: [{ lineId: lines[0]?.id ?? "", quantity: 10, rejected: 0 }],
      });
    const [results] = await Promise.all([
      Promise.all(
        Array.from(
          { length: 100 },
          (_, n) => other(engines, n).runPromise(Effect.result(place(`o-${n}`))),
        ),
      ),
      [0, 1, 2, 3].reduce(async (before, n) => {
        await before;
        await other(engines, n).runPromise(receive(n));
      }, Promise.resolve()),
    ]);
    const placed = results.flatMap((each) => Result.isSuccess(each) ? [each.success] : []);
    assert.equal(placed.length, 40);
    const all = Effect.forEach(placed, (each) => order(each.id));
    const settled = await two.runPromise(
      eventually(all, (orders) => orders.every(({ status }) => status === "allocated")),
    );
    assert.equal(sum(settled.map((each) => promisedOf(each))), 0);
    await proved(one);
  }));
