import assert from "node:assert/strict";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import { type Promisable, stockSource } from "../../src/supply/atp.ts";
import type { KitOfParts } from "../../src/supply/kit-units.ts";
import { promiseModes, promiseOf, type PromiseProblem } from "../../src/supply/promise.ts";
import { promiseWithKits } from "../../src/supply/promise-kits.ts";

const dayMs = 24 * 3_600_000;
const nowMs = Date.UTC(2026, 2, 1, 10);
const places = ["north", "south"];
const goods = ["cup", "pot", "tea"];

const kits: ReadonlyMap<string, KitOfParts> = new Map([
  ["set", { parts: [{ sku: "cup", quantity: 2 }, { sku: "pot", quantity: 1 }], ship: "together" }],
  ["gift", {
    parts: [{ sku: "tea", quantity: 1 }, { sku: "cup", quantity: 1 }],
    ship: "separately",
  }],
]);

const there = (units: number, days = 0) => ({
  ...{ units, fromMs: nowMs + days * dayMs },
  source: days === 0 ? stockSource : `pol_${days}`,
});

const shelf = fc.uniqueArray(
  fc.record({ days: fc.integer({ min: 0, max: 3 }), units: fc.integer({ min: 1, max: 6 }) }),
  { maxLength: 3, selector: ({ days }) => days },
).map((all): Promisable =>
  all.map(({ days, units }) => there(units, days)).toSorted((a, b) => a.fromMs - b.fromMs)
);

const shelves: fc.Arbitrary<Readonly<Record<string, Promisable>>> = fc.record(
  Object.fromEntries(places.flatMap((place) => goods.map((sku) => [`${place} ${sku}`, shelf]))),
);

const dates: PromiseProblem["dates"] = {
  shipBy: (_, fromMs) => ({ date: instantOf(fromMs).slice(0, 10), at: instantOf(fromMs) }),
  deliverBy: () => null,
};

const lines = fc.array(
  fc.record({
    sku: fc.constantFrom("set", "gift", "cup", "tea"),
    quantity: fc.integer({ min: 1, max: 4 }),
    method: fc.constant("ship" as const),
  }),
  { minLength: 1, maxLength: 4 },
);

const problemOf = (
  all: PromiseProblem["lines"],
  on: Readonly<Record<string, Promisable>>,
  mode: PromiseProblem["mode"],
): PromiseProblem => ({
  ...{ lines: all, mode, nowMs, dates, locationIds: places },
  promisable: (place, sku) => on[`${place} ${sku}`] ?? [],
});

Deno.test("kits are promised whole, by parts that are there by then, and no unit twice", () => {
  fc.assert(fc.property(lines, shelves, fc.constantFrom(...promiseModes), (all, on, mode) => {
    const problem = problemOf(all, on, mode);
    const { shipments } = promiseWithKits(problem, kits, promiseOf);
    const drawn = new Map<string, number>();
    for (const { locationId, lines: promised, supply, shipBy } of shipments) {
      const needs = new Map<string, number>();
      for (const { sku, quantity } of promised) {
        for (const part of kits.get(sku)?.parts ?? [{ sku, quantity: 1 }]) {
          needs.set(part.sku, (needs.get(part.sku) ?? 0) + part.quantity * quantity);
        }
      }
      const given = new Map<string, number>();
      for (const { supplyId, sku, quantity } of supply) {
        given.set(sku, (given.get(sku) ?? 0) + quantity);
        const name = `${locationId} ${sku} ${supplyId}`;
        drawn.set(name, (drawn.get(name) ?? 0) + quantity);
        const source = on[`${locationId} ${sku}`]?.find((each) => each.source === supplyId);
        assert.ok((drawn.get(name) ?? 0) <= (source?.units ?? 0), name);
        assert.ok(instantOf(source?.fromMs ?? Infinity) <= shipBy.at || mode === "together");
      }
      assert.deepEqual([...given].sort(), [...needs].sort());
    }
  }));
});

Deno.test("a kit is promised when the last of its parts is there; parts of two places make none", () => {
  const on = {
    "north cup": [there(4)],
    "north pot": [there(1), there(1, 2)],
    "south cup": [there(10)],
  };
  const set = [{ sku: "set", quantity: 3, method: "ship" as const }];
  const plan = promiseWithKits(problemOf(set, on, "earliest"), kits, promiseOf);
  assert.deepEqual(
    plan.shipments.map(({ locationId, lines: [line], supply, shipBy }) => [
      locationId,
      line?.quantity,
      supply.map(({ supplyId, sku, quantity }) => `${quantity} ${sku} ${supplyId}`),
      shipBy.date,
    ]),
    [
      ["north", 1, ["2 cup stock", "1 pot stock"], "2026-03-01"],
      ["north", 1, ["2 cup stock", "1 pot pol_2"], "2026-03-03"],
    ],
  );
  assert.deepEqual(plan.reasons, [{ code: "short", sku: "set", requested: 3, promised: 2 }]);
  assert.equal(plan.method, "exact");
});

Deno.test("goods that two lines want are not promised to both", () => {
  const on = { "north cup": [there(4)], "north pot": [there(9)] };
  const both = [
    { sku: "set", quantity: 2, method: "ship" as const },
    { sku: "cup", quantity: 1, method: "ship" as const },
  ];
  const plan = promiseWithKits(problemOf(both, on, "earliest"), kits, promiseOf);
  assert.deepEqual(plan.reasons, [{ code: "short", sku: "set", requested: 2, promised: 1 }]);
  assert.equal(plan.method, "bounded");
});
