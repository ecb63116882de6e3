/** Returns: units that come back are counted once, moved once, and never more of them than were shipped. */
import assert from "node:assert/strict";
import { stockDelta } from "../../src/stock/stock.ts";
import { Result } from "effect";
import type { Order, OrderCommand, OrderEvent, OrderRejection } from "../../src/order/order.ts";
import type { InspectedLine, Return, ReturnRules } from "../../src/order/return.ts";
import { acceptedUnits, returnedUnits, unitsLeftToReturn } from "../../src/order/return-units.ts";
import { line, now, request, types, World } from "./support.ts";

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

/** The events of a command that is taken. */
const does = (world: World, command: OrderCommand, at = now): readonly OrderEvent[] => {
  const before = world.history.length;
  const result = world.tryDo(command, at);
  if (Result.isFailure(result)) assert.fail(`refused: ${JSON.stringify(result.failure)}`);
  return world.history.slice(before);
};

const refuses = (world: World, command: OrderCommand, at = now): OrderRejection => {
  const result = world.tryDo(command, at);
  return Result.isFailure(result) ? result.failure : assert.fail(`${command.type} was taken`);
};

/** An order of three teas and two mugs that were shipped and have arrived. */
const shippedWorld = (rules?: ReturnRules, isDelivered = true): World => {
  const world = new World({
    stock: { "north tea": 10, "north mug": 10 },
    ...(rules === undefined ? {} : { returnRules: rules }),
  });
  world.place(request([line("tea", 3), line("mug", 2)]));
  const shipmentId = world.shipAll(1);
  if (isDelivered) {
    world.do({ type: "track", shipmentId, status: "delivered", occurredAt: now });
  }
  return world;
};

const asked = (quantity: number, lineId = "1") => ({
  type: "request-return" as const,
  goodsBack: true,
  lines: [{ lineId, quantity, reason: "unwanted" as const }],
});

const theReturn = (world: World, n = 0): Return =>
  orderOf(world).returns?.[n] ?? assert.fail(`there is no return ${n}`);

const returnId = (world: World): string => theReturn(world).id;

const inspected = (quantity: number, more: Partial<InspectedLine> = {}): InspectedLine => ({
  ...{ lineId: "1", quantity, disposition: "restock", accepted: true },
  ...more,
});

Deno.test("a return goes its way, and its units are set aside until they are inspected", () => {
  const world = shippedWorld();
  assert.deepEqual(world.row("north", "tea"), stockDelta("north", "tea", { onHand: 7 }));
  does(world, asked(2));
  assert.equal(theReturn(world).locationId, "north", "back to where they came from");
  does(world, { type: "authorize-return", returnId: returnId(world) });
  does(world, { type: "ship-return", returnId: returnId(world), carrier: "DHL" });
  assert.equal(theReturn(world).status, "in_transit");
  does(world, {
    ...{ type: "receive-return", returnId: returnId(world) },
    lines: [{ lineId: "1", quantity: 1 }],
  });
  assert.equal(theReturn(world).status, "partially_received");
  assert.equal(world.row("north", "tea").onHand, 8);
  assert.equal(world.row("north", "tea").unavailable, 1);
  assert.equal(world.facts().available("north", "tea"), 7);
  does(world, { type: "receive-return", returnId: returnId(world) });
  assert.equal(theReturn(world).status, "received");
  does(world, {
    type: "inspect-return",
    returnId: returnId(world),
    lines: [inspected(1), inspected(1, { disposition: "scrap", accepted: false })],
  });
  assert.equal(theReturn(world).status, "closed");
  assert.equal(world.row("north", "tea").onHand, 8);
  assert.equal(world.row("north", "tea").unavailable, 0);
  assert.deepEqual(acceptedUnits(orderOf(world)), [{ lineId: "1", quantity: 1 }]);
  assert.deepEqual(returnedUnits(orderOf(world)), [2, 0]);
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [1, 2]);
  assert.equal(orderOf(world).status, "delivered", "the order's status is what it was");
});

Deno.test("each disposition moves its units as it says", () => {
  const world = shippedWorld();
  for (
    const [disposition, onHand, unavailable] of [
      ["restock", 8, 0],
      ["refurbish", 8, 1],
      ["quarantine", 8, 1],
      ["scrap", 7, 0],
      ["vendor", 7, 0],
    ] as const
  ) {
    const world = shippedWorld();
    does(world, {
      ...asked(1),
      received: { locationId: "north", inspected: [inspected(1, { disposition })] },
    });
    const row = world.row("north", "tea");
    assert.deepEqual([row.onHand, row.unavailable], [onHand, unavailable], disposition);
  }
  assert.equal(world.row("north", "tea").onHand, 7);
});

Deno.test("goods that are there already are returned in one decision", () => {
  const world = shippedWorld();
  const events = does(world, {
    ...asked(1),
    received: { locationId: "south", inspected: [inspected(1)] },
  });
  assert.deepEqual(types(events), [
    "return.requested",
    "return.authorized",
    "return.received",
    "return.inspected",
    "return.closed",
  ]);
  assert.equal(world.row("south", "tea").onHand, 1);
  assert.equal(world.facts().available("south", "tea"), 1);
});

Deno.test("no more is returned than was shipped, whatever is asked in which order", () => {
  const world = shippedWorld();
  does(world, asked(2));
  assert.deepEqual(refuses(world, asked(2)), {
    _tag: "NotReturnable",
    lines: [{ lineId: "1", reason: "more-than-left", eligible: 1 }],
  });
  does(world, { type: "decline-return", returnId: returnId(world), reason: "worn" });
  does(world, asked(3));
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [0, 2]);
  const { id } = theReturn(world, 1);
  does(world, { type: "cancel-return", returnId: id, reason: "keeps it" });
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [3, 2]);
});

Deno.test("less comes: the rest may be returned another time once it is waited for no more", () => {
  const world = shippedWorld();
  does(world, asked(3));
  const id = returnId(world);
  does(world, { type: "authorize-return", returnId: id });
  does(world, { type: "receive-return", returnId: id, lines: [{ lineId: "1", quantity: 1 }] });
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [0, 2]);
  assert.deepEqual(types(does(world, { type: "close-return", returnId: id })), [
    "return.closed_short",
  ]);
  assert.equal(theReturn(world).status, "received", "a unit waits for its inspection");
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [2, 2]);
  does(world, { type: "inspect-return", returnId: id, lines: [inspected(1)] });
  assert.equal(theReturn(world).status, "closed");
});

Deno.test("more comes: up to what was shipped it is taken, and other goods are written down", () => {
  const world = shippedWorld();
  does(world, asked(1));
  const id = returnId(world);
  does(world, { type: "authorize-return", returnId: id });
  const receive = { type: "receive-return" as const, returnId: id };
  assert.deepEqual(refuses(world, { ...receive, lines: [{ lineId: "1", quantity: 4 }] }), {
    _tag: "NotReturnable",
    lines: [{ lineId: "1", reason: "more-than-left", eligible: 3 }],
  });
  does(world, {
    ...receive,
    lines: [{ lineId: "1", quantity: 2 }, { lineId: "2", quantity: 1 }],
    unexpected: [{ sku: "lamp", quantity: 1 }],
  });
  const { lines, unexpected } = theReturn(world);
  assert.deepEqual(lines.map(({ lineId, quantity, received }) => [lineId, quantity, received]), [
    ["1", 1, 2],
    ["2", 0, 1],
  ]);
  assert.deepEqual(unexpected, [{ sku: "lamp", quantity: 1 }]);
  assert.equal(world.row("north", "lamp").onHand, 0);
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [1, 1]);
});

Deno.test("a unit is inspected once, and not when people took it out of what is set aside", () => {
  const world = shippedWorld();
  does(world, { ...asked(2), received: { locationId: "north" } });
  const inspect = (quantity: number) => ({
    ...{ type: "inspect-return" as const, returnId: returnId(world) },
    lines: [inspected(quantity)],
  });
  assert.deepEqual(refuses(world, inspect(3)), {
    _tag: "InvalidCommand",
    pointer: "/lines/0/quantity",
    detail: "Line 1 has 2 units received and not inspected.",
  });
  const row = world.row("north", "tea");
  world.rows.set("north tea", { ...row, unavailable: 1 });
  assert.deepEqual(refuses(world, inspect(2)), {
    ...{ _tag: "NotSetAside", locationId: "north", sku: "tea", requested: 2, setAside: 1 },
  });
  world.rows.set("north tea", row);
  does(world, inspect(1));
  assert.equal(refuses(world, inspect(2))._tag, "InvalidCommand", "one of them was inspected");
  does(world, inspect(1));
  assert.equal(refuses(world, inspect(1))._tag, "IllegalTransition");
});

Deno.test("a claim is credited without goods, and moves no stock", () => {
  const world = shippedWorld();
  const before = world.row("north", "mug");
  does(world, {
    ...{ type: "request-return", goodsBack: false },
    lines: [{ lineId: "2", quantity: 2, reason: "lost" }],
  });
  assert.deepEqual(types(does(world, { type: "authorize-return", returnId: returnId(world) })), [
    "return.authorized",
    "return.closed",
  ]);
  assert.deepEqual(acceptedUnits(orderOf(world)), [{ lineId: "2", quantity: 2 }]);
  assert.deepEqual(world.row("north", "mug"), before);
  assert.deepEqual(unitsLeftToReturn(orderOf(world)), [3, 0]);
});

Deno.test("what is being returned is not sent once more", () => {
  const world = shippedWorld(undefined, false);
  does(world, asked(1));
  const shipmentId = orderOf(world).shipments[0]?.id ?? "";
  const reship = { type: "reship" as const, shipmentId, reason: "lost" };
  assert.equal(refuses(world, reship)._tag, "IllegalTransition");
  does(world, { type: "cancel-return", returnId: returnId(world), reason: "a mistake" });
  does(world, reship);
});

Deno.test("the policy of the channel binds, unless somebody says why not", () => {
  const day = 86_400_000;
  const rules = { windowDays: 30, finalSale: ["mug"], authorize: "automatic" } as const;
  const world = shippedWorld(rules);
  assert.deepEqual(refuses(world, asked(1, "2")), {
    _tag: "NotReturnable",
    lines: [{ lineId: "2", reason: "final-sale", eligible: 0 }],
  });
  does(world, asked(1));
  assert.equal(theReturn(world).status, "authorized", "what the policy allows needs nobody");
  const late = new Date(Date.parse(now) + 30 * day + 1).toISOString();
  assert.deepEqual(refuses(world, asked(1), late), {
    _tag: "NotReturnable",
    lines: [{ lineId: "1", reason: "window-over", eligible: 0 }],
  });
  does(world, { ...asked(1), overrideReason: "a good customer" }, late);
  assert.equal(theReturn(world, 1).overrideReason, "a good customer");
});

Deno.test("digital goods do not come back, and may be claimed", () => {
  const world = new World({ items: new Map() });
  world.place(request([line("song", 1, { fulfillment: { method: "digital" } })]));
  assert.deepEqual(refuses(world, asked(1)), {
    _tag: "NotReturnable",
    lines: [{ lineId: "1", reason: "digital", eligible: 0 }],
  });
  does(world, { ...asked(1), goodsBack: false });
});

Deno.test("goods of one return come to one location", () => {
  const world = shippedWorld();
  does(world, asked(2));
  const receive = {
    ...{ type: "receive-return" as const, returnId: returnId(world) },
    lines: [{ lineId: "1", quantity: 1 }],
  };
  assert.equal(refuses(world, receive)._tag, "IllegalTransition", "it is not authorized");
  does(world, { type: "authorize-return", returnId: returnId(world) });
  assert.equal(refuses(world, { ...receive, locationId: "nowhere" })._tag, "InvalidCommand");
  does(world, { ...receive, locationId: "south" });
  assert.equal(theReturn(world).locationId, "south");
  assert.equal(refuses(world, { ...receive, locationId: "north" })._tag, "InvalidCommand");
});
