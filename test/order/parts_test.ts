/** Kits that ship separately: their parts come from where they are, and stay whole kits. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import type { KitComponent } from "../../src/catalog/kit.ts";
import { kitUnits } from "../../src/catalog/kit.ts";
import { claimsOf } from "../../src/order/claims.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { linksOf } from "../../src/order/links.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import { isPartId } from "../../src/order/parts.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { stockDeltasIn } from "../../src/stock/record.ts";
import { noSettings } from "../../src/subject/aggregate.ts";
import { itemsOf, line, now, places, request, World } from "./support.ts";

const part = (sku: string, quantity = 1): KitComponent => ({ sku, quantity });
const kit = (
  sku: string,
  ship: "together" | "separately",
  ...parts: readonly KitComponent[]
) => ({ sku, kit: { components: parts, ship, parts, depth: 1 } });

const items = itemsOf(
  kit("pair", "separately", part("pot"), part("jar", 2)),
  kit("trio", "separately", part("mug"), part("pot", 2), part("jar")),
  kit("set", "together", part("mug"), part("jar")),
);
const locationIds = ["north", "south", "west"] as const;
const world = (stock: Readonly<Record<string, number>>, stockRowsPerCommit = 300) =>
  new World({ stock, items, locations: places(...locationIds), stockRowsPerCommit });

const only = (order: Order | null) => {
  const [units] = quantitiesOf(order ?? assert.fail("no order"));
  return units ?? assert.fail("no line");
};

const placesOf = (order: Order) =>
  order.fulfillmentOrders.map(({ locationId, lines }) => [
    locationId,
    ...lines.map(({ lineId, sku, quantity }) => `${lineId} ${quantity} ${sku}`),
  ]);

const waitsFor = (order: Order): readonly string[] =>
  linksOf(order, noSettings).flatMap((link) =>
    link.type === "key" && link.key[0] === "backordered" ? [String(link.key[1])] : []
  );

Deno.test("parts come from several places only where no place has whole kits", () => {
  const apart = { "north pot": 3, "south jar": 7, "west pot": 1, "west jar": 2 };
  const at = world(apart);
  const order = at.place(request([line("pair", 3)]));
  assert.deepEqual(placesOf(order), [
    ["west", "1 1 pair"],
    ["north", "1.1 2 pot"],
    ["south", "1.2 4 jar"],
  ]);
  assert.equal(only(order).allocated, 3);
  assert.deepEqual(faultsOf(order), []);
  // Of goods that make no whole kit nothing is taken.
  const partial = world(apart).place(request([line("pair", 9)], { onShortage: "partial" }));
  assert.deepEqual([only(partial).allocated, only(partial).short], [4, 5]);
  const refused = world({ "north mug": 1, "south jar": 1 }).tryPlace(request([line("set", 1)]));
  assert.ok(Result.isFailure(refused), "a kit that ships together has its parts in one place");
});

Deno.test("a kit has left when all of its parts have", () => {
  const at = world({ "north pot": 2, "south jar": 4 });
  at.place(request([line("pair", 2)]));
  at.shipAll(1);
  assert.deepEqual([only(at.order).shipped, only(at.order).allocated], [0, 2]);
  const second = at.prepare(2);
  const ship = { type: "ship", fulfillmentOrderId: second, carrier: "DHL" } as const;
  const broken = at.refused({ ...ship, lines: [{ lineId: "1.2", quantity: 1 }] });
  assert.equal(broken._tag, "KitIncomplete");
  at.do({ ...ship, lines: [{ lineId: "1.2", quantity: 2 }] });
  assert.deepEqual([only(at.order).shipped, only(at.order).allocated], [1, 1]);
  at.do(ship);
  assert.equal(at.order?.status, "shipped");
  assert.equal(at.row("south", "jar").onHand, 0);
  const shipments = at.order?.shipments ?? [];
  for (const [n, { id: shipmentId }] of shipments.entries()) {
    assert.equal(only(at.order).delivered, Math.max(0, n - 1));
    at.do({ type: "track", shipmentId, status: "delivered", occurredAt: now });
  }
  assert.equal(at.order?.status, "delivered");
});

Deno.test("a kit of which a part has left is not cancelled any more, and others are with all their parts", () => {
  const at = world({ "north pot": 3, "south jar": 6 });
  at.place(request([line("pair", 3)]));
  const fulfillmentOrderId = at.prepare(1);
  const lines = [{ lineId: "1.1", quantity: 1 }];
  at.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  const cancel = (quantity?: number): OrderCommand => ({
    ...{ type: "cancel", reason: "fewer" },
    ...(quantity === undefined ? {} : { lines: [{ lineId: "1", quantity }] }),
  });
  const refused = at.refused(cancel(3));
  assert.equal(refused._tag, "KitIncomplete");
  assert.equal(at.refused(cancel())._tag, "IllegalTransition");
  const fewer = at.refused({
    ...{ type: "edit", reason: "fewer" },
    changes: [{ type: "set-quantity", lineId: "1", quantity: 0 }],
  });
  assert.equal(fewer._tag, "KitIncomplete");
  at.do(cancel(2));
  assert.deepEqual([only(at.order).cancelled, only(at.order).allocated], [2, 1]);
  assert.deepEqual([at.row("north", "pot").reserved, at.row("south", "jar").reserved], [0, 2]);
});

Deno.test("a part that its location cannot find comes from elsewhere, or is waited for", () => {
  const at = world({ "north pot": 2, "south jar": 4, "west jar": 1 });
  at.place(request([line("pair", 2)], { onShortage: "partial" }));
  const fulfillmentOrderId = at.fulfillmentOrder(2);
  const order = at.do({ type: "reject", fulfillmentOrderId, reason: "not found" });
  assert.deepEqual(order.lines[0]?.waitingParts, [0, 3]);
  assert.deepEqual([only(order).allocated, only(order).backordered, only(order).short], [0, 2, 0]);
  assert.deepEqual(waitsFor(order), ["jar"]);
  assert.deepEqual(faultsOf(order), []);
  at.arrive("west", "jar", 1);
  // Whoever rejected it does not get it again.
  assert.equal(only(at.do({ type: "fill", locationId: "west" })).backordered, 1);
  at.arrive("north", "jar", 9);
  const filled = at.do({ type: "fill", locationId: "north" });
  assert.deepEqual([only(filled).allocated, only(filled).backordered], [2, 0]);
  assert.equal(filled.lines[0]?.waitingParts, undefined);
  assert.equal(at.row("north", "jar").reserved, 2);
});

Deno.test("a parcel with a part that is lost is sent once more, and its kit counts as shipped no more", () => {
  const at = world({ "north pot": 1, "south jar": 3, "west jar": 1 });
  at.place(request([line("pair", 1)]));
  at.shipAll(1);
  const shipmentId = at.shipAll(2);
  assert.equal(only(at.order).shipped, 1);
  const order = at.do({ type: "reship", shipmentId, reason: "lost" });
  assert.deepEqual([only(order).shipped, only(order).allocated], [0, 1]);
  assert.deepEqual(placesOf(order).slice(2).flat().filter((text) => text?.startsWith("1.2")), [
    "1.2 1 jar",
    "1.2 1 jar",
  ]);
});

Deno.test("kits that wait are begun when all their parts are somewhere", () => {
  const at = world({ "north pot": 2 });
  let order = at.place(request([line("pair", 2)], { onShortage: "backorder" }));
  at.arrive("south", "jar", 3);
  order = at.do({ type: "fill" });
  assert.deepEqual([only(order).allocated, only(order).backordered], [1, 1]);
  assert.deepEqual(placesOf(order), [["north", "1.1 1 pot"], ["south", "1.2 2 jar"]]);
  assert.deepEqual(order.lines[0]?.backordered, 1);
});

const step = fc.record({
  kind: fc.constantFrom(
    ...["ship", "ship", "ship some", "reject", "reject", "reship", "cancel", "cancel all"],
    ...["arrive", "arrive", "fill", "hold", "release", "return", "more", "accept"],
  ),
  which: fc.nat({ max: 7 }),
  units: fc.integer({ min: 1, max: 4 }),
});
type Step = typeof step extends fc.Arbitrary<infer Made> ? Made : never;

const commandsOf = (at: World, { kind, which, units }: Step): readonly OrderCommand[] => {
  const order = at.order ?? assert.fail("no order");
  const { fulfillmentOrders, shipments } = order;
  const each = fulfillmentOrders[which % Math.max(1, fulfillmentOrders.length)];
  const fulfillmentOrderId = each?.id ?? "none";
  const lineId = order.lines[which % order.lines.length]?.id ?? "1";
  switch (kind) {
    case "arrive": {
      const locationId = locationIds[which % 3] ?? "north";
      at.arrive(locationId, ["mug", "pot", "jar"][units % 3] ?? "mug", units);
      return [{ type: "fill", locationId }];
    }
    case "ship":
    case "ship some": {
      const [first] = each?.lines ?? [];
      const lines = [{ lineId: first?.lineId ?? "1", quantity: units }];
      return [
        { type: "accept", fulfillmentOrderId },
        { type: "pick", fulfillmentOrderId },
        {
          ...{ type: "ship", fulfillmentOrderId, carrier: "DHL" },
          ...(kind === "ship" ? {} : { lines }),
        },
      ];
    }
    case "accept":
      return [{ type: "accept", fulfillmentOrderId }];
    case "reject":
      return [{ type: "reject", fulfillmentOrderId, reason: "not found" }];
    case "reship": {
      const { id: shipmentId = "none" } = shipments[which % Math.max(1, shipments.length)] ?? {};
      return [{ type: "reship", shipmentId, reason: "lost" }];
    }
    case "cancel":
      return [{ type: "cancel", reason: "fewer", lines: [{ lineId, quantity: units }] }];
    case "cancel all":
      return which === 0 ? [{ type: "cancel", reason: "all of it" }] : [];
    case "fill":
      return [{ type: "fill" }];
    case "hold":
      return [{ type: "hold", reason: "look" }];
    case "release":
      return [{ type: "release" }];
    case "more":
      return [{
        ...{ type: "edit", reason: "more" },
        changes: [{ type: "add-line", basedOn: lineId, quantity: units }],
      }];
    default:
      return [{
        ...{ type: "request-return", goodsBack: true, overrideReason: "nice" },
        lines: [{ lineId, quantity: units, reason: "other" }],
        received: {
          locationId: "west",
          inspected: [{ lineId, quantity: units, disposition: "restock", accepted: true }],
        },
      }];
  }
};

const check = (at: World): void => {
  const order = at.order ?? assert.fail("no order");
  assert.deepEqual(faultsOf(order), []);
  const claimed = new Map(
    stockDeltasIn(claimsOf(order)).map(({ locationId, sku, reserved }) =>
      [`${locationId} ${sku}`, reserved] as [string, number]
    ),
  );
  for (const [row, { reserved }] of at.rows) assert.equal(claimed.get(row) ?? 0, reserved, row);
  const document = { state: order, personal: { customer: { name: "Ada" } }, history: [] };
  assert.deepEqual(orderCodec.unpack(orderCodec.pack(document)).state, order);
};

Deno.test("in any storm kits stay whole, and shelves have what orders say", () => {
  let apart = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          sku: fc.constantFrom("pair", "trio", "set", "jar"),
          quantity: fc.integer({ min: 1, max: 4 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      fc.array(fc.nat({ max: 5 }), { minLength: 9, maxLength: 9 }),
      fc.constantFrom("reject", "backorder", "partial", "hold"),
      fc.constantFrom(3, 4, 300),
      fc.array(step, { maxLength: 25 }),
      (wanted, stock, onShortage, rows, steps) => {
        const there = locationIds.flatMap((id, n) =>
          ["mug", "pot", "jar"].map((sku, m) => [`${id} ${sku}`, stock[n * 3 + m] ?? 0] as const)
        );
        const at = world(Object.fromEntries(there), rows);
        const lines = wanted.map(({ sku, quantity }) => line(sku, quantity));
        if (Result.isFailure(at.tryPlace(request(lines, { onShortage })))) return;
        check(at);
        for (const each of steps) {
          for (const command of commandsOf(at, each)) {
            at.tryDo(command);
            check(at);
          }
          for (let commits = 0; at.order?.allocating === true; commits++) {
            assert.ok(commits < 99, "an allocation comes to an end");
            at.do({ type: "allocate" });
            check(at);
          }
        }
        if (at.order?.fulfillmentOrders.some((f) => f.lines.some((l) => isPartId(l.lineId)))) {
          apart++;
        }
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(apart > 20, `parts were apart in ${apart} orders`);
});

Deno.test("as many kits are promised as there are, wherever their parts are", () => {
  fc.assert(fc.property(
    fc.array(fc.nat({ max: 5 }), { minLength: 9, maxLength: 9 }),
    fc.constantFrom("pair", "trio", "set"),
    (stock, sku) => {
      const there = (n: number) => (part: string) =>
        stock[n * 3 + ["mug", "pot", "jar"].indexOf(part)] ?? 0;
      const rows = locationIds.flatMap((id, n) =>
        ["mug", "pot", "jar"].map((part) => [`${id} ${part}`, there(n)(part)] as const)
      );
      const { parts = [], ship = "together" } = items.get(sku)?.kit ?? {};
      const most = kitUnits(parts, ship, [0, 1, 2].map(there));
      const at = world(Object.fromEntries(rows));
      const order = at.place(request([line(sku, 20)], { onShortage: "backorder" }));
      assert.equal(only(order).allocated, most);
    },
  ));
});
