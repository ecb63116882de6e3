/** Bugs of goods that are on their way. */
import type { Canary } from "./canary.ts";

const ordered = (name: string) => ({ file: "test/supply/purchase_order_test.ts", name });

const moved = (name: string) => ({ file: "test/supply/transfer_test.ts", name });

const served = (name: string) => ({ file: "test/api/supply_test.ts", name });

export const supplyCanaries: readonly Canary[] = [
  {
    name: "what has come is on the shelf, and is expected all the same",
    file: "src/supply/purchase-order-effects.ts",
    find: "({ lineId, arrived, cut }) => expect(lineId, -arrived - cut)",
    replace: "({ lineId, cut }) => expect(lineId, -cut)",
    test: ordered("thirty of a hundred received"),
  },
  {
    name: "what came before does not count for what may come beyond the order",
    file: "src/supply/purchase-order-receive.ts",
    find: "    if (line.received + quantity > most) {",
    replace: "    if (quantity > most) {",
    test: ordered("what has come before counts"),
  },
  {
    name: "a line is ordered below what has come of it",
    file: "src/supply/purchase-order-change.ts",
    find: "quantity < line.received",
    replace: "quantity < 0",
    test: ordered("a line is never ordered below"),
  },
  {
    name: "units unfit for sale are for sale",
    file: "src/supply/purchase-order-effects.ts",
    find: "      unavailable: rejected,\n      buckets: bucketsOf(received, rejected),",
    replace: "",
    test: ordered("units unfit for sale"),
  },
  {
    name: "what has left stays claimed where it was",
    file: "src/supply/transfer-effects.ts",
    find: "          claimed: -quantity,",
    replace: "          claimed: 0,",
    test: moved("what is shipped leaves"),
  },
  {
    name: "units that are lost stay expected",
    file: "src/supply/transfer-lines.ts",
    find: "cutting: line.cutting + damaged + lost,",
    replace: "cutting: line.cutting + damaged,",
    test: moved("what came for sale"),
  },
  {
    name: "a transfer that took the last units is refused when it is asked for again",
    file: "actors/supply/supply.ts",
    find: ' || failure._tag === "Refused"',
    replace: "",
    test: served("one document for each reference"),
  },
];
