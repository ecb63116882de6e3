import assert from "node:assert/strict";
import fc from "fast-check";
import { type Promisable, promisableBy } from "../../src/supply/atp.ts";
import { kitPromisable } from "../../src/supply/kit-units.ts";

const promisable = fc.array(
  fc.record({ fromMs: fc.integer({ min: 0, max: 5 }), units: fc.integer({ min: 1, max: 6 }) }),
  { maxLength: 4 },
).map((all): Promisable =>
  all.map((units, n) => ({ ...units, source: `s${n}` })).toSorted((a, b) => a.fromMs - b.fromMs)
);

const kits = fc.record({
  parts: fc.uniqueArray(
    fc.record({ sku: fc.constantFrom("a", "b", "c"), quantity: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 3, selector: ({ sku }) => sku },
  ),
  ship: fc.constantFrom("together" as const, "separately" as const),
});

const shelves = fc.array(fc.record({ a: promisable, b: promisable, c: promisable }), {
  maxLength: 3,
});

Deno.test("kits of a moment are those that their parts make then, whole at one place or over all", () => {
  fc.assert(fc.property(kits, shelves, (kit, there) => {
    const ids = there.map((_, n) => String(n));
    const at = (id: string, sku: string) => there[Number(id)]?.[sku as "a"] ?? [];
    const places = kitPromisable(kit, ids, at);
    for (let atMs = 0; atMs < 7; atMs++) {
      const made = (units: (sku: string) => number) =>
        Math.min(...kit.parts.map(({ sku, quantity }) => Math.floor(units(sku) / quantity)));
      const whole = (id: string) => made((sku) => promisableBy(at(id, sku), atMs));
      const overAll = made((sku) =>
        ids.reduce((sum, id) => sum + promisableBy(at(id, sku), atMs), 0)
      );
      const sum = places.reduce((units, each) => units + promisableBy(each, atMs), 0);
      if (kit.ship === "separately") assert.equal(sum, ids.length === 0 ? 0 : overAll);
      else {
        for (const [n, id] of ids.entries()) {
          assert.equal(promisableBy(places[n] ?? [], atMs), whole(id));
        }
      }
    }
  }));
});
