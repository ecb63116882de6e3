/** Bugs of edits. */
import type { Canary } from "./canary.ts";

const edits = (name: string): Required<Canary>["test"] => ({
  file: "test/order/edit_test.ts",
  name,
});

export const editCanaries: readonly Canary[] = [
  {
    name: "an edit reserves the lines once more that were there",
    file: "src/order/edit-decide.ts",
    find: "  const demands = addedLines.map((line) => demandOf(line, line.quantity));",
    replace: "  const demands = order.lines.map((line) => demandOf(line, line.quantity));",
    test: edits("more units are a new line, and only these are reserved"),
  },
  {
    name: "an edit changes the price of what has left",
    file: "src/order/edit-draft.ts",
    find: "    if (Math.max(this.#quantities[index]?.shipped ?? 0, ",
    replace: "    if (Math.min(this.#quantities[index]?.delivered ?? 0, ",
    test: edits("what has left costs what it costs, and shipping with it"),
  },
  {
    name: "an edit of a line's discount takes back its share of the order's",
    file: "src/order/edit-draft.ts",
    find: "        discount: (line.orderDiscount ?? 0) +",
    replace: "        discount:",
    test: edits("an order's own discount is never spread again"),
  },
];
