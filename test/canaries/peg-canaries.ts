/** Bugs of what is promised to orders, and of what becomes of it, each with the test that must find it. */
import type { Canary } from "./canary.ts";

const one = (name: string) => ({ file: "test/order/promise_test.ts", name });
const settled = (name: string) => ({ file: "test/supply/settle_plan_test.ts", name });
const pegged = (name: string) => ({ file: "test/actors/supply/pegs_test.ts", name });
const stocked = (name: string) => ({
  file: "test/actors/supply/promised_meets_stock_test.ts",
  name,
});

export const pegCanaries: readonly Canary[] = [
  {
    name: "units that one line takes are offered to the next",
    file: "src/order/promise.ts",
    find: "    for (const peg of pegs) offers.take(peg);\n",
    replace: "",
    test: one("two lines of a SKU are not promised the same units"),
  },
  {
    name: "promised units are not reserved in the row of their supply",
    file: "src/order/definition.ts",
    find: "[...stock, ...promised, ...lots];",
    replace: "[...stock, ...lots];",
    test: pegged("a receipt goes to those who were promised it"),
  },
  {
    name: "the first line loses what will not come",
    file: "src/order/promise.ts",
    find: "of order.lines.toReversed()",
    replace: "of order.lines",
    test: one("supply that will not come is taken from the last line first"),
  },
  {
    name: "who is served first loses what will not come",
    file: "src/supply/settle-plan.ts",
    find: "take(pegged.last, Math.min(excess, cutting), room)",
    replace: "take(pegged.first, Math.min(excess, cutting), room)",
    test: settled("who is served last loses first"),
  },
  {
    name: "what arrives is free before those who were promised it have theirs",
    file: "src/supply/settle-plan.ts",
    find: "const arrived = left > 0 ? served - left : arriving;",
    replace: "const arrived = arriving - (left > 0 ? 1 : 0);",
    test: settled("in as many commits as it takes"),
  },
  {
    name: "units that arrived stay promised",
    file: "src/order/arrive.ts",
    find: "quantity: pegged.quantity - units }",
    replace: "quantity: pegged.quantity }",
    test: one("units that arrive are the order's"),
  },
  {
    name: "a newcomer is promised what another waits for",
    file: "src/order/promise.ts",
    find: "if (line === undefined || !isNext && facts.isAwaited(line.sku, order.id)) continue;",
    replace: "if (line === undefined || isNext && facts.isAwaited(line.sku, order.id)) continue;",
    test: one("a newcomer is promised nothing"),
  },
  {
    name: "units that wait no more give up what comes first",
    file: "src/order/promised.ts",
    find: "      epochMsOf(one.expectedAt) - epochMsOf(other.expectedAt)",
    replace: "      epochMsOf(other.expectedAt) - epochMsOf(one.expectedAt)",
    test: one("units that wait no more give up what comes last"),
  },
  {
    name: "an order that ships as a whole is promised a half as it is placed",
    file: "src/order/promise.ts",
    find:
      "if (made.size === 0 || order.shipComplete === true && !areAllOf(waiting, made)) return [];",
    replace: "if (made.size === 0) return [];",
    test: one("an order that ships as a whole is promised all that it waits for"),
  },
  {
    name: "an order that ships as a whole is promised a half in its turn",
    file: "src/order/promise.ts",
    find: "mayPromise(order) && !isWhollyUnpromisable(order, facts)",
    replace: "mayPromise(order)",
    test: one("an order that ships as a whole is promised all that it waits for"),
  },
  {
    name: "a line that no supply is for is written as if it had changed",
    file: "src/order/promise.ts",
    find: "const before = line.promises ?? noPromises;",
    replace: "const before = line.promises ?? [];",
    test: one("what is promised in turn is all that supply has"),
  },
  {
    name: "a plan that moves nothing is written all the same",
    file: "src/supply/moves.ts",
    find: "    if (quantity === 0) continue;\n",
    replace: "",
    test: settled("a line that is named with no units waits"),
  },
  {
    name: "supply stays reserved for who got stock instead",
    file: "actors/stock/stock-changes.ts",
    find: "subjects.merge([...changed, ...fills.part.balances])",
    replace: "[...inStock([...stock, ...fills.stock]), ...others]",
    test: stocked("what arrives by itself ends promises"),
  },
  {
    name: "who is released is promised nothing that came meanwhile",
    file: "actors/order/repromise.ts",
    find: '  type === "order.backordered" || type === "order.released";',
    replace: '  type === "order.backordered";',
    test: stocked("who is released is promised"),
  },
  {
    name: "a location that opens again has its supply to itself",
    file: "actors/order/repromise.ts",
    find: '    ? [{ type: "serves", of: "location", id: record.id }]\n    : nothing;',
    replace: "    ? nothing\n    : nothing;",
    test: stocked("a location that opens again"),
  },
  {
    name: "orders that wait under keys of before are forgotten behind the first of them",
    file: "actors/aggregate/renew-links.ts",
    find: "if (entries.length === 0) break;",
    replace: "if (entries.length < aggregateLimits.linksRenewedAtOnce) break;",
    test: {
      file: "test/actors/renew_links_test.ts",
      name: "orders that wait under keys of before",
    },
  },
];
