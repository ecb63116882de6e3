/** Invoices: each unit that leaves once, by its stored shares, in figures that nothing changes afterwards. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { formatAmount } from "../../src/kernel/money.ts";
import { balanceOf } from "../../src/order/balance.ts";
import { creditAmountOf } from "../../src/order/credit.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { type Invoice, invoicedUnits, invoicesOf, invoiceTotals } from "../../src/order/invoice.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import type { Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import { orderRecordOf } from "../../src/order/record.ts";
import { orderRecords } from "../../src/order/record-kind.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { isWithin, placedOrder, pricing } from "./priced.ts";
import { gbp, itemsOf, line, now, request, World } from "./support.ts";

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

const packed = (order: Order): string =>
  orderCodec.pack({ state: order, personal: { customer: { name: "Ada" } }, history: [] });

const sound = (order: Order): void => {
  assert.deepEqual(faultsOf(order), []);
  assert.deepEqual(orderCodec.unpack(packed(order)).state, order);
};

const totalsIn = (order: Order): readonly number[] =>
  invoicesOf(order).map((each) => invoiceTotals(each).total);

const units = (quantity: number) => [{ lineId: "1", quantity }];

const shipped = (world: World, quantity: number): Order =>
  world.do({
    ...{ type: "ship", fulfillmentOrderId: world.fulfillmentOrder(1), carrier: "DHL" },
    lines: units(quantity),
  });

/** The example of the documentation: three mugs, 5.00 off, 20 % tax, and shipping. */
const exampleWorld = (): World => {
  const world = new World({ stock: { "north mug": 9 } });
  world.place(request([line("mug", 3, { unitPrice: gbp("10.00"), taxRatePercent: "20" })], {
    discounts: [{ amount: gbp("5.00") }],
    shipping: { amount: gbp("6.00"), tax: gbp("1.20") },
    payments: [{ provider: "manual", amount: gbp("37.20"), status: "authorized" }],
  }));
  return world;
};

Deno.test("what leaves is invoiced by its shares, and shipping with the first of it", () => {
  const world = exampleWorld();
  world.do({ type: "cancel", reason: "two do", lines: units(1) });
  world.prepare(1);
  shipped(world, 1);
  const order = shipped(world, 1);
  assert.deepEqual(
    invoicesOf(order).map(({ id, shipmentId, lines, shipping }) => ({
      ...{ id: id.slice(-2), shipmentId: shipmentId?.slice(-2), lines, shipping },
    })),
    [
      {
        ...{ id: "_1", shipmentId: "_1" },
        lines: [{
          ...{ lineId: "1", sku: "mug", from: 0, to: 1, unitPrice: 1000 },
          ...{ discount: 167, tax: 167, taxRate: 200_000 },
        }],
        shipping: { amount: 600, discount: 0, tax: 120 },
      },
      {
        ...{ id: "_2", shipmentId: "_2" },
        lines: [{
          ...{ lineId: "1", sku: "mug", from: 1, to: 2, unitPrice: 1000 },
          ...{ discount: 166, tax: 166, taxRate: 200_000 },
        }],
        shipping: undefined,
      },
    ],
  );
  assert.deepEqual(totalsIn(order), [1720, 1000]);
  assert.equal(balanceOf(order).owed, 2720);
  sound(order);
});

Deno.test("what is collected and what is downloaded is invoiced as well", () => {
  const world = new World({
    stock: { "north mug": 5 },
    items: itemsOf({ sku: "song", digital: true }),
  });
  world.place(request([
    line("song", 1),
    line("mug", 2, { fulfillment: { method: "pickup", locationId: "north" } }),
  ]));
  const [first] = invoicesOf(orderOf(world));
  assert.deepEqual(first?.lines.map(({ sku, to }) => [sku, to]), [["song", 1]]);
  const part = orderOf(world).fulfillmentOrders.find(({ method }) => method === "pickup");
  const fulfillmentOrderId = part?.id ?? assert.fail("nothing to collect");
  for (const type of ["accept", "pick", "ready-for-pickup", "collect"] as const) {
    world.do({ type, fulfillmentOrderId });
  }
  const [, second] = invoicesOf(orderOf(world));
  assert.equal(second?.fulfillmentOrderId, fulfillmentOrderId);
  assert.deepEqual(totalsIn(orderOf(world)), [250, 500]);
  sound(orderOf(world));
});

Deno.test("what is sent once more is not invoiced once more, and is credited when it is cancelled after all", () => {
  const world = new World({ stock: { "north mug": 9 } });
  world.place(request([line("mug", 3, { tax: gbp("1.00") })], {
    shipping: { amount: gbp("4.00") },
    paymentPolicy: {},
  }));
  world.prepare(1);
  const shipmentId = shipped(world, 2).shipments[0]?.id ?? assert.fail("no shipment");
  world.do({ type: "reship", shipmentId, reason: "lost" });
  const price: OrderCommand = {
    ...{ type: "edit", reason: "cheaper" },
    changes: [{ type: "set-price", lineId: "1", unitPrice: gbp("1.00"), tax: gbp("0.50") }],
  };
  assert.equal(world.refused(price)._tag, "InvalidCommand", "it is invoiced at its price");
  assert.equal(
    world.refused({
      ...{ type: "edit", reason: "cheaper" },
      changes: [{ type: "set-shipping", amount: gbp("1.00") }],
    })._tag,
    "InvalidCommand",
  );
  assert.deepEqual(totalsIn(orderOf(world)), [500 + 67 + 400]);
  const owed = balanceOf(orderOf(world)).owed;
  // Two of three: one was never invoiced, and one was.
  world.do({ type: "cancel", reason: "enough", lines: units(2) });
  const [memo] = orderOf(world).settlement?.credits ?? [];
  assert.deepEqual(memo?.cancelled?.units, [{
    ...{ lineId: "1", quantity: 1, goods: 250, tax: 34, given: 0, from: 1 },
  }]);
  assert.equal(owed - balanceOf(orderOf(world)).owed, 250 + 33 + 250 + 34);
  sound(orderOf(world));
  world.do({ type: "cancel", reason: "all" });
  const [, last] = orderOf(world).settlement?.credits ?? [];
  assert.deepEqual(last?.cancelled?.shipping, { amount: 400, tax: 0 });
  assert.equal(creditAmountOf(orderOf(world), last ?? assert.fail("no memo")), 250 + 33 + 400);
  assert.equal(balanceOf(orderOf(world)).owed, 0);
  sound(orderOf(world));
});

/** The log record of the last commit, as it is stored. */
const recordOf = (before: Order, after: Order, events: readonly OrderEvent[]) => {
  const record = orderRecordOf({ ...{ before, after, events }, balances: [], at: now, by: "k" });
  return orderRecords.pack(record);
};

Deno.test("a plain order pays nothing for invoices until it leaves, and little then", () => {
  const world = new World({ stock: { "north mug": 9 } });
  const placed = world.place(request([line("mug", 2)]));
  assert.equal(placed.invoices, undefined);
  assert.ok(!packed(placed).includes("inv"));
  world.prepare(1);
  const before = orderOf(world);
  const first = world.history.length;
  const after = shipped(world, 2);
  const events = world.history.slice(first);
  const { invoices: _, ...without } = after;
  assert.equal(packed(after).length - packed(without).length, ",[1]".length);
  const told = recordOf(before, after, events);
  const silent = recordOf(before, without, events.filter(({ type }) => type !== "order.invoiced"));
  const more = told.first.length + told.second.length - silent.first.length - silent.second.length;
  assert.ok(more <= 48, `${more} more bytes in the log`);
  const stored = orderRecords.unpack(JSON.parse(told.first), told.second) as unknown as {
    readonly events: readonly OrderEvent[];
  };
  assert.deepEqual(stored.events.at(-1), events.at(-1), "with all figures");
});

Deno.test("an invoice that is not what left, or not what it cost, is found", () => {
  const world = exampleWorld();
  world.prepare(1);
  shipped(world, 1);
  const order = shipped(world, 2);
  const [first, second] = invoicesOf(order);
  if (first === undefined || second === undefined) assert.fail("no invoices");
  const [one] = first.lines;
  const [two] = second.lines;
  if (one === undefined || two === undefined) assert.fail("no lines");
  const invariants = (invoices: readonly Invoice[], more: Partial<Order> = {}) => [
    ...new Set(faultsOf({ ...order, ...more, invoices }).map(({ invariant }) => invariant)),
  ];
  const withLine = (
    more: Partial<typeof two>,
  ) => [first, { ...second, lines: [{ ...two, ...more }] }];
  assert.deepEqual(invariants([first, second]), []);
  const wrong = [
    [second, first],
    [first],
    [first, second, { ...second, id: first.id.replace(/1$/, "3") }],
    withLine({ from: 0 }),
    withLine({ to: 2 }),
    withLine({ to: 4 }),
    withLine({ unitPrice: 999 }),
    withLine({ discount: 334 }),
    withLine({ tax: 332 }),
    withLine({ sku: "cup" }),
    [{ ...first, shipping: { amount: 600, discount: 0, tax: 119 } }, second],
    [first, { ...second, shipping: { amount: 600, discount: 0, tax: 120 } }],
    [{ ...first, taxesIncluded: true }, second],
    [{ ...first, fees: [{ code: "gift", amount: 1, tax: 0 }] }, second],
  ];
  for (const [n, invoices] of wrong.entries()) {
    assert.deepEqual(invariants(invoices), ["line-money"], `the ${n}th is not found`);
  }
  // More is credited than was invoiced, and something that nobody invoiced or cancelled.
  const { settlement } = order;
  if (settlement === undefined) assert.fail("no settlement");
  const credit = { reason: "", at: now, by: "", lines: [] };
  const units = [{ lineId: "1", quantity: 1, goods: 833, tax: 167, given: 0 }];
  const nothing = { amount: 0, tax: 0 };
  const cancelled = { units, shipping: nothing, fees: nothing };
  assert.ok(
    invariants([first, second], {
      settlement: { ...settlement, credits: [{ ...credit, cancelled }] },
    })
      .includes("line-money"),
  );
  const four = { ...credit, returned: [{ ...units[0] ?? assert.fail(), quantity: 4 }] };
  assert.ok(
    invariants([first, second], { settlement: { ...settlement, credits: [four] } })
      .includes("line-money"),
  );
});

const kinds = [
  ...["ship", "ship", "ship", "cancel", "cancel", "cancel fee", "cancel all", "reship", "return"],
  ...["credit", "credit shipping", "goodwill", "edit", "price", "refund"],
] as const;

const setup = fc.record({
  ...pricing,
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      line: fc.nat({ max: 3 }),
      units: fc.integer({ min: 1, max: 3 }),
      amount: fc.integer({ min: 0, max: 3_000 }),
    }),
    { minLength: 4, maxLength: 20 },
  ),
});
type Setup = typeof setup extends fc.Arbitrary<infer A> ? A : never;

const commandsOf = (order: Order, step: Setup["steps"][number]): OrderCommand[] => {
  const { kind, line: at, units: quantity, amount } = step;
  const { id: lineId } = order.lines[at % order.lines.length] ?? assert.fail("no line");
  const money = { amount: formatAmount(amount, order.currency), currency: order.currency };
  const lines = [{ lineId, quantity }];
  switch (kind) {
    case "ship":
      return order.fulfillmentOrders.flatMap(({ id: fulfillmentOrderId, status }) => [
        ...(status !== "open" ? [] : [
          { type: "accept" as const, fulfillmentOrderId },
          { type: "pick" as const, fulfillmentOrderId },
        ]),
        { type: "ship" as const, fulfillmentOrderId, carrier: "DHL", lines },
      ]);
    case "cancel":
      return [{ type: "cancel", reason: "less", lines, refundShipping: amount % 5 === 0 }];
    case "cancel fee":
      return [{ type: "cancel", reason: "late", lines, fee: money }];
    case "cancel all":
      return [{ type: "cancel", reason: "all", fee: money }];
    case "reship":
      return order.shipments.slice(0, 1).map(({ id: shipmentId }) => ({
        ...{ type: "reship", shipmentId, reason: "lost" },
      }));
    case "return":
      return [{
        ...{ type: "request-return", goodsBack: true },
        lines: [{ lineId, quantity, reason: "unwanted" }],
        received: {
          locationId: "north",
          inspected: [{ lineId, quantity, disposition: "restock", accepted: true }],
        },
      }];
    case "credit":
      return [{ type: "credit", reason: "came back" }];
    case "credit shipping":
      return [{ type: "credit", reason: "late", lines: undefined, shippingAmount: money }];
    case "goodwill":
      return [{
        type: "refund",
        reason: "sorry",
        goodwill: true,
        amount: money,
        lineIds: [lineId],
      }];
    case "edit":
      return [{
        ...{ type: "edit", reason: "other units" },
        changes: [{ type: "set-quantity", lineId, quantity }],
      }];
    case "price":
      return [{
        ...{ type: "edit", reason: "other price" },
        changes: [{ type: "set-price", lineId, unitPrice: money, tax: money }],
      }];
    case "refund":
      return [{ type: "refund", reason: "due" }];
  }
};

/** By exact fractions of what the lines cost. */
const checkShares = (order: Order): void => {
  const invoiced = invoicedUnits(order);
  for (const [n, { id, unitPrice, quantity, discount, tax }] of order.lines.entries()) {
    const [k, of] = [BigInt(invoiced[n] ?? 0), BigInt(quantity)];
    const lines = invoicesOf(order).flatMap(({ lines }) =>
      lines.filter((each) => each.lineId === id)
    );
    const sum = (value: (line: Invoice["lines"][number]) => number) =>
      lines.reduce((all, each) => all + value(each), 0);
    assert.equal(sum((each) => each.unitPrice * (each.to - each.from)), unitPrice * Number(k));
    assert.ok(isWithin(1n, sum((each) => each.discount), BigInt(discount) * k, of), "discount");
    assert.ok(isWithin(1n, sum((each) => each.tax), BigInt(tax) * k, of), "tax");
    assert.ok((quantitiesOf(order)[n]?.shipped ?? 0) <= Number(k), "all that left is invoiced");
  }
};

Deno.test("whatever is cancelled, edited, sent, sent again, returned and credited: each unit is invoiced once, for good", () => {
  let [invoices, cancelledLater] = [0, 0];
  fc.assert(
    fc.property(setup, (given) => {
      const stock = Object.fromEntries(given.lines.map((_, n) => [`north s${n}`, 100]));
      const world = new World({ stock });
      world.place(placedOrder(given));
      for (const step of given.steps) {
        for (const command of commandsOf(orderOf(world), step)) {
          const before = orderOf(world);
          const first = world.history.length;
          if (Result.isFailure(world.tryDo(command))) continue;
          const after = orderOf(world);
          const kept = invoicesOf(after).slice(0, invoicesOf(before).length);
          assert.deepEqual(kept, invoicesOf(before), "an invoice was changed");
          const told = world.history.slice(first).flatMap((event) =>
            event.type === "order.invoiced" ? [{ ...event.invoice, at: now }] : []
          );
          assert.deepEqual(invoicesOf(after).slice(kept.length), told);
          invoices += told.length;
          if (after.settlement?.credits.at(-1)?.cancelled !== undefined) cancelledLater++;
          checkShares(after);
          sound(after);
        }
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(invoices > 500, `only ${invoices} invoices were made`);
  assert.ok(cancelledLater > 0, "nothing that was invoiced was cancelled");
});
