/** Scans without a browser: batches that the page sends, and the form of those without scripts. */
import assert from "node:assert/strict";
import {
  adminKey,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const origin = "http://allot.test";

const visit = async (server: TestServer, key = adminKey) => {
  const send = (path: string, form?: Readonly<Record<string, string>>, cookie = "") =>
    server.fetch(
      new Request(origin + path, {
        method: form === undefined ? "GET" : "POST",
        headers: { cookie, ...(form === undefined ? {} : { "hx-request": "true" }) },
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      }),
    );
  const signedIn = await send("/sign-in", { key, next: "/" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await (await send("/orders", undefined, cookie)).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  return {
    get: (path: string) => send(path, undefined, cookie),
    post: (path: string, form: Readonly<Record<string, string>>) =>
      send(path, { csrf, ...form }, cookie),
    signedOut: (path: string, form: Readonly<Record<string, string>>) => send(path, form),
  };
};

const accepted = async (server: TestServer, units: Readonly<Record<string, number>>) => {
  const { body } = await server.ask("/v1/orders", { json: orderFor("a", units) });
  const path = `/fulfillment-orders/${body.fulfillmentOrders[0].id}`;
  await server.ask(`/v1${path}/accept`, { json: {} });
  const picked = async () =>
    [...(await server.ask(`/v1${path}`)).body.lines].map((line) => Number(line.picked));
  return { path, order: `/v1/orders/${body.id}`, picked };
};

Deno.test("a batch of scans is picked at once, and once however often it is sent", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9, lamp: 9 } });
  const { path, picked } = await accepted(server, { mug: 3, lamp: 2 });
  const { post } = await visit(server);
  const batch = { once: "batch-1", "line:1": "2", "line:2": "1" };
  for (let n = 0; n < 3; n++) {
    const answer = await post(`${path}/scans`, batch);
    assert.equal(answer.status, 200);
    const { state } = await answer.json();
    assert.deepEqual(state.lines.map((line: { picked: number }) => line.picked), [2, 1]);
    assert.deepEqual([state.canPick, state.held, state.why], [true, false, ""]);
  }
  assert.deepEqual(await picked(), [2, 1]);
});

Deno.test("a batch that cannot be picked says why, and how things stand", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const { path, order, picked } = await accepted(server, { mug: 2 });
  const { post, signedOut } = await visit(server);
  const many = await post(`${path}/scans`, { once: "1", "line:1": "3" });
  assert.equal(many.status, 422);
  const told = await many.json();
  assert.match(told.refused, /2 units left to pick/);
  assert.deepEqual([told.again, told.state.lines[0].picked], [undefined, 0]);
  await server.ask(`${order}/hold`, { json: { reason: "odd", code: "fraud" } });
  const held = await (await post(`${path}/scans`, { once: "2", "line:1": "1" })).json();
  assert.match(held.refused, /held for fraud/);
  assert.deepEqual([held.state.held, held.state.canPick], [true, false]);
  assert.match(held.state.why, /held for fraud/);
  const missing = await post("/fulfillment-orders/ful_x/scans", { once: "3", "line:1": "1" });
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).state, undefined);
  const over = await signedOut(`${path}/scans`, { once: "4", "line:1": "1" });
  assert.deepEqual([over.status, over.headers.has("hx-redirect")], [204, true]);
  assert.deepEqual(await picked(), [0]);
  const looking = await visit(server, await keyFor(server, "viewer"));
  const forbidden = await looking.post(`${path}/scans`, { once: "5", "line:1": "1" });
  assert.equal(forbidden.status, 403);
});

Deno.test("without scripts a scan picks one unit, whatever the case of its letters", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { "Mug-XL": 9, pot: 9, POT: 9 } });
  const { path, picked } = await accepted(server, { "Mug-XL": 2, pot: 1, POT: 1 });
  const { post } = await visit(server);
  const scan = async (code: string) => (await post(`${path}/scan`, { code })).status;
  assert.equal(await scan("mug-xl"), 303);
  assert.deepEqual(await picked(), [1, 0, 0]);
  assert.equal(await scan("POT"), 303);
  assert.deepEqual(await picked(), [1, 0, 1], "a SKU as it is written comes first");
  assert.equal(await scan("POT"), 409);
  assert.equal(await scan("chair"), 409);
  assert.deepEqual(await picked(), [1, 0, 1]);
});

Deno.test("nothing that can be pressed has the focus by itself where things are scanned", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const { path } = await accepted(server, { mug: 1 });
  const { get } = await visit(server);
  for (const step of [null, "pick", "pack", "ship"]) {
    if (step !== null) {
      await server.ask(`/v1${path}/${step}`, { json: step === "ship" ? { carrier: "DHL" } : {} });
    }
    const text = await (await get(path)).text();
    const focused = [...text.matchAll(/<(\w+)[^>]*\sautofocus[^>]*>/g)].map(([tag]) => tag);
    assert.equal(focused.length, 1, `${step}: ${focused}`);
    assert.match(focused[0] ?? "", /^<input id="scan"/);
  }
});

Deno.test("a slip is found by its id and by its order's, whatever the case of its letters", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const { body } = await server.ask("/v1/orders", { json: orderFor("Web-7", { mug: 1 }) });
  const ful = String(body.fulfillmentOrders[0].id);
  const { post } = await visit(server);
  const found = async (code: string) =>
    (await post("/fulfillment/ams/scan", { code })).headers.get("location");
  for (const code of [ful, ful.toUpperCase(), String(body.id).toUpperCase(), "Web-7"]) {
    assert.equal(await found(code), `/fulfillment-orders/${ful}`, code);
  }
  assert.match(await found("web-8") ?? "", /missed=web-8/);
});
