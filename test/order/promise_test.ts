/** Promises of supply as one order makes them, moves them, and loses them. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import { promisedUnits, unpromisedUnits } from "../../src/order/promise.ts";
import { itemsOf, line, now, request, World, type WorldOptions } from "./support.ts";

const dayMs = 86_400_000;
const day = (n: number): number => Date.parse(now) + n * dayMs;
const dateOf = (n: number): string => instantOf(day(n));

interface Supply {
  readonly supplyId: string;
  readonly sku: string;
  readonly locationId: string;
  dueMs: number;
  units: number;
}

/** Units of tea at north, unless something else is said, due on the nth day. */
const supply = (n: number, units: number, more: Partial<Supply> = {}): Supply => ({
  ...{ supplyId: `s${n}`, sku: "tea", locationId: "north", dueMs: day(n), units },
  ...more,
});

const shippedFrom = (
  locationId: string,
) => ({ fulfillment: { method: "ship", locationId } } as const);

const waits = { onShortage: "backorder" } as const;

const worldOf = (supplies: readonly Supply[], more: WorldOptions = {}): World =>
  new World({ ...more, supply: supplies });

const promisesOf = ({ lines }: Order) => lines.flatMap(({ promises = [] }) => promises);

/** What each line is promised, as `3 of s1`. */
const told = ({ lines }: Order): readonly (readonly string[])[] =>
  lines.map(({ promises = [] }) =>
    promises.map(({ quantity, supplyId }) => `${quantity} of ${supplyId}`)
  );

const backorderedOf = ({ lines }: Order): number =>
  lines.reduce((sum, { backordered }) => sum + backordered, 0);

const allocatedOf = ({ fulfillmentOrders }: Order): number =>
  fulfillmentOrders.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);

const peggedOf = (order: Order, supplyId: string): number =>
  promisesOf(order).reduce(
    (sum, each) => each.supplyId === supplyId ? sum + each.quantity : sum,
    0,
  );

const movedIn = (events: readonly OrderEvent[]) =>
  events.flatMap((event) => event.type === "order.promised" ? event.moved ?? [] : []);

const current = ({ order }: World): Order => order ?? assert.fail("no order");

/** Events that a command adds. */
const during = (world: World, command: OrderCommand): readonly OrderEvent[] => {
  const { length } = world.history;
  world.do(command);
  return world.history.slice(length);
};

/** As the document of supply does: units are on the shelf, and the order is told in the same commit. */
const arrives = (world: World, from: Supply, quantity: number): readonly OrderEvent[] => {
  const { supplyId, locationId, sku } = from;
  from.units -= quantity;
  world.arrive(locationId, sku, quantity);
  return during(world, { type: "arrive", supplyId, locationId, quantity });
};

/** Nothing is promised twice, or to units that do not wait, or from another shelf. */
const assertSound = (order: Order, supplies: readonly Supply[]): void => {
  for (const each of order.lines) {
    assert.ok(promisedUnits(each) <= each.backordered, "more is promised than waits");
    assert.ok(unpromisedUnits(each) >= 0);
    const promises = each.promises ?? [];
    assert.ok(each.promises === undefined || promises.length > 0, "an empty list is kept");
    assert.equal(new Set(promises.map(({ supplyId }) => supplyId)).size, promises.length);
    for (const { supplyId, locationId, quantity } of promises) {
      assert.ok(quantity > 0, "a promise of nothing");
      const found = supplies.find((one) => one.supplyId === supplyId);
      assert.deepEqual([found?.sku, found?.locationId], [each.sku, locationId]);
      assert.ok(each.locationId === undefined || each.locationId === locationId);
    }
  }
  for (const { supplyId, units } of supplies) {
    assert.ok(peggedOf(order, supplyId) <= units, `${supplyId} is promised beyond its units`);
  }
};

type Step =
  | { readonly type: "promise" }
  | { readonly type: "hold" }
  | { readonly type: "release" }
  | { readonly type: "fill" }
  | { readonly type: "arrive" | "cut" | "unpeg"; readonly n: number; readonly units: number }
  | { readonly type: "stock" | "cancel" | "redate"; readonly n: number; readonly units: number };

const small = fc.integer({ min: 0, max: 6 });

const plainSteps: readonly Step[] = [
  { type: "promise" },
  { type: "hold" },
  { type: "release" },
  { type: "fill" },
];

const stepOf: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(...plainSteps),
  fc.record({
    type: fc.constantFrom<"arrive" | "cut" | "unpeg">("arrive", "cut", "unpeg"),
    n: small,
    units: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({
    type: fc.constantFrom<"stock" | "cancel" | "redate">("stock", "cancel", "redate"),
    n: small,
    units: fc.integer({ min: 1, max: 4 }),
  }),
);

const skus = ["tea", "pot"] as const;
const locationIds = ["north", "south"] as const;

const suppliesOf = fc.array(
  fc.record({
    sku: fc.constantFrom(...skus),
    locationId: fc.constantFrom(...locationIds),
    due: small,
    units: small,
  }),
  { minLength: 1, maxLength: 5 },
).map((made) =>
  made.map(({ due, ...each }, n): Supply => ({ ...each, supplyId: `s${n}`, dueMs: day(due) }))
);

const linesOf = fc.array(
  fc.record({
    sku: fc.constantFrom(...skus),
    quantity: fc.integer({ min: 1, max: 8 }),
    needed: fc.option(small, { nil: undefined }),
    locationId: fc.option(fc.constantFrom(...locationIds), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Units of a supply that only this order may have: what leaves its row is no more than that, and no less. */
const cutTo = (world: World, from: Supply, units: number): void => {
  const excess = Math.max(0, peggedOf(current(world), from.supplyId) - (from.units - units));
  from.units -= units;
  if (excess === 0) return;
  const before = current(world);
  const had = peggedOf(before, from.supplyId);
  const moved = movedIn(
    during(world, { type: "unpeg", supplyId: from.supplyId, quantity: excess }),
  );
  assert.equal(peggedOf(current(world), from.supplyId), had - excess, "they end exactly");
  assert.equal(moved.reduce((sum, { quantity }) => sum + quantity, 0), excess, "each is told of");
  assert.ok(moved.every(({ to }) => to?.supplyId !== from.supplyId), "none comes back");
};

const take = (world: World, supplies: readonly Supply[], step: Step): void => {
  const order = current(world);
  const from = "n" in step ? supplies[step.n % supplies.length] : undefined;
  switch (step.type) {
    case "promise":
      during(world, step);
      return;
    case "fill":
      during(world, { type: "fill", locationId: "north" });
      return;
    case "hold":
      world.tryDo({ type: "hold", reason: "somebody looks" });
      return;
    case "release":
      world.tryDo({ type: "release" });
      return;
    case "stock":
      world.arrive(locationIds[step.n % 2] ?? "north", skus[step.n % 3 % 2] ?? "tea", step.units);
      return;
    case "cancel": {
      const each = order.lines[step.n % order.lines.length];
      if (each === undefined) return;
      const quantity = Math.min(step.units, each.quantity);
      const lines = [{ lineId: each.id, quantity }];
      world.tryDo({ type: "cancel", reason: "no more", lines });
      return;
    }
    case "redate":
      if (from !== undefined) from.dueMs = day(step.units);
      return;
    case "arrive": {
      if (from === undefined) return;
      const pegged = peggedOf(order, from.supplyId);
      const units = Math.min(step.units, pegged);
      if (units === 0) return;
      const before = allocatedOf(order);
      arrives(world, from, units);
      const after = current(world);
      assert.equal(peggedOf(after, from.supplyId) <= pegged - units, true, "they end");
      if (order.shipComplete !== true) assert.equal(allocatedOf(after), before + units);
      return;
    }
    case "unpeg":
    case "cut":
      if (from !== undefined) cutTo(world, from, Math.min(step.units, from.units));
  }
};

Deno.test("whatever happens, no unit is promised twice, nor to a line that does not wait for it", () => {
  fc.assert(fc.property(
    suppliesOf,
    linesOf,
    fc.boolean(),
    fc.dictionary(fc.constantFrom("north tea", "south tea", "north pot"), small),
    fc.array(stepOf, { maxLength: 14 }),
    (supplies, lines, shipComplete, stock, steps) => {
      const world = worldOf(supplies, { stock });
      const placed = world.tryPlace(request(
        lines.map(({ sku, quantity, needed, locationId }) =>
          line(sku, quantity, {
            ...(needed === undefined ? {} : { neededAt: dateOf(needed) }),
            ...(locationId === undefined ? {} : shippedFrom(locationId)),
          })
        ),
        { ...waits, ...(shipComplete ? { shipComplete } : {}) },
      ));
      assert.ok(Result.isSuccess(placed));
      assertSound(current(world), supplies);
      for (const step of steps) {
        take(world, supplies, step);
        assertSound(current(world), supplies);
      }
    },
  ));
});

Deno.test("what is promised in turn is all that supply has, as far as it waits", () => {
  fc.assert(fc.property(suppliesOf, fc.integer({ min: 1, max: 20 }), (supplies, quantity) => {
    const world = worldOf(supplies);
    const order = world.place(request([line("tea", quantity)], waits));
    const there = supplies.reduce((sum, { sku, units }) => sku === "tea" ? sum + units : sum, 0);
    assert.equal(promisedUnits(order.lines[0] ?? {}), Math.min(quantity, there));
    assert.deepEqual(during(world, { type: "promise" }), []);
  }));
});

Deno.test("one unit is promised of the latest supply that makes its date, else of the earliest of all", () => {
  fc.assert(fc.property(suppliesOf, fc.option(small, { nil: undefined }), (supplies, needed) => {
    const more = needed === undefined ? {} : { neededAt: dateOf(needed) };
    const order = worldOf(supplies).place(request([line("tea", 1, more)], waits));
    const free = supplies.filter(({ sku, units }) => sku === "tea" && units > 0)
      .map(({ dueMs }) => dueMs);
    const onTime = free.filter((dueMs) => needed !== undefined && dueMs <= day(needed));
    const wanted = onTime.length > 0 ? Math.max(...onTime) : Math.min(...free);
    const [promised] = promisesOf(order);
    assert.equal(
      promised?.expectedAt,
      free.length === 0 ? undefined : instantOf(wanted),
    );
  }));
});

const againstSupply = itemsOf({ sku: "tea", backorder: "against_supply" });

Deno.test("against supply is sold what is there and what is to come, and not one unit more", () => {
  fc.assert(fc.property(
    fc.array(small, { maxLength: 3 }),
    small,
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    (units, onHand, quantities) => {
      const supplies = units.map((each, n) => supply(n, each));
      const world = worldOf(supplies, { items: againstSupply, stock: { "south tea": onHand } });
      const result = world.tryPlace(
        request(quantities.map((quantity) => line("tea", quantity)), waits),
      );
      const sum = (each: readonly number[]) => each.reduce((total, one) => total + one, 0);
      assert.equal(Result.isSuccess(result), sum(quantities) <= onHand + sum(units));
      if (Result.isFailure(result)) return;
      assert.equal(backorderedOf(result.success), Math.max(0, sum(quantities) - onHand));
      assert.ok(result.success.lines.every((each) => unpromisedUnits(each) === 0));
    },
  ));
});

Deno.test("two lines of a SKU are not promised the same units", () => {
  const order = worldOf([supply(1, 5)]).place(request([line("tea", 3), line("tea", 4)], waits));
  assert.deepEqual(told(order), [["3 of s1"], ["2 of s1"]]);
});

Deno.test("a newcomer is promised nothing that another waits for, until it is its turn", () => {
  const supplies = [supply(1, 5), supply(2, 5, { sku: "pot" })];
  const world = worldOf(supplies, { awaited: ["tea"] });
  const order = world.place(request([line("tea", 3), line("pot", 3)], waits));
  assert.deepEqual(told(order), [[], ["3 of s2"]]);
  assert.deepEqual(told(world.do({ type: "promise" })), [["3 of s1"], ["3 of s2"]]);
});

Deno.test("nor may it be sold against supply that another waits for", () => {
  const world = worldOf([supply(1, 5)], { awaited: ["tea"], items: againstSupply });
  assert.ok(Result.isFailure(world.tryPlace(request([line("tea", 1)], waits))));
});

Deno.test("an order that ships as a whole is promised all that it waits for, or nothing", () => {
  const whole = { ...waits, shipComplete: true };
  const supplies = [supply(1, 2), supply(3, 9, { sku: "pot" })];
  const world = worldOf(supplies, { stock: { "north tea": 1 } });
  const order = world.place(request([line("tea", 4), line("pot", 2)], whole));
  assert.deepEqual([told(order), allocatedOf(order)], [[[], []], 0]);
  assert.deepEqual(told(world.do({ type: "promise" })), [[], []]);
  supplies.push(supply(2, 2));
  assert.deepEqual(told(world.do({ type: "promise" })), [["2 of s1", "2 of s2"], ["2 of s3"]]);
});

Deno.test("an order that ships as a whole is promised and filled all or nothing, whatever there is", () => {
  fc.assert(fc.property(
    suppliesOf,
    linesOf,
    fc.array(fc.tuple(fc.constantFrom(...locationIds), fc.constantFrom(...skus), small), {
      maxLength: 5,
    }),
    (supplies, lines, more) => {
      const world = worldOf(supplies);
      const whole = { ...waits, shipComplete: true };
      world.place(request(lines.map(({ sku, quantity }) => line(sku, quantity)), whole));
      const units = backorderedOf(current(world));
      for (const [locationId, sku, quantity] of more) {
        world.arrive(locationId, sku, quantity);
        for (const command of [{ type: "promise" }, { type: "fill", locationId }] as const) {
          const order = world.do(command);
          const promised = promisesOf(order).reduce((sum, each) => sum + each.quantity, 0);
          assert.ok(promised === 0 || promised === backorderedOf(order), "half of it is promised");
          assert.ok([0, units].includes(allocatedOf(order)), "half of it is filled");
        }
      }
    },
  ));
});

Deno.test("units that arrive are the order's, and it waits for them no more", () => {
  const from = supply(1, 9);
  const world = worldOf([from, supply(2, 4)]);
  world.place(request([line("tea", 12)], waits));
  assert.deepEqual(told(current(world)), [["9 of s1", "3 of s2"]]);
  arrives(world, from, 4);
  const after = current(world);
  assert.deepEqual([allocatedOf(after), backorderedOf(after)], [4, 8]);
  assert.deepEqual(["s1", "s2"].map((id) => peggedOf(after, id)), [5, 3]);
  assert.equal(world.row("north", "tea").reserved, 4);
});

Deno.test("no more arrives than is on the shelf", () => {
  fc.assert(fc.property(small, small, (onHand, asked) => {
    const world = worldOf([supply(1, 9)]);
    world.place(request([line("tea", 6)], waits));
    world.arrive("north", "tea", onHand);
    const command = { supplyId: "s1", locationId: "north", quantity: asked };
    const order = world.do({ type: "arrive", ...command });
    const units = Math.min(onHand, asked);
    assert.deepEqual([allocatedOf(order), peggedOf(order, "s1")], [units, 6 - units]);
  }));
});

Deno.test("promised units arrive for an order that is held, too", () => {
  const from = supply(1, 3);
  const world = worldOf([from]);
  world.place(request([line("tea", 3)], waits));
  world.do({ type: "hold", reason: "somebody looks" });
  arrives(world, from, 3);
  assert.deepEqual([allocatedOf(current(world)), promisesOf(current(world))], [3, []]);
});

Deno.test("an order that ships as a whole and lacks other goods gives back what arrives", () => {
  const whole = { ...waits, shipComplete: true };
  const [first, second] = [supply(1, 3), supply(2, 2, { sku: "pot" })];
  const world = worldOf([first, second]);
  world.place(request([line("tea", 3), line("pot", 2)], whole));
  arrives(world, first, 3);
  const order = current(world);
  assert.deepEqual([told(order), allocatedOf(order)], [[[], ["2 of s2"]], 0]);
  assert.equal(world.row("north", "tea").reserved, 0);
  arrives(world, second, 2);
  assert.deepEqual([allocatedOf(current(world)), backorderedOf(current(world))], [5, 0]);
});

Deno.test("supply that will not come is taken from the last line first, and other supply is found", () => {
  const from = supply(1, 6);
  const world = worldOf([from, supply(2, 3)]);
  world.place(request([line("tea", 3), line("tea", 3)], waits));
  assert.deepEqual(told(current(world)), [["3 of s1"], ["3 of s1"]]);
  const events = during(world, { type: "unpeg", supplyId: "s1", quantity: 4 });
  assert.deepEqual(told(current(world)), [["2 of s1", "1 of s2"], ["2 of s2"]]);
  const moves = movedIn(events).map(({ quantity, to }) => [quantity, to?.supplyId ?? null]);
  assert.deepEqual(moves, [[1, "s2"], [2, "s2"], [1, null]]);
});

Deno.test("what loses its promise is told, where there is nothing else", () => {
  for (const awaited of [[], ["tea"]]) {
    const supplies = awaited.length === 0 ? [supply(1, 6)] : [supply(1, 6), supply(2, 9)];
    const options: { awaited: readonly string[] } = { awaited: [] };
    const world = new World({ supply: supplies, ...options });
    world.place(request([line("tea", 3)], waits));
    (world.options as { awaited: readonly string[] }).awaited = awaited;
    const events = during(world, { type: "unpeg", supplyId: "s1", quantity: 3 });
    assert.deepEqual(movedIn(events).map(({ quantity, to }) => [quantity, to]), [[3, null]]);
    assert.deepEqual([told(current(world)), backorderedOf(current(world))], [[[]], 3]);
  }
});

Deno.test("another date is told with the promise that it was, and moves no unit", () => {
  const from = supply(1, 3);
  const world = worldOf([from, supply(4, 3)]);
  world.place(request([line("tea", 5)], waits));
  from.dueMs = day(3);
  const moves = movedIn(during(world, { type: "promise" }));
  assert.deepEqual(
    moves.map(({ quantity, from: was, to }) => [quantity, was.expectedAt, to?.expectedAt]),
    [[3, dateOf(1), dateOf(3)]],
  );
  assert.deepEqual(told(current(world)), [["3 of s1", "2 of s4"]]);
  assert.deepEqual(during(world, { type: "promise" }), []);
});

Deno.test("units that wait no more give up what comes last", () => {
  const world = worldOf([supply(1, 3), supply(4, 3)]);
  world.place(request([line("tea", 5)], waits));
  world.arrive("south", "tea", 3);
  assert.deepEqual(told(world.do({ type: "fill", locationId: "south" })), [["2 of s1"]]);
});

Deno.test("units are promised of places that may ship them, and of no others", () => {
  const supplies = [supply(1, 3, { locationId: "south" }), supply(2, 3, { locationId: "shut" })];
  const locations = [{ id: "north", active: true }, { id: "south", active: true }, {
    id: "shut",
    active: false,
  }];
  const order = worldOf(supplies, { locations }).place(
    request([line("tea", 2, shippedFrom("north")), line("tea", 5)], waits),
  );
  assert.deepEqual(told(order), [[], ["3 of s1"]]);
});
