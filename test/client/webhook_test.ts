/** What the client believes of webhooks: what the engine signs and what the standard's vectors say, only. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { verifyWebhook, type WebhookHeaders, WebhookRefused } from "../../api/client/mod.ts";
import { signatureHeaders, webhookSecret } from "../../src/outbound/signature.ts";

const secret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(
  webhookSecret,
);
const id = fc.stringMatching(/^evt_[0-9a-f]{20}_\d{5}$/);
const body = fc.json();

const signed = (
  of: string,
  text: string,
  secrets: readonly [string, ...string[]],
  agoMs = 0,
) => signatureHeaders({ id: of, atMs: Date.now() - agoMs, body: text }, secrets);

/** At a time that stands still. */
const at = (ms: number, run: () => void): void => {
  const { now } = Date;
  Date.now = () => ms;
  try {
    run();
  } finally {
    Date.now = now;
  }
};

Deno.test("the published vector is believed at its time, and neither long before nor after", () => {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  const verify = () =>
    verifyWebhook(
      '{"test": 2432232314}',
      headers,
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    );
  const sentMs = 1_614_265_330_000;
  for (const ms of [sentMs, sentMs - 300_000, sentMs + 300_000]) {
    at(ms, () => assert.deepEqual(verify(), { test: 2432232314 }));
  }
  for (const ms of [sentMs - 301_000, sentMs + 301_000]) {
    at(ms, () => assert.throws(verify, WebhookRefused));
  }
});

Deno.test("what the engine signs is believed, however its headers and its body are handed over", () => {
  fc.assert(fc.property(id, body, secret, (of, text, own) => {
    const headers = signed(of, text, [own]);
    const { "webhook-signature": signature, ...others } = headers;
    const ways: readonly WebhookHeaders[] = [
      headers,
      new Headers(headers),
      { ...others, "Webhook-Signature": signature, host: undefined },
      { ...others, "webhook-signature": ["v1,bm90IHRoaXMgb25l", signature] },
    ];
    for (const way of ways) {
      assert.deepEqual(verifyWebhook(text, way, own), JSON.parse(text));
      assert.deepEqual(
        verifyWebhook(new TextEncoder().encode(text), way, own),
        JSON.parse(text),
      );
    }
  }));
});

Deno.test("while a secret is being replaced, the old and the new one hold, and no other", () => {
  fc.assert(
    fc.property(
      id,
      body,
      secret,
      secret,
      secret,
      (of, text, fresh, old, other) => {
        fc.pre(other !== fresh && other !== old);
        const headers = signed(of, text, [fresh, old]);
        for (const each of [fresh, old]) {
          assert.deepEqual(
            verifyWebhook(text, headers, each),
            JSON.parse(text),
          );
        }
        assert.throws(
          () => verifyWebhook(text, headers, other),
          WebhookRefused,
        );
      },
    ),
  );
});

Deno.test("what was changed on the way, is of another time, or has no signature is refused", () => {
  fc.assert(fc.property(id, body, secret, (of, text, own) => {
    const headers = signed(of, text, [own]);
    const old = signed(of, text, [own], 301_000);
    const seconds = Number(headers["webhook-timestamp"]) + 1;
    const bomb = new TextEncoder().encode(`\uFEFF${text}`);
    assert.throws(
      () => verifyWebhook(`${text} `, headers, own),
      WebhookRefused,
    );
    assert.throws(() => verifyWebhook(bomb, headers, own), WebhookRefused);
    assert.throws(() => verifyWebhook(text, old, own), WebhookRefused);
    for (const name of Object.keys(headers)) {
      assert.throws(() => verifyWebhook(text, { ...headers, [name]: undefined }, own));
    }
    for (
      const wrong of [{ "webhook-id": `${of}0` }, {
        "webhook-timestamp": String(seconds),
      }, {
        "webhook-signature": "",
      }]
    ) {
      assert.throws(
        () => verifyWebhook(text, { ...headers, ...wrong }, own),
        WebhookRefused,
      );
    }
  }));
});
