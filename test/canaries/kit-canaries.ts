/** Bugs of kits. */
import type { Canary } from "./canary.ts";

const kits = (name: string): Required<Canary>["test"] => ({
  file: "test/order/kits_test.ts",
  name,
});

const parts = (name: string): Required<Canary>["test"] => ({
  file: "test/order/parts_test.ts",
  name,
});

const recipes = (name: string): Required<Canary>["test"] => ({
  file: "test/catalog/kit_test.ts",
  name,
});

const overHttp = (name: string): Required<Canary>["test"] => ({
  file: "test/api/kits_test.ts",
  name,
});

export const kitCanaries: readonly Canary[] = [
  {
    name: "what is left over of goods is rounded up to a kit",
    file: "src/catalog/kit.ts",
    find: "Math.floor(Math.max(0, available(sku)) / quantity)",
    replace: "Math.round(Math.max(0, available(sku)) / quantity)",
    test: recipes("there are as many kits as one can take out one by one, whole"),
  },
  {
    name: "parts at different places are sold as a kit that ships together",
    file: "src/catalog/kit.ts",
    find: '  ship === "together"\n',
    replace: '  ship !== "together"\n',
    test: recipes("parts at different places make kits only where they may ship separately"),
  },
  {
    name: "an order's edit makes more of a line by the recipe of today",
    file: "src/order/capture-kits.ts",
    find: "  if (base === undefined) return item?.kit",
    replace: "  if (base === undefined || item !== null) return item?.kit",
    test: kits("what was bought is what leaves, though the recipe is another one now"),
  },
  {
    name: "two kits that share a part do not see each other at a location that was chosen",
    file: "src/order/route-kits.ts",
    find: "pool.set(sku, there(sku) - kits * quantity);",
    replace: "pool.set(sku, there(sku));",
    test: kits("two lines that share a part count together, and with lines of the part itself"),
  },
  {
    name: "lines of different kits are looked at one by one for the place that has all",
    file: "src/order/route-kits.ts",
    find: "    units.set(sku, (units.get(sku) ?? 0) + quantity * kits);",
    replace: "    units.set(sku, Math.max(units.get(sku) ?? 0, quantity * kits));",
    test: kits("two lines that share a part count together, and with lines of the part itself"),
  },
  {
    name: "a kit that leaves takes only its first component off the shelf",
    file: "src/order/stock-effects.ts",
    find: "      return asGoods(kitsOf(before), event.shipment.lines).map(",
    replace: "      return asGoods(kitsOf(before), event.shipment.lines).slice(0, 1).map(",
    test: kits("a kit has no stock of its own: its goods are reserved, and leave with it"),
  },
  {
    name: "a kit has left as soon as its first part has",
    file: "src/order/parts.ts",
    find: "  const shipped = whole(units, (part) => part.shipped);",
    replace: "  const shipped = started(units, (part) => part.shipped);",
    test: parts("a kit has left when all of its parts have"),
  },
  {
    name: "a part leaves without the rest of what its kit has of it",
    file: "src/order/ship.ts",
    find: "after % perKit === 0",
    replace: "after <= (line?.quantity ?? 0)",
    test: parts("a kit has left when all of its parts have"),
  },
  {
    name: "a kit is cancelled of which a part has left",
    file: "src/order/quantities.ts",
    find: "open - (kits.begun - kits.shipped - kits.untouched)",
    replace: "open",
    test: parts(
      "a kit of which a part has left is not cancelled any more, and others are with all their parts",
    ),
  },
  {
    name: "a part that nobody has is given up, and the rest of its kit stays promised",
    file: "src/order/evolve.ts",
    find: "      ? { ...rest, components, waitingParts }",
    replace: "      ? { ...rest, components }",
    test: parts("a part that its location cannot find comes from elsewhere, or is waited for"),
  },
  {
    name: "parts are taken for which there is no whole kit",
    file: "src/order/route-kits.ts",
    find: "    const kits = Math.min(demand.quantity, wholeUnits(components, everywhere));",
    replace: "    const kits = demand.quantity;",
    test: parts("parts come from several places only where no place has whole kits"),
  },
  {
    name: "an order waits for the kit and not for its goods",
    file: "src/order/links.ts",
    find: "      for (const sku of skusOf(line)) waiting.add(sku, line);",
    replace: "      waiting.add(line.sku, line);",
    test: kits(
      "an order that waits for a kit waits for each of its goods, and is filled with whole ones",
    ),
  },
  {
    name: "kits that have a kit in them keep its old goods",
    file: "actors/catalog/kits.ts",
    find: "  for (const sku of above.keys()) itemOf(sku);",
    replace: "",
    test: overHttp("should take a kit apart, and anew in the kits that it is in"),
  },
  {
    name: "a circle of recipes is seen only where an item is made of itself",
    file: "actors/catalog/kits.ts",
    find: "part === sku || above.has(part)",
    replace: "part === sku",
    test: overHttp(
      "should refuse a recipe that leads back to itself, whichever item closes the circle",
    ),
  },
];
