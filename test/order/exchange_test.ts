/** Exchanges: new lines in place of what comes back, kept for the customer until it has, in one balance. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { formatAmount, moneyOf } from "../../src/kernel/money.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { balanceOf, currentTotals } from "../../src/order/balance.ts";
import { hasExchangeLeft, type ShipWhen } from "../../src/order/exchange.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { linksOf } from "../../src/order/links.ts";
import type { Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { RequestedLine, ReturnCommand } from "../../src/order/return.ts";
import { supportedActions } from "../../src/order/status.ts";
import { exchangeCommand, returnStep } from "../support/exchange-commands.ts";
import { placedOrder, pricing } from "./priced.ts";
import { gbp, itemsOf, line, now, request, types, World, type WorldOptions } from "./support.ts";

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

/** The events of a command that is taken. */
const does = (world: World, command: OrderCommand, at = now): readonly OrderEvent[] => {
  const before = world.history.length;
  const result = world.tryDo(command, at);
  if (Result.isFailure(result)) assert.fail(`refused: ${JSON.stringify(result.failure)}`);
  assert.deepEqual(faultsOf(orderOf(world)), []);
  return world.history.slice(before);
};

const paid = (amount: string): Partial<PlaceOrderRequest> => ({
  payments: [{ provider: "manual", amount: gbp(amount), status: "captured" }],
});

/** Three teas at 10.00 that have arrived. */
const sold = (more: Partial<PlaceOrderRequest> = paid("30.00"), options: WorldOptions = {}) => {
  const world = new World({ stock: { "north tea": 10, "north mug": 10 }, ...options });
  world.place(request([line("tea", 3, { unitPrice: gbp("10.00") })], more));
  const shipmentId = world.shipAll(1);
  world.do({ type: "track", shipmentId, status: "delivered", occurredAt: now });
  return world;
};

type Request = Extract<ReturnCommand, { readonly type: "request-return" }>;
type Added = NonNullable<Request["exchange"]>["lines"][number];

const mug = (amount: string, more: Partial<Added> = {}): Added => ({
  ...{ sku: "mug", quantity: 1, unitPrice: gbp(amount) },
  ...more,
});

const tea: RequestedLine = { lineId: "1", quantity: 1, reason: "unwanted" };

/** One tea comes back, for these lines. */
const swap = (shipWhen: ShipWhen, ...lines: readonly Added[]): Request => ({
  ...{ type: "request-return", goodsBack: true, lines: [tea] },
  exchange: { lines, shipWhen },
});

const inspected = (accepted = true) => [{
  ...{ lineId: "1", quantity: 1, disposition: "restock" as const, accepted },
}];

const returnId = (world: World, n = 0): string =>
  orderOf(world).returns?.[n]?.id ?? assert.fail("there is no return");

/** The fulfillment order that an exchange made: its status, and what its location may do. */
const kept = (world: World, n = 2) => {
  const order = orderOf(world);
  const found = order.fulfillmentOrders[n - 1] ?? assert.fail("nothing is kept");
  return [found.status, ...supportedActions(found, order)];
};

Deno.test("the new goods are kept for the customer, and leave once all of the return has come", () => {
  const world = sold();
  const events = does(world, {
    ...swap("received", mug("10.00")),
    lines: [{ ...tea, quantity: 2 }],
  });
  assert.deepEqual(types(events), [
    "return.requested",
    "order.reopened",
    "order.exchanged",
    "order.allocated",
  ]);
  assert.equal(world.row("north", "mug").reserved, 1);
  assert.deepEqual(kept(world), ["waiting"]);
  assert.equal(orderOf(world).status, "partially_shipped");
  does(world, { type: "authorize-return", returnId: returnId(world) });
  does(world, { type: "ship-return", returnId: returnId(world) });
  does(world, {
    ...{ type: "receive-return", returnId: returnId(world) },
    lines: [{ lineId: "1", quantity: 1 }],
  });
  assert.deepEqual(kept(world), ["waiting"], "half of it has come");
  const rest = does(world, { type: "receive-return", returnId: returnId(world) });
  assert.deepEqual(types(rest), ["return.received", "fulfillment_order.released"]);
  assert.deepEqual(kept(world), ["open", "accept", "reject"]);
  world.shipAll(2);
  assert.equal(orderOf(world).status, "shipped");
});

Deno.test("goods that are sent ahead leave once the return is authorized, and are due if nothing comes", () => {
  const world = sold();
  does(world, swap("now", mug("10.00")));
  assert.deepEqual(kept(world), ["waiting"], "nobody has agreed to the return yet");
  does(world, { type: "authorize-return", returnId: returnId(world) });
  assert.deepEqual(kept(world), ["open", "accept", "reject"]);
  world.shipAll(2);
  does(world, { type: "cancel-return", returnId: returnId(world), reason: "keeps both" });
  const order = orderOf(world);
  assert.equal(order.lines[1]?.cancelled, 0, "what has left stays");
  assert.deepEqual([balanceOf(order).owed, balanceOf(order).due], [4000, 1000]);
});

for (const end of ["decline", "cancel", "close", "expire"] as const) {
  Deno.test(`an exchange ends with its return: ${end}`, () => {
    const world = sold(paid("30.00"), {
      returnRules: { finalSale: [], authorize: "manual", expiresAfterDays: 7 },
    });
    does(world, swap("received", mug("12.00", { quantity: 2 })));
    assert.equal(balanceOf(orderOf(world)).due, 2400);
    assert.equal(world.row("north", "mug").reserved, 2);
    const id = returnId(world);
    const late = instantOf(Date.parse(now) + 7 * 86_400_000);
    if (end === "decline") does(world, { type: "decline-return", returnId: id, reason: "worn" });
    else {
      does(world, { type: "authorize-return", returnId: id });
      if (end === "close") does(world, { type: "ship-return", returnId: id });
      if (end === "close") does(world, { type: "close-return", returnId: id });
      if (end === "cancel") does(world, { type: "cancel-return", returnId: id, reason: "kept" });
      if (end === "expire") does(world, { type: "expire-return", returnId: id }, late);
    }
    const order = orderOf(world);
    assert.equal(order.lines[1]?.cancelled, 2);
    assert.equal(world.row("north", "mug").reserved, 0);
    const { owed, due, refundDue } = balanceOf(order);
    assert.deepEqual([owed, due, refundDue], [3000, 0, 0]);
    assert.equal(order.status, "delivered");
  });
}

Deno.test("what was paid for an exchange that ends is given back, and nothing else", () => {
  const world = sold();
  does(world, swap("received", mug("12.00")));
  does(world, {
    ...{ type: "add-payment", provider: "manual", amount: gbp("12.00"), status: "captured" },
  });
  assert.deepEqual(balanceOf(orderOf(world)).due, 0);
  does(world, { type: "decline-return", returnId: returnId(world), reason: "worn" });
  assert.equal(balanceOf(orderOf(world)).refundPending, 1200);
});

/** Received, inspected and credited. */
const comesBack = (world: World, accepted = true): void => {
  const id = returnId(world);
  does(world, { type: "authorize-return", returnId: id });
  does(world, { type: "receive-return", returnId: id });
  does(world, { type: "inspect-return", returnId: id, lines: inspected(accepted) });
  if (accepted) does(world, { type: "credit", reason: "came back" });
};

Deno.test("a difference is due or to be given back by the one balance, never by the exchange", () => {
  for (
    const [amount, accepted, due, refundDue] of [
      ["10.00", true, 0, 0],
      ["13.00", true, 300, 0],
      ["4.00", true, 0, 600],
      // The seller does not stand for what came: nothing is taken in payment.
      ["4.00", false, 400, 0],
    ] as const
  ) {
    const world = sold();
    does(world, swap("received", mug(amount)));
    assert.equal(balanceOf(orderOf(world)).refundDue, 0, "nothing has come back yet");
    comesBack(world, accepted);
    const balance = balanceOf(orderOf(world));
    assert.deepEqual([balance.due, balance.refundDue], [due, refundDue], amount);
  }
});

Deno.test("for goods that were never paid nothing is given back, however cheap the new ones are", () => {
  const world = sold({ paymentPolicy: {} });
  does(world, swap("received", mug("4.00")));
  comesBack(world);
  const { owed, due, refundDue } = balanceOf(orderOf(world));
  assert.deepEqual([owed, due, refundDue], [2400, 2400, 0]);
  const refused = world.tryDo({ type: "refund", reason: "the mug was cheaper" });
  assert.ok(Result.isFailure(refused) && refused.failure._tag === "NothingToRefund");
});

Deno.test("an order that must be paid first holds the new goods until the return is credited", () => {
  const world = sold({ ...paid("30.00"), paymentPolicy: { fulfillWhen: "paid" } });
  const events = does(world, swap("received", mug("10.00")));
  assert.ok(types(events).includes("order.held"));
  const id = returnId(world);
  does(world, { type: "authorize-return", returnId: id });
  does(world, { type: "receive-return", returnId: id });
  assert.deepEqual(kept(world), ["open"], "released, and held");
  does(world, { type: "inspect-return", returnId: id, lines: inspected() });
  const credited = does(world, { type: "credit", reason: "came back" });
  assert.deepEqual(types(credited), ["order.credited", "order.released"]);
  assert.deepEqual(kept(world), ["open", "accept", "reject"]);
});

Deno.test("a closed order is opened again, and delivered once more when its exchange ends", () => {
  const world = sold();
  does(world, { type: "close" });
  const events = does(world, swap("received", mug("10.00")));
  assert.ok(types(events).includes("order.reopened"));
  assert.equal(orderOf(world).status, "partially_shipped");
  does(world, { type: "decline-return", returnId: returnId(world), reason: "worn" });
  assert.equal(orderOf(world).status, "delivered");
  does(world, { type: "close" });
  assert.equal(orderOf(world).status, "closed");
});

Deno.test("a claim is replaced once somebody stands for it: nothing comes back", () => {
  const world = sold();
  does(world, {
    ...swap("received", { basedOn: "1", quantity: 1 }),
    goodsBack: false,
    lines: [{ ...tea, reason: "damaged" }],
  });
  assert.deepEqual(kept(world), ["waiting"]);
  does(world, { type: "authorize-return", returnId: returnId(world) });
  assert.deepEqual(kept(world), ["open", "accept", "reject"]);
  does(world, { type: "credit", reason: "it was broken" });
  const { owed, due, refundDue } = balanceOf(orderOf(world));
  assert.deepEqual([owed, due, refundDue], [3000, 0, 0]);
  assert.equal(world.row("north", "tea").onHand, 7, "nothing came back");
});

Deno.test("over the counter: what comes back, its inspection and the new goods in one decision", () => {
  const world = sold();
  const events = does(world, {
    ...swap("received", mug("10.00")),
    received: { locationId: "north", inspected: inspected() },
  });
  assert.deepEqual(types(events), [
    ...["return.requested", "return.authorized", "return.received", "return.inspected"],
    ...["return.closed", "order.reopened", "order.exchanged", "order.allocated"],
  ]);
  assert.deepEqual(kept(world), ["open", "accept", "reject"]);
});

Deno.test("without stock for it, an exchange is refused whole, or waits by the order's policy", () => {
  const rejecting = sold(paid("30.00"), { stock: { "north tea": 3 } });
  const before = orderOf(rejecting);
  const refused = rejecting.refused(swap("received", mug("10.00")));
  assert.deepEqual(refused, {
    _tag: "InsufficientStock",
    shortages: [{ sku: "mug", requested: 1, available: 0 }],
  });
  assert.equal(rejecting.order, before);

  const waiting = sold({ ...paid("30.00"), onShortage: "backorder" }, {
    stock: { "north tea": 3 },
  });
  does(waiting, swap("received", mug("10.00")));
  assert.equal(orderOf(waiting).lines[1]?.backordered, 1);
  waiting.arrive("north", "mug", 1);
  does(waiting, { type: "fill", locationId: "north" });
  assert.deepEqual(kept(waiting), ["waiting"], "units that arrive are kept back as well");
  does(waiting, { type: "authorize-return", returnId: returnId(waiting) });
  does(waiting, { type: "receive-return", returnId: returnId(waiting) });
  assert.deepEqual(kept(waiting), ["open", "accept", "reject"]);
});

Deno.test("what waits for a return is apart from what does not, and from what waits for another", () => {
  const world = new World({ stock: { "north tea": 2 } });
  world.place(request([line("tea", 2), line("mug", 1)], { onShortage: "backorder" }));
  world.shipAll(1);
  does(world, swap("received", mug("1.00")));
  does(world, swap("received", mug("1.00")));
  world.arrive("north", "mug", 3);
  does(world, { type: "fill", locationId: "north" });
  assert.deepEqual(
    orderOf(world).fulfillmentOrders.map(({ status, lines }) => [
      status,
      ...lines.map(({ lineId }) => lineId),
    ]),
    [["shipped", "1"], ["open", "2"], ["waiting", "3"], ["waiting", "4"]],
  );
  does(world, { type: "authorize-return", returnId: returnId(world, 1) });
  does(world, { type: "receive-return", returnId: returnId(world, 1) });
  assert.deepEqual(
    orderOf(world).fulfillmentOrders.map(({ status }) => status),
    ["shipped", "open", "waiting", "open"],
  );
});

Deno.test("digital goods of an exchange arrive when the return has", () => {
  const items = itemsOf({ sku: "song", digital: true });
  const world = sold(paid("30.00"), { items });
  does(world, swap("received", { sku: "song", quantity: 1, unitPrice: gbp("10.00") }));
  assert.deepEqual(kept(world), ["waiting"]);
  does(world, { type: "authorize-return", returnId: returnId(world) });
  does(world, { type: "receive-return", returnId: returnId(world) });
  assert.deepEqual(kept(world), ["delivered"]);
  assert.equal(orderOf(world).status, "delivered");
});

Deno.test("what is wrong with an exchange is said at its place, and nothing is changed", () => {
  const world = sold();
  const before = orderOf(world);
  const place = (...lines: readonly Added[]): string => {
    const rejection = world.refused(swap("received", ...lines));
    return rejection._tag === "InvalidCommand" ? rejection.pointer : rejection._tag;
  };
  assert.equal(place(), "/exchange/lines");
  assert.equal(place(mug("1.00"), mug("1.00", { quantity: 0 })), "/exchange/lines/1/quantity");
  assert.equal(place({ basedOn: "9", quantity: 1 }), "/exchange/lines/0/basedOn");
  assert.equal(place({ sku: "mug", quantity: 1 }), "/exchange/lines/0/unitPrice");
  assert.equal(
    place(mug("1.00", { unitPrice: { amount: "1.00", currency: "EUR" } })),
    "/exchange/lines/0/unitPrice/currency",
  );
  assert.equal(
    place(mug("1.00", { quantity: 1_000_000, unitPrice: gbp("90000000.00") })),
    "/exchange/lines/0/unitPrice",
  );
  const many = Array.from({ length: orderLimits.linesPerExchange + 1 }, () => mug("1.00"));
  assert.equal(place(...many), "/exchange/lines");
  const rejection = world.refused({
    ...swap("received", mug("1.00")),
    lines: [{ ...tea, quantity: 4 }],
  });
  assert.equal(rejection._tag, "NotReturnable");
  assert.equal(world.order, before);
});

Deno.test("an exchange stands among the edits, and comes back from its document", () => {
  const world = sold();
  does(world, swap("now", mug("10.00")));
  does(world, swap("received", mug("11.00")));
  does(world, {
    type: "edit",
    reason: "one more",
    changes: [{ type: "add-line", ...mug("2.00") }],
  });
  const order = orderOf(world);
  assert.deepEqual(
    order.edits?.map(({ returnId, added, total }) => [returnId, added, total]),
    [
      [returnId(world), ["2"], { before: 3000, after: 4000 }],
      [returnId(world, 1), ["3"], { before: 4000, after: 5100 }],
      [undefined, ["4"], { before: 5100, after: 5300 }],
    ],
  );
  const document = { state: order, personal: { customer: { name: "Ada" } }, history: [] };
  assert.deepEqual(orderCodec.unpack(orderCodec.pack(document)).state, order);
});

Deno.test("an exchange that is too wide for one commit is taken out in several, by a timer", () => {
  const stock = Object.fromEntries(["a", "b", "c", "d", "e"].map((sku) => [`north ${sku}`, 2]));
  const world = sold(paid("30.00"), { stock: { "north tea": 3, ...stock } });
  const lines = ["a", "b", "c", "d", "e"].map((sku) => mug("1.00", { sku, quantity: 2 }));
  does(world, swap("received", ...lines));
  const narrow = new World({ ...world.options, stockRowsPerCommit: 2 });
  for (const [key, row] of world.rows) narrow.rows.set(key, row);
  narrow.order = orderOf(world);
  const id = returnId(world);
  does(narrow, { type: "decline-return", returnId: id, reason: "worn" });
  const left = () => {
    const order = orderOf(narrow);
    const each = order.returns?.[0];
    return each !== undefined && hasExchangeLeft(order, each);
  };
  let commits = 1;
  for (; left(); commits++) {
    assert.ok(commits < 5, "it never ends");
    const commands = linksOf(orderOf(narrow), { autoCloseAfterMs: 1 }).flatMap((link) =>
      link.type === "timer" ? [link.command] : []
    );
    assert.deepEqual(commands, [{ type: "cancel-exchange", returnId: id }]);
    does(narrow, { type: "cancel-exchange", returnId: id });
  }
  assert.ok(commits > 2);
  for (const [, row] of narrow.rows) assert.equal(row.reserved, 0);
  assert.equal(orderOf(narrow).status, "delivered");
});

const dayMs = 86_400_000;
const days = (n: number) => instantOf(Date.parse(now) + n * dayMs);

const expiryTimers = (world: World) =>
  linksOf(orderOf(world), { autoCloseAfterMs: 1 }).flatMap((link) =>
    link.type === "timer" && link.name.startsWith("expire")
      ? [[link.name, link.dueMs, link.command]]
      : []
  );

Deno.test("a return of which nothing comes ends after the days of the policy that it was authorized by", () => {
  const returnRules = { finalSale: [], authorize: "automatic", expiresAfterDays: 7 } as const;
  const world = sold(paid("30.00"), { returnRules });
  const { exchange: _, ...plain } = swap("received", mug("1.00"));
  does(world, plain);
  does(world, { ...plain, goodsBack: false });
  does(world, plain, days(1));
  const [first, , third] = [returnId(world), returnId(world, 1), returnId(world, 2)];
  const dueMs = [Date.parse(days(7)), Date.parse(days(8))];
  assert.deepEqual(expiryTimers(world), [
    [`expire ${first} ${dueMs[0]}`, dueMs[0], { type: "expire-return", returnId: first }],
    [`expire ${third} ${dueMs[1]}`, dueMs[1], { type: "expire-return", returnId: third }],
  ]);
  assert.deepEqual(does(world, { type: "expire-return", returnId: first }, days(6)), []);
  const ended = does(world, { type: "expire-return", returnId: first }, days(7));
  assert.deepEqual(ended, [{
    ...{ type: "return.cancelled", returnId: first, reason: "Nothing has come in 7 days" },
  }]);
  assert.deepEqual(does(world, { type: "expire-return", returnId: first }, days(9)), []);
  assert.equal(expiryTimers(world).length, 1);
});

Deno.test("whatever happens to a return puts its end off, and what has come is not lost by it", () => {
  const returnRules = { finalSale: [], authorize: "manual", expiresAfterDays: 7 } as const;
  const world = sold(paid("30.00"), { returnRules });
  does(world, { ...swap("received", mug("10.00")), lines: [{ ...tea, quantity: 2 }] });
  const id = returnId(world);
  assert.deepEqual(expiryTimers(world), [], "nobody has agreed to it");
  does(world, { type: "authorize-return", returnId: id });
  does(world, { type: "ship-return", returnId: id }, days(5));
  assert.deepEqual(does(world, { type: "expire-return", returnId: id }, days(8)), []);
  const half = { type: "receive-return", returnId: id, lines: [{ lineId: "1", quantity: 1 }] };
  does(world, half as OrderCommand, days(11));
  assert.deepEqual(does(world, { type: "expire-return", returnId: id }, days(12)), []);
  const ended = does(world, { type: "expire-return", returnId: id }, days(18));
  assert.deepEqual(types(ended), ["return.closed_short", "fulfillment_order.released"]);
  assert.equal(orderOf(world).returns?.[0]?.status, "received");
});

Deno.test("without days in the policy, a return is waited for", () => {
  const world = sold();
  does(world, swap("received", mug("1.00")));
  does(world, { type: "authorize-return", returnId: returnId(world) });
  assert.deepEqual(expiryTimers(world), []);
  assert.deepEqual(
    does(world, { type: "expire-return", returnId: returnId(world) }, days(999)),
    [],
  );
});

const kinds = [
  ...["ship", "ship", "exchange", "exchange", "exchange", "return", "return", "return", "return"],
  ...["credit", "credit", "credit", "refund", "cancel", "edit", "pay", "arrive"],
] as const;

const storm = fc.record({
  ...pricing,
  isPaid: fc.boolean(),
  /** Whether all of it has left before anything else. */
  hasLeft: fc.boolean(),
  policy: fc.constantFrom("reject", "backorder", "partial", "hold"),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      which: fc.nat({ max: 20 }),
      units: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 8, maxLength: 40 },
  ),
});
type Step = (typeof storm extends fc.Arbitrary<infer A> ? A : never)["steps"][number];

const commandsOf = (order: Order, { kind, which, units }: Step): readonly OrderCommand[] => {
  const { id: lineId } = order.lines[which % order.lines.length] ?? assert.fail("no line");
  const lines = [{ lineId, quantity: units }];
  switch (kind) {
    case "ship":
      return order.fulfillmentOrders.flatMap(({ id: fulfillmentOrderId }) => [
        { type: "accept", fulfillmentOrderId },
        { type: "pick", fulfillmentOrderId },
        {
          ...{ type: "ship", fulfillmentOrderId, carrier: "DHL" },
          ...(units === 1 ? { lines: [{ lineId, quantity: 1 }] } : {}),
        },
      ]);
    case "exchange":
      return [exchangeCommand(order, which, units, "north")];
    case "return":
      return [
        returnStep(order, which, units, "north"),
        returnStep(order, which + 1, units, "north"),
      ];
    case "credit":
      return [{ type: "credit", reason: "came back" }];
    case "refund":
      return [{ type: "refund", reason: "due" }];
    case "cancel":
      return [{ type: "cancel", reason: "less", lines }];
    case "edit":
      return [{
        ...{ type: "edit", reason: "other units" },
        changes: [{ type: "set-quantity", lineId, quantity: units }],
      }];
    case "pay": {
      const amount = {
        amount: formatAmount(which * 100, order.currency),
        currency: order.currency,
      };
      return [{ type: "add-payment", provider: "manual", amount, status: "captured" }];
    }
    case "arrive":
      return [{ type: "fill", locationId: "north" }, { type: "release" }];
  }
};

/** What a customer owes after events: what was added, less what was taken out or credited. */
const owedBy = (events: readonly OrderEvent[], before: Order): number => {
  let change = 0;
  let total = before.totals.total;
  for (const event of events) {
    if (event.type === "order.exchanged" || event.type === "order.edited") {
      change += event.totals.total - total;
      total = event.totals.total;
    }
    if (event.type === "order.credited") change -= event.amount;
  }
  return change;
};

const assertStorm = (world: World, order: Order): void => {
  assert.deepEqual(faultsOf(order), []);
  const document = { state: order, personal: { customer: { name: "Ada" } }, history: [] };
  assert.deepEqual(orderCodec.unpack(orderCodec.pack(document)).state, order);
  const quantities = quantitiesOf(order);
  for (const { status, goodsBack, exchange, lines } of order.returns ?? []) {
    if (exchange === undefined) continue;
    const isThere = status === "received" || status === "closed";
    const isAgreed = isThere || (status !== "requested" && status !== "declined");
    const came = !goodsBack || lines.some(({ received }) => received > 0);
    for (const lineId of exchange.added) {
      const { shipped = 0, allocated = 0, backordered = 0, pending = 0 } =
        quantities[Number(lineId) - 1] ?? {};
      const mayLeave = exchange.shipWhen === "now" ? isAgreed : isThere && came;
      if (!mayLeave) assert.equal(shipped, 0, `line ${lineId} has left, its return is ${status}`);
      const isOver = status === "declined" || status === "cancelled" || (isThere && !came);
      if (isOver && status !== "received") assert.equal(allocated + backordered + pending, 0);
    }
  }
  const reserved = order.fulfillmentOrders.reduce(
    (sum, { status, locationId, lines }) =>
      locationId === null || status === "cancelled" || status === "rejected"
        ? sum
        : lines.reduce((units, { quantity, shipped }) => units + quantity - shipped, sum),
    0,
  );
  assert.equal([...world.rows.values()].reduce((sum, row) => sum + row.reserved, 0), reserved);
};

Deno.test("whatever is exchanged, comes back, is credited and given back: every prefix balances", () => {
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(storm, (given) => {
      const stock = Object.fromEntries([
        ...given.lines.map((_, n) => [`north s${n}`, 100]),
        ...["tea", "cup", "mug", "rare"].map((sku) => [`north ${sku}`, 8]),
      ]);
      const world = new World({ stock, items: itemsOf({ sku: "song", digital: true }) });
      const placed = { ...placedOrder(given), onShortage: given.policy };
      const { total } = new World({ stock }).place(placed).totals;
      world.place(
        !given.isPaid || total === 0 ? placed : {
          ...placed,
          payments: [{
            provider: "manual",
            amount: moneyOf(total, given.currency),
            status: "captured",
          }],
        },
      );
      if (given.hasLeft && orderOf(world).fulfillmentOrders.length > 0) world.shipAll(1);
      for (const each of given.steps) {
        if (each.kind === "arrive") world.arrive("north", "tea", each.units);
        for (const command of commandsOf(orderOf(world), each)) {
          const before = orderOf(world);
          const first = world.history.length;
          const result = world.tryDo(command);
          if (Result.isFailure(result)) {
            assert.equal(world.order, before, "a refusal changes nothing");
            continue;
          }
          const order = orderOf(world);
          const events = world.history.slice(first);
          for (const { type } of events) reached.set(type, (reached.get(type) ?? 0) + 1);
          const takesOut = events.some(({ type }) =>
            type === "order.cancelled" || type === "order.shorted"
          );
          const change = currentTotals(order).total - currentTotals(before).total;
          if (!takesOut) assert.equal(change, owedBy(events, before));
          else assert.ok(change <= owedBy(events, before), "what is taken out costs nothing more");
          const { owed, captured, refunded, refundPending } = balanceOf(order);
          if (events.some((event) => event.type === "payment.requested")) {
            assert.ok(captured - refunded - refundPending >= owed || refundPending === 0);
          }
          assertStorm(world, order);
        }
      }
    }),
    { numRuns: 500 },
  );
  const enough = [
    ...["order.exchanged", "order.allocated", "order.cancelled", "order.credited"],
    ...["fulfillment_order.released", "return.declined", "return.cancelled", "return.closed"],
  ];
  for (const type of enough) {
    assert.ok((reached.get(type) ?? 0) > 50, `${type} came ${reached.get(type)} times`);
  }
});
