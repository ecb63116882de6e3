/** The same said in another way is the same thing, over HTTP: white space, codes in small letters, defaults. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Context, Effect } from "effect";
import { earlierForms } from "../../src/order/fingerprint.ts";
import { orderKeys } from "../../src/order/keys.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

interface Repeats {
  readonly base: Readonly<Record<string, unknown>>;
  readonly "same order, said otherwise (200 each)": readonly Readonly<Record<string, unknown>>[];
}

const repeats: Repeats = JSON.parse(
  Deno.readTextFileSync(new URL("../data/files/order-repeats.json", import.meta.url)),
);
const saidOtherwise = repeats["same order, said otherwise (200 each)"];

const placed = async (server: TestServer, json: unknown, key?: string) => {
  const answer = await server.ask("/v1/orders", { json, ...(key === undefined ? {} : { key }) });
  return { status: answer.status, id: answer.body.id, body: answer.body, text: answer.text };
};

const detailsOf = async (server: TestServer, path: string, json: unknown, method = "POST") => {
  const { status, body, text } = await server.ask(path, { method, json });
  assert.equal(status, 422, text);
  return [...body.errors].map(({ pointer, detail }) => `${pointer} ${detail}`);
};

Deno.test("the same order said otherwise is answered with the order that is there", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { "MUG-01": 50 } });
  const first = await placed(server, repeats.base);
  assert.equal(first.status, 201, first.text);
  for (const otherwise of saidOtherwise) {
    const again = await placed(server, { ...repeats.base, ...otherwise });
    assert.deepEqual([again.status, again.id], [200, first.id], JSON.stringify(otherwise));
  }
  for (const other of [{ placedAt: "2026-03-02T10:00:01Z" }, { onShortage: "hold" }]) {
    assert.equal((await placed(server, { ...repeats.base, ...other })).status, 409);
  }
});

Deno.test("the time that the engine gave an order may be sent back with it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 50 } });
  const first = await placed(server, orderFor("K1", { mug: 1 }));
  assert.equal(first.status, 201, first.text);
  const { placedAt } = first.body;
  const again = (more: object) => placed(server, orderFor("K1", { mug: 1 }, { ...more }));
  assert.deepEqual([(await again({ placedAt })).id, (await again({})).id], [first.id, first.id]);
  assert.equal((await again({ placedAt: "2026-01-01T00:00:00Z" })).status, 409);
  assert.equal((await again({ placedAt, onShortage: "hold" })).status, 409);
});

Deno.test("white space around texts and codes in small letters make no other order", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 50 } });
  const first = await placed(server, orderFor("K1", { mug: 1 }));
  assert.equal(first.status, 201, first.text);
  for (
    const more of [
      { externalId: "K1 " },
      { externalId: "\u00a0K1\u2003\u200b" },
      { channel: "\tweb" },
      { currency: "usd", shippingAddress: { country: "nl", city: " Utrecht" } },
      {
        lines: [{ sku: "mug ", quantity: 1, unitPrice: { amount: "10.00", currency: "Usd" } }],
      },
    ]
  ) {
    const again = await placed(server, orderFor("K1", { mug: 1 }, more));
    assert.deepEqual([again.status, again.id], [200, first.id], JSON.stringify(more));
  }
  const spaced = await placed(server, {
    ...orderFor(" K2", { " mug": 1 }, { currency: "eur", shippingAddress: { country: "nl " } }),
  });
  assert.equal(spaced.status, 422, "codes have no room for white space");
  const small = await placed(
    server,
    orderFor(" K2", { " mug": 1 }, { shippingAddress: { country: "be", city: "\u3000Gent" } }),
  );
  assert.equal(small.status, 201, small.text);
  assert.equal(small.body.externalId, "K2");
  assert.equal(small.body.lines[0].sku, "mug");
  assert.deepEqual(small.body.shippingAddress, { country: "BE", city: "Gent" });
  const found = await server.ask("/v1/orders?channel=web%20&externalId=%C2%A0K2");
  assert.equal(found.body.data[0].id, small.id);
  const key = await keyFor(server, "channel", { channel: "web " });
  assert.equal(
    (await placed(server, orderFor("K1", { mug: 1 }, { channel: "web " }), key)).status,
    200,
  );
});

Deno.test("stock and places are found whichever white space is around their names", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const adjusted = await server.ask("/v1/inventory/adjustments", {
    json: { locationId: " ams", reason: "received\n", changes: [{ sku: "mug\u00a0", delta: 5 }] },
  });
  assert.equal(adjusted.status, 200, adjusted.text);
  const levels = await server.ask("/v1/inventory?sku=mug%20");
  assert.deepEqual([...levels.body.data].map(({ sku, onHand }) => [sku, onHand]), [["mug", 10]]);
  const saved = await server.ask("/v1/items/%20mug", { method: "PUT", json: { name: " Mug " } });
  assert.equal(saved.body.sku, "mug");
  assert.equal(saved.body.name, "Mug");
  const place = await server.ask("/v1/locations/ams%20", {
    method: "PUT",
    json: { name: "Ams", type: "warehouse", address: { country: "nl" } },
  });
  assert.deepEqual([place.body.id, place.body.address.country], ["ams", "NL"]);
});

Deno.test("what is nothing but white space is no text, and is told by its code points", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const order = (more: object) => orderFor("K1", { mug: 1 }, { ...more });
  for (const [blank, points] of [[" ", "U+0020"], ["\u2003\ufeff", "U+2003 U+FEFF"]] as const) {
    const only = `must have something to be seen, and has only ${points}`;
    assert.deepEqual(await detailsOf(server, "/v1/orders", order({ externalId: blank })), [
      `/externalId ${only}`,
    ]);
    assert.deepEqual(
      await detailsOf(server, "/v1/orders", order({ customer: { name: blank, email: blank } })),
      [`/customer/name ${only}`, `/customer/email ${only}`],
    );
    assert.deepEqual(
      await detailsOf(server, "/v1/locations/x", {
        name: blank,
        type: "warehouse",
        address: { country: "NL" },
      }, "PUT"),
      [`/name ${only}`],
    );
    assert.deepEqual(
      await detailsOf(server, `/v1/items/${encodeURIComponent(blank)}`, { name: "x" }, "PUT"),
      [`undefined ${only}`],
    );
  }
  assert.deepEqual(await detailsOf(server, "/v1/orders", order({ externalId: "" })), [
    "/externalId must not be empty",
  ]);
});

Deno.test("what is wrong is told without a regular expression", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const unitPrice = { amount: "10\u00a0000,00", currency: "€" };
  const details = await detailsOf(server, "/v1/orders", {
    ...orderFor("K1", {}),
    currency: "EURO",
    shippingAddress: { country: "Netherlands" },
    lines: [{ sku: "m".repeat(101), quantity: 1, unitPrice }],
  });
  assert.deepEqual(details, [
    "/currency must be an ISO 4217 currency code",
    "/shippingAddress/country must be an ISO 3166-1 alpha-2 country code",
    "/lines/0/sku must be a text of at most 100 characters (code points)",
    '/lines/0/unitPrice/amount must be a decimal number such as 19.99, and is "10<U+00A0>000,00"',
    "/lines/0/unitPrice/currency must be an ISO 4217 currency code",
  ]);
});

Deno.test("an order that an earlier version placed with white space in its number is found by it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 50 } });
  const first = await placed(server, orderFor("K1", { mug: 1 }));
  const sent = orderFor("K1 ", { mug: 1 }) as unknown as PlaceOrderRequest;
  const text = earlierForms[0]?.textOf(sent) ?? "";
  const fingerprint = createHash("sha256").update(text).digest("base64url");
  const store = Context.get(server.application.context, Store);
  // As that version left it.
  await Effect.runPromise(store.commit({
    checks: [],
    mutations: [
      { type: "delete", key: orderKeys.reference("web", "K1") },
      {
        type: "set",
        key: orderKeys.reference("web", "K1 "),
        value: encodeJson({ orderId: first.id, fingerprint }),
      },
    ],
  }));
  const again = await placed(server, sent);
  assert.deepEqual([again.status, again.id], [200, first.id], again.text);
  assert.equal((await placed(server, { ...sent, onShortage: "hold" })).status, 409);
});
