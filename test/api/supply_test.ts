/** Purchase orders and transfers over HTTP. */
import assert from "node:assert/strict";
import { eventually } from "../process/process.ts";
import { askPage, signInTo } from "../support/dashboard.ts";
import {
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const soon = "2030-05-04T08:00:00Z";

const stockAt = async (server: TestServer, locationId: string, sku: string) => {
  const { body } = await server.ask(`/v1/inventory?locationId=${locationId}&sku=${sku}`);
  return body.data?.[0];
};

const order = async (server: TestServer, more: Readonly<Record<string, unknown>> = {}) =>
  await server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-1", supplierId: "potter", locationId: "ams", expectedAt: soon },
      lines: [{ sku: "mug", quantity: 100 }],
      ...more,
    },
  });

const move = async (server: TestServer, more: Readonly<Record<string, unknown>> = {}) =>
  await server.ask("/v1/transfers", {
    json: {
      ...{ externalId: "TO-1", from: "ams", to: "ber", expectedAt: soon },
      lines: [{ sku: "mug", quantity: 8 }],
      ...more,
    },
  });

const ids = (body: Json): readonly string[] => [...body.data ?? []].map(({ id }) => String(id));

Deno.test("thirty of a hundred come, then seventy, and the shelf has them", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 0 }, ber: { mug: 0 } });
  const { status, body, headers } = await order(server);
  assert.equal(status, 201);
  assert.equal(headers.get("location"), `/v1/purchase-orders/${body.id}`);
  assert.equal(body.status, "open");
  const [line] = body.lines ?? [];
  const path = `/v1/purchase-orders/${body.id}`;
  const part = await server.ask(`${path}/receipts`, {
    json: {
      reference: "DN-1",
      lines: [{ lineId: line?.id, quantity: 30, rejected: 2, bucket: "damaged" }],
    },
  });
  assert.equal(part.status, 200);
  assert.equal(part.body.status, "partially_received");
  const received = part.body.lines?.[0];
  assert.equal(received?.received, 30);
  assert.equal(received?.expected, 70);
  const stock = await stockAt(server, "ams", "mug");
  assert.deepEqual([stock?.onHand, stock?.unavailable], [30, 2]);
  const over = await server.ask(`${path}/receipts`, {
    json: { lines: [{ lineId: line?.id, quantity: 71 }] },
  });
  assert.equal(over.status, 409);
  assert.equal(over.body.type, "/problems/over-receipt");
  assert.deepEqual(
    [over.body.expected, over.body.received, over.body.quantity, over.body.most],
    [100, 30, 71, 100],
  );
  const whole = await server.ask(`${path}/receipts`, { method: "POST" });
  assert.equal(whole.body.status, "received");
  assert.equal((await stockAt(server, "ams", "mug"))?.onHand, 100);
  const { body: events } = await server.ask(`${path}/events`);
  assert.deepEqual([...events.data ?? []].map(({ type }) => String(type)), [
    "purchase_order.placed",
    "purchase_order.received",
    "purchase_order.moved",
    "purchase_order.received",
    "purchase_order.moved",
  ]);
  const { body: history } = await server.ask("/v1/inventory/ams/mug/history");
  assert.equal(String(history.data?.[0]?.owner?.id), String(body.id));
  const { cookie } = await signInTo(server);
  const page = await (await askPage(server, "/inventory/ams/mug", { cookie })).text();
  assert.ok(page.includes(`href="/purchase-orders/${body.id}"`));
  const report = await server.ask("/v1/admin/verify", { json: {} });
  assert.deepEqual(report.body.violations, []);
});

Deno.test("who waits gets what a supplier, or another location, has sent", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 0 }, ber: { mug: 0 } });
  const waiting = await server.ask("/v1/orders", {
    json: orderFor("waits", { mug: 3 }, { onShortage: "backorder" }),
  });
  assert.equal(waiting.body.status, "backordered");
  const { body } = await order(server);
  await server.ask(`/v1/purchase-orders/${body.id}/receipts`, { method: "POST" });
  await eventually("who waits is served", async () => {
    const { body } = await server.ask(`/v1/orders/${waiting.body.id}`);
    return String(body.status) === "allocated" || null;
  });
});

Deno.test("one document for each reference: the same again answers it, other content is refused", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 8 }, ber: {} });
  const first = await order(server);
  const again = await order(server);
  assert.equal(again.status, 200);
  assert.equal(again.body.id, first.body.id);
  const other = await order(server, { lines: [{ sku: "mug", quantity: 99 }] });
  assert.equal(other.status, 409);
  assert.equal(other.body.type, "/problems/supply-exists");
  assert.equal(other.body.id, first.body.id);
  assert.equal((await order(server, { supplierId: "smith" })).status, 201);
  // The transfer itself has taken the last units: its repeat is not refused for want of them.
  assert.equal((await move(server)).status, 201);
  assert.equal((await move(server)).status, 200);
  const key = { "idempotency-key": "one" };
  const json = { from: "ams", to: "ber", expectedAt: soon, lines: [{ sku: "mug", quantity: 1 }] };
  const short = await server.ask("/v1/transfers", { json, headers: key });
  assert.equal(short.status, 409);
  assert.deepEqual(short.body.shortages?.[0], { sku: "mug", requested: 1, available: 0 });
});

Deno.test("a purchase order changes: quantities, dates, further lines, and its end", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const { body, headers } = await order(server);
  const path = `/v1/purchase-orders/${body.id}`;
  const lineId = body.lines?.[0]?.id;
  const change = (json: unknown, more: Readonly<Record<string, string>> = {}) =>
    server.ask(`${path}/change`, { json, headers: more });
  const { body: changed } = await change({
    lines: [{ lineId, quantity: 60 }],
    add: [{ sku: "cup", quantity: 5 }],
    expectedAt: "2030-06-01T08:00:00Z",
  }, { "if-match": headers.get("etag") ?? "" });
  assert.equal(changed.lines?.[0]?.ordered, 60);
  assert.equal(changed.lines?.[0]?.expectedAt, "2030-06-01T08:00:00.000Z");
  assert.equal(changed.lines?.[1]?.sku, "cup");
  const stale = await change({ expectedAt: soon }, { "if-match": headers.get("etag") ?? "" });
  assert.equal(stale.status, 412);
  const undated = await change({ add: [{ sku: "pot", quantity: 1 }] });
  assert.equal(undated.status, 422);
  assert.equal(undated.body.errors?.[0]?.pointer, "/add/0/expectedAt");
  await server.ask(`${path}/receipts`, { json: { lines: [{ lineId, quantity: 50 }] } });
  const below = await change({ lines: [{ lineId, quantity: 49 }] });
  assert.equal(below.status, 422);
  const cancelled = await server.ask(`${path}/cancel`, { method: "POST" });
  assert.equal(cancelled.status, 409);
  const closed = await server.ask(`${path}/close`, { json: { reason: "no more" } });
  assert.equal(closed.body.status, "closed");
  assert.equal(closed.body.lines?.[0]?.cancelled, 10);
  const late = await server.ask(`${path}/receipts`, { json: { lines: [{ lineId, quantity: 1 }] } });
  assert.equal(late.body.type, "/problems/illegal-transition");
});

Deno.test("lists are narrowed by status, place, SKU, supplier and date", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 8 }, ber: {} });
  const one = (await order(server)).body.id;
  const two = (await order(server, {
    ...{ externalId: "PO-2", supplierId: "smith", locationId: "ber" },
    lines: [{ sku: "cup", quantity: 1, expectedAt: "2030-04-01T08:00:00Z" }],
  })).body.id;
  const found = async (query: string) =>
    ids((await server.ask(`/v1/purchase-orders?${query}`)).body);
  assert.deepEqual(await found(""), [two, one]);
  assert.deepEqual(await found("sku=mug"), [one]);
  assert.deepEqual(await found("supplierId=smith&status=open"), [two]);
  assert.deepEqual(await found("locationId=ber"), [two]);
  assert.deepEqual(await found("expectedBefore=2030-05-01T00:00:00Z"), [two]);
  assert.deepEqual(await found("externalId=PO-1"), [one]);
  await server.ask(`/v1/purchase-orders/${two}/cancel`, { method: "POST" });
  assert.deepEqual(await found("status=open"), [one]);
  assert.deepEqual(await found("expectedBefore=2030-05-01T00:00:00Z"), []);
  const transfer = (await move(server)).body.id;
  const moved = async (query: string) => ids((await server.ask(`/v1/transfers?${query}`)).body);
  assert.deepEqual(await moved("locationId=ams"), [transfer]);
  assert.deepEqual(await moved("locationId=ber"), [transfer]);
  assert.deepEqual(await moved("from=ber"), []);
  assert.deepEqual(await moved("to=ber&sku=mug&status=requested"), [transfer]);
});

Deno.test("a transfer takes units from one shelf, and brings them to another", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 }, ber: {} });
  const { body } = await move(server);
  const path = `/v1/transfers/${body.id}`;
  const lineId = body.lines?.[0]?.id;
  const claimed = await stockAt(server, "ams", "mug");
  assert.deepEqual([claimed?.onHand, claimed?.claimed, claimed?.available], [10, 8, 2]);
  const sent = await server.ask(`${path}/ship`, { json: { lines: [{ lineId, quantity: 6 }] } });
  assert.equal(sent.body.status, "partially_shipped");
  const left = await stockAt(server, "ams", "mug");
  assert.deepEqual([left?.onHand, left?.claimed, left?.available], [4, 2, 2]);
  const come = await server.ask(`${path}/receipts`, {
    json: { lines: [{ lineId, quantity: 5, damaged: 1, lost: 1 }] },
  });
  assert.equal(come.body.status, "partially_received");
  const line = come.body.lines?.[0];
  assert.deepEqual(
    [line?.received, line?.damaged, line?.lost, line?.inTransit],
    [4, 1, 1, 0],
  );
  const there = await stockAt(server, "ber", "mug");
  assert.deepEqual([there?.onHand, there?.unavailable], [5, 1]);
  const over = await server.ask(`${path}/receipts`, { json: { lines: [{ lineId, quantity: 1 }] } });
  assert.equal(over.body.type, "/problems/over-receipt");
  const cancelled = await server.ask(`${path}/cancel`, { method: "POST" });
  assert.equal(cancelled.body.status, "cancelled");
  const free = await stockAt(server, "ams", "mug");
  assert.deepEqual([free?.onHand, free?.claimed ?? 0], [4, 0]);
  const report = await server.ask("/v1/admin/verify", { json: {} });
  assert.deepEqual(report.body.violations, []);
});

Deno.test("both ends see a transfer: one sends it off, the other receives it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 }, ber: {}, cdg: {} });
  const at = (locationId: string) => keyFor(server, "warehouse", { locationId });
  const [ams, ber, cdg] = [await at("ams"), await at("ber"), await at("cdg")];
  const { body } = await move(server);
  const path = `/v1/transfers/${body.id}`;
  const status = async (key: string, rest: string, method?: string) =>
    (await server.ask(`${path}${rest}`, { key, ...(method === undefined ? {} : { method }) }))
      .status;
  assert.deepEqual(
    [await status(ams, ""), await status(ber, ""), await status(cdg, "")],
    [200, 200, 404],
  );
  assert.equal(await status(ber, "/ship", "POST"), 403);
  assert.equal(await status(ams, "/ship", "POST"), 200);
  assert.equal(await status(ams, "/receipts", "POST"), 403);
  assert.equal(await status(ber, "/receipts", "POST"), 200);
  assert.deepEqual(ids((await server.ask("/v1/transfers", { key: cdg })).body), []);
  assert.deepEqual(ids((await server.ask("/v1/transfers", { key: ber })).body), [body.id]);
  const own = await server.ask("/v1/purchase-orders", {
    key: ber,
    json: { locationId: "ams", expectedAt: soon, lines: [{ sku: "mug", quantity: 1 }] },
  });
  assert.equal(own.status, 403);
});

const sheet = (server: TestServer, path: string, text: string, key?: string) =>
  server.ask(`${path}/import`, {
    body: text,
    headers: { "content-type": "text/csv" },
    ...(key === undefined ? {} : { key }),
  });

Deno.test("a file makes documents, each whole or not at all, and each once", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 }, ber: {} });
  const text = [
    "externalId,supplierId,locationId,sku,quantity,expectedAt",
    ...["A,potter,ams,mug,5,2030-05-04", "B,potter,nowhere,mug,5,2030-05-04"],
    ...["A,potter,ams,cup,6,2030-05-11", "C,potter,ams,mug,none,2030-05-04"],
  ].join("\n");
  const { body } = await sheet(server, "/v1/purchase-orders", text);
  assert.deepEqual([body.created, body.repeated, body.rejected].map(Number), [1, 0, 2]);
  const [one, two, three] = [...body.data ?? []];
  assert.deepEqual(JSON.parse(JSON.stringify(one?.rows)), [2, 4]);
  assert.equal(two?.problem, "not-found");
  assert.equal(three?.errors?.[0]?.pointer, "/lines/0/quantity");
  const made = await server.ask(`/v1/purchase-orders/${one?.id}`);
  assert.deepEqual([...made.body.lines ?? []].map(({ ordered }) => Number(ordered)), [5, 6]);
  const again = await sheet(server, "/v1/purchase-orders", text);
  assert.equal(Number(again.body.repeated), 1);
  const moves = "externalId,from,to,expectedAt,sku,quantity\nT,ams,ber,2030-05-04,mug,9\n" +
    "U,ams,ber,2030-05-04,mug,9";
  const moved = await sheet(server, "/v1/transfers", moves);
  assert.deepEqual([...moved.body.data ?? []].map(({ outcome }) => String(outcome)).sort(), [
    "created",
    "rejected",
  ]);
  const ber = await keyFor(server, "warehouse", { locationId: "ber" });
  const foreign = await sheet(server, "/v1/purchase-orders", text, ber);
  assert.equal(Number(foreign.body.rejected), 3);
  const ill = await sheet(server, "/v1/purchase-orders", "externalId\nA");
  assert.equal(ill.status, 422);
});

Deno.test("what a page counts is received; nothing is when nothing is counted", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 8 }, ber: {} });
  const { body } = await order(server);
  const { cookie, csrf } = await signInTo(server);
  const path = `/purchase-orders/${body.id}`;
  const page = await (await askPage(server, path, { cookie })).text();
  assert.match(page, /id="receiving"/);
  const post = (rest: string, form: Readonly<Record<string, string>>) =>
    askPage(server, path + rest, { cookie, form: { csrf, ...form } });
  const lineId = body.lines?.[0]?.id;
  const none = await post("/receipts", { [`line:${lineId}`]: "0" });
  assert.equal(none.status, 422);
  assert.match(await none.text(), /Nothing is counted/);
  const some = await post("/receipts", {
    [`line:${lineId}`]: "30",
    [`rejected:${lineId}`]: "2",
    reference: "DN-1",
  });
  assert.equal(some.status, 303);
  await some.body?.cancel();
  const { body: after } = await server.ask(`/v1${path}`);
  assert.equal(Number(after.lines?.[0]?.received), 30);
  assert.equal(String(after.receipts?.[0]?.reference), "DN-1");
  const moved = (await move(server)).body.id;
  for (
    const target of [
      "/purchase-orders",
      "/purchase-orders?due=late&status=all",
      "/purchase-orders/import",
      "/transfers",
      "/transfers/import",
      `/transfers/${moved}`,
    ]
  ) {
    const shown = await askPage(server, target, { cookie });
    assert.equal(shown.status, 200, target);
    await shown.body?.cancel();
  }
  const csv = "externalId,locationId,sku,quantity,expectedAt\nZ,ams,mug,5,2030-05-04";
  const imported = await askPage(server, "/purchase-orders/import", {
    cookie,
    form: { csrf, csv },
  });
  assert.match(await imported.text(), /1 made, 0 there before, 0 rejected/);
});

Deno.test("as many lines as there may be are ordered, moved, changed and received in one go", async () => {
  await using server = await startServer();
  const lines = Array.from(
    { length: 200 },
    (_, n) => ({ sku: `SKU-OF-20-LETTERS-${n}`, quantity: 9 }),
  );
  await stockOver(server, { ams: {}, ber: {} });
  const { body, status } = await order(server, { lines });
  assert.equal(status, 201);
  const path = `/v1/purchase-orders/${body.id}`;
  const changed = await server.ask(`${path}/change`, {
    json: { expectedAt: "2031-01-01T00:00:00Z" },
  });
  assert.equal(changed.status, 200);
  const received = await server.ask(`${path}/receipts`, { method: "POST" });
  assert.equal(received.body.status, "received");
  const moved = await move(server, { lines });
  assert.equal(moved.status, 201, moved.text);
  for (const step of ["ship", "receipts"]) {
    const answer = await server.ask(`/v1/transfers/${moved.body.id}/${step}`, { method: "POST" });
    assert.equal(answer.status, 200, answer.text);
  }
  const over = await order(server, { externalId: "more", lines: [...lines, ...lines] });
  assert.equal(over.status, 422);
  const report = await server.ask("/v1/admin/verify", { json: {} });
  assert.deepEqual(report.body.violations, []);
});
