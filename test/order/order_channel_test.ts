/** Orders of a channel with settings: they go to the locations that serve it, and leave what it keeps back. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import type { Channel } from "../../src/channel/channel.ts";
import type { Order } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { line, places, request, World } from "./support.ts";

const settings = (more: Partial<Channel>): Channel => ({
  ...{ id: "web", exposes: "sum", version: 1 },
  ...{ createdAt: "2026-03-01T12:00:00.000Z", updatedAt: "2026-03-01T12:00:00.000Z" },
  ...more,
});

const goesTo = (order: Order) =>
  order.fulfillmentOrders.filter(({ status }) => status !== "rejected")
    .map(({ locationId, lines }) => [
      locationId,
      lines.reduce((units, { quantity }) => units + quantity, 0),
    ]);

const shortOf = (order: Order) => quantitiesOf(order).map(({ backordered }) => backordered);

const backorder = { onShortage: "backorder" } as const;

Deno.test("an order goes to none but the locations of its channel", () => {
  const stock = { "north tea": 9, "south tea": 2 };
  const lists = [{ locationIds: ["south"] }, { excludeLocationIds: ["north"] }];
  for (const list of lists) {
    const world = new World({ stock, channel: settings(list) });
    const order = world.place(request([line("tea", 3)], backorder));
    assert.deepEqual(goesTo(order), [["south", 2]]);
    assert.deepEqual(shortOf(order), [1]);
    const bound = new World({ stock, channel: settings(list) })
      .tryPlace(
        request([line("tea", 1, { fulfillment: { method: "ship", locationId: "north" } })]),
      );
    assert.ok(Result.isFailure(bound), "nor to one that it names itself");
  }
});

Deno.test("what waits is filled by the locations of its channel alone", () => {
  const world = new World({ channel: settings({ excludeLocationIds: ["north"] }) });
  world.place(request([line("tea", 2)], backorder));
  world.arrive("north", "tea", 5);
  for (const fill of [{ type: "fill" }, { type: "fill", locationId: "north" }] as const) {
    assert.deepEqual(shortOf(world.do(fill)), [2]);
  }
  world.arrive("south", "tea", 1);
  const order = world.do({ type: "fill", locationId: "south" });
  assert.deepEqual(goesTo(order), [["south", 1]]);
  assert.deepEqual(shortOf(order), [1]);
});

Deno.test("a location that rejects an order hands it on within the channel", () => {
  const world = new World({
    locations: places("north", "south", "west"),
    stock: { "north tea": 1, "south tea": 1, "west tea": 1 },
    channel: settings({ excludeLocationIds: ["south"] }),
  });
  world.place(request([line("tea", 1)]));
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  const order = world.do({ type: "reject", fulfillmentOrderId, reason: "not found" });
  assert.deepEqual(goesTo(order), [["west", 1]]);
});

Deno.test("a parcel that is sent once more leaves from the channel's locations, and leaves the buffer", () => {
  const world = new World({
    stock: { "north tea": 9, "south tea": 3 },
    channel: settings({ locationIds: ["south"], buffer: { units: 1 } }),
  });
  world.place(request([line("tea", 2)]));
  const shipmentId = world.shipAll(1);
  const order = world.do({ type: "reship", shipmentId, reason: "lost" });
  assert.deepEqual(shortOf(order), [2], "one is left there, and it is kept back");
});

Deno.test("what the channel keeps back is refused, backordered or given up, as the policy says", () => {
  const options = {
    stock: { "north tea": 6, "south tea": 4 },
    channel: settings({ buffer: { percent: 25 } }),
  };
  const refused = new World(options).tryPlace(request([line("tea", 8)]));
  assert.ok(Result.isFailure(refused));
  assert.deepEqual(refused.failure, {
    _tag: "InsufficientStock",
    shortages: [{ sku: "tea", requested: 8, available: 7 }],
  });
  const order = new World(options).place(request([line("tea", 5), line("tea", 4)], backorder));
  assert.deepEqual(shortOf(order).reduce((units, each) => units + each, 0), 2);
  const whole = new World(options).place(request([line("tea", 7)]));
  assert.equal(whole.status, "allocated");
});

Deno.test("stock that arrives fills what waits down to the buffer of all locations together", () => {
  const world = new World({ channel: settings({ buffer: { units: 3 } }) });
  world.place(request([line("tea", 4)], backorder));
  world.arrive("north", "tea", 2);
  assert.deepEqual(shortOf(world.do({ type: "fill", locationId: "north" })), [4]);
  world.arrive("south", "tea", 3);
  assert.deepEqual(shortOf(world.do({ type: "fill", locationId: "south" })), [2]);
  world.arrive("south", "tea", 9);
  assert.deepEqual(shortOf(world.do({ type: "fill", locationId: "south" })), [0]);
});

const anyLines = fc.array(
  fc.tuple(fc.constantFrom("tea", "cup"), fc.integer({ min: 1, max: 6 })),
  { minLength: 1, maxLength: 4 },
);
const anyStock = fc.record({
  "north tea": fc.nat({ max: 9 }),
  "north cup": fc.nat({ max: 9 }),
  "south tea": fc.nat({ max: 9 }),
  "south cup": fc.nat({ max: 9 }),
});

Deno.test("an order takes as much as its channel may sell, and never more", () => {
  fc.assert(fc.property(anyLines, anyStock, fc.nat({ max: 8 }), (lines, stock, units) => {
    const world = new World({ stock, channel: settings({ buffer: { units } }) });
    const order = world.place(
      request(lines.map(([sku, quantity]) => line(sku, quantity)), backorder),
    );
    for (const sku of ["tea", "cup"] as const) {
      const wanted = lines.filter(([name]) => name === sku)
        .reduce((sum, [, quantity]) => sum + quantity, 0);
      const waits = order.lines.filter((each) => each.sku === sku)
        .reduce((sum, { backordered }) => sum + backordered, 0);
      const sum = stock[`north ${sku}`] + stock[`south ${sku}`];
      assert.equal(wanted - waits, Math.min(wanted, Math.max(0, sum - units)), sku);
    }
  }));
});
