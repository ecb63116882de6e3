/** What a cancellation does to money at each stage: given up, not captured, given back, or credited. */
import assert from "node:assert/strict";
import { balanceOf, currentTotals } from "../../src/order/balance.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { invoicesOf, invoiceTotals } from "../../src/order/invoice.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import type { Order } from "../../src/order/order.ts";
import type { ProviderRules } from "../../src/payment/provider.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { gbp, line, request, World } from "./support.ts";

const card: ProviderRules = {
  type: "http",
  capabilities: { multipleCaptures: true, partialCapture: true, reauthorize: false },
  singleCapture: "captureOnFirst",
};
const once: ProviderRules = {
  ...card,
  capabilities: { ...card.capabilities, multipleCaptures: false },
};

type Status = "authorized" | "captured";

/** Mugs at 10.00, and 6.00 for shipping. */
const sold = (
  quantity: number,
  status: Status,
  rules = card,
  more: Partial<PlaceOrderRequest> = {},
): World => {
  const world = new World({ stock: { "north mug": 100 }, providers: { card: rules } });
  world.place(request([line("mug", quantity, { unitPrice: gbp("10.00") })], {
    shipping: { amount: gbp("6.00") },
    payments: [{ provider: "card", amount: gbp(`${quantity}6.00`), status, reference: "ref_1" }],
    ...more,
  }));
  return world;
};

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

const sound = (world: World): void => {
  const order = orderOf(world);
  assert.deepEqual(faultsOf(order), []);
  const document = { state: order, personal: { customer: { name: "Ada" } }, history: [] };
  assert.deepEqual(orderCodec.unpack(orderCodec.pack(document)).state, order);
};

/** What is asked of the provider and not answered. */
const askedIn = (world: World) =>
  (orderOf(world).settlement?.payments ?? []).flatMap(({ transactions }) =>
    transactions.filter(({ status }) => status === "requested")
      .map(({ kind, amount, isFinal }) => [kind, amount, ...(isFinal ? ["final"] : [])])
  );

const units = (quantity: number) => [{ lineId: "1", quantity }];
const reason = "changed mind";

Deno.test("what is authorized is given up with the whole, and never captured of a part", () => {
  const world = sold(2, "authorized");
  world.do({ type: "cancel", reason, lines: units(1) });
  assert.deepEqual(askedIn(world), []);
  assert.equal(balanceOf(orderOf(world)).owed, 1600);
  world.do({ type: "cancel", reason });
  assert.deepEqual(askedIn(world), [["void", 2600]]);
  assert.equal(balanceOf(orderOf(world)).owed, 0);
  assert.deepEqual(invoicesOf(orderOf(world)), []);
  sound(world);
});

Deno.test("what was captured is given back by the order's policy, shipping with it where nothing has left", () => {
  const world = sold(2, "captured");
  world.do({ type: "cancel", reason, lines: units(1) });
  assert.deepEqual(askedIn(world), [["refund", 1000]]);
  world.do({ type: "cancel", reason });
  assert.deepEqual(askedIn(world), [["refund", 1000], ["refund", 1600]]);
  sound(world);
  const manual = sold(2, "captured", card, { paymentPolicy: { refundOnCancel: "manual" } });
  manual.do({ type: "cancel", reason });
  assert.deepEqual([askedIn(manual), balanceOf(orderOf(manual)).refundDue], [[], 2600]);
  sound(manual);
});

Deno.test("a whole cancellation after a partial refund gives back the rest only", () => {
  const world = sold(2, "captured");
  world.do({ type: "refund", goodwill: true, reason: "late", amount: gbp("5.00") });
  world.do({ type: "cancel", reason });
  assert.deepEqual(askedIn(world), [["refund", 500], ["refund", 2100]]);
  sound(world);
});

Deno.test("shipping is given back for what has left only where that is asked for", () => {
  const shipped = (): World => {
    const world = sold(2, "captured");
    const fulfillmentOrderId = world.prepare(1);
    world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines: units(1) });
    return world;
  };
  const kept = shipped();
  kept.do({ type: "cancel", reason, lines: units(1) });
  assert.deepEqual(askedIn(kept), [["refund", 1000]]);
  assert.deepEqual(orderOf(kept).settlement?.credits, []);
  const given = shipped();
  given.do({ type: "cancel", reason, lines: units(1), refundShipping: true });
  assert.deepEqual(askedIn(given), [["refund", 1600]]);
  const [memo] = orderOf(given).settlement?.credits ?? [];
  assert.deepEqual(memo?.shippingCredit, { amount: 600, tax: 0 });
  sound(kept);
  sound(given);
});

Deno.test("a fee is kept of what is cancelled, is owed and invoiced, and never is more", () => {
  const world = sold(2, "captured");
  const cancel = { type: "cancel", reason, code: "customer" } as const;
  assert.deepEqual(world.refused({ ...cancel, lines: units(1), fee: gbp("10.01") }), {
    ...{ _tag: "AmountExceeded", available: 1000, currency: "GBP" },
  });
  world.do({ ...cancel, lines: units(1), fee: gbp("2.50") });
  assert.deepEqual(askedIn(world), [["refund", 750]]);
  assert.equal(currentTotals(orderOf(world)).cancellationFees, 250);
  const [invoice] = invoicesOf(orderOf(world));
  assert.deepEqual([invoice?.lines, invoice && invoiceTotals(invoice).total], [[], 250]);
  assert.deepEqual(
    world.history.findLast(({ type }) => type === "order.cancelled"),
    {
      ...{ type: "order.cancelled", reason, code: "customer", complete: true },
      lines: [{
        ...{ lineId: "1", quantity: 1, backordered: 0 },
        allocated: [{ fulfillmentOrderId: world.fulfillmentOrder(1), quantity: 1 }],
      }],
    },
  );
  assert.deepEqual(world.refused({ ...cancel, fee: gbp("16.01") }), {
    ...{ _tag: "AmountExceeded", available: 1600, currency: "GBP" },
  });
  world.do({ ...cancel, fee: gbp("16.00") });
  assert.deepEqual(askedIn(world), [["refund", 750]]);
  const { owed, refundDue } = balanceOf(orderOf(world));
  assert.deepEqual([orderOf(world).status, owed, refundDue], ["cancelled", 1850, 0]);
  sound(world);
});

Deno.test("a fee of an order that was authorized is captured, and the rest is given up", () => {
  for (const rules of [card, once]) {
    const world = sold(2, "authorized", rules);
    world.do({ type: "cancel", reason, fee: gbp("3.00") });
    assert.deepEqual(askedIn(world), [["capture", 300, "final"]]);
    const [capture] = orderOf(world).settlement?.payments[0]?.transactions.slice(-1) ?? [];
    world.do({
      ...{ type: "settle", transactionId: capture?.id ?? "", outcome: "succeeded" },
      reference: "c",
    });
    const { owed, captured, authorized } = balanceOf(orderOf(world));
    assert.deepEqual([askedIn(world), owed, captured, authorized], [[], 300, 300, 300]);
    sound(world);
  }
});

Deno.test("a fee of a part waits for what is left, so that one capture is not used up for it", () => {
  const world = sold(2, "authorized", once);
  world.do({ type: "cancel", reason, lines: units(1), fee: gbp("3.00") });
  assert.deepEqual(askedIn(world), []);
  world.shipAll(1);
  assert.deepEqual(askedIn(world), [["capture", 1900, "final"]]);
  sound(world);
});
