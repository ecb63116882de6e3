/** Webhooks of payment providers over HTTP: public, signed, and never believed. */
import assert from "node:assert/strict";
import { Result } from "effect";
import { readAllowList } from "../../src/outbound/allow-list.ts";
import type { Payment } from "../../src/order/payment.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import { Chance } from "../sim/random.ts";
import { BridgeStand } from "../support/payment/bridge-stand.ts";
import type { Stand } from "../support/payment/stand.ts";
import { StripeStand } from "../support/payment/stripe-stand.ts";
import { orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const startHere = (): Promise<TestServer> =>
  startServer({
    settings: { outboundAllow: Result.getOrThrow(readAllowList("127.0.0.1")) },
  });

const usd = (amount: string) => ({ amount, currency: "USD" });

const saved = async (server: TestServer, stand: Stand) => {
  await stockOver(server, { ams: { mug: 100 } });
  const { type, url, secret, webhookSecret } = stand;
  const json = { type, url, secret, webhookSecret };
  const answer = await server.ask("/v1/providers/card", { method: "PUT", json });
  assert.equal(answer.status, 201, answer.text);
  const shown = await server.ask("/v1/providers/card");
  for (const { text, body } of [answer, shown]) {
    assert.ok(!text.includes(secret) && !text.includes(webhookSecret), text);
    assert.deepEqual([body["hasSecret"], body["hasWebhookSecret"]], [true, true]);
  }
  // What is not said again stays as it is.
  const again = { type, url };
  assert.equal(
    (await server.ask("/v1/providers/card", { method: "PUT", json: again })).body["version"],
    1,
  );
};

const told = (
  server: TestServer,
  body: string,
  headers: Headers,
  path = "/v1/providers/card/webhooks",
) =>
  server.fetch(
    new Request(`http://allot.example${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        ...Object.fromEntries(headers),
      },
      body,
    }),
  );

const check = async (stand: Stand) => {
  await using server = await startHere();
  await saved(server, stand);
  const reference = stand.begin("promised", 2_000);
  const { body: order } = await server.ask("/v1/orders", {
    json: {
      ...orderFor("one", { mug: 2 }),
      payments: [{ provider: "card", amount: usd("20.00"), status: "promised", reference }],
    },
  });
  const [payment] = [...order["payments"] ?? []];
  assert.ok(payment !== undefined);
  const known = { ...payment, reference } as unknown as Payment;
  stand.tell(reference, known);
  stand.pay(reference, known);
  const [message = ""] = stand.messages.splice(0);
  const statusNow = async () =>
    (await server.ask(`/v1/orders/${order["id"]}`)).body["paymentStatus"];
  const nowMs = Date.now();
  const old = nowMs - providerLimits.webhookToleranceMs - 60_000;
  const refused = await Promise.all([
    told(server, message, new Headers()),
    told(server, `${message}\n`, stand.headersOf(message, nowMs)),
    told(server, message, stand.headersOf(message, old)),
    told(server, message, stand.headersOf(message, nowMs), "/v1/providers/nobody/webhooks"),
    told(server, message, stand.headersOf(message, nowMs), "/v1/providers/manual/webhooks"),
    told(server, "no JSON", stand.headersOf("JSON", nowMs)),
  ]);
  const said = await Promise.all(refused.map(async (answer) => ({
    status: answer.status,
    detail: (await answer.json())["detail"],
  })));
  // Whatever is wrong, the answer is the same.
  for (const each of said) {
    assert.deepEqual(each, { status: 401, detail: "The message is not one of this provider." });
  }
  assert.equal(await statusNow(), "unpaid");
  const large = "x".repeat(providerLimits.webhookBytes + 1);
  assert.equal((await told(server, large, stand.headersOf(large, nowMs))).status, 413);
  for (let n = 0; n < 2; n++) {
    const taken = await told(server, message, stand.headersOf(message, nowMs));
    assert.equal(taken.status, 200, await taken.text());
  }
  assert.equal(await statusNow(), "paid");
  const nothing = JSON.stringify({ data: { object: { object: "payout", id: "po_1" } } });
  assert.equal((await told(server, nothing, stand.headersOf(nothing, nowMs))).status, 200);
};

Deno.test("a provider tells of a payment by a webhook with its signature", async () => {
  await using stand = await BridgeStand.start(new Chance(1), Date.now);
  await check(stand);
});

Deno.test("Stripe tells of a payment by a webhook with its signature", async () => {
  await using stand = await StripeStand.start(new Chance(1), Date.now);
  await check(stand);
});

Deno.test("a provider whose answers are unclear is asked to tell again", async () => {
  await using stand = await BridgeStand.start(new Chance(1), Date.now);
  await using server = await startHere();
  await saved(server, stand);
  const { body: order } = await server.ask("/v1/orders", {
    json: {
      ...orderFor("one", { mug: 2 }),
      payments: [{ provider: "card", amount: usd("20.00"), status: "promised", reference: "p" }],
    },
  });
  const [payment] = [...order["payments"] ?? []];
  await stand[Symbol.asyncDispose]();
  const body = JSON.stringify({ data: { paymentId: payment?.["id"] } });
  const answer = await told(server, body, stand.headersOf(body, Date.now()));
  assert.equal(answer.status, 503);
  assert.ok(answer.headers.has("retry-after"));
});

Deno.test("a provider is saved only with what its type takes", async () => {
  await using server = await startHere();
  const url = "https://card.example.com";
  const wrong = [
    [{ type: "http" }, "/url"],
    [{ type: "manual", url }, "/url"],
    [{ type: "manual", webhookSecret: "whsec_x" }, "/webhookSecret"],
    [{ type: "http", url, webhookSecret: "short" }, "/webhookSecret"],
    [{ type: "stripe" }, "/secret"],
    [{ type: "stripe", secret: "sk_1", webhookSecret: "no prefix" }, "/webhookSecret"],
    [
      { type: "stripe", secret: "sk_1", capabilities: { multipleCaptures: true } },
      "/capabilities/multipleCaptures",
    ],
  ] as const;
  for (const [json, pointer] of wrong) {
    const { status, body } = await server.ask("/v1/providers/other", { method: "PUT", json });
    assert.equal(status, 422, pointer);
    assert.deepEqual([...body["errors"] ?? []].map((each) => each["pointer"]), [pointer]);
  }
  assert.equal((await server.ask("/v1/providers/other")).status, 404);
  const json = { type: "stripe", secret: "sk_1" };
  assert.equal((await server.ask("/v1/providers/other", { method: "PUT", json })).status, 201);
});
