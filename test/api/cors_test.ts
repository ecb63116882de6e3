/** Which pages of other origins may ask the API: none, until the settings name them. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { cors as referenceCors } from "hono/cors";
import { makeCors } from "../../api/http/cors.ts";
import { adminKey, startServer, type TestServer } from "../support/server.ts";

const address = "http://allot.test";
const shop = "https://shop.example";
const elsewhere = "https://evil.example";

const ask = (
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>>,
  method = "GET",
): Promise<Response> => server.fetch(new Request(address + path, { method, headers }));

const preflight = (origin: string) => ({
  origin,
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization, content-type",
});

const crossOrigin = ({ headers }: Response): readonly string[] =>
  [...headers.keys()].filter((name) => name.startsWith("access-control-"));

Deno.test("without a setting no page of another origin is let in", async () => {
  await using server = await startServer();
  const key = { authorization: `Bearer ${adminKey}`, origin: shop };
  const answer = await ask(server, "/v1/orders", key);
  assert.equal(answer.status, 200);
  assert.deepEqual(crossOrigin(answer), []);
  assert.equal(answer.headers.get("vary"), null);
  const asked = await ask(server, "/v1/orders", preflight(shop), "OPTIONS");
  assert.deepEqual([asked.status, crossOrigin(asked)], [204, []]);
});

Deno.test("a page of an origin that is set may ask, and read every answer; no other may", async () => {
  await using server = await startServer({ settings: { corsOrigins: [shop] } });
  const authorization = `Bearer ${adminKey}`;
  const asked = await ask(server, "/v1/orders", preflight(shop), "OPTIONS");
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-origin"), shop);
  assert.match(asked.headers.get("access-control-allow-methods") ?? "", /\bPOST\b/);
  assert.match(asked.headers.get("access-control-allow-headers") ?? "", /\bAuthorization\b/);
  for (
    const path of ["/v1/orders", "/v1/nothing", "/v1/orders/ord_1", "/healthz", "/openapi.json"]
  ) {
    const answer = await ask(server, path, { authorization, origin: shop });
    await answer.body?.cancel();
    assert.equal(answer.headers.get("access-control-allow-origin"), shop, path);
    assert.match(answer.headers.get("access-control-expose-headers") ?? "", /\bETag\b/);
    assert.match(answer.headers.get("vary") ?? "", /\bOrigin\b/);
    assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  }
  const unknown = await ask(server, "/v1/orders", { origin: shop });
  assert.deepEqual(
    [unknown.status, unknown.headers.get("access-control-allow-origin")],
    [401, shop],
  );
  for (
    const origin of [elsewhere, "https://shop.example.evil.example", "null", "http://shop.example"]
  ) {
    const answer = await ask(server, "/v1/orders", { authorization, origin });
    assert.deepEqual(crossOrigin(answer), [], origin);
    assert.match(answer.headers.get("vary") ?? "", /\bOrigin\b/);
    const refused = await ask(server, "/v1/orders", preflight(origin), "OPTIONS");
    assert.deepEqual(crossOrigin(refused), [], origin);
  }
  // Pages of the dashboard have cookies: they are for their own origin alone.
  const page = await ask(server, "/sign-in", { origin: shop });
  assert.deepEqual(crossOrigin(page), []);
});

Deno.test("a stream is opened without becoming another answer", async () => {
  await using server = await startServer({ settings: { corsOrigins: ["*"] } });
  const headers = { authorization: `Bearer ${adminKey}`, origin: elsewhere };
  const stream = await ask(server, "/v1/status/stream", headers);
  assert.equal(stream.headers.get("access-control-allow-origin"), "*");
  await stream.body?.cancel();
});

Deno.test("what is answered is what Hono's middleware answers", async () => {
  for (const origins of [["*"], [shop, "https://other.example"]]) {
    const reference = new Hono();
    reference.use(referenceCors({
      origin: origins.includes("*") ? "*" : origins,
      allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
      maxAge: 600,
    }));
    reference.get("/", (c) => c.text("answer"));
    const { preflight: answerPreflight, open } = makeCors(origins);
    for (const origin of [shop, elsewhere]) {
      const shown = (answer: Response) =>
        ["access-control-allow-origin", "vary", "access-control-max-age"]
          .map((name) => answer.headers.get(name));
      const simple = new Request(address, { headers: { origin } });
      assert.deepEqual(
        shown(open(simple, new Response("answer"))).slice(0, 2),
        shown(await reference.fetch(simple)).slice(0, 2),
      );
      const asked = new Request(address, { method: "OPTIONS", headers: preflight(origin) });
      const answered = answerPreflight(asked);
      assert.ok(answered);
      const [allowed] = shown(answered);
      assert.equal(allowed, shown(await reference.fetch(asked))[0]);
    }
  }
});
