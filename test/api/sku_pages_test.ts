/** The page of a SKU, and what the page of an order says of supply. */
import assert from "node:assert/strict";
import { askPage as ask, signInTo as signIn } from "../support/dashboard.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const due = "2099-12-24T10:00:00.000Z";

const staged = async (server: TestServer) => {
  await stockOver(server, { ams: { tea: 1 }, ber: {} });
  const ordered = await server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-<1>", locationId: "ber", expectedAt: due },
      lines: [{ sku: "tea", quantity: 5 }],
    },
  });
  assert.equal(ordered.status, 201, ordered.text);
  const place = async (name: string, quantity: number, more: object = {}) => {
    const json = { ...orderFor(name, { tea: quantity }), onShortage: "backorder", ...more };
    const { status, body, text } = await server.ask("/v1/orders", { json });
    assert.equal(status, 201, text);
    return String(body["id"]);
  };
  const first = await place("first", 4);
  await place("second", 4, { channel: "app" });
  return { first, purchaseId: String(ordered.body["id"]) };
};

/** The text of a page, without its markup. */
const words = (html: string): string => html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

Deno.test("the page of a SKU tells of stock, supply, what may be promised, and who waits", async () => {
  await using server = await startServer();
  const { first, purchaseId } = await staged(server);
  const { cookie } = await signIn(server);
  const html = await (await ask(server, "/inventory/tea", { cookie })).text();
  assert.match(html, /href="\/inventory\/ams\/tea"/);
  assert.match(html, new RegExp(`href="/purchase-orders/${purchaseId}"`));
  assert.match(html, new RegExp(`href="/orders/${first}"`));
  assert.match(html, /data-steps="\[/);
  const text = words(html);
  assert.match(text, /PO-&lt;1&gt; .* ber 5 5 0 /);
  assert.match(
    text,
    /1 first web came first 3 3 Purchase order .* 2 second app in the order in which they came 4 2 /,
  );
  assert.doesNotMatch(text, /undefined|NaN|\[object/);
});

Deno.test("the page of an order tells of the supply that its lines wait for", async () => {
  await using server = await startServer();
  const { first, purchaseId } = await staged(server);
  const { cookie } = await signIn(server);
  const html = await (await ask(server, `/orders/${first}`, { cookie })).text();
  assert.match(html, /data-promise="pol_/);
  assert.match(html, new RegExp(`href="/purchase-orders/${purchaseId}"`));
  assert.match(html, /href="\/inventory\/tea"/);
});

Deno.test("the page of a SKU shows nobody what the API does not tell", async () => {
  await using server = await startServer();
  await staged(server);
  const page = async (role: string, scope = {}) => {
    const { cookie } = await signIn(server, await keyFor(server, role, scope));
    const answer = await ask(server, "/inventory/tea", { cookie });
    assert.equal(answer.status, 200, role);
    return await answer.text();
  };
  const support = await page("support");
  assert.doesNotMatch(support, /href="\/purchase-orders/);
  assert.doesNotMatch(words(support), /On its way/);
  assert.match(words(support), /Purchase order/);
  const shop = words(await page("channel", { channel: "app" }));
  assert.match(shop, /second/);
  assert.doesNotMatch(shop, /first web/);
  const there = words(await page("warehouse", { locationId: "ber" }));
  assert.doesNotMatch(there, /second|Not promised/);
  assert.match(there, /On its way/);
});
