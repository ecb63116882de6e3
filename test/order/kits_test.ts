/** Kits in orders: whole kits are promised, and their goods leave the shelves. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { defaultItem } from "../../src/catalog/catalog.ts";
import type { KitComponent } from "../../src/catalog/kit.ts";
import { claimsOf } from "../../src/order/claims.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { linksOf } from "../../src/order/links.ts";
import type { Order } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { stockDeltasIn } from "../../src/stock/record.ts";
import { noSettings } from "../../src/subject/aggregate.ts";
import { itemsOf, line, now, places, request, World, type WorldOptions } from "./support.ts";

const part = (sku: string, quantity = 1): KitComponent => ({ sku, quantity });
const kit = (sku: string, ...parts: readonly KitComponent[]) => ({
  sku,
  kit: { components: parts, ship: "together" as const, parts, depth: 1 },
});

/** A mug and two cups; a pot and a mug. */
const items = itemsOf(
  kit("set", part("mug"), part("cup", 2)),
  kit("duo", part("pot"), part("mug")),
);
const world = (stock: Readonly<Record<string, number>>, more: WorldOptions = {}) =>
  new World({ stock, items, ...more });

const only = (order: Order | null) => {
  const [units] = quantitiesOf(order ?? assert.fail("no order"));
  return units ?? assert.fail("no line");
};

const reserved = (at: World, ...rows: readonly string[]) =>
  rows.map((row) => {
    const [locationId = "", sku = ""] = row.split(" ");
    return at.row(locationId, sku).reserved;
  });

const onHand = (at: World, ...rows: readonly string[]) =>
  rows.map((row) => {
    const [locationId = "", sku = ""] = row.split(" ");
    return at.row(locationId, sku).onHand;
  });

Deno.test("a kit does not leave with goods that are tracked by lots since it was ordered", () => {
  const known = new Map(items);
  const at = world({ "north mug": 4, "north cup": 9 }, { items: known });
  at.place(request([line("set", 1)]));
  const fulfillmentOrderId = at.prepare(1);
  known.set("cup", { ...defaultItem("cup", now), tracking: "lot" });
  const refused = at.refused({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  assert.equal(refused._tag === "InvalidCommand" && refused.pointer, "/lines");
});

const waitsFor = (order: Order): readonly string[] =>
  linksOf(order, noSettings).flatMap((link) =>
    link.type === "key" && link.key[0] === "backordered" ? [String(link.key[1])] : []
  );

Deno.test("a kit has no stock of its own: its goods are reserved, and leave with it", () => {
  const at = world({ "north mug": 4, "north cup": 9, "north set": 50 });
  const order = at.place(request([line("set", 3)]));
  assert.deepEqual(order.lines[0]?.components, [part("mug"), part("cup", 2)]);
  assert.deepEqual(reserved(at, "north mug", "north cup", "north set"), [3, 6, 0]);
  const fulfillmentOrderId = at.prepare(1);
  at.do({
    ...{ type: "ship", fulfillmentOrderId, carrier: "DHL" },
    lines: [{ lineId: "1", quantity: 1 }],
  });
  assert.deepEqual(onHand(at, "north mug", "north cup"), [3, 7]);
  assert.deepEqual(reserved(at, "north mug", "north cup"), [2, 4]);
  at.do({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  assert.deepEqual(onHand(at, "north mug", "north cup", "north set"), [1, 3, 50]);
  assert.deepEqual(reserved(at, "north mug", "north cup"), [0, 0]);
  assert.equal(only(at.order).shipped, 3);
});

Deno.test("a kit is there as often as its scarcest part, rounded down", () => {
  const at = world({ "north mug": 9, "north cup": 5 });
  const refused = at.tryPlace(request([line("set", 3)]));
  assert.deepEqual(Result.isFailure(refused) && refused.failure, {
    _tag: "InsufficientStock",
    shortages: [{ sku: "set", requested: 3, available: 2 }],
  });
  const order = at.place(request([line("set", 3)], { onShortage: "partial" }));
  assert.deepEqual([only(order).allocated, only(order).short], [2, 1]);
  assert.deepEqual(reserved(at, "north mug", "north cup"), [2, 4]);
});

Deno.test("parts that are at different places are no kit", () => {
  const at = world({ "north mug": 5, "south cup": 10, "south mug": 1 });
  const order = at.place(request([line("set", 3)], { onShortage: "backorder" }));
  assert.deepEqual([only(order).allocated, only(order).backordered], [1, 2]);
  assert.deepEqual(order.fulfillmentOrders.map(({ locationId }) => locationId), ["south"]);
  assert.deepEqual(reserved(at, "north mug", "south mug", "south cup"), [0, 1, 2]);
});

Deno.test("two lines that share a part count together, and with lines of the part itself", () => {
  const stock = { "north mug": 3, "north cup": 10, "north pot": 10 };
  for (
    const lines of [
      [line("set", 2), line("duo", 2)],
      [line("set", 2), line("set", 2)],
      [line("set", 2), line("mug", 2)],
    ]
  ) {
    for (const fulfillment of [undefined, { method: "ship", locationId: "north" } as const]) {
      const bound = lines.map((each) => ({ ...each, ...(fulfillment ? { fulfillment } : {}) }));
      assert.ok(Result.isFailure(world(stock).tryPlace(request(bound))), JSON.stringify(bound));
      const at = world(stock);
      const order = at.place(request(bound, { onShortage: "backorder" }));
      const allocated = quantitiesOf(order).reduce((sum, units) => sum + units.allocated, 0);
      assert.equal(allocated, 3);
      assert.deepEqual(reserved(at, "north mug"), [3]);
    }
  }
});

Deno.test("what was bought is what leaves, though the recipe is another one now", () => {
  const options = { stock: { "north mug": 9, "north cup": 9, "north jar": 9 } };
  const before = new World({ ...options, items });
  const order = before.place(request([line("set", 2)]));
  const after = new World({ ...options, items: itemsOf(kit("set", part("jar", 4))) });
  after.order = order;
  for (const [row, stock] of before.rows) after.rows.set(row, stock);
  // More of the line are more of the same; a line of its own is what it is now.
  after.do({
    ...{ type: "edit", reason: "more" },
    changes: [
      { type: "add-line", basedOn: "1", quantity: 1 },
      { type: "add-line", sku: "set", quantity: 1, unitPrice: { amount: "1.00", currency: "GBP" } },
    ],
  });
  assert.deepEqual(after.order?.lines.map(({ components }) => components), [
    [part("mug"), part("cup", 2)],
    [part("mug"), part("cup", 2)],
    [part("jar", 4)],
  ]);
  after.shipAll(1);
  assert.deepEqual(onHand(after, "north mug", "north cup", "north jar"), [7, 5, 9]);
});

Deno.test("an order that waits for a kit waits for each of its goods, and is filled with whole ones", () => {
  const at = world({ "north cup": 4 });
  let order = at.place(request([line("set", 2)], { onShortage: "backorder" }));
  assert.deepEqual(waitsFor(order), ["mug", "cup"]);
  assert.deepEqual(reserved(at, "north cup"), [0]);
  at.arrive("south", "mug", 5);
  assert.equal(at.do({ type: "fill", locationId: "south" }), order);
  at.arrive("north", "mug", 1);
  order = at.do({ type: "fill", locationId: "north" });
  assert.deepEqual([only(order).allocated, only(order).backordered], [1, 1]);
  assert.deepEqual(reserved(at, "north mug", "north cup"), [1, 2]);
  at.arrive("north", "mug", 1);
  order = at.do({ type: "fill", locationId: "north" });
  assert.deepEqual(waitsFor(order), []);
});

Deno.test("cancelled, rejected and returned kits give back each of their goods", () => {
  const at = world({ "north mug": 5, "north cup": 9, "south mug": 5, "south cup": 9 });
  at.place(request([line("set", 3)]));
  at.do({ type: "cancel", reason: "one less", lines: [{ lineId: "1", quantity: 1 }] });
  assert.deepEqual(reserved(at, "north mug", "north cup"), [2, 4]);
  at.do({ type: "reject", fulfillmentOrderId: at.fulfillmentOrder(1), reason: "not found" });
  assert.deepEqual(reserved(at, "north mug", "north cup", "south mug", "south cup"), [0, 0, 2, 4]);
  at.shipAll(2);
  assert.deepEqual(onHand(at, "south mug", "south cup"), [3, 5]);
  at.do({
    ...{ type: "request-return", goodsBack: true, overrideReason: "nice" },
    lines: [{ lineId: "1", quantity: 1, reason: "other" }],
    received: {
      locationId: "north",
      inspected: [{ lineId: "1", quantity: 1, disposition: "restock", accepted: true }],
    },
  });
  assert.deepEqual(onHand(at, "north mug", "north cup"), [6, 11]);
  assert.deepEqual(
    [at.row("north", "mug").unavailable, at.row("north", "cup").unavailable],
    [0, 0],
  );
});

Deno.test("a large order of kits is allocated in parts, each of them whole", () => {
  const wide = kit("wide", ...["a", "b", "c", "d"].map((sku) => part(sku)));
  const stock = Object.fromEntries(["a", "b", "c", "d", "e"].map((sku) => [`north ${sku}`, 20]));
  const at = new World({ stock, items: itemsOf(wide), stockRowsPerCommit: 5 });
  let order = at.place(request([line("e", 1), line("wide", 2), line("f", 1)], {
    onShortage: "backorder",
  }));
  let commits = 1;
  for (; order.allocating && commits < 9; commits++) {
    assert.deepEqual(faultsOf(order), []);
    order = at.do({ type: "allocate" });
  }
  assert.equal(order.allocating, false);
  assert.ok(commits > 1, "it took more than one commit");
  assert.deepEqual(reserved(at, "north a", "north d", "north e"), [2, 2, 1]);
});

const kinds = ["set", "duo", "mug", "cup", "pot"] as const;

Deno.test("whatever is ordered from whatever is there, kits stay whole and no unit is promised twice", () => {
  fc.assert(fc.property(
    fc.array(
      fc.record({
        sku: fc.constantFrom(...kinds),
        quantity: fc.integer({ min: 1, max: 4 }),
        locationId: fc.option(fc.constantFrom("north", "south", "west"), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    fc.array(fc.nat({ max: 6 }), { minLength: 9, maxLength: 9 }),
    fc.constantFrom("reject", "backorder", "partial"),
    (wanted, stock, onShortage) => {
      const locationIds = ["north", "south", "west"];
      const rows = locationIds.flatMap((id, n) =>
        ["mug", "cup", "pot"].map((sku, m) => [`${id} ${sku}`, stock[n * 3 + m] ?? 0] as const)
      );
      const at = world(Object.fromEntries(rows), { locations: places(...locationIds) });
      const lines = wanted.map(({ sku, quantity, locationId }) =>
        line(
          sku,
          quantity,
          locationId === undefined ? {} : { fulfillment: { method: "ship", locationId } },
        )
      );
      const placed = at.tryPlace(request(lines, { onShortage }));
      if (Result.isFailure(placed)) return;
      const order = placed.success;
      assert.deepEqual(faultsOf(order), []);
      const claimed = new Map(
        stockDeltasIn(claimsOf(order)).map(({ locationId, sku, reserved }) =>
          [`${locationId} ${sku}`, reserved] as [string, number]
        ),
      );
      for (const [row, { reserved }] of at.rows) assert.equal(claimed.get(row) ?? 0, reserved, row);
      // Nothing more could have been given to a line that waits.
      if (onShortage === "backorder") assert.equal(at.do({ type: "fill" }).version, order.version);
    },
  ));
});
