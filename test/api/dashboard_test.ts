/** The dashboard without a browser: sessions, forms, headers, and what live pages are told. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import fc from "fast-check";
import * as accessOperations from "../../api/access/pages/operations.ts";
import { delivery } from "../../actors/outbound/held-lane.ts";
import type { Outcome } from "../../src/outbound/message.ts";
import { webhookLanes } from "../../src/webhook/outbox.ts";
import { eventually } from "../process/process.ts";
import * as adminOperations from "../../api/admin/pages/operations.ts";
import * as catalogOperations from "../../api/catalog/pages/operations.ts";
import { assetResponse, assetUrl, frame } from "../../api/dashboard/assets.ts";
import { formatFor, localeOf } from "../../api/dashboard/format.ts";
import { csvLine } from "../../api/dashboard/csv.tsx";
import * as importOperations from "../../api/import/pages/operations.ts";
import { mergedStream } from "../../api/dashboard/live.ts";
import { parseSession, sessionsSignedWith } from "../../api/dashboard/session.ts";
import * as orderOperations from "../../api/order/pages/operations.ts";
import * as statusOperations from "../../api/status/pages/operations.ts";
import * as stockOperations from "../../api/stock/pages/operations.ts";
import * as webhookOperations from "../../api/webhook/pages/operations.ts";
import * as reservationOperations from "../../api/reservation/pages/operations.ts";
import { routes } from "../../api/routes.ts";
import { apiSubjects } from "../../api/subjects.ts";
import { createCsvReader } from "../../src/import/csv.ts";
import { dashboardLimits } from "../../api/dashboard/limits.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { digitsOf, moneyOf } from "../../src/kernel/money.ts";
import { askPage as ask, origin, signInTo as signIn } from "../support/dashboard.ts";
import { adminKey, keyFor, orderFor, startServer, stockOver } from "../support/server.ts";

const key = { id: "key_abc", hash: "0".repeat(64) };
const nonce = fc.stringMatching(/^[\w-]{21}$/);
const moment = fc.integer({ min: 0, max: 4e12 });

Deno.test("a session is believed until it expires, and only as it was signed", () => {
  fc.assert(fc.property(moment, nonce, fc.nat({ max: 200 }), (nowMs, text, at) => {
    const { make, isValid } = sessionsSignedWith("a secret");
    const cookie = make(key, nowMs, text);
    const token = parseSession(cookie);
    assert.ok(token !== null && token.keyId === key.id);
    assert.ok(isValid(token, key, nowMs));
    assert.ok(!isValid(token, key, nowMs + dashboardLimits.sessionMs));
    assert.ok(!isValid(token, { ...key, hash: "1".repeat(64) }, nowMs));
    assert.ok(!sessionsSignedWith("another secret").isValid(token, key, nowMs));
    assert.ok(!sessionsSignedWith(key.hash).isValid(token, key, nowMs));
    // However it came to be signed: no session begins that far ahead.
    assert.ok(!isValid(token, key, nowMs - requestLimits.clocksApartMs - 1));
    assert.ok(isValid(token, key, nowMs - requestLimits.clocksApartMs));
    const place = at % cookie.length;
    const other = cookie[place] === "a" ? "b" : "a";
    const changed = parseSession(cookie.slice(0, place) + other + cookie.slice(place + 1));
    assert.ok(changed === null || !isValid(changed, key, nowMs));
  }));
});

Deno.test("a form's token is of one session and one key", () => {
  fc.assert(fc.property(nonce, nonce, (one, other) => {
    fc.pre(one !== other);
    const { make, csrfToken, isCsrfToken } = sessionsSignedWith("a secret");
    const [mine, yours] = [one, other].map((text) => parseSession(make(key, 0, text)));
    assert.ok(mine && yours);
    assert.ok(isCsrfToken(csrfToken(mine, key), mine, key));
    assert.ok(!isCsrfToken(csrfToken(yours, key), mine, key));
    assert.ok(!isCsrfToken("", mine, key));
    assert.ok(!isCsrfToken(mine.signature, mine, key));
  }));
});

Deno.test("nobody sees anything without a session", async () => {
  await using server = await startServer();
  for (const path of ["/", "/orders?status=held", "/inventory/a/b", "/verify", "/nothing-here"]) {
    const answer = await ask(server, path);
    if (!server.application.isPage(origin + path)) continue;
    assert.equal(answer.status, 303, path);
    assert.equal(
      answer.headers.get("location"),
      `/sign-in?${new URLSearchParams({ next: path })}`,
    );
    await answer.body?.cancel();
  }
  assert.equal((await ask(server, "/live")).status, 401);
  const wrong = await ask(server, "/sign-in", { form: { key: "not-a-key" } });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers.get("set-cookie"), null);
  const forged = await ask(server, "/orders", {
    cookie: `allot_session=${sessionsSignedWith("a guess").make(key, 0, "x")}`,
  });
  assert.equal(forged.status, 303);
});

Deno.test("the session's cookie is out of reach of scripts and other sites", async () => {
  await using server = await startServer();
  const form = { key: adminKey };
  const plain = await ask(server, "/sign-in", { form });
  assert.match(plain.headers.get("set-cookie") ?? "", /HttpOnly; SameSite=Lax$/);
  assert.match(plain.headers.get("set-cookie") ?? "", /Max-Age=43200/);
  const secure = await ask(server, "/sign-in", { form, headers: { "x-forwarded-proto": "https" } });
  assert.match(secure.headers.get("set-cookie") ?? "", /Secure/);
  const { cookie, csrf } = await signIn(server);
  const out = await ask(server, "/sign-out", { cookie, form: { csrf } });
  assert.match(out.headers.get("set-cookie") ?? "", /Max-Age=0/);
});

Deno.test("signing in leads to pages of this site only", async () => {
  await using server = await startServer();
  for (const next of ["//evil.test/", "https://evil.test", "/\\evil.test", "javascript:alert(1)"]) {
    const answer = await ask(server, "/sign-in", { form: { key: adminKey, next } });
    assert.equal(answer.headers.get("location"), "/", next);
  }
  const answer = await ask(server, "/sign-in", { form: { key: adminKey, next: "/orders?q=1" } });
  assert.equal(answer.headers.get("location"), "/orders?q=1");
});

Deno.test("nobody is signed in from elsewhere, and everybody from here", async () => {
  await using server = await startServer();
  const form = { key: adminKey, next: "/" };
  const from = async (headers: Readonly<Record<string, string>>) => {
    const answer = await ask(server, "/sign-in", { form, headers });
    assert.equal(answer.headers.has("set-cookie"), answer.status === 303);
    return answer.status;
  };
  for (
    const headers of [
      { origin: "https://evil.test" },
      { origin: "null" },
      { origin: "https://allot.test.evil.test" },
      { "sec-fetch-site": "cross-site", origin },
      { "sec-fetch-site": "same-site" },
    ]
  ) assert.equal(await from(headers), 403, JSON.stringify(headers));
  for (
    const headers of [
      {},
      { origin },
      // TLS ends before here.
      { origin: origin.replace("http:", "https:") },
      { "sec-fetch-site": "same-origin", origin },
    ]
  ) assert.equal(await from(headers), 303, JSON.stringify(headers));
});

Deno.test("a form without its session's token, or from elsewhere, does nothing", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("a", { mug: 1 }) });
  const { cookie, csrf } = await signIn(server);
  const path = `/orders/${placed.body.id}/cancel`;
  const reason = "Because";
  const other = await signIn(server);
  for (
    const options of [
      { form: { reason } },
      { form: { reason, csrf: "x".repeat(43) } },
      { form: { reason, csrf: other.csrf } },
      { form: { reason, csrf }, headers: { "sec-fetch-site": "cross-site" } },
      { form: { reason, csrf }, headers: { "sec-fetch-site": "same-site" } },
      { form: { reason, csrf }, headers: { origin: "https://evil.test" } },
      { form: { reason, csrf }, headers: { origin: "null" } },
    ]
  ) {
    assert.equal((await ask(server, path, { cookie, ...options })).status, 403);
  }
  const large = { reason: "x".repeat(dashboardLimits.formBytes), csrf };
  assert.equal((await ask(server, path, { cookie, form: large })).status, 413);
  const order = await server.ask(`/v1/orders/${placed.body.id}`);
  assert.equal(order.body.status, "allocated");
  const done = await ask(server, path, { cookie, form: { reason, csrf } });
  assert.equal(done.status, 303);
  const after = await server.ask(`/v1/orders/${placed.body.id}`);
  assert.equal(after.body.status, "cancelled");
});

Deno.test("what is said twice, in a form or an address, is refused", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie, csrf } = await signIn(server);
  for (const path of ["/orders?status=held&status=open", "/live?channel=a&channel=a"]) {
    const answer = await ask(server, path, { cookie });
    assert.equal(answer.status, 400, path);
    await answer.body?.cancel();
  }
  const send = (path: string, body: string) =>
    server.fetch(
      new Request(origin + path, {
        method: "POST",
        headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
        body,
      }),
    );
  const fields = `csrf=${csrf}&reason=received&delta=1`;
  const adjusted = await send("/inventory/ams/mug/adjust", `${fields}&delta=2`);
  assert.equal(adjusted.status, 400);
  assert.equal((await send("/sign-in", `key=${adminKey}&key=x`)).status, 400);
  assert.equal((await server.ask("/v1/inventory?sku=mug")).body.data?.[0]?.onHand, 5);
  assert.equal((await send("/inventory/ams/mug/adjust", fields)).status, 303);
});

Deno.test("a channel's key sees nothing of others in the pages of stock and imports", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const made = await server.ask("/v1/admin/keys", { json: { name: "Night shift", role: "admin" } });
  const others = String(made.body.key);
  const place = async (channel: string) => {
    const json = orderFor(channel, { mug: 1 }, { channel });
    return String((await server.ask("/v1/orders", { json, key: others })).body.id);
  };
  const [web, app] = [await place("web"), await place("app")];
  for (const channel of ["web", "app"]) {
    await server.ask(`/v1/imports/orders?channel=${channel}`, {
      body: "externalId,sku,quantity,unitPrice,currency\n",
      headers: { "content-type": "text/csv" },
      key: others,
    });
  }
  const scoped = await keyFor(server, "channel", { channel: "web" });
  const { cookie } = await signIn(server, scoped);
  const page = async (path: string) => await (await ask(server, path, { cookie })).text();
  const history = await page("/inventory/ams/mug");
  assert.ok(history.includes(web));
  for (const secret of [app, "Night shift", "received"]) {
    assert.ok(!history.includes(secret), secret);
  }
  assert.ok(!(await page(`/orders/${web}`)).includes("Night shift"));
  const imports = await page("/imports");
  assert.match(imports, /<td>web<\/td>/);
  assert.doesNotMatch(imports, /<td>app<\/td>/);
  const whole = await signIn(server);
  const seen = await (await ask(server, "/inventory/ams/mug", { cookie: whole.cookie })).text();
  for (const each of [web, app, "Night shift", "received"]) assert.ok(seen.includes(each), each);
});

Deno.test("the overview tells the age of a location's oldest work to who may see it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 }, ber: { lamp: 9 } });
  const here = await server.ask("/v1/orders", { json: orderFor("a", { mug: 1 }) });
  const there = await server.ask("/v1/orders", { json: orderFor("b", { lamp: 1 }) });
  const ful = ({ body }: typeof here) => String(body.fulfillmentOrders?.[0]?.id);
  const shown = async (key: string) => {
    const { cookie } = await signIn(server, key);
    const text = await (await ask(server, "/", { cookie })).text();
    return [here, there].map((each) => text.includes(`/fulfillment-orders/${ful(each)}`));
  };
  assert.deepEqual(await shown(adminKey), [true, true]);
  assert.deepEqual(await shown(await keyFor(server, "viewer", { locationId: "ams" })), [
    true,
    false,
  ]);
  assert.deepEqual(await shown(await keyFor(server, "viewer", { channel: "web" })), [false, false]);
});

Deno.test("the overview counts delivery exceptions among what needs attention", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const post = async (path: string, json: unknown) => {
    const answer = await server.ask(path, { json });
    assert.ok(answer.status === 200 || answer.status === 201, answer.text);
    return answer.body;
  };
  const { cookie } = await signIn(server);
  const shown = async () => {
    const page = await (await ask(server, "/", { cookie })).text();
    return /<b>(\d+)<\/b><span><a href="\/exceptions">Delivery exceptions</.exec(page)?.[1];
  };
  const order = await post("/v1/orders", orderFor("1", { mug: 1 }));
  const path = `/v1/fulfillment-orders/${String(order.fulfillmentOrders?.[0]?.id)}`;
  for (const step of ["accept", "pick", "pack"]) await post(`${path}/${step}`, {});
  const { shipments } = await post(`${path}/ship`, { carrier: "DHL" });
  assert.equal(await shown(), "0");
  const event = { status: "exception", occurredAt: "2026-03-01T10:00:00.000Z" };
  await post(`/v1/shipments/${String(shipments?.[0]?.id)}/tracking`, event);
  assert.equal(await shown(), "1");
});

Deno.test("an endpoint is made, tried, disabled and enabled by forms, and its secret shown once", async () => {
  const sent: string[] = [];
  let isBad = true;
  const hook = delivery(({ body }) =>
    Effect.sync((): Outcome => {
      sent.push(JSON.parse(body).type);
      return isBad ? { _tag: "Rejected", reason: "It answered 400." } : { _tag: "Delivered" };
    })
  );
  await using server = await startServer({ parts: { deliveries: { [webhookLanes.name]: hook } } });
  const { cookie, csrf } = await signIn(server);
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    ask(server, path, { cookie, form: { csrf, ...form } });
  const bad = await post("/deliveries", { url: "http://localhost/", types: "order.*" });
  assert.equal(bad.status, 422);
  const url = "https://hooks.example.com/in";
  const form = { url, types: "order.placed, order.held", description: "Our ERP", once: "one" };
  const made = await (await post("/deliveries", form)).text();
  assert.match(made, /whsec_[A-Za-z0-9+/]{43}=/);
  const again = await (await post("/deliveries", form)).text();
  assert.equal(again.includes("whsec_"), false);
  const id = /href="\/deliveries\/(whk_\w+)"/.exec(made)?.[1] ?? "";
  const read = async () => await (await ask(server, `/deliveries/${id}`, { cookie })).text();
  assert.match(await read(), /Our ERP/);
  assert.equal((await post(`/deliveries/${id}/test`, {})).status, 303);
  const eventId = await eventually(
    "it has failed",
    async () => /name="eventId" value="(evt_\w+)"/.exec(await read())?.[1] ?? null,
  );
  assert.match(await read(), /It answered 400/);
  isBad = false;
  assert.equal((await post(`/deliveries/${id}/redeliver`, { eventId })).status, 303);
  await eventually("it is sent again", () => sent.length > 1 || null);
  assert.deepEqual(sent, ["webhook.test", "webhook.test"]);
  assert.equal((await post(`/deliveries/${id}/disable`, { reason: "we move" })).status, 303);
  assert.match(await read(), /we move/);
  assert.equal((await post(`/deliveries/${id}/test`, {})).status, 409);
  assert.equal((await post(`/deliveries/${id}/enable`, { resume: "now" })).status, 303);
  const rotated = await (await post(`/deliveries/${id}/rotate`, {})).text();
  assert.match(rotated, /whsec_/);
  assert.equal((await post(`/deliveries/${id}/remove`, {})).status, 303);
  assert.match(await (await ask(server, "/deliveries", { cookie })).text(), /Nobody is told/);
  const viewer = await signIn(server, await keyFor(server, "viewer"));
  assert.equal((await ask(server, "/deliveries", { cookie: viewer.cookie })).status, 403);
});

Deno.test("a form that is sent twice acts once", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie, csrf } = await signIn(server);
  const form = { csrf, once: "one-press", delta: "3", reason: "received" };
  for (let press = 0; press < 2; press++) {
    const answer = await ask(server, "/inventory/ams/mug/adjust", { cookie, form });
    assert.equal(answer.status, 303);
  }
  const { body } = await server.ask("/v1/inventory?sku=mug");
  assert.equal(body.data?.[0]?.onHand, 8);
});

Deno.test("a count is taken over with its reason, and refused when the shelf has changed", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie, csrf } = await signIn(server);
  const count = (form: Readonly<Record<string, string>>) =>
    ask(server, "/inventory/ams/mug/count", { cookie, form: { csrf, ...form } });
  const reason = "cycle count";
  assert.equal((await count({ reason, onHand: "4", expected: "6" })).status, 409);
  assert.equal((await count({ reason: "", onHand: "4", expected: "5" })).status, 422);
  assert.equal((await count({ reason, onHand: "4", expected: "5" })).status, 303);
  const page = await (await ask(server, "/inventory/ams/mug", { cookie })).text();
  assert.match(page, /Stock counted: cycle count/);
  assert.match(page, /data-units="onHand">4</);
});

Deno.test("an order's money is on its page, with the forms that its payments allow, and who has to look finds it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const usd = (amount: string) => ({ amount, currency: "USD" });
  const { body } = await server.ask("/v1/orders", {
    json: {
      ...orderFor("1", { mug: 2 }),
      payments: [{ provider: "manual", amount: usd("20.00"), status: "promised" }],
    },
  });
  const id = String(body.id);
  const paymentId = String(body.payments?.[0]?.id);
  const { cookie, csrf } = await signIn(server);
  const page = async (path: string) => await (await ask(server, path, { cookie })).text();
  const shown = async (name: string) =>
    new RegExp(`data-balance="${name}">.*?<span class="number">([^<]*)<`, "s")
      .exec(await page(`/orders/${id}`))?.[1];
  assert.match(await shown("due") ?? "", /20\.00/);
  const send = (path: string, form: Readonly<Record<string, string>>) =>
    ask(server, `/orders/${id}${path}`, { cookie, form: { csrf, currency: "USD", ...form } });
  const record = { kind: "capture", amount: "20.00", reference: "statement 7" };
  assert.equal((await send(`/payments/${paymentId}/record`, record)).status, 303);
  assert.match(await shown("captured") ?? "", /20\.00/);
  const refund = { reason: "scratched", purpose: "goodwill", amount: "3.00", once: "one" };
  assert.equal((await send("/refund", refund)).status, 303);
  assert.equal((await send("/refund", refund)).status, 303);
  assert.match(await shown("pending") ?? "", /3\.00/);
  assert.match(await page(`/orders/${id}`), /id="credits">.*scratched.*off the price/s);
  const refused = await send("/refund", { reason: "more", purpose: "", amount: "9.00" });
  assert.equal(refused.status, 409);
  // Nothing came back.
  const returned = await send("/refund", { reason: "back", purpose: "returned" });
  assert.equal(returned.status, 409);
  // Somebody has to give it back by hand.
  assert.match(await page("/payments"), new RegExp(paymentId));
  assert.doesNotMatch(await page("/payments?status=refunded"), new RegExp(paymentId));
});

Deno.test("what the API refuses, the page says in the API's words", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie, csrf } = await signIn(server);
  const form = { csrf, delta: "-9", reason: "lost" };
  const answer = await ask(server, "/inventory/ams/mug/adjust", { cookie, form });
  assert.equal(answer.status, 409);
  assert.match(await answer.text(), /role="alert".*would have less than it has promised/s);
  const typed = { csrf, delta: "many", reason: "" };
  assert.equal(
    (await ask(server, "/inventory/ams/mug/adjust", { cookie, form: typed })).status,
    422,
  );
});

Deno.test("what is held is marked on every page where it is worked on, and not printed", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("a", { mug: 1 }) });
  const order = `/orders/${placed.body.id}`;
  const ful = `/fulfillment-orders/${placed.body.fulfillmentOrders?.[0]?.id}`;
  await server.ask(`/v1${ful}/accept`, { method: "POST" });
  const { cookie, csrf } = await signIn(server);
  const text = async (path: string, status = 200) => {
    const answer = await ask(server, path, { cookie });
    assert.equal(answer.status, status, path);
    return await answer.text();
  };
  const marked = /data-held="?[^>]*>Held: Payment, Fraud</;
  for (const path of [order, "/orders", "/fulfillment/ams", ful]) {
    assert.doesNotMatch(await text(path), marked, path);
  }
  for (const code of ["payment", "fraud"]) {
    const form = { csrf, code, reason: "to be checked" };
    assert.equal((await ask(server, `${order}/hold`, { cookie, form })).status, 303);
  }
  for (const path of [order, "/orders", "/fulfillment/ams", ful]) {
    assert.match(await text(path), marked, path);
  }
  for (const paper of ["packing-slip", "pick-list"]) {
    assert.match(await text(`${ful}/${paper}`, 409), /The order is held for payment, fraud\./);
  }
  const round = await text("/fulfillment/ams/pick-list");
  assert.match(round, /Left out, because their orders are held: 1</);
  assert.doesNotMatch(round, />mug</);
  const scanned = await ask(server, `${ful}/scan`, { cookie, form: { csrf, code: "mug" } });
  assert.equal(scanned.status, 409);
  assert.match(await scanned.text(), /Not picked.*The order is held for payment, fraud\./s);

  const support = await signIn(server, await keyFor(server, "support"));
  const seen = await (await ask(server, order, { cookie: support.cookie })).text();
  assert.match(seen, /data-hold="fraud"/);
  assert.doesNotMatch(seen, /id="act-release"/, "neither of them is support's to release");
  assert.match(seen, /<option value="address"/);
  assert.doesNotMatch(seen, /<option value="terms"/);

  const form = { csrf, code: "fraud" };
  assert.equal((await ask(server, `${order}/release-one`, { cookie, form })).status, 303);
  assert.match(await text(order), /Held: Payment</);
  const rest = { csrf, reason: "all is well" };
  assert.equal((await ask(server, `${order}/release`, { cookie, form: rest })).status, 303);
  assert.match(await text(`${ful}/packing-slip`), />mug</);
});

Deno.test("every page forbids scripts that are not the project's own, and brings none inline", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("a", { mug: 1 }) });
  const fulfillmentId = String(placed.body.fulfillmentOrders?.[0]?.id);
  const { cookie } = await signIn(server);
  const paths = [
    "/",
    "/orders",
    `/orders/${placed.body.id}`,
    "/fulfillment",
    "/fulfillment/ams",
    "/fulfillment/ams/pick-list",
    `/fulfillment-orders/${fulfillmentId}`,
    `/fulfillment-orders/${fulfillmentId}/packing-slip`,
    "/exceptions",
    `/shipments/${fulfillmentId.replace("ful_", "shp_")}`,
    "/inventory",
    "/inventory/ams/mug",
    "/inventory/mug",
    "/locations",
    "/locations/ams",
    "/calendars",
    "/carriers",
    "/items",
    "/items/mug",
    "/keys",
    "/imports",
    "/messages",
    "/messages/shipped/de",
    "/verify",
    "/sign-in",
    "/orders/nothing",
  ];
  for (const path of paths) {
    const answer = await ask(server, path, { cookie });
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/, path);
    const text = await answer.text();
    assert.doesNotMatch(text, /<script(?![^>]* src="\/assets\/)/, path);
    assert.doesNotMatch(text, /\son\w+="/, path);
    assert.doesNotMatch(text, /\sstyle="|<style/, path);
    assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//, path);
  }
});

Deno.test("what a page shows in a frame may look as it likes, does nothing, and stays within", async () => {
  await using server = await startServer();
  const { cookie } = await signIn(server, adminKey);
  const answer = await ask(server, "/messages/shipped/de/frame", { cookie });
  assert.equal(answer.status, 200);
  const policy = (answer.headers.get("content-security-policy") ?? "").split("; ");
  for (const rule of ["default-src 'none'", "frame-ancestors 'self'", "form-action 'none'"]) {
    assert.ok(policy.includes(rule), rule);
  }
  assert.ok(policy.some((rule) => rule.trim() === "sandbox"), "it is in a sandbox");
  assert.ok(!policy.some((rule) => rule.startsWith("script-src")), "it has no scripts");
  assert.equal(answer.headers.get("x-frame-options"), "SAMEORIGIN");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const page = await ask(server, "/messages/shipped/de", { cookie });
  assert.equal(page.headers.get("x-frame-options"), "DENY");
  // Who is not signed in sees none of it, in no frame.
  assert.equal((await ask(server, "/messages/shipped/de/frame")).status, 303);
});

Deno.test("a key of one location or channel sees no more in pages than over the API", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 }, ber: { lamp: 5 } });
  const here = await server.ask("/v1/orders", { json: orderFor("here", { mug: 1 }) });
  const there = await server.ask("/v1/orders", { json: orderFor("there", { lamp: 1 }) });
  const scoped = await keyFor(server, "warehouse", { locationId: "ams" });
  const { cookie } = await signIn(server, scoped);
  const list = await (await ask(server, "/orders", { cookie })).text();
  assert.match(list, />here</);
  assert.doesNotMatch(list, />there</);
  assert.equal((await ask(server, `/orders/${here.body.id}`, { cookie })).status, 200);
  assert.equal((await ask(server, `/orders/${there.body.id}`, { cookie })).status, 404);
  assert.equal((await ask(server, "/inventory/ber/lamp", { cookie })).status, 403);
  assert.equal((await ask(server, "/imports/imp_x", { cookie })).status, 403);
  assert.equal((await ask(server, "/live?locationId=ber", { cookie })).status, 403);
});

Deno.test("every operation that pages ask for is one of the API's", () => {
  const asked = [
    accessOperations,
    adminOperations,
    catalogOperations,
    importOperations,
    orderOperations,
    statusOperations,
    stockOperations,
    reservationOperations,
    webhookOperations,
  ].flatMap((operations) => Object.values(operations)).map(({ operationId }) => operationId);
  const known = new Set(routes.map(({ operationId }) => operationId));
  assert.ok(asked.length > 15);
  assert.deepEqual(asked.filter((operationId) => !known.has(operationId)), []);
});

Deno.test("every asset is served from here, and for good under its own version", async () => {
  await using server = await startServer();
  const assets = [
    ...Object.values(frame),
    ...apiSubjects.flatMap(({ pages }) => pages?.assets ?? []),
  ];
  assert.ok(assets.length > 5);
  assert.equal(new Set(assets.map(({ name }) => name)).size, assets.length);
  for (const asset of assets) {
    const answer = await ask(server, assetUrl(asset));
    assert.equal(answer.headers.get("content-type"), asset.mediaType);
    assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
    assert.equal(await answer.text(), asset.text);
    const old = await ask(server, `/assets/${asset.name}?v=old`);
    assert.doesNotMatch(old.headers.get("cache-control") ?? "", /immutable/);
    await old.body?.cancel();
  }
  assert.equal(assetResponse(assets, "../app.tsx", undefined, new Headers()), null);
});

const encoder = new TextEncoder();

/** What a merged stream says about some frames, as long as they take to come. */
const merged = async (frames: readonly string[]): Promise<string> => {
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const frame of frames) controller.enqueue(encoder.encode(frame));
      controller.close();
    },
  });
  return await new Response(mergedStream(source)).text();
};

Deno.test("many changes are told as one, with the id of the last", async () => {
  const change = (id: string) => `id: ${id}\nevent: change\ndata: {"type":"id: 9\\nevent: x"}\n\n`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.stringMatching(/^[0-9a-f]{20}\.\d$/), { minLength: 1, maxLength: 5 }), {
        minLength: 1,
        maxLength: 8,
      }),
      async (entries) => {
        const text = await merged([
          "event: snapshot\ndata: {}\n\n",
          ...entries.map((ids) => ids.map(change).join("")),
          ": heartbeat\n\n",
        ]);
        assert.deepEqual(text.match(/^event: .*$/gm), ["event: changed"]);
        assert.deepEqual(text.match(/^id: .*$/gm), [`id: ${entries.at(-1)?.at(-1)}`]);
      },
    ),
    { numRuns: 50 },
  );
  assert.doesNotMatch(await merged(["event: snapshot\ndata: {}\n\n"]), /changed/);
  assert.match(await merged(["event: reset\ndata: {}\n\n"]), /changed/);
});

Deno.test("a live page hears of what it missed, behind what it has seen", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie } = await signIn(server);
  const page = await (await ask(server, "/", { cookie })).text();
  const live = /hx-sse:connect="([^"]+)"/.exec(page)?.[1] ?? "";
  await server.ask("/v1/orders", { json: orderFor("missed", { mug: 1 }) });
  const hear = async (headers: Readonly<Record<string, string>>) => {
    const answer = await ask(server, live, { cookie, headers });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (reader !== undefined && !/event: (changed|beat)/.test(text)) {
      text += (await reader.read()).value ?? "";
    }
    await reader?.cancel();
    return text;
  };
  const first = await hear({});
  assert.match(first, /event: changed/);
  const id = /^id: (.*)$/m.exec(first)?.[1] ?? "";
  await server.ask("/v1/orders", { json: orderFor("missed too", { mug: 1 }) });
  const second = await hear({ "last-event-id": id });
  assert.match(second, /event: changed/);
  assert.notEqual(/^id: (.*)$/m.exec(second)?.[1], id);
});

Deno.test("money has exactly the digits of its currency, in any language", () => {
  const currency = fc.constantFrom("USD", "JPY", "BHD", "CLF", "ISK", "EUR");
  const locale = fc.constantFrom("en-US", "de", "fr-FR", "hi-IN");
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e12 }), currency, locale, (units, code, tag) => {
    const text = formatFor(tag).money(moneyOf(units, code));
    const digits = text.replace(/\D/g, "").length;
    const whole = String(Math.trunc(units / 10 ** digitsOf(code))).length;
    assert.equal(digits, whole + digitsOf(code), text);
  }));
});

Deno.test("no header makes formatting fail", () => {
  fc.assert(fc.property(fc.string(), (header) => {
    assert.ok(localeOf(header) !== "");
    assert.ok(formatFor(header).number(1_234.5) !== "");
  }));
  assert.equal(localeOf("xx-nonsense-zz, de-AT;q=0.8"), "de-AT");
  assert.equal(localeOf(null), "en");
});

const beginsFormula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

Deno.test("a cell of a download is read back as it was, and is never a formula", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."=+-@＝＋－＠;\t\r\n\",' a") }),
  );
  fc.assert(fc.property(fc.array(text, { minLength: 1 }), (cells) => {
    const reader = createCsvReader({ delimiter: ",", rowCharacters: 1e6 });
    const rows = reader.push(csvLine(["heading", ...cells]) + csvLine(["row", ...cells]));
    const [row] = [...rows, ...reader.end()];
    assert.equal(row?.malformed, null);
    assert.equal(row?.cells.length, cells.length + 1);
    for (const [n, cell] of (row?.cells ?? []).slice(1).entries()) {
      const given = cells[n] ?? "";
      if (!/[=+\-@＝＋－＠\t\r]/.test(given)) assert.equal(cell, given);
      assert.equal(cell.replaceAll("'", ""), given.replaceAll("'", ""));
      assert.doesNotMatch(cell, beginsFormula);
    }
    // As it is taken apart where a semicolon ends a cell, and a quote in the middle of one means nothing.
    for (const piece of csvLine(["row", ...cells]).split(/[;\t\r\n]/)) {
      assert.doesNotMatch(piece, beginsFormula);
    }
  }));
});

Deno.test("the API's addresses are none of the dashboard's", async () => {
  await using server = await startServer();
  const { isPage } = server.application;
  for (
    const path of [
      ...["/", "/orders", "/orders/x?y", "/assets/a.js", "/imports", "/?x=1"],
      ...["/exceptions", "/shipments/x"],
    ]
  ) {
    assert.ok(isPage(origin + path), path);
  }
  for (const { path } of routes) assert.ok(!isPage(origin + path), path);
});
