/** Stock feeds over HTTP, with somebody at the other end who checks what comes as the standard says. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Result } from "effect";
import { Webhook as Verifier } from "standardwebhooks";
import { askPage, signInTo } from "../support/dashboard.ts";
import { nobodyListens } from "../support/engine.ts";
import { readAllowList } from "../../src/outbound/allow-list.ts";
import { eventually } from "../process/process.ts";
import { type Ask, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

interface Got {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly type: string;
  readonly levels: readonly { readonly sku: string; readonly available: number }[];
}

/** A shop on this machine that keeps what it is told. */
class Shop implements AsyncDisposable {
  readonly got: Got[] = [];
  readonly has = new Map<string, number>();
  answer: (got: Got) => { readonly status: number; readonly body?: string } = () => ({
    status: 200,
  });
  readonly #server = createServer(async (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    for await (const chunk of request) body += chunk;
    const { type, data: { levels } } = JSON.parse(body);
    const got = { body, headers: request.headers as Record<string, string>, type, levels };
    this.got.push(got);
    const { status, body: answer = "" } = this.answer(got);
    if (status === 200) {
      for (const { sku, available } of got.levels) this.has.set(sku, available);
    }
    response.writeHead(status).end(answer);
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/stock`;
  }

  async told(sku: string, available: number): Promise<void> {
    await eventually(`${available} of ${sku}`, () => this.has.get(sku) === available || null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => resolve());
    });
  }
}

const start = async (): Promise<TestServer> => {
  const outboundAllow = Result.getOrThrow(readAllowList("127.0.0.1"));
  const server = await startServer({ settings: { outboundAllow } });
  await stockOver(server, { ams: { mug: 5, cup: 2 }, ber: { mug: 3 } });
  return server;
};

const put = (server: TestServer, json: object, more: Ask = {}) =>
  server.ask("/v1/stock-feeds/shop", { method: "PUT", json, ...more });

const verify = ({ body, headers }: Got, secret: string): void => {
  new Verifier(secret).verify(body, headers);
};

const secretOf = (letter: string): string => `whsec_${btoa(letter.repeat(32))}`;

Deno.test("a feed is told of all there is, then of what changes, signed as the standard says", async () => {
  await using server = await start();
  await using shop = await new Shop().start();
  const made = await put(server, { url: shop.url, locationIds: ["ams"], buffer: 1 });
  assert.equal(made.status, 201, made.text);
  const secret = String(made.body["secret"]);
  await shop.told("mug", 4);
  await shop.told("cup", 1);
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 2 }) });
  assert.equal(placed.status, 201, placed.text);
  await shop.told("mug", 2);
  await server.ask("/v1/inventory/adjustments", {
    json: { locationId: "ams", reason: "damaged", changes: [{ sku: "cup", delta: -2 }] },
  });
  await shop.told("cup", 0);
  await server.ask("/v1/inventory/adjustments", {
    json: { locationId: "ber", reason: "received", changes: [{ sku: "spoon", delta: 9 }] },
  });
  for (const got of shop.got) verify(got, secret);
  const ids = shop.got.map(({ headers }) => headers["webhook-id"]);
  assert.equal(new Set(ids).size, ids.length, "no request has the id of another");
  await eventually("the lane is saved", async () => {
    const { body } = await server.ask("/v1/stock-feeds/shop");
    return Number(body["waiting"]) === 0 && body["resync"]?.["endedAt"] !== null || null;
  });
  const { body } = await server.ask("/v1/stock-feeds/shop");
  assert.equal(body["status"], "active");
  assert.equal(body["resync"]["skus"], 2);
  assert.ok(body["lastSuccessAt"]);
  assert.deepEqual(body["troubles"], []);
  assert.ok(!JSON.stringify(body).includes("sealed"));
  assert.ok(!shop.has.has("spoon"), "it is at no location of the feed");
});

Deno.test("pages show feeds and their lanes, and make, resync and remove them", async () => {
  await using server = await startServer({ parts: { deliveries: nobodyListens() } });
  await stockOver(server, { ams: { mug: 1 } });
  const { cookie, csrf } = await signInTo(server);
  const get = (path: string) => askPage(server, path, { cookie });
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    askPage(server, path, { cookie, form: { csrf, ...form } });
  const form = {
    ...{ id: "shop", url: "https://shop.example.com/stock", locationIds: "ams", buffer: "1" },
    ...{ minIntervalMs: "0", batchSize: "10", description: "Our shop" },
  };
  const refused = await post("/stock-feeds", { ...form, locationIds: "none" });
  assert.equal(refused.status, 422);
  assert.match(await (await post("/stock-feeds", form)).text(), /whsec_/);
  const again = await post("/stock-feeds", form);
  assert.equal(again.status, 412, "what is there is not made again");
  assert.match(await (await get("/stock-feeds")).text(), /Our shop/);
  assert.equal((await post("/stock-feeds/shop/save", { ...form, buffer: "2" })).status, 303);
  assert.equal((await post("/stock-feeds/shop/resync", {})).status, 303);
  assert.match(await (await get("/stock-feeds/shop")).text(), /It has taken everything/);
  await eventually(
    "the lane is there",
    async () => /stock_feed\/shop/.test(await (await get("/deliveries")).text()) || null,
  );
  assert.equal((await post("/stock-feeds/shop/remove", {})).status, 303);
  assert.match(await (await get("/stock-feeds")).text(), /Nobody is told of stock yet/);
});

Deno.test("a resync tells of everything, and counts what differed", async () => {
  await using server = await start();
  await using shop = await new Shop().start();
  await put(server, { url: shop.url, locationIds: ["ams", "ber"] });
  await shop.told("mug", 8);
  await shop.told("cup", 2);
  const ended = (differed: number) =>
    eventually("the resync is over", async () => {
      const { body } = await server.ask("/v1/stock-feeds/shop");
      return body["resync"]?.["endedAt"] && Number(body["resync"]["differed"]) === differed || null;
    });
  await ended(0);
  shop.has.clear();
  shop.answer = ({ type }) => ({
    status: 200,
    body: type === "stock.resync" ? '{"differed": 2}' : "",
  });
  const asked = await server.ask("/v1/stock-feeds/shop/resync", {
    json: {},
    headers: { "idempotency-key": "once" },
  });
  assert.equal(asked.status, 202, asked.text);
  await shop.told("mug", 8);
  await shop.told("cup", 2);
  await ended(2);
  const again = await server.ask("/v1/stock-feeds/shop/resync", {
    json: {},
    headers: { "idempotency-key": "once" },
  });
  assert.equal(again.text, asked.text);
  const { body } = await server.ask("/v1/events?type=stock_feed.*");
  const types = [...body["data"]].map(({ type }) => String(type));
  assert.deepEqual(types, ["allot.stock_feed.saved", "allot.stock_feed.resync_requested"]);
});

Deno.test("what a shop refuses is tried again, and shown", async () => {
  await using server = await start();
  await using shop = await new Shop().start();
  shop.answer = ({ levels }) => ({ status: levels.some(({ sku }) => sku === "cup") ? 422 : 200 });
  await put(server, { url: shop.url, locationIds: ["ams"], batchSize: 2 });
  await shop.told("mug", 5);
  await eventually("the trouble is shown", async () => {
    const { body } = await server.ask("/v1/stock-feeds/shop");
    const [trouble] = body["troubles"];
    return String(trouble?.sku) === "cup" && String(trouble?.reason) === "It answered 422." || null;
  });
  shop.answer = () => ({ status: 200 });
  await shop.told("cup", 2);
});

Deno.test("a secret that is given signs, with the one before it for a while", async () => {
  await using server = await start();
  await using shop = await new Shop().start();
  const [one, other] = [secretOf("a"), secretOf("b")];
  const settings = { url: shop.url, locationIds: ["ams"] };
  const made = await put(server, { ...settings, secret: one });
  assert.equal(made.body["secret"], null, "it is known");
  await shop.told("mug", 5);
  const same = await put(server, { ...settings, secret: one });
  assert.equal(same.body["version"], 1, "nothing has changed");
  const changed = await put(server, { ...settings, secret: other });
  assert.equal(changed.body["secrets"].length, 2);
  const before = shop.got.length;
  await eventually("it is told again", () => shop.got.length > before || null);
  const last = shop.got.at(-1) ?? assert.fail("nothing came");
  verify(last, one);
  verify(last, other);
  for (const got of shop.got.slice(0, before)) verify(got, one);
});

Deno.test("a feed that is disabled is told nothing, and of everything when it is enabled", async () => {
  await using server = await start();
  await using shop = await new Shop().start();
  const settings = { url: shop.url, locationIds: ["ams"] };
  await put(server, settings);
  await shop.told("mug", 5);
  const off = await put(server, { ...settings, enabled: false });
  assert.equal(off.body["status"], "disabled");
  assert.equal(off.body["disabled"]["code"], "by_hand");
  await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  const refused = await server.ask("/v1/stock-feeds/shop/resync", { json: {} });
  assert.equal(refused.status, 409);
  assert.equal(refused.body["type"], "/problems/stock-feed-disabled");
  assert.equal(shop.has.get("mug"), 5);
  await put(server, settings);
  await shop.told("mug", 4);
  const gone = await server.ask("/v1/stock-feeds/shop", { method: "DELETE" });
  assert.equal(gone.status, 204);
  assert.equal((await server.ask("/v1/stock-feeds/shop")).status, 404);
});

Deno.test("a feed ends with the key that saved it last", async () => {
  await using server = await start();
  await using shop = await new Shop().start();
  const { body: maker } = await server.ask("/v1/admin/keys", {
    json: { name: "stock", role: "operations" },
  });
  const key = String(maker["key"]);
  await put(server, { url: shop.url, locationIds: ["ams"] }, { key });
  await shop.told("mug", 5);
  await server.ask(`/v1/admin/keys/${maker["id"]}`, { method: "DELETE" });
  await eventually("it is disabled", async () => {
    const { body } = await server.ask("/v1/stock-feeds/shop");
    return String(body["disabled"]?.["code"]) === "key_revoked" || null;
  });
});

Deno.test("targets, locations and secrets that are none are refused, and nothing is saved", async () => {
  await using server = await start();
  const good = { url: "https://shop.example.com/stock", locationIds: ["ams"] };
  const refusals: readonly (readonly [object, string, string])[] = [
    [{ ...good, url: "http://10.0.0.1/" }, "/problems/target-not-allowed", "/url"],
    [{ ...good, locationIds: ["ams", "none"] }, "/problems/invalid-request", "/locationIds/1"],
    [{ ...good, locationIds: [] }, "/problems/invalid-request", "/locationIds"],
    [{ ...good, locationIds: ["ams", "ams"] }, "/problems/invalid-request", "/locationIds/1"],
    [{ ...good, secret: "whsec_short" }, "/problems/invalid-request", "/secret"],
    [{ ...good, buffer: -1 }, "/problems/invalid-request", "/buffer"],
    [{ ...good, batchSize: 0 }, "/problems/invalid-request", "/batchSize"],
  ];
  for (const [json, type, pointer] of refusals) {
    const { status, body } = await put(server, json);
    assert.equal(status, 422);
    assert.equal(body["type"], type);
    assert.equal(body["errors"][0].pointer, pointer);
  }
  assert.deepEqual((await server.ask("/v1/stock-feeds")).body["data"], []);
});

Deno.test("changes stand on a version, and lists go on where they ended", async () => {
  await using server = await startServer({ parts: { deliveries: nobodyListens() } });
  await stockOver(server, { ams: { mug: 1 } });
  const settings = { url: "https://shop.example.com/stock", locationIds: ["ams"] };
  for (const id of ["a", "b", "c"]) {
    const made = await server.ask(`/v1/stock-feeds/${id}`, { method: "PUT", json: settings });
    assert.equal(made.status, 201);
  }
  const page = await server.ask("/v1/stock-feeds?limit=2");
  assert.deepEqual([...page.body["data"]].map(({ id }) => String(id)), ["a", "b"]);
  const rest = await server.ask(`/v1/stock-feeds?limit=2&cursor=${page.body["nextCursor"]}`);
  assert.deepEqual([...rest.body["data"]].map(({ id }) => String(id)), ["c"]);
  const stale = await server.ask("/v1/stock-feeds/a", {
    method: "PUT",
    json: { ...settings, buffer: 2 },
    headers: { "if-match": '"7"' },
  });
  assert.equal(stale.status, 412);
  const there = await server.ask("/v1/stock-feeds/a", {
    method: "PUT",
    json: settings,
    headers: { "if-none-match": "*" },
  });
  assert.equal(there.status, 412);
});
