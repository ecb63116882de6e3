/** Bugs of goods that come back. */
import type { Canary } from "./canary.ts";

const laws = { file: "test/laws/laws_test.ts", name: "the laws hold of every order" };

const decided = (name: string) => ({ file: "test/order/return_test.ts", name });

const served = (name: string) => ({ file: "test/api/returns_test.ts", name });

export const returnCanaries: readonly Canary[] = [
  {
    name: "a return is cancelled though its goods have come, and they are returned once more",
    file: "src/order/return.ts",
    find: '  received: { inspect: ["received", "closed"] },',
    replace: '  received: { inspect: ["received", "closed"], cancel: ["cancelled"] },',
    test: laws,
  },
  {
    name: "a unit that was inspected is put back on its shelf once more",
    file: "src/order/return-goods.ts",
    find: "    return line && line.received - inspectedUnits(line);",
    replace: "    return line && line.received;",
    test: { file: "test/order/return_test.ts", name: "a unit is inspected once" },
  },
  {
    name: "goods that come back are for sale before anybody has looked at them",
    file: "src/order/return-stock.ts",
    find: "{ onHand: quantity, unavailable: quantity }",
    replace: "{ onHand: quantity }",
    test: laws,
  },
  {
    name: "more is returned than was shipped",
    file: "src/order/return-decide.ts",
    find: "    const most = left[n] ?? 0;",
    replace: "    const most = (left[n] ?? 0) + 1;",
    test: decided("no more is returned than was shipped"),
  },
  {
    name: "more comes back than was shipped",
    file: "src/order/return-goods.ts",
    find: "    return quantity > eligible ?",
    replace: "    return quantity > eligible + 1 ?",
    test: decided("more comes: up to what was shipped"),
  },
  {
    name: "a return is closed though units of it wait for inspection",
    file: "src/order/return-goods.ts",
    find: '  return status === "received" && after !== undefined && isInspected(after)',
    replace: '  return status === "received" && after !== undefined && after.lines.length > 0',
    test: laws,
  },
  {
    name: "what is being returned is sent to its customer once more",
    file: "src/order/reship.ts",
    find: "    if (!isPartId(lineId)) return quantity > (left[index] ?? 0);",
    replace: "    if (!isPartId(lineId)) return quantity > (left[index] ?? 0) + 9;",
    test: { file: "test/order/return_test.ts", name: "what is being returned is not sent" },
  },
  {
    name: "units that people took out of what is set aside are freed all the same",
    file: "src/order/return-goods.ts",
    find: "    if (setAside + unavailable < 0) {",
    replace: "    if (setAside + unavailable < -1_000_000) {",
    test: served("units that somebody took out"),
  },
  {
    name: "goods that come back are no arrival to the location that had none",
    file: "actors/order/replenish.ts",
    find: "isStockRecord(record) || isOfReturns(record)",
    replace: "isStockRecord(record) || isOfReturns(record) && kinds === null",
    test: served("goods that come back go to who waits"),
  },
  {
    name: "an order is found by the number of a parcel that it has no more",
    file: "src/order/lists.ts",
    find:
      "  for (const value of record.numbers?.removed ?? []) remove(orderLists.tracking, value, orderId);\n",
    replace: "",
    test: {
      file: "test/api/tracked_test.ts",
      name: "an order is found by the number of a parcel",
    },
  },
  {
    name: "anybody who may ask for a return may override the policy",
    file: "api/order/returns.ts",
    find: '  yield* needs(by, "returns:override", body.overrideReason !== undefined);\n',
    replace: "",
    test: served("what cannot be returned is refused"),
  },
  {
    name: "a store takes goods in for another",
    file: "api/order/returns.ts",
    find: '  yield* narrowed(by.scope.locationId, body.received?.locationId, "location");\n',
    replace: "",
    test: served("goods over the counter"),
  },
];
