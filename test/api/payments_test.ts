/** Payments over HTTP, with a small provider at the other end that keeps its own ledger. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Result } from "effect";
import { readAllowList } from "../../src/outbound/allow-list.ts";
import { eventually } from "../process/process.ts";
import {
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

interface Transaction {
  readonly id: string;
  readonly kind: string;
  readonly amount: { readonly amount: string; readonly currency: string };
}

/** A provider on this machine: it does each id once, and says what it knows. */
class Bridge implements AsyncDisposable {
  readonly done = new Map<string, Transaction>();
  readonly keys: string[] = [];
  authorization = "";
  /** Answers to the next calls instead of 200: what they ask for is done, or not. */
  readonly faults: { readonly status: number; readonly isDone: boolean }[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/bridge/`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    request.setEncoding("utf8");
    for await (const chunk of request) body += chunk;
    this.authorization = request.headers.authorization ?? "";
    const answer = (status: number, json: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    if (request.method === "GET") {
      const id = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
      return void (this.done.has(id)
        ? answer(200, { status: "succeeded", reference: `ref_${id}` })
        : answer(404, {}));
    }
    assert.equal(request.url, "/bridge/transactions");
    this.keys.push(String(request.headers["idempotency-key"]));
    const transaction: Transaction = JSON.parse(body);
    const fault = this.faults.shift();
    if (fault === undefined || fault.isDone) this.done.set(transaction.id, transaction);
    answer(fault?.status ?? 200, { status: "succeeded", reference: `ref_${transaction.id}` });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => resolve());
    });
  }
}

const start = (): Promise<TestServer> =>
  startServer({
    settings: { outboundAllow: Result.getOrThrow(readAllowList("127.0.0.1")) },
  });

const usd = (amount: string) => ({ amount, currency: "USD" });

const prepared = async (server: TestServer, bridge: Bridge): Promise<void> => {
  await stockOver(server, { ams: { mug: 100 } });
  const saved = await server.ask("/v1/providers/card", {
    method: "PUT",
    json: {
      ...{ type: "http", url: bridge.url, secret: "a long random text" },
      capabilities: { multipleCaptures: true },
    },
  });
  assert.equal(saved.status, 201);
  assert.ok(!saved.text.includes("a long random text"));
};

/** An order of two mugs at 10.00. */
const placed = async (server: TestServer, externalId: string, status = "authorized") => {
  const { body } = await server.ask("/v1/orders", {
    json: {
      ...orderFor(externalId, { mug: 2 }),
      payments: [{ provider: "card", amount: usd("20.00"), status, reference: externalId }],
    },
  });
  return body;
};

const settled = (server: TestServer, orderId: unknown) =>
  eventually("the provider's answer", async () => {
    const { body } = await server.ask(`/v1/orders/${orderId}`);
    const pending = [...body.payments ?? []].flatMap(({ transactions }) =>
      [...transactions ?? []].filter(({ status }) => String(status) === "requested")
    );
    return pending.length === 0 ? body : null;
  });

Deno.test("an order is captured at shipment over HTTP, with the provider's secret, and refunded to the cent", async () => {
  await using bridge = await new Bridge().start();
  await using server = await start();
  await prepared(server, bridge);
  const order = await placed(server, "one");
  assert.equal(order.paymentStatus, "authorized");
  const [fulfillmentOrder] = order.fulfillmentOrders;
  for (const action of ["accept", "pick"]) {
    await server.ask(`/v1/fulfillment-orders/${fulfillmentOrder.id}/${action}`, { json: {} });
  }
  await server.ask(`/v1/fulfillment-orders/${fulfillmentOrder.id}/ship`, {
    json: { carrier: "DHL" },
  });
  const paid = await settled(server, order.id);
  assert.deepEqual([paid.paymentStatus, paid.balance.captured.amount], ["paid", "20.00"]);
  assert.equal(bridge.authorization, "Bearer a long random text");
  const refund = { reason: "scratched", goodwill: true, amount: usd("3.33") };
  const bare = await server.ask(`/v1/orders/${order.id}/refunds`, { json: refund });
  assert.equal(bare.status, 422);
  const json = { ...refund, expectedRefundable: usd("20.00") };
  assert.equal((await server.ask(`/v1/orders/${order.id}/refunds`, { json })).status, 200);
  const twice = await server.ask(`/v1/orders/${order.id}/refunds`, { json });
  assert.deepEqual([twice.status, twice.body.available], [409, usd("16.67")]);
  const refunded = await settled(server, order.id);
  assert.deepEqual([refunded.balance.refunded, refunded.currentTotals.total], [
    usd("3.33"),
    usd("16.67"),
  ]);
  assert.deepEqual([...bridge.done.values()].map(({ kind, amount }) => [kind, amount.amount]), [
    ["capture", "20.00"],
    ["refund", "3.33"],
  ]);
  const nothing = await server.ask(`/v1/orders/${order.id}/refunds`, { json: { reason: "more" } });
  assert.match(String(nothing.body.type), /nothing-to-refund$/);
});

Deno.test("one order goes through everything: cancelled in part, paid by parcels, and one unit of it comes back", async () => {
  await using bridge = await new Bridge().start();
  await using server = await start();
  await prepared(server, bridge);
  const post = async (path: string, json: unknown) => {
    const answer = await server.ask(path, { json });
    assert.ok(answer.status === 200 || answer.status === 201, `${path}: ${answer.text}`);
    return answer.body;
  };
  const placed = await post("/v1/orders", {
    ...orderFor("example", {}),
    lines: [{ sku: "mug", quantity: 3, unitPrice: usd("10.00"), taxRatePercent: "20" }],
    discounts: [{ amount: usd("5.00") }],
    shipping: { amount: usd("6.00"), tax: usd("1.20") },
    payments: [{ provider: "card", amount: usd("37.20"), status: "authorized", reference: "p" }],
  });
  const { id: orderId } = placed;
  assert.equal(placed.totals.total.amount, "37.20");
  const line = (quantity: number) => ({ lines: [{ lineId: "1", quantity }] });
  const balanceIs = (order: Json, expected: Readonly<Record<string, string>>) =>
    assert.deepEqual(
      Object.fromEntries(Object.keys(expected).map((name) => [name, order.balance[name].amount])),
      expected,
    );
  const cancelled = await post(`/v1/orders/${orderId}/cancel`, { reason: "two do", ...line(1) });
  balanceIs(cancelled, { owed: "27.20", authorized: "37.20" });
  const work = `/v1/fulfillment-orders/${placed.fulfillmentOrders[0].id}`;
  for (const step of ["accept", "pick"]) await post(`${work}/${step}`, {});
  await post(`${work}/ship`, { carrier: "DHL", ...line(1) });
  balanceIs(await settled(server, orderId), { captured: "17.20", due: "10.00" });
  await post(`${work}/ship`, { carrier: "DHL", ...line(1) });
  balanceIs(await settled(server, orderId), {
    ...{ captured: "27.20", owed: "27.20", authorized: "27.20", due: "0.00", refundDue: "0.00" },
  });
  // What comes back is inspected, and by that nothing is owed less yet.
  await post(`/v1/orders/${orderId}/returns`, {
    lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
    received: {
      locationId: "ams",
      inspected: [{ lineId: "1", quantity: 1, disposition: "restock" }],
    },
  });
  const nothing = await server.ask(`/v1/orders/${orderId}/refunds`, { json: { reason: "back" } });
  assert.match(String(nothing.body.type), /nothing-to-refund$/);
  const asked = { credit: { ...line(1), fee: usd("2.00") } };
  const preview = await post(`/v1/orders/${orderId}/refunds/preview`, asked);
  assert.deepEqual(preview, {
    amount: usd("8.00"),
    refundDue: usd("8.00"),
    refundable: usd("27.20"),
    credit: [],
    credited: {
      amount: usd("8.00"),
      lines: [],
      returned: [{
        ...{ lineId: "1", quantity: 1, goods: usd("8.33"), tax: usd("1.67"), given: usd("0.00") },
      }],
      fee: usd("2.00"),
    },
    payments: [{ paymentId: placed.payments[0].id, amount: usd("8.00") }],
  });
  await post(`/v1/orders/${orderId}/refunds`, { reason: "It came back", ...asked });
  const refunded = await settled(server, orderId);
  balanceIs(refunded, {
    ...{ captured: "27.20", refunded: "8.00", owed: "19.20", due: "0.00", refundDue: "0.00" },
  });
  assert.equal(refunded.paymentStatus, "partially_refunded");
  assert.deepEqual(refunded.currentTotals, {
    ...{ subtotal: usd("10.00"), discount: usd("1.66"), tax: usd("1.66"), shipping: usd("6.00") },
    ...{ shippingDiscount: usd("0.00"), shippingTax: usd("1.20"), fees: usd("0.00") },
    ...{ feeTax: usd("0.00"), returnFees: usd("2.00"), total: usd("19.20") },
  });
  const [credit] = [...refunded.credits];
  assert.deepEqual([credit?.reason, credit?.amount], ["It came back", usd("8.00")]);
  assert.deepEqual(credit?.returned, preview.credited.returned);
  assert.deepEqual([...bridge.done.values()].map(({ kind, amount }) => [kind, amount.amount]), [
    ["capture", "17.20"],
    ["capture", "10.00"],
    ["refund", "8.00"],
  ]);
  // The same unit once more: neither as a refund nor as a credit.
  for (const [path, json] of [["refunds", asked], ["credits", line(1)]] as const) {
    const again = await server.ask(`/v1/orders/${orderId}/${path}`, {
      json: { reason: "twice", ...json },
    });
    assert.deepEqual([again.status, again.body.creditable], [409, [{ lineId: "1", quantity: 0 }]]);
    assert.match(String(again.body.type), /not-creditable$/);
  }
  const { body, text } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, text);
});

Deno.test("a payment of which the provider says nothing clear is pending, and its money counts as used", async () => {
  await using bridge = await new Bridge().start();
  await using server = await start();
  await prepared(server, bridge);
  bridge.faults.push({ status: 500, isDone: true });
  const order = await placed(server, "one", "captured");
  const cancelled = await server.ask(`/v1/orders/${order.id}/cancel`, { json: { reason: "no" } });
  assert.deepEqual(cancelled.body.balance.pending, usd("20.00"));
  const unclear = await settled(server, order.id);
  const [payment] = unclear.payments;
  assert.deepEqual([...payment?.transactions ?? []].map(({ status }) => status), [
    "succeeded",
    "unresolved",
  ]);
  const more = await server.ask(`/v1/orders/${order.id}/refunds`, { json: { reason: "again" } });
  assert.equal(more.status, 409);
  // Somebody has looked there: the refund was made.
  const json = { outcome: "succeeded", reference: "re_1", reason: "seen there" };
  const resolved = await server.ask(`/v1/payments/${payment.id}/resolve`, { json });
  assert.deepEqual([resolved.status, resolved.body.status], [200, "refunded"]);
});

Deno.test("payments are found by status and by who has to look, and a channel sees its own", async () => {
  await using bridge = await new Bridge().start();
  await using server = await start();
  await prepared(server, bridge);
  const { body } = await server.ask("/v1/orders", {
    json: {
      ...orderFor("one", { mug: 2 }),
      payments: [{ provider: "manual", amount: usd("20.00"), status: "captured" }],
    },
  });
  const found = async (query: string, key?: string) =>
    (await server.ask(`/v1/payments?${query}`, key === undefined ? {} : { key })).body.data;
  assert.equal((await found("status=captured")).length, 1);
  assert.equal((await found("status=refunded,voided")).length, 0);
  assert.equal((await found("attention=true")).length, 0);
  await server.ask(`/v1/orders/${body.id}/cancel`, { json: { reason: "no" } });
  // People have to give it back.
  const [waiting] = await found("attention=true");
  assert.deepEqual(waiting.attention, ["by_hand"]);
  const status = await server.ask("/v1/status");
  assert.deepEqual(status.body.payments, { attention: 1 });
  const key = await keyFor(server, "channel", { channel: "app" });
  assert.equal((await found("attention=true", key)).length, 0);
  assert.equal((await server.ask(`/v1/payments/${waiting.id}`, { key })).status, 404);
  const json = { kind: "refund", amount: usd("20.00"), reference: "statement 8" };
  const recorded = await server.ask(`/v1/payments/${waiting.id}/record`, { json });
  assert.deepEqual([recorded.body.status, recorded.body.attention], ["refunded", []]);
  assert.equal((await found("attention=true")).length, 0);
});

Deno.test("a payment told again is the same one, and of another amount it is refused", async () => {
  await using bridge = await new Bridge().start();
  await using server = await start();
  await prepared(server, bridge);
  const { id } = await placed(server, "one");
  const tell = (amount: string) =>
    server.ask(`/v1/orders/${id}/payments`, {
      json: { provider: "manual", amount: usd(amount), reference: "b1", status: "promised" },
    });
  const first = await tell("5.00");
  assert.equal(first.status, 201);
  const again = await tell("5.00");
  assert.deepEqual([again.status, again.body.id], [200, first.body.id]);
  const other = await tell("6.00");
  assert.deepEqual([other.status, other.body.paymentId], [409, first.body.id]);
  const unknown = await server.ask(`/v1/orders/${id}/payments`, {
    json: { provider: "nobody", amount: usd("5.00") },
  });
  assert.equal(unknown.status, 422);
  const card = await server.ask(`/v1/orders/${id}/payments`, {
    json: { provider: "card", amount: usd("5.00"), reference: "4242 4242 4242 4242" },
  });
  assert.equal(card.status, 422);
});
