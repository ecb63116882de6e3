/** Invoices and credit memos over HTTP: one order goes through everything, with all its figures. */
import assert from "node:assert/strict";
import { askPage, signInTo } from "../support/dashboard.ts";
import { type Json, keyFor, orderFor, startServer, stockOver } from "../support/server.ts";

const usd = (amount: string) => ({ amount, currency: "USD" });
const units = (quantity: number) => [{ lineId: "1", quantity }];

const open = async () => {
  const server = await startServer();
  await stockOver(server, { ams: { mug: 100 } });
  const post = async (path: string, json: unknown): Promise<Json> => {
    const { status, body, text } = await server.ask(path, { json });
    assert.ok(status === 200 || status === 201, `${path}: ${text}`);
    return body;
  };
  const get = async (path: string): Promise<Json> => {
    const { status, body, text } = await server.ask(path);
    assert.equal(status, 200, text);
    return body;
  };
  return { server, post, get, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const example = {
  ...orderFor("example", {}),
  lines: [{ sku: "mug", quantity: 3, unitPrice: usd("10.00"), taxRatePercent: "20" }],
  discounts: [{ amount: usd("5.00") }],
  shipping: { amount: usd("6.00"), tax: usd("1.20") },
  payments: [{ provider: "manual", amount: usd("37.20"), status: "authorized" }],
};

const balanceIs = (order: Json, expected: Readonly<Record<string, string>>) =>
  assert.deepEqual(
    Object.fromEntries(Object.keys(expected).map((name) => [name, order.balance[name].amount])),
    expected,
  );

Deno.test("one order goes through everything: what is cancelled, invoiced, credited and given back adds up", async () => {
  await using world = await open();
  const { server, post, get } = world;
  const placed = await post("/v1/orders", example);
  const { id } = placed;
  const tail = String(id).slice(4);
  balanceIs(placed, { owed: "37.20", authorized: "37.20" });
  assert.equal(placed.invoices, undefined);

  const cancel = { reason: "two do", code: "customer", lines: units(1) };
  const preview = await post(`/v1/orders/${id}/cancel/preview`, cancel);
  balanceIs(preview, { owed: "27.20", authorized: "37.20" });
  balanceIs(await get(`/v1/orders/${id}`), { owed: "37.20" });
  const cancelled = await post(`/v1/orders/${id}/cancel`, cancel);
  assert.deepEqual(cancelled.currentTotals, preview.currentTotals);
  assert.deepEqual(
    [cancelled.currentTotals.discount, cancelled.currentTotals.tax],
    [usd("3.33"), usd("3.33")],
  );

  const work = `/v1/fulfillment-orders/${placed.fulfillmentOrders[0].id}`;
  const payment = `/v1/payments/${placed.payments[0].id}`;
  const record = (kind: string, amount: string, reference: string) =>
    post(`${payment}/record`, { kind, amount: usd(amount), reference });
  for (const step of ["accept", "pick"]) await post(`${work}/${step}`, {});
  await post(`${work}/ship`, { carrier: "DHL", lines: units(1) });
  await record("capture", "17.20", "1");
  balanceIs(await get(`/v1/orders/${id}`), { captured: "17.20", due: "10.00" });
  await post(`${work}/ship`, { carrier: "DHL", lines: units(1) });
  await record("capture", "10.00", "2");
  await post(`${payment}/void`, {});
  const paid = await get(`/v1/orders/${id}`);
  balanceIs(paid, { captured: "27.20", owed: "27.20", authorized: "27.20", refundDue: "0.00" });

  const line = {
    ...{ lineId: "1", sku: "mug", quantity: 1, unitPrice: usd("10.00"), taxRatePercent: "20" },
  };
  const none = { shipping: usd("0.00"), shippingTax: usd("0.00") };
  const fees = { fees: usd("0.00"), feeTax: usd("0.00") };
  const [first, second] = [...paid.invoices].map(({ at: _, ...invoice }) => invoice);
  assert.deepEqual(first, {
    ...{ id: `inv_${tail}_1`, shipmentId: `shp_${tail}_1`, taxesIncluded: false },
    lines: [{ ...line, from: 0, to: 1, discount: usd("1.67"), tax: usd("1.67") }],
    shipping: { amount: usd("6.00"), discount: usd("0.00"), tax: usd("1.20") },
    totals: {
      ...{ subtotal: usd("10.00"), discount: usd("1.67"), tax: usd("1.67"), ...fees },
      ...{ shipping: usd("6.00"), shippingTax: usd("1.20"), total: usd("17.20") },
    },
  });
  assert.deepEqual(second, {
    ...{ id: `inv_${tail}_2`, shipmentId: `shp_${tail}_2`, taxesIncluded: false },
    lines: [{ ...line, from: 1, to: 2, discount: usd("1.66"), tax: usd("1.66") }],
    totals: {
      ...{ subtotal: usd("10.00"), discount: usd("1.66"), tax: usd("1.66"), ...none, ...fees },
      total: usd("10.00"),
    },
  });

  await post(`/v1/orders/${id}/returns`, {
    lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
    received: {
      locationId: "ams",
      inspected: [{ lineId: "1", quantity: 1, disposition: "restock" }],
    },
  });
  const asked = { reason: "It came back", credit: { lines: units(1), fee: usd("2.00") } };
  await post(`/v1/orders/${id}/refunds`, asked);
  await record("refund", "8.00", "3");
  const done = await get(`/v1/orders/${id}`);
  balanceIs(done, { captured: "27.20", refunded: "8.00", owed: "19.20", due: "0.00" });
  const { at: _at, by: _by, ...memo } = done.creditMemos[0];
  assert.deepEqual(memo, {
    ...{ id: `cre_${tail}_1`, reason: "It came back", taxesIncluded: false, allowances: [] },
    lines: [{
      ...{ lineId: "1", from: 0, to: 1, quantity: 1, goods: usd("8.33"), tax: usd("1.67") },
    }],
    totals: {
      ...{ goods: usd("8.33"), tax: usd("1.67"), ...none, ...fees },
      ...{ keptBack: usd("2.00"), total: usd("8.00") },
    },
  });
  assert.deepEqual(done.invoices, paid.invoices, "an invoice is not changed");

  const { data } = await get(`/v1/orders/${id}/events`);
  const told = [...data].filter(({ type }) => String(type) === "order.invoiced");
  assert.deepEqual(
    told.map(({ details }) => details.totals),
    [first?.totals, second?.totals],
    "the log has all figures",
  );
  const { body, text } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, text);
});

Deno.test("documents are found by their order and by their ids, in pages, by who may see them", async () => {
  await using world = await open();
  const { server, post, get } = world;
  const { id, fulfillmentOrders } = await post("/v1/orders", example);
  const tail = String(id).slice(4);
  const work = `/v1/fulfillment-orders/${fulfillmentOrders[0].id}`;
  for (const step of ["accept", "pick"]) await post(`${work}/${step}`, {});
  for (let n = 0; n < 3; n++) await post(`${work}/ship`, { carrier: "DHL", lines: units(1) });
  await post(`/v1/orders/${id}/credits`, { reason: "late", shippingAmount: usd("2.00") });
  const ids: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const next: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Json = await get(`/v1/invoices?orderId=${id}&limit=2${next}`);
    ids.push(...[...page.data].map((each) => String(each.id)));
    cursor = page.nextCursor === null ? null : String(page.nextCursor);
  }
  assert.deepEqual(ids, [1, 2, 3].map((n) => `inv_${tail}_${n}`));
  const one = await get(`/v1/invoices/inv_${tail}_2`);
  assert.deepEqual([one.orderId, one.channel, one.lines[0].from], [id, "web", 1]);
  const memo = await get(`/v1/credit-memos/cre_${tail}_1`);
  // 1.20 of tax for 6.00 of shipping: 0.40 for 2.00.
  assert.deepEqual(
    [memo.totals.shipping, memo.totals.shippingTax, memo.totals.total],
    [usd("2.00"), usd("0.40"), usd("2.40")],
  );
  const wrong = [
    ...["/v1/invoices/inv_none", `/v1/invoices/inv_${tail}_4`, `/v1/credit-memos/cre_${tail}_2`],
    ...[`/v1/credit-memos/inv_${tail}_1`, "/v1/invoices?orderId=ord_none"],
  ];
  for (const path of wrong) assert.equal((await server.ask(path)).status, 404, path);
  assert.equal((await server.ask("/v1/invoices")).status, 422);
  assert.equal((await server.ask(`/v1/invoices?orderId=${id}&cursor=WyJ4Il0`)).status, 422);
  const location = await keyFor(server, "warehouse", { locationId: "ams" });
  const seen = await server.ask(`/v1/orders/${id}`, { key: location });
  assert.deepEqual([seen.status, seen.body.invoices, seen.body.creditMemos], [
    200,
    undefined,
    undefined,
  ]);
  const channel = await keyFor(server, "channel", { channel: "app" });
  assert.equal((await server.ask(`/v1/invoices/inv_${tail}_1`, { key: channel })).status, 404);
});

Deno.test("the order's page shows its documents, says what a cancellation would do, and does it", async () => {
  await using world = await open();
  const { server, post, get } = world;
  const { id, fulfillmentOrders } = await post("/v1/orders", example);
  const { cookie, csrf } = await signInTo(server);
  const page = async (): Promise<string> =>
    await (await askPage(server, `/orders/${id}`, { cookie })).text();
  const send = (more: string, form: Readonly<Record<string, string>>) =>
    askPage(server, `/orders/${id}/cancel-lines${more}`, {
      ...{ cookie, form: { ...form, csrf } },
    });
  assert.doesNotMatch(await page(), /Invoices and credit memos/);
  const form = {
    ...{ reason: "two do", "line:1": "1", code: "customer", fee: "2.50", currency: "USD" },
    ...{ form: "cancel-lines", shipping: "" },
  };
  const preview = await send("/preview", form);
  const text = await preview.text();
  assert.equal(preview.status, 200, text);
  assert.match(text, /29\.70 USD would be owed; 0\.00 USD be due to the customer/);
  assert.match(text, /value="two do"/, "what was typed stays");
  assert.equal((await get(`/v1/orders/${id}`)).lines[0].cancelled, 0);
  const refused = await send("/preview", { ...form, fee: "10.01" });
  assert.equal(refused.status, 409);
  assert.equal((await send("", form)).status, 303);
  const work = `/v1/fulfillment-orders/${fulfillmentOrders[0].id}`;
  for (const step of ["accept", "pick"]) await post(`${work}/${step}`, {});
  await post(`${work}/ship`, { carrier: "DHL" });
  await post(`/v1/orders/${id}/credits`, { reason: "It came late", shippingAmount: usd("1.00") });
  const shown = await page();
  const tail = String(id).slice(4);
  for (const name of [`inv_${tail}_1`, `inv_${tail}_2`, `cre_${tail}_1`, "It came late"]) {
    assert.ok(shown.includes(name), name);
  }
  // A fee of 2.50, and two mugs with shipping.
  for (const amount of ["2.50", "27.20", "1.20"]) assert.ok(shown.includes(amount), amount);
});

Deno.test("the order's page says what a refund would give back by which payment, and does nothing", async () => {
  await using world = await open();
  const { server, post, get } = world;
  const { id } = await post("/v1/orders", {
    ...example,
    payments: [{ provider: "manual", amount: usd("37.20"), status: "captured" }],
  });
  const { cookie, csrf } = await signInTo(server);
  const preview = async (form: Readonly<Record<string, string>>) => {
    const answer = await askPage(server, `/orders/${id}/refund/preview`, {
      ...{ cookie, form: { reason: "a scratch", currency: "USD", ...form, csrf } },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const would = await preview({ form: "refund", purpose: "goodwill", amount: "3.00" });
  assert.equal(would.status, 200, would.text);
  assert.match(would.text, /3\.00 USD would be given back: 3\.00 USD by manual/);
  assert.match(would.text, /value="a scratch"/, "what was typed stays");
  assert.equal((await preview({ form: "refund", purpose: "", amount: "3.00" })).status, 409);
  assert.deepEqual((await get(`/v1/orders/${id}`)).payments[0].refundPending, usd("0.00"));
});
