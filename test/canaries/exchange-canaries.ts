/** Bugs of exchanges, of returns that nothing comes of, and of what customers are told of them. */
import type { Canary } from "./canary.ts";

const exchanges = (name: string): Required<Canary>["test"] => ({
  file: "test/order/exchange_test.ts",
  name,
});

export const exchangeCanaries: readonly Canary[] = [
  {
    name: "when an order closes is counted from its last change, and its timer not found",
    file: "src/order/links.ts",
    find: "const dueMs = epochMsOf(deliveredAt ?? updatedAt)",
    replace: "const dueMs = epochMsOf(deliveredAt === undefined ? updatedAt : updatedAt)",
    test: {
      file: "test/laws/laws_test.ts",
      name: "the laws hold of every order",
    },
  },
  {
    name: "an exchange leaves before all of its return has come",
    file: "src/order/exchange.ts",
    find: "isAwaited(status)));",
    replace: 'isAwaited(status) && status !== "partially_received"));',
    test: exchanges("the new goods are kept for the customer"),
  },
  {
    name: "an exchange stays in its order although the return was declined",
    file: "src/order/exchange.ts",
    find: '  status === "declined" || status === "cancelled" ||',
    replace: '  status === "cancelled" ||',
    test: exchanges("an exchange ends with its return: decline"),
  },
  {
    name: "what an exchange costs less is given back, paid or not",
    file: "src/order/balance.ts",
    find: "    refundDue: Math.max(0, paid - refundPending - owed),",
    replace: "    refundDue: Math.max(0, order.totals.total - refunded - refundPending - owed),",
    test: exchanges("for goods that were never paid nothing is given back"),
  },
  {
    name: "goods that wait for a return go along with those that do not",
    file: "src/order/allocate.ts",
    find: "  if (waiting.size === 0) return full;",
    replace: "  if (waiting.size >= 0) return full;",
    test: exchanges("what waits for a return is apart from what does not"),
  },
  {
    name: "of two returns that nothing comes of, only the first ends",
    file: "src/order/links.ts",
    find: "timer(`expire ${returnId} ${expiryMs}`,",
    replace: "timer(`expire ${expiryMs > 0}`,",
    test: exchanges("a return of which nothing comes ends after the days"),
  },
  {
    name: "an exchange takes the room that goods need which come in the same commit",
    file: "src/order/exchange-decide.ts",
    find:
      "  for (const line of lines) taken.goods(locationId, lineOf(order, line.lineId) ?? line);\n",
    replace: "",
    test: { file: "test/order/decide_test.ts", name: "whatever is asked" },
  },
  {
    name: "who packs parcels exchanges goods at any price",
    file: "api/order/returns.ts",
    find: '  yield* needs(by, "returns:exchange", body.exchange !== undefined);\n',
    replace: "",
    test: { file: "test/api/exchanges_test.ts", name: "who may not edit an order by its place" },
  },
  {
    name: "a customer who brought it back is told how to send it",
    file: "src/order/return-messages.ts",
    find: 'found.status !== "authorized" || !found.goodsBack',
    replace: "!found.goodsBack",
    test: { file: "test/message/kinds_test.ts", name: "how to send a return back" },
  },
  {
    name: "a customer is told of a refund when it is a capture that was done",
    file: "src/order/refund-messages.ts",
    find: 'done.kind !== "refund" || ',
    replace: "",
    test: { file: "test/message/kinds_test.ts", name: "a customer is told of each refund" },
  },
];
