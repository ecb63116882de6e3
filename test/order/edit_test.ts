/** Edits: only the difference is reserved or given back, and the totals are what the parts say. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { balanceOf, currentTotals } from "../../src/order/balance.ts";
import type { EditChange } from "../../src/order/edit.ts";
import { contactAfter, editsOf } from "../../src/order/edit.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { orderLimits } from "../../src/order/limits.ts";
import type { Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import { packOrder, unpackOrder } from "../../src/order/order-codec.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { stockDeltas } from "../../src/order/stock-effects.ts";
import { editCommand } from "../support/edit-commands.ts";
import { gbp, itemsOf, line, request, types, World } from "./support.ts";

const edit = (...changes: readonly EditChange[]): OrderCommand => ({
  ...{ type: "edit", reason: "the customer called", changes },
});

const placed = (more: Partial<PlaceOrderRequest> = {}, stock = 10): World => {
  const world = new World({ stock: { "north tea": stock, "north mug": stock } });
  world.place(request([line("tea", 3, { taxRatePercent: "20" })], more));
  return world;
};

/** The events of a command that is taken. */
const does = (world: World, command: OrderCommand): readonly OrderEvent[] => {
  const before = world.history.length;
  world.do(command);
  return world.history.slice(before);
};

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

const refusal = (world: World, ...changes: readonly EditChange[]): readonly string[] => {
  const rejection = world.refused(edit(...changes));
  return rejection._tag === "InvalidCommand"
    ? [rejection.pointer, rejection.detail]
    : [rejection._tag];
};

Deno.test("a price alone reserves nothing, and its tax follows from the rate", () => {
  const world = placed();
  const events = does(
    world,
    edit({ type: "set-price", lineId: "1", unitPrice: gbp("3.00") }),
  );
  assert.deepEqual(types(events), ["order.edited"]);
  assert.equal(world.row("north", "tea").reserved, 3);
  const { lines: [tea], totals, edits } = orderOf(world);
  assert.deepEqual([tea?.unitPrice, tea?.tax, totals.total], [300, 180, 1080]);
  assert.deepEqual(edits?.[0]?.repriced, [{
    lineId: "1",
    before: { unitPrice: 250, discount: 0, tax: 150 },
    after: { unitPrice: 300, discount: 0, tax: 180 },
  }]);
  assert.deepEqual(edits?.[0]?.total, { before: 900, after: 1080 });
});

Deno.test("more units are a new line, and only these are reserved", () => {
  const world = placed();
  const events = does(world, edit({ type: "set-quantity", lineId: "1", quantity: 5 }));
  assert.deepEqual(types(events), ["order.edited", "order.allocated"]);
  const { lines: [first, added] } = orderOf(world);
  assert.equal(first?.quantity, 3);
  assert.deepEqual(
    [added?.id, added?.quantity, added?.unitPrice, added?.tax, added?.basedOn],
    ["2", 2, 250, 100, "1"],
  );
  assert.equal(world.row("north", "tea").reserved, 5);
});

Deno.test("fewer units are a cancellation that gives their stock back", () => {
  const world = placed();
  const events = does(world, edit({ type: "set-quantity", lineId: "1", quantity: 1 }));
  assert.deepEqual(types(events), ["order.edited", "order.cancelled"]);
  assert.equal(world.row("north", "tea").reserved, 1);
  const order = orderOf(world);
  assert.deepEqual([order.lines[0]?.quantity, order.lines[0]?.cancelled], [3, 2]);
  assert.equal(order.totals.total, 900, "the totals are of all that was ordered");
  assert.equal(currentTotals(order).total, 300);
});

Deno.test("another item, in place of what is taken out, in one edit", () => {
  const world = placed();
  does(
    world,
    edit(
      { type: "set-quantity", lineId: "1", quantity: 0 },
      { type: "add-line", sku: "mug", quantity: 2, unitPrice: gbp("4.00"), discount: gbp("1.00") },
    ),
  );
  assert.equal(world.row("north", "tea").reserved, 0);
  assert.equal(world.row("north", "mug").reserved, 2);
  const order = orderOf(world);
  assert.deepEqual([order.status, currentTotals(order).total], ["allocated", 700]);
});

Deno.test("an edit that cannot be had changes nothing, and says what is there", () => {
  const world = placed({}, 4);
  const before = orderOf(world);
  const rejection = world.refused(edit({ type: "set-quantity", lineId: "1", quantity: 6 }));
  assert.deepEqual(rejection, {
    _tag: "InsufficientStock",
    shortages: [{ sku: "tea", requested: 3, available: 1 }],
  });
  assert.equal(world.order, before);
});

Deno.test("what has left costs what it costs, and shipping with it", () => {
  const world = placed({ shipping: { amount: gbp("5.00") } });
  const fulfillmentOrderId = world.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  assert.deepEqual(
    refusal(world, { type: "set-price", lineId: "1", unitPrice: gbp("1.00") }),
    [
      "/changes/0/lineId",
      "Units of line 1 have left: its price stays. Add units at another price as a line.",
    ],
  );
  assert.equal(
    refusal(world, { type: "set-discount", lineId: "1", discount: gbp("1.00") })[0],
    "/changes/0/lineId",
  );
  assert.deepEqual(
    refusal(world, { type: "set-quantity", lineId: "1", quantity: 0 }),
    [
      "/changes/0/quantity",
      "Line 1 has 1 units that have left: at most 2 can be taken out.",
    ],
  );
  assert.equal(refusal(world, { type: "set-shipping", amount: gbp("0.00") })[0], "/changes/0");
  world.do(edit({ type: "set-shipping", service: "express" }));
  assert.equal(orderOf(world).shippingService, "express");
  world.do(edit({ type: "set-quantity", lineId: "1", quantity: 1 }));
  assert.equal(orderOf(world).status, "shipped");
});

Deno.test("what is wrong with a change is said at its place, and nothing is changed", () => {
  const world = placed({ discounts: [{ amount: gbp("0.30") }] });
  const before = orderOf(world);
  const eur = { amount: "1.00", currency: "EUR" };
  for (
    const [pointer, ...changes] of [
      ["/changes/0/lineId", { type: "set-price", lineId: "9", unitPrice: gbp("1.00") }],
      ["/changes/0/unitPrice/currency", { type: "set-price", lineId: "1", unitPrice: eur }],
      ["/changes/0", { type: "set-discount", lineId: "1", discount: gbp("7.50") }],
      ["/changes/0/sku", { type: "add-line", quantity: 1, unitPrice: gbp("1.00") }],
      ["/changes/0/unitPrice", { type: "add-line", sku: "mug", quantity: 1 }],
      ["/changes/0/basedOn", { type: "add-line", basedOn: "7", quantity: 1 }],
      ["/changes/0/sku", { type: "add-line", basedOn: "1", sku: "mug", quantity: 1 }],
      ["/changes/0/tax", {
        ...{ type: "set-price", lineId: "1", unitPrice: gbp("3.00") },
        tax: gbp("9.00"),
      }],
      ["/changes/0/fulfillment/locationId", {
        ...{ type: "add-line", sku: "mug", quantity: 1, unitPrice: gbp("1.00") },
        fulfillment: { method: "pickup" },
      }],
      ["/changes/1", { type: "set-quantity", lineId: "1", quantity: 2 }, {
        ...{ type: "set-quantity", lineId: "1", quantity: 1 },
      }],
      ["/changes", { type: "set-quantity", lineId: "1", quantity: 0 }],
      ["/changes"],
    ] as const satisfies readonly (readonly [string, ...EditChange[]])[]
  ) assert.equal(refusal(world, ...changes)[0], pointer, JSON.stringify(changes));
  assert.equal(world.order, before);
});

Deno.test("an order's own discount is never spread again", () => {
  const world = placed({ discounts: [{ amount: gbp("0.30") }] });
  world.do(edit({ type: "set-discount", lineId: "1", discount: gbp("1.00") }));
  world.do(edit({ type: "set-quantity", lineId: "1", quantity: 4 }));
  const { lines } = orderOf(world);
  assert.deepEqual(
    lines.map(({ discount, orderDiscount }) => [discount, orderDiscount]),
    [[130, 30], [0, undefined]],
  );
});

Deno.test("tax that nobody told a rate of has to be said anew", () => {
  const world = new World({ stock: { "north tea": 9 } });
  world.place(request([line("tea", 3, { tax: gbp("1.00") })]));
  const unitPrice = gbp("3.00");
  assert.equal(refusal(world, { type: "set-price", lineId: "1", unitPrice })[0], "/changes/0/tax");
  assert.equal(refusal(world, { type: "set-quantity", lineId: "1", quantity: 4 })[0], "/changes/0");
  world.do(edit({ type: "set-price", lineId: "1", unitPrice, tax: gbp("1.20") }));
  assert.equal(orderOf(world).lines[0]?.tax, 120);
});

Deno.test("an edit that changes nothing is nothing to commit", () => {
  const world = placed();
  const events = does(
    world,
    edit(
      { type: "set-price", lineId: "1", unitPrice: gbp("2.50") },
      { type: "set-quantity", lineId: "1", quantity: 3 },
      { type: "set-shipping", amount: gbp("0.00") },
    ),
  );
  assert.deepEqual(events, []);
});

Deno.test("an order that stands still takes edits, and gets its stock when it goes on", () => {
  const world = placed();
  world.do({ type: "hold", reason: "to be checked" });
  world.do(edit({ type: "set-quantity", lineId: "1", quantity: 5 }));
  assert.equal(world.row("north", "tea").reserved, 3);
  world.do({ type: "release" });
  assert.equal(world.row("north", "tea").reserved, 5);
});

Deno.test("what is over, or being allocated, cannot be edited, and there is a limit", () => {
  const world = placed();
  world.do({ type: "cancel", reason: "x" });
  assert.deepEqual(refusal(world, { type: "set-shipping", service: "express" }), [
    "IllegalTransition",
  ]);
  const busy = placed();
  for (let n = 0; n < orderLimits.edits; n++) {
    busy.do(edit({ type: "set-shipping", service: `service ${n}` }));
  }
  assert.deepEqual(refusal(busy, { type: "set-shipping", service: "express" }), [
    "IllegalTransition",
  ]);
  assert.equal(editsOf(orderOf(busy)).length, orderLimits.edits);
});

const street = { country: "NL", postalCode: "3511", line1: "Long Lane 1", name: "Ada Example" };

Deno.test("an address changes until a parcel is packed, and the log has routing's part of it", () => {
  const world = placed();
  const change: EditChange = { type: "set-address", shippingAddress: street };
  const [event] = does(world, edit(change));
  assert.deepEqual(orderOf(world).destination, { country: "NL", postalCode: "3511" });
  assert.doesNotMatch(JSON.stringify(event), /Ada|Long Lane/);
  assert.equal(editsOf(orderOf(world))[0]?.addressChanged, true);
  const contact = { customer: { name: "Ada" } };
  assert.deepEqual(contactAfter(contact, edit(change)), { ...contact, shippingAddress: street });
  assert.equal(contactAfter(contact, { type: "close" }), contact);
  world.prepare(1);
  assert.equal(refusal(world, change)[0], "/changes/0");
});

const paidWorld = (amount: string, fulfillWhen: "paid" | "any" = "paid"): World => {
  const world = new World({ stock: { "north tea": 10, "north mug": 10 } });
  world.place(request([line("tea", 3)], {
    payments: [{ provider: "manual", amount: gbp(amount), status: "captured", reference: "r" }],
    paymentPolicy: { captureAt: "manual", fulfillWhen },
  }));
  return world;
};

Deno.test("an edit that a payment does not cover holds the order until it is paid", () => {
  const world = paidWorld("7.50");
  assert.deepEqual(orderOf(world).holds, []);
  world.do(edit({ type: "set-quantity", lineId: "1", quantity: 4 }));
  assert.deepEqual(orderOf(world).holds.map(({ code }) => code), ["payment"]);
  assert.equal(balanceOf(orderOf(world)).due, 250);
  world.do(edit({ type: "set-quantity", lineId: "2", quantity: 0 }));
  assert.deepEqual(orderOf(world).holds, [], "what was too much was taken out again");
  const { refundDue, refundPending, refunded } = balanceOf(orderOf(world));
  assert.deepEqual([refundDue, refundPending, refunded], [0, 0, 0], "it never was paid");
});

Deno.test("what is due to the customer is read from the balance", () => {
  const world = paidWorld("5.00", "any");
  world.do(edit({ type: "set-price", lineId: "1", unitPrice: gbp("2.00") }));
  assert.equal(balanceOf(orderOf(world)).refundDue, 0, "5.00 of 6.00 was paid");
  world.do(edit({ type: "set-price", lineId: "1", unitPrice: gbp("1.00") }));
  assert.equal(balanceOf(orderOf(world)).refundDue, 200);
});

Deno.test("an order without edits is stored as it was, and one with them comes back", () => {
  const world = placed();
  const plain = packOrder(orderOf(world));
  assert.equal(plain.length, 17, "not one value more");
  world.do(
    edit(
      { type: "set-price", lineId: "1", unitPrice: gbp("2.00") },
      { type: "set-quantity", lineId: "1", quantity: 5 },
      { type: "set-shipping", amount: gbp("4.00"), discount: gbp("1.00"), service: "express" },
      { type: "set-address", shippingAddress: street },
    ),
  );
  world.do(edit({ type: "set-quantity", lineId: "2", quantity: 1 }));
  const order = orderOf(world);
  assert.deepEqual(unpackOrder(JSON.parse(JSON.stringify(packOrder(order)))), order);
});

const step = fc.record({
  kind: fc.constantFrom("edit", "edit", "edit", "cancel", "forward", "some", "hold", "release"),
  which: fc.nat({ max: 20 }),
  units: fc.integer({ min: 1, max: 4 }),
});

const commandOf = (
  order: Order,
  { kind, which, units }: { kind: string; which: number; units: number },
): OrderCommand => {
  const open = order.fulfillmentOrders.filter(({ status }) =>
    status !== "shipped" && status !== "cancelled" && status !== "delivered"
  );
  const part = open[which % (open.length || 1)];
  const fulfillmentOrderId = part?.id ?? "ful_none";
  const lineId = part?.lines[0]?.lineId ?? "1";
  switch (kind) {
    case "edit":
      return editCommand(order, which, units);
    case "cancel":
      return { type: "cancel", reason: "less", lines: [{ lineId, quantity: units }] };
    case "hold":
      return { type: "hold", reason: "wait" };
    case "release":
      return { type: "release" };
    case "some": {
      const lines = [{ lineId, quantity: units }];
      return { type: "ship", fulfillmentOrderId, carrier: "DHL", lines };
    }
    default:
      return part?.status === "open"
        ? { type: "accept", fulfillmentOrderId }
        : part?.status === "accepted"
        ? { type: "pick", fulfillmentOrderId }
        : { type: "ship", fulfillmentOrderId, carrier: "DHL" };
  }
};

/** What the parts of an order come to, worked out apart from how edits do it. */
const assertWhole = (order: Order): void => {
  assert.deepEqual(faultsOf(order), []);
  const sum = (of: (line: Order["lines"][number]) => number): number =>
    order.lines.reduce((all, each) => all + of(each), 0);
  const { totals, charges } = order;
  const total =
    sum(({ unitPrice, quantity, discount, tax }) => unitPrice * quantity - discount + tax) +
    totals.shipping - (charges?.shippingDiscount ?? 0) + (charges?.shippingTax ?? 0);
  assert.equal(totals.total, total);
};

Deno.test("whatever is edited, cancelled and shipped: lines only grow, and all of it adds up", () => {
  let edited = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const world = new World({
        stock: { "north tea": 40, "south cup": 40, "north mug": 3, "south rare": 2 },
        items: itemsOf({ sku: "song", digital: true }),
      });
      world.place(request([line("tea", 4), line("cup", 2)], { onShortage: "backorder" }));
      for (const asked of steps) {
        const before = orderOf(world);
        const from = world.history.length;
        if (Result.isFailure(world.tryDo(commandOf(before, asked)))) {
          assert.equal(world.order, before, "a refusal changes nothing");
          continue;
        }
        const after = orderOf(world);
        assertWhole(after);
        const shipped = quantitiesOf(before);
        for (const [i, was] of before.lines.entries()) {
          const is = after.lines[i] ?? assert.fail("lost a line");
          assert.deepEqual([is.id, is.sku, is.quantity], [was.id, was.sku, was.quantity]);
          if ((shipped[i]?.shipped ?? 0) === 0) continue;
          const price = ({ unitPrice, discount, tax }: typeof was) => [unitPrice, discount, tax];
          assert.deepEqual(price(is), price(was), "what has left keeps its price");
        }
        for (const event of world.history.slice(from)) {
          if (event.type !== "order.edited") continue;
          edited++;
          assert.deepEqual(stockDeltas(before, event), [], "the edit itself moves nothing");
        }
        // Only rows of what is added, or taken out, are touched.
        const open = after.fulfillmentOrders.flatMap(({ locationId, status, lines }) =>
          locationId === null || status === "cancelled"
            ? []
            : lines.map(({ sku, quantity, shipped }) => ({ sku, open: quantity - shipped }))
        );
        for (const sku of ["tea", "cup", "mug", "rare"]) {
          const reserved = [...world.rows.values()].filter((row) => row.sku === sku)
            .reduce((all, row) => all + row.reserved, 0);
          const promised = open.filter((each) => each.sku === sku)
            .reduce((all, each) => all + each.open, 0);
          assert.equal(reserved, promised, sku);
        }
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(edited > 500, `only ${edited} edits were taken`);
});
