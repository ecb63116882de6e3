/** Recipes taken apart, and how many kits goods make. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { type KitComponent, kitOf, kitUnits, type KnownItem } from "../../src/catalog/kit.ts";
import { catalogLimits } from "../../src/catalog/limits.ts";

const goods = ["a", "b", "c", "d"] as const;
const part = (sku: string, quantity = 1): KitComponent => ({ sku, quantity });
const parts = fc.uniqueArray(
  fc.record({ sku: fc.constantFrom(...goods), quantity: fc.integer({ min: 1, max: 4 }) }),
  { selector: ({ sku }) => sku, minLength: 1 },
);
/** Units of each SKU at each location; some locations have promised more than they may. */
const places = fc.array(
  fc.record(Object.fromEntries(goods.map((sku) => [sku, fc.integer({ min: -2, max: 9 })]))),
  { maxLength: 4 },
);
type There = Readonly<Record<string, number>>;
const at = (there: There) => (sku: string) => there[sku] ?? 0;

const made = (
  components: readonly KitComponent[],
  items: Readonly<Record<string, KnownItem>> = {},
) => kitOf({ components, ship: "together" }, (sku) => items[sku]);

const kit = (
  components: readonly KitComponent[],
  items: Readonly<Record<string, KnownItem>> = {},
) => Result.getOrThrow(made(components, items));

const faultsOf = (
  components: readonly KitComponent[],
  items?: Readonly<Record<string, KnownItem>>,
) =>
  Result.match(made(components, items), {
    onFailure: (faults) => faults.map(({ pointer }) => pointer),
    onSuccess: () => [],
  });

/** Takes one kit after the other out of what is there, the slow way. */
const oneByOne = (
  components: readonly KitComponent[],
  ship: "together" | "separately",
  locations: readonly There[],
): number => {
  const left = locations.map((there) =>
    Object.fromEntries(Object.entries(there).map(([sku, units]) => [sku, Math.max(0, units)]))
  );
  const pools = ship === "together" ? left : [
    Object.fromEntries(
      goods.map((sku) => [sku, left.reduce((sum, there) => sum + (there[sku] ?? 0), 0)]),
    ),
  ];
  let kits = 0;
  for (const pool of pools) {
    while (components.every(({ sku, quantity }) => (pool[sku] ?? 0) >= quantity)) {
      for (const { sku, quantity } of components) pool[sku] = (pool[sku] ?? 0) - quantity;
      kits++;
    }
  }
  return kits;
};

Deno.test("there are as many kits as one can take out one by one, whole", () => {
  fc.assert(fc.property(parts, places, (components, locations) => {
    for (const ship of ["together", "separately"] as const) {
      assert.equal(
        kitUnits(components, ship, locations.map(at)),
        oneByOne(components, ship, locations),
      );
    }
  }));
});

Deno.test("parts at different places make kits only where they may ship separately", () => {
  const pair = [part("mug"), part("pot")];
  const apart = [at({ mug: 3, pot: 0 }), at({ mug: 0, pot: 2 })];
  assert.equal(kitUnits(pair, "together", apart), 0);
  assert.equal(kitUnits(pair, "separately", apart), 2);
  assert.equal(kitUnits(pair, "together", [at({ mug: 3, pot: 2 }), at({ mug: 1, pot: 1 })]), 3);
  assert.equal(kitUnits([part("mug", 2)], "together", [at({ mug: 3 }), at({ mug: 3 })]), 2);
  assert.equal(kitUnits([part("mug", 2)], "separately", [at({ mug: 3 }), at({ mug: 3 })]), 3);
  // A location that owes units does not take them from another.
  assert.equal(kitUnits([part("mug")], "separately", [at({ mug: -5 }), at({ mug: 3 })]), 3);
});

Deno.test("a kit within a kit is taken apart, and its goods are counted together", () => {
  const inner = { digital: false, kit: kit([part("mug", 2), part("cup")]) };
  const outer = kit([part("set", 3), part("mug"), part("box")], { set: inner });
  assert.deepEqual(outer.parts, [part("mug", 7), part("cup", 3), part("box")]);
  assert.equal(outer.depth, 2);
});

Deno.test("kits go so deep and come to so many goods, and no further", () => {
  let items: Record<string, KnownItem> = {};
  for (let depth = 1; depth <= catalogLimits.kitDepth; depth++) {
    const of = depth === 1 ? "mug" : `kit${depth - 1}`;
    items = { ...items, [`kit${depth}`]: { digital: false, kit: kit([part(of)], items) } };
  }
  assert.deepEqual(faultsOf([part(`kit${catalogLimits.kitDepth}`)], items), ["/kit/components"]);
  const many = (count: number, name = "g") =>
    Array.from({ length: count }, (_, n) => part(`${name}${n}`));
  assert.deepEqual(faultsOf(many(catalogLimits.kitParts)), []);
  assert.deepEqual(faultsOf(many(catalogLimits.kitParts + 1)), ["/kit/components"]);
  const half = { digital: false, kit: kit(many(30)) };
  assert.deepEqual(faultsOf([part("half"), ...many(30, "h")], { half }), ["/kit/components"]);
  const long = many(catalogLimits.kitParts, "\u{1f3fa}".repeat(98));
  assert.deepEqual(faultsOf(long), ["/kit/components"]);
  const much = { digital: false, kit: kit([part("mug", catalogLimits.kitPartUnits)]) };
  assert.deepEqual(faultsOf([part("much", 2)], { much }), ["/kit/components"]);
});

Deno.test("a recipe says each component once, in whole units, and none that is digital", () => {
  assert.deepEqual(faultsOf([]), ["/kit/components"]);
  assert.deepEqual(
    faultsOf([part("mug"), part("song"), part("mug"), part("cup", 0)], { song: { digital: true } }),
    ["/kit/components/1/sku", "/kit/components/2/sku", "/kit/components/3/quantity"],
  );
});
