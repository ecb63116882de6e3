/** Signatures of Standard Webhooks: as its vectors say, and as its library believes them. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { secretFault, signatureHeaders, webhookSecret } from "../../src/outbound/signature.ts";

const secretBytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
const messageId = fc.stringMatching(/^msg_[0-9a-f]{20}_\d{5}_\d{3}$/);
const now = () => Date.now();

Deno.test("the published vectors come out", () => {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts
  assert.deepEqual(
    signatureHeaders(
      {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        atMs: 1_614_265_330_999,
        body: '{"test": 2432232314}',
      },
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ),
    {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
  );
});

Deno.test("a signature is the HMAC of id, seconds and body, whatever they are", () => {
  fc.assert(
    fc.property(
      messageId,
      fc.nat(4_000_000_000_000),
      fc.string({ unit: "grapheme" }),
      secretBytes,
      (id, atMs, body, bytes) => {
        const headers = signatureHeaders({ id, atMs, body }, [webhookSecret(bytes)]);
        const seconds = Math.floor(atMs / 1_000);
        const hmac = createHmac("sha256", bytes).update(`${id}.${seconds}.${body}`);
        assert.equal(headers["webhook-signature"], `v1,${hmac.digest("base64")}`);
        assert.equal(headers["webhook-timestamp"], String(seconds));
      },
    ),
  );
});

Deno.test("while a secret is being replaced, who knows either believes it, and nobody else", () => {
  fc.assert(
    fc.property(messageId, fc.json(), secretBytes, secretBytes, secretBytes, (id, body, ...all) => {
      const [fresh, old, other] = all.map(webhookSecret) as [string, string, string];
      fc.pre(other !== fresh && other !== old);
      const headers = signatureHeaders({ id, atMs: now(), body }, [fresh, old]);
      for (const secret of [fresh, old]) {
        assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      }
      assert.throws(() => new Webhook(other).verify(body, headers), WebhookVerificationError);
      assert.throws(() => new Webhook(fresh).verify(`${body} `, headers), WebhookVerificationError);
    }),
  );
});

Deno.test("secrets have 24 to 64 bytes, and are written in one way", () => {
  fc.assert(
    fc.property(secretBytes, (bytes) => {
      const secret = webhookSecret(bytes);
      assert.equal(secretFault(secret), null);
      assert.deepEqual(new Uint8Array(Buffer.from(secret.slice(6), "base64")), bytes);
      for (
        const wrong of [secret.slice(6), `${secret}\n`, ` ${secret}`, `${secret}=`, `${secret}!`]
      ) {
        assert.notEqual(secretFault(wrong), null, wrong);
      }
    }),
  );
  for (const length of [0, 23, 65]) {
    assert.throws(() => webhookSecret(new Uint8Array(length)), TypeError);
    assert.notEqual(secretFault(`whsec_${Buffer.alloc(length).toString("base64")}`), null);
  }
  // The same bytes in the alphabet of URLs, and with bits behind the end.
  assert.notEqual(secretFault(`whsec_${"-_".repeat(16)}`), null);
  assert.notEqual(secretFault(`whsec_${"A".repeat(33)}B==`), null);
});
