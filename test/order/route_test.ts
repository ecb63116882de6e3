import assert from "node:assert/strict";
import fc from "fast-check";
import { fewestCovering } from "../../src/routing/cover.ts";
import type { Destination, RoutingLocation } from "../../src/order/order.ts";
import type { RouteDemand } from "../../src/order/route.ts";
import { route } from "../../src/order/route.ts";
import { places } from "./support.ts";

const demand = (
  lineId: string,
  sku: string,
  quantity: number,
  more: Partial<RouteDemand> = {},
): RouteDemand => ({ lineId, sku, quantity, method: "ship", ...more });

/** Stock as `{"north tea": 5}`. */
const from = (stock: Readonly<Record<string, number>>) => (locationId: string, sku: string) =>
  stock[`${locationId} ${sku}`] ?? 0;

const units = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

const problem = fc.record({
  locations: fc.integer({ min: 1, max: 6 }).chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, i) =>
      fc.record({
        id: fc.constant(`l${i}`),
        active: fc.boolean().map((often) => often || i % 2 === 0),
        coordinates: fc.option(fc.tuple(
          fc.integer({ min: -80, max: 80 }),
          fc.integer(
            { min: -170, max: 170 },
          ),
        )),
      })))
  ),
  demands: fc.array(
    fc.record({
      sku: fc.constantFrom("a", "b", "c"),
      quantity: fc.integer({ min: 1, max: 6 }),
      method: fc.constantFrom("ship", "ship", "ship", "pickup", "digital"),
      place: fc.integer({ min: 0, max: 7 }),
      bound: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  stock: fc.array(fc.integer({ min: -2, max: 8 }), { minLength: 18, maxLength: 18 }),
  destination: fc.option(fc.tuple(fc.integer({ min: -80, max: 80 }), fc.constant(10))),
}).map(({ locations, demands, stock, destination }) => {
  const skus = ["a", "b", "c"];
  return {
    locations: locations.map(({ id, active, coordinates }): RoutingLocation => ({
      id,
      active,
      ...(coordinates === null ? {} : { latitude: coordinates[0], longitude: coordinates[1] }),
    })),
    demands: demands.map(({ sku, quantity, method, place, bound }, i): RouteDemand => ({
      lineId: String(i + 1),
      sku,
      quantity,
      method: method as RouteDemand["method"],
      ...(method === "pickup" || (bound && method === "ship") ? { locationId: `l${place}` } : {}),
    })),
    available: (locationId: string, sku: string): number =>
      stock[Number(locationId.slice(1)) * 3 + skus.indexOf(sku)] ?? 0,
    destination: destination === null ? undefined : {
      country: "GB",
      latitude: destination[0],
      longitude: destination[1],
    } as Destination,
  };
});

Deno.test("a route claims what is there, where it may, and accounts for every unit", () => {
  fc.assert(fc.property(problem, ({ locations, demands, available, destination }) => {
    const found = route(demands, locations, available, destination);
    assert.deepEqual(route(demands, locations, available, destination), found, "deterministic");
    const claimed = new Map<string, number>();
    const byLine = new Map<string, number>();
    for (const { lineId, quantity } of found.unfilled) {
      assert.ok(quantity > 0);
      byLine.set(lineId, quantity);
    }
    const groups = new Set<string>();
    for (const { locationId, method, lines } of found.allocations) {
      assert.ok(!groups.has(`${locationId} ${method}`), "one allocation a location and method");
      groups.add(`${locationId} ${method}`);
      assert.equal(new Set(lines.map(({ lineId }) => lineId)).size, lines.length);
      for (const { lineId, sku, quantity } of lines) {
        assert.ok(quantity > 0);
        const wanted = demands.find((one) => one.lineId === lineId);
        assert.equal(wanted?.sku, sku);
        assert.equal(wanted?.method, method);
        if (wanted?.locationId !== undefined) assert.equal(locationId, wanted.locationId);
        assert.equal(locationId === null, method === "digital");
        byLine.set(lineId, (byLine.get(lineId) ?? 0) + quantity);
        if (locationId === null) continue;
        assert.ok(locations.find(({ id }) => id === locationId)?.active);
        const row = `${locationId} ${sku}`;
        claimed.set(row, (claimed.get(row) ?? 0) + quantity);
        assert.ok((claimed.get(row) ?? 0) <= available(locationId, sku), `too much of ${row}`);
      }
    }
    for (const { lineId, quantity } of demands) assert.equal(byLine.get(lineId), quantity);
  }));
});

/** All subsets of `count` places, the smallest first. */
const subsets = (count: number): readonly (readonly number[])[] =>
  Array.from(
    { length: 2 ** count },
    (_, bits) => Array.from({ length: count }, (_, i) => i).filter((i) => bits & (1 << i)),
  )
    .sort((a, b) => a.length - b.length || (a.join() < b.join() ? -1 : 1));

Deno.test("a route takes all that is to be had, from as few locations as brute force finds", () => {
  fc.assert(fc.property(problem, ({ locations, demands, available, destination }) => {
    const free = demands.map(({ lineId, sku, quantity }) => demand(lineId, sku, quantity));
    const found = route(free, locations, available, destination);
    const ids = locations.filter(({ active }) => active).map(({ id }) => id);
    const wanted = new Map<string, number>();
    for (const { sku, quantity } of free) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
    const fills = (chosen: readonly number[]): number => {
      let sum = 0;
      for (const [sku, needed] of wanted) {
        let there = 0;
        for (const i of chosen) there += Math.max(0, available(ids[i] ?? "", sku));
        sum += Math.min(needed, there);
      }
      return sum;
    };
    const most = fills(ids.map((_, i) => i));
    const best = subsets(ids.length).find((chosen) => fills(chosen) === most);
    assert.equal(units(found.allocations.flatMap(({ lines }) => lines)), most);
    assert.equal(found.allocations.length, best?.length);
  }));
});

Deno.test("one location that has all is preferred, the nearest of them", () => {
  const locations: readonly RoutingLocation[] = [
    { id: "nowhere", active: true },
    { id: "lisbon", active: true, latitude: 38.7, longitude: -9.1 },
    { id: "berlin", active: true, latitude: 52.5, longitude: 13.4 },
    { id: "closed", active: false, latitude: 48.9, longitude: 2.3 },
    { id: "paris", active: true, latitude: 48.9, longitude: 2.4 },
  ];
  const paris = { country: "FR", latitude: 48.9, longitude: 2.3 };
  const at = (stock: Readonly<Record<string, number>>, destination?: Destination) =>
    route([demand("1", "tea", 2), demand("2", "cup", 1)], locations, from(stock), destination)
      .allocations.map(({ locationId }) => locationId);
  const everywhere = Object.fromEntries(
    locations.flatMap(({ id }) => [[`${id} tea`, 2], [`${id} cup`, 1]]),
  );
  assert.deepEqual(at(everywhere, paris), ["paris"]);
  assert.deepEqual(at({ ...everywhere, "paris cup": 0 }, paris), ["berlin"]);
  assert.deepEqual(at({ "nowhere tea": 2, "nowhere cup": 1, "lisbon tea": 9 }, paris), ["nowhere"]);
  assert.deepEqual(at(everywhere), ["nowhere"], "the list's order where distances are unknown");
  assert.deepEqual(at({ ...everywhere, "nowhere tea": 1 }, { country: "FR" }), ["lisbon"]);
});

Deno.test("two lines of the same SKU never claim the same unit", () => {
  const twins = [demand("1", "tea", 3), demand("2", "tea", 3)];
  const stock = from({ "north tea": 4, "south tea": 6 });
  assert.deepEqual(route(twins, places("north", "south"), stock, undefined), {
    allocations: [{
      locationId: "south",
      method: "ship",
      lines: [{ lineId: "1", sku: "tea", quantity: 3 }, { lineId: "2", sku: "tea", quantity: 3 }],
    }],
    unfilled: [],
  });
  const bound = [demand("1", "tea", 3, { locationId: "north" }), demand("2", "tea", 3)];
  const scarce = from({ "north tea": 4 });
  assert.deepEqual(route(bound, places("north"), scarce, undefined).unfilled, [
    { lineId: "2", quantity: 2 },
  ]);
});

Deno.test("a line is split between locations only when none of them has it whole", () => {
  const found = route(
    [demand("1", "tea", 5), demand("2", "cup", 2)],
    places("north", "south"),
    from({ "north tea": 3, "south tea": 3, "south cup": 2 }),
    undefined,
  );
  assert.deepEqual(found.allocations.map(({ locationId, lines }) => [locationId, lines.length]), [
    ["north", 1],
    ["south", 2],
  ]);
  assert.deepEqual(found.unfilled, []);
});

Deno.test("an excluded location gets nothing, and a chosen one is not replaced", () => {
  const stock = from({ "north tea": 5, "south tea": 5 });
  const options = { excludedLocationIds: new Set(["north"]) };
  const free = route([demand("1", "tea", 1)], places("north", "south"), stock, undefined, options);
  assert.deepEqual(free.allocations.map(({ locationId }) => locationId), ["south"]);
  const bound = route(
    [demand("1", "tea", 1, { method: "pickup", locationId: "north" })],
    places("north", "south"),
    stock,
    undefined,
    options,
  );
  assert.deepEqual(bound, { allocations: [], unfilled: [{ lineId: "1", quantity: 1 }] });
});

Deno.test("the bounded search for the fewest places still covers everything when it gives up", () => {
  const row = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 9 }),
      fc.constantFrom(0, 30, 200),
      (have, searchSteps) => {
        const target = [0, 1, 2, 3].map((sku) =>
          Math.min(9, have.reduce((sum, at) => sum + (at[sku] ?? 0), 0))
        );
        const chosen = fewestCovering(have, target, searchSteps);
        const exact = fewestCovering(have, target);
        for (const [sku, needed] of target.entries()) {
          const there = chosen.reduce((sum, place) => sum + (have[place]?.[sku] ?? 0), 0);
          assert.ok(there >= needed);
        }
        assert.ok(chosen.length >= exact.length);
      },
    ),
  );
});

Deno.test("a route of 2,000 lines over 50 locations is found, every unit of it", () => {
  const locations = places(...Array.from({ length: 50 }, (_, i) => `l${i}`));
  const demands = Array.from({ length: 2_000 }, (_, i) => demand(String(i + 1), `s${i}`, 3));
  const found = route(
    demands,
    locations,
    (locationId, sku) => (Number(locationId.slice(1)) * 7 + Number(sku.slice(1))) % 5 === 0 ? 2 : 0,
    undefined,
  );
  assert.deepEqual(found.unfilled, []);
  assert.equal(units(found.allocations.flatMap(({ lines }) => lines)), 6_000);
});
