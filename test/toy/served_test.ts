/** Vouchers over HTTP: everything here is made of their definition. */
import assert from "node:assert/strict";
import { isAllowed } from "../../api/http/permissions.ts";
import { openApiDocument } from "../../api/http/openapi.ts";
import { routesOf } from "../../api/routes.ts";
import type { Message } from "../../src/outbound/message.ts";
import { roles } from "../../src/kernel/principal.ts";
import { eventually } from "../process/process.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";
import { partsWithVouchers } from "./api.ts";

const start = async (news: Message[] = []): Promise<TestServer> => {
  const server = await startServer({ parts: partsWithVouchers((each) => void news.push(each)) });
  const saved = await server.ask("/v1/voucher-series/gifts", {
    method: "PUT",
    json: { name: "Gifts" },
  });
  assert.equal(saved.status, 201, saved.text);
  return server;
};

const issue = (server: TestServer, code: string, units: number, headers = {}) =>
  server.ask("/v1/vouchers", { json: { series: "gifts", code, units }, headers });

Deno.test("a voucher is issued, found, redeemed and told of over HTTP", async () => {
  const news: Message[] = [];
  await using server = await start(news);
  const issued = await issue(server, "A", 5, { "idempotency-key": "once" });
  assert.equal(issued.status, 201, issued.text);
  const path = `/v1/vouchers/${issued.body["id"]}`;

  const again = await issue(server, "A", 5, { "idempotency-key": "once" });
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(again.body, issued.body);
  assert.equal((await issue(server, "A", 5)).status, 409, "a code is one voucher's");
  assert.equal((await issue(server, "B", 0)).status, 422);
  const unknown = { series: "nobody", code: "C", units: 1 };
  assert.equal((await server.ask("/v1/vouchers", { json: unknown })).status, 409);

  const redeemed = await server.ask(`${path}/redeem`, {
    json: { units: 2 },
    headers: { "if-match": issued.headers.get("etag") ?? "" },
  });
  assert.equal(redeemed.status, 200, redeemed.text);
  assert.equal(redeemed.body["redeemed"], 2);
  const stale = await server.ask(`${path}/redeem`, {
    json: { units: 2 },
    headers: { "if-match": issued.headers.get("etag") ?? "" },
  });
  assert.equal(stale.status, 412);
  const many = await server.ask(`${path}/redeem`, { json: { units: 4 } });
  assert.equal(many.status, 409);
  assert.match(String(many.body["detail"]), /fewer units/);

  assert.deepEqual((await server.ask(path)).body, redeemed.body);
  assert.equal((await server.ask("/v1/vouchers/vch_nobody")).status, 404);
  const events = await server.ask(`${path}/events`);
  assert.deepEqual(
    [...events.body["data"]].map(({ type }) => String(type)),
    ["voucher.issued", "voucher.redeemed"],
  );
  await eventually("the news", () => news.length >= 2 || null);
  assert.deepEqual(news.map(({ body }) => JSON.parse(body).type), [
    "voucher.issued",
    "voucher.redeemed",
  ]);
});

Deno.test("a process that is woken rests when its lanes have sent what there is", async () => {
  const news: Message[] = [];
  await using server = await start(news);
  for (let n = 1; n <= 3; n++) {
    await issue(server, `code-${n}`, 5);
    await server.application.catchUp();
    assert.equal(news.length, n);
  }
});

Deno.test("vouchers are listed by what their definition says, page by page", async () => {
  await using server = await start();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    ids.unshift(String((await issue(server, `code-${n}`, 1)).body["id"]));
  }
  await server.ask(`/v1/vouchers/${ids[2]}/redeem`, { json: { units: 1 } });
  const list = async (query: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let cursor = "";;) {
      const { status, body, text } = await server.ask(`/v1/vouchers?limit=2&${query}${cursor}`);
      assert.equal(status, 200, text);
      found.push(...[...body["data"]].map(({ id }) => String(id)));
      if (body["nextCursor"] === null) return found;
      cursor = `&cursor=${body["nextCursor"]}`;
    }
  };
  assert.deepEqual(await list(""), ids);
  assert.deepEqual(await list("status=used"), [ids[2]]);
  assert.deepEqual(await list("status=issued&series=gifts"), ids.filter((id) => id !== ids[2]));
  assert.deepEqual(await list("series=others"), []);
});

Deno.test("vouchers stand in status, stream, metrics and verify", async () => {
  await using server = await start();
  const stream = await server.fetch(
    new Request("http://allot.test/v1/status/stream?type=voucher.issued", {
      headers: { authorization: "Bearer admin-key-of-the-tests" },
    }),
  );
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { body: { id } } = await issue(server, "A", 5);
  let heard = "";
  while (!heard.includes("event: change")) heard += (await reader?.read())?.value ?? "";
  await reader?.cancel();
  assert.match(heard, new RegExp(`"voucherId":"${id}"`));

  const { body: status } = await server.ask("/v1/status");
  const byStatus = { issued: 1, used: 0, expired: 0 };
  assert.deepEqual(status["aggregates"]?.["vouchers"], { total: 1, byStatus });
  await eventually("the metrics", async () => {
    const { text } = await server.ask("/metrics", { key: null });
    const counted = /allot_aggregates\{[^}]*kind="voucher"[^}]*status="issued"[^}]*\} 1/.test(text);
    return counted && text.includes('allot_consumer_lag_entries{consumer="voucher_news"') || null;
  });
  const { body: report } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(report["ok"], true);
  assert.equal(report["counts"]["vouchers"], 1);
});

Deno.test("an order and a voucher are one commit: both or neither", async () => {
  await using server = await start();
  await stockOver(server, { ams: { mug: 3 } });
  const { body: voucher } = await issue(server, "A", 2);
  const path = `/v1/vouchers/${voucher["id"]}`;
  const place = (externalId: string, units: number, mugs: number) =>
    server.ask(`${path}/orders`, {
      json: { units, order: orderFor(externalId, { mug: mugs }, { onShortage: "reject" }) },
    });
  const placed = await place("one", 1, 1);
  assert.equal(placed.status, 201, placed.text);
  const again = await place("one", 1, 1);
  assert.equal(again.status, 200);
  assert.equal(again.body["orderId"], placed.body["orderId"]);
  assert.equal((await place("two", 2, 1)).status, 409, "too few units");
  assert.equal((await place("three", 1, 9)).status, 409, "too little stock");
  assert.equal((await server.ask(path)).body["redeemed"], 1);
  const orders = await server.ask("/v1/orders?limit=10");
  assert.deepEqual([...orders.body["data"]].map(({ externalId }) => String(externalId)), ["one"]);
  const [record] = [...(await server.ask(`${path}/events`)).body["data"]].slice(-1);
  const [event] = (await server.ask(`/v1/orders/${placed.body["orderId"]}/events`)).body["data"];
  assert.equal(record?.["position"], event?.["position"], "one log entry has both");
});

Deno.test("every role may do with vouchers what its permissions say, and the document tells", async () => {
  await using server = await start();
  const { api = [] } = partsWithVouchers(() => undefined);
  const routes = routesOf(api);
  const ofVouchers = routes.filter(({ path }) => path.startsWith("/v1/voucher"));
  assert.ok(ofVouchers.length >= 7);
  const { paths } = openApiDocument(routes, "0.0.0");
  const { body: voucher } = await issue(server, "A", 50);
  for (const role of roles) {
    const key = await keyFor(server, role);
    for (const { method, path, permission, operationId } of ofVouchers) {
      const described = paths[path]?.[method.toLowerCase()];
      assert.equal(described?.operationId, operationId);
      assert.ok(permission !== "public");
      const target = path.replace("{id}", String(voucher["id"])).replace("{seriesId}", "gifts");
      const asked = await server.ask(target, {
        method,
        key,
        ...(method === "GET" ? {} : { json: {} }),
      });
      const isRefused = asked.status === 403;
      assert.equal(isRefused, !isAllowed(role, permission), `${role} ${method} ${path}`);
    }
  }
});
