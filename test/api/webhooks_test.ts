/** Webhook endpoints over HTTP, with somebody at the other end who checks what comes as the standard says. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Result } from "effect";
import { Webhook as Verifier } from "standardwebhooks";
import { type AccessRecord, accessRecord } from "../../src/access/record.ts";
import { webhookLanes } from "../../src/webhook/outbox.ts";
import type { Webhook } from "../../src/webhook/webhook.ts";
import { readAllowList } from "../../src/outbound/allow-list.ts";
import { eventually } from "../process/process.ts";
import {
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
  type TestServerOptions,
} from "../support/server.ts";

interface Got {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  // deno-lint-ignore no-explicit-any -- what came is looked into
  readonly json: any;
}

/** An endpoint on this machine. */
class Receiver implements AsyncDisposable {
  readonly got: Got[] = [];
  /** What it answers to the nth request. */
  answer: (got: Got) => { readonly status: number; readonly headers?: Record<string, string> } =
    () => ({ status: 204 });
  readonly #server = createServer((request, response) => void this.#take(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    request.setEncoding("utf8");
    for await (const chunk of request) body += chunk;
    const headers = request.headers as Record<string, string>;
    const got = { id: headers["webhook-id"] ?? "", body, headers, json: JSON.parse(body) };
    this.got.push(got);
    const { status, headers: more = {} } = this.answer(got);
    response.writeHead(status, more).end("thank you");
  }

  types(): readonly string[] {
    return this.got.map(({ json }) => String(json.type));
  }

  async reached(count: number): Promise<void> {
    await eventually(`${count} messages`, () => this.got.length >= count || null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => resolve());
    });
  }
}

const start = (options: TestServerOptions = {}): Promise<TestServer> =>
  startServer({
    ...options,
    settings: {
      outboundAllow: Result.getOrThrow(readAllowList("127.0.0.1")),
      ...options.settings,
    },
  });

const make = async (
  server: TestServer,
  url: string,
  more: Readonly<Record<string, unknown>> = {},
  key?: string,
) => {
  const made = await server.ask("/v1/webhooks", {
    json: { url, types: ["order.*"], ...more },
    ...(key === undefined ? {} : { key }),
  });
  assert.equal(made.status, 201, made.text);
  return made.body;
};

const place = async (server: TestServer, externalId: string, channel = "web"): Promise<string> => {
  const placed = await server.ask("/v1/orders", {
    json: orderFor(externalId, { mug: 1 }, { channel }),
  });
  assert.equal(placed.status, 201, placed.text);
  return String(placed.body["id"]);
};

const stocked = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const server = await start(options);
  await stockOver(server, { ams: { mug: 100 } });
  return server;
};

const verify = ({ body, headers }: Got, secret: string): void => {
  new Verifier(secret).verify(body, headers);
};

Deno.test("an endpoint is told of what happens from when it was made, signed as the standard says", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  await place(server, "before");
  const webhook = await make(server, receiver.url);
  const secret = String(webhook["secret"]);
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const orderId = await place(server, "1001");
  await receiver.reached(2);
  assert.deepEqual(receiver.types(), ["order.placed", "order.allocated"]);
  for (const got of receiver.got) {
    verify(got, secret);
    assert.throws(() => verify(got, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    const { data } = got.json;
    assert.deepEqual(Object.keys(got.json), ["type", "timestamp", "data"]);
    assert.equal(got.id, data.sequence);
    assert.match(got.id, /^evt_[0-9a-f]{20}_\d{5}$/);
    assert.equal(data.orderId, orderId);
    assert.equal(data.channel, "web");
    assert.equal(data.externalId, "1001");
    assert.equal(data.order, undefined);
    assert.equal(got.headers["content-type"], "application/json");
  }
  assert.ok((receiver.got[0]?.id ?? "") < (receiver.got[1]?.id ?? ""));
  const shown = await server.ask(`/v1/webhooks/${webhook["id"]}`);
  assert.equal(shown.body["status"], "active");
  assert.equal(shown.text.includes("whsec_"), false);
  assert.equal((await server.ask("/v1/webhooks")).text.includes("whsec_"), false);
});

Deno.test("the secret is in the first answer alone, and a repeated request makes one endpoint", async () => {
  await using server = await start();
  await using receiver = await new Receiver().start();
  const ask = () =>
    server.ask("/v1/webhooks", {
      json: { url: receiver.url, types: ["order.placed"] },
      headers: { "idempotency-key": "once" },
    });
  const first = await ask();
  const again = await ask();
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.equal(again.body["id"], first.body["id"]);
  assert.match(String(first.body["secret"]), /^whsec_/);
  assert.equal(again.body["secret"], null);
  assert.equal([...(await server.ask("/v1/webhooks")).body["data"]].length, 1);
});

Deno.test("targets that are not on the public internet are refused, and so are types that there are not", async () => {
  await using server = await startServer();
  for (
    const url of [
      ...["http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/"],
      ...["https://[::ffff:127.0.0.1]/", "https://169.254.169.254/", "https://10.1.2.3/"],
      ...["https://user@example.com/", "https://example.com/#part", "ftp://example.com/", "hook"],
    ]
  ) {
    const { status, body } = await server.ask("/v1/webhooks", {
      json: { url, types: ["order.*"] },
    });
    assert.equal(status, 422, url);
    assert.equal(body["type"], "/problems/target-not-allowed", url);
  }
  const url = "https://example.com/hook";
  for (const types of [[], ["order"], ["order.nothing"], ["nothing.*"], ["Order.placed"]]) {
    const { status, body } = await server.ask("/v1/webhooks", { json: { url, types } });
    assert.equal(status, 422, String(types));
    assert.equal(body["type"], "/problems/invalid-request", String(types));
  }
  assert.equal((await server.ask("/v1/webhooks", { json: { url, types: ["*"] } })).status, 201);
});

Deno.test("an endpoint is changed by its version, and told by what it says then", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  const { id } = await make(server, receiver.url, { types: ["order.placed"] });
  const path = `/v1/webhooks/${id}`;
  const read = await server.ask(path);
  const tag = read.headers.get("etag") ?? "";
  assert.equal(
    (await server.ask(path, { headers: { "if-none-match": tag } })).status,
    304,
  );
  const json = { url: receiver.url, types: ["order.allocated"], description: "our ERP" };
  const saved = await server.ask(path, { method: "PUT", json, headers: { "if-match": tag } });
  assert.equal(saved.status, 200, saved.text);
  assert.equal(saved.body["version"], 2);
  const stale = await server.ask(path, { method: "PUT", json, headers: { "if-match": tag } });
  assert.equal(stale.status, 412);
  await place(server, "1");
  await place(server, "2");
  await receiver.reached(2);
  assert.deepEqual(receiver.types(), ["order.allocated", "order.allocated"]);
  const unknown = "/v1/webhooks/whk_nobody";
  assert.equal((await server.ask(unknown, { method: "PUT", json })).status, 404);
  assert.equal((await server.ask(unknown)).status, 404);
  assert.equal((await server.ask(path, { method: "DELETE" })).status, 204);
  assert.equal((await server.ask(path)).status, 404);
});

Deno.test("what fails is sent again with the same bytes, and holds up nothing but its own order", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  let bad = "";
  receiver.answer = ({ json }) => ({ status: json.data.orderId === bad ? 500 : 200 });
  const { id } = await make(server, receiver.url, { types: ["order.placed", "order.held"] });
  bad = await place(server, "bad");
  const good = await place(server, "good");
  for (const order of [bad, good]) {
    const held = await server.ask(`/v1/orders/${order}/hold`, { json: { reason: "look" } });
    assert.equal(held.status, 200, held.text);
  }
  await receiver.reached(3);
  const path = `/v1/webhooks/${id}/deliveries`;
  const waiting = await eventually("it waits", async () => {
    const { body } = await server.ask(`${path}?outcome=waiting`);
    return [...body["data"]].length === 2 ? [...body["data"]] : null;
  });
  assert.deepEqual(waiting.map(({ orderId }) => orderId), [bad, bad]);
  assert.match(String(waiting[0]?.["reason"]), /500/);
  const [failedFirst] = receiver.got.filter(({ json }) => json.data.orderId === bad);
  assert.equal(waiting[0]?.["body"], failedFirst?.body);
  assert.equal(
    receiver.got.filter(({ json }) => json.data.orderId === good).length,
    2,
    "the other order goes on",
  );
  const all = await server.ask(path);
  const outcomes = [...all.body["data"]].map(({ outcome, status }) => `${outcome} ${status}`);
  assert.deepEqual(outcomes.sort(), ["delivered 200", "delivered 200", "not_delivered 500"]);
  assert.equal(
    [...(await server.ask(`${path}?orderId=${bad}`)).body["data"]].length,
    1,
  );
  const wasBad = bad;
  bad = "";
  const [first] = waiting;
  const asked = await server.ask(`/v1/webhooks/${id}/redeliver`, {
    json: { eventIds: [first?.["eventId"]] },
  });
  assert.equal(asked.status, 202, asked.text);
  await receiver.reached(5);
  const sent = receiver.got.filter(({ json }) => json.data.orderId === wasBad);
  assert.deepEqual(sent.map(({ json }) => json.type), [
    "order.placed",
    "order.placed",
    "order.held",
  ]);
  assert.equal(sent[0]?.body, sent[1]?.body);
  assert.equal(sent[0]?.id, sent[1]?.id);
});

Deno.test("a secret is rotated, and both sign for a while; a second rotation meanwhile is a conflict", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  const { id, secret: first } = await make(server, receiver.url, { types: ["order.placed"] });
  const path = `/v1/webhooks/${id}/rotate-secret`;
  const rotated = await server.ask(path, { json: {} });
  assert.equal(rotated.status, 200, rotated.text);
  const second = String(rotated.body["secret"]);
  assert.notEqual(second, first);
  await place(server, "1");
  await receiver.reached(1);
  const [got] = receiver.got;
  assert.ok(got !== undefined);
  assert.equal(got.headers["webhook-signature"]?.split(" ").length, 2);
  verify(got, String(first));
  verify(got, second);
  const early = await server.ask(path, { json: {} });
  assert.equal(early.status, 409);
  assert.equal(early.body["type"], "/problems/conflict");
  const forced = await server.ask(path, { json: { force: true, keepOldHours: 0 } });
  assert.equal(forced.status, 200, forced.text);
  await place(server, "2");
  await receiver.reached(2);
  const [, last] = receiver.got;
  assert.ok(last !== undefined);
  verify(last, String(forced.body["secret"]));
  assert.throws(() => verify(last, second));
});

Deno.test("a test comes whatever the types are, to that endpoint alone", async () => {
  await using server = await start();
  await using receiver = await new Receiver().start();
  await using other = await new Receiver().start();
  const { id } = await make(server, receiver.url, { types: ["order.cancelled"] });
  await make(server, other.url, { types: ["*"] });
  const tested = await server.ask(`/v1/webhooks/${id}/test`, { json: {} });
  assert.equal(tested.status, 202, tested.text);
  await receiver.reached(1);
  assert.deepEqual(receiver.types(), ["webhook.test"]);
  await stockOver(server, { ams: { mug: 1 } });
  await other.reached(2);
  assert.equal(other.types().includes("webhook.test"), false);
});

Deno.test("a disabled endpoint is told nothing, and then what it missed, or not", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  const { id } = await make(server, receiver.url, { types: ["order.placed"] });
  const path = `/v1/webhooks/${id}`;
  const externalIds = () => receiver.got.map(({ json }) => json.data.externalId);
  await place(server, "1");
  await receiver.reached(1);
  const disabled = await server.ask(`${path}/disable`, { json: { reason: "we move" } });
  assert.equal(disabled.status, 200, disabled.text);
  assert.equal(disabled.body["status"], "disabled");
  assert.equal(disabled.body["reason"], "we move");
  await place(server, "2");
  assert.equal((await server.ask(`${path}/test`, { json: {} })).status, 409);
  const again = await server.ask(`${path}/redeliver`, { json: { eventIds: ["evt_1"] } });
  assert.equal(again.body["type"], "/problems/endpoint-disabled");
  await server.ask(`${path}/enable`, { json: {} });
  await receiver.reached(2);
  await server.ask(`${path}/disable`, { json: {} });
  await place(server, "3");
  await server.ask(`${path}/enable`, { json: { resume: "now" } });
  await place(server, "4");
  await receiver.reached(3);
  assert.deepEqual(externalIds(), ["1", "2", "4"]);
  const types = [...(await server.ask("/v1/events?type=webhook_endpoint.*")).body["data"]]
    .map(({ type }) => type);
  assert.deepEqual(types, [
    "allot.webhook_endpoint.saved",
    ...["disabled", "enabled", "disabled", "enabled"]
      .map((each) => `allot.webhook_endpoint.${each}`),
  ]);
});

Deno.test("an endpoint that says it is gone is disabled, and says why", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  receiver.answer = () => ({ status: 410 });
  const { id } = await make(server, receiver.url);
  await place(server, "1");
  const shown = await eventually("it is disabled", async () => {
    const { body } = await server.ask(`/v1/webhooks/${id}`);
    return String(body["status"]) === "disabled" ? body : null;
  });
  assert.equal(shown["disabled"]["code"], "gone");
  const count = receiver.got.length;
  receiver.answer = () => ({ status: 200 });
  await server.ask(`/v1/webhooks/${id}/enable`, { json: {} });
  await receiver.reached(count + 2);
  assert.deepEqual([...new Set(receiver.types())], ["order.placed", "order.allocated"]);
});

Deno.test("a redirect is a failure, and is not followed", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  await using elsewhere = await new Receiver().start();
  receiver.answer = () => ({ status: 307, headers: { location: elsewhere.url } });
  const { id } = await make(server, receiver.url, { types: ["order.placed"] });
  await place(server, "1");
  await receiver.reached(1);
  const [attempt] = await eventually("an attempt", async () => {
    const data = [...(await server.ask(`/v1/webhooks/${id}/deliveries`)).body["data"]];
    return data.length > 0 ? data : null;
  });
  assert.equal(attempt?.["outcome"], "not_delivered");
  assert.equal(attempt?.["status"], 307);
  assert.equal(attempt?.["answer"], "thank you");
  assert.deepEqual(elsewhere.got, []);
});

Deno.test("a key sees and manages the endpoints of its scope, and they are told nothing beyond it", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  await using wide = await new Receiver().start();
  const web = await keyFor(server, "channel", { channel: "web" });
  const shop = await keyFor(server, "channel", { channel: "shop" });
  const operations = await keyFor(server, "operations");
  const { id } = await make(server, receiver.url, { types: ["*"] }, web);
  const admins = await make(server, wide.url, { types: ["*"], include: ["personalData"] });
  const listOf = async (key: string) =>
    [...(await server.ask("/v1/webhooks", { key })).body["data"]].map((each) => each["id"]);
  assert.deepEqual(await listOf(web), [id]);
  assert.deepEqual(await listOf(shop), []);
  assert.deepEqual((await listOf(operations)).toSorted(), [id, admins["id"]].toSorted());
  assert.equal((await server.ask(`/v1/webhooks/${id}`, { key: shop })).status, 404);
  const elsewhere = await server.ask("/v1/webhooks", {
    json: { url: receiver.url, types: ["*"], filter: { channel: "shop" } },
    key: web,
  });
  assert.equal(elsewhere.status, 403);
  const personal = { url: receiver.url, types: ["order.*"], include: ["personalData"] };
  assert.equal((await server.ask("/v1/webhooks", { json: personal, key: operations })).status, 403);
  const theirs = await server.ask(`/v1/webhooks/${admins["id"]}`, {
    method: "PUT",
    json: { url: receiver.url, types: ["*"] },
    key: operations,
  });
  assert.equal(theirs.status, 403, "what an administrator's endpoint is told goes nowhere else");
  await using staff = await new Receiver().start();
  await make(server, staff.url, { types: ["*"], ordering: "endpoint" }, operations);
  await place(server, "a", "shop");
  await place(server, "b", "web");
  await keyFor(server, "viewer");
  await place(server, "c", "shop");
  await wide.reached(5);
  await receiver.reached(2);
  assert.deepEqual([...new Set(receiver.got.map(({ json }) => json.data.channel))], ["web"]);
  await eventually("keys", () => wide.types().includes("key.created") || null);
  await eventually(
    "all orders",
    () => staff.types().filter((type) => type === "order.placed").length === 3 || null,
  );
  assert.ok(!staff.types().includes("key.created"), "keys are for administrators to hear of");
  for (const role of ["warehouse", "support", "finance", "viewer"]) {
    const key = await keyFor(server, role);
    assert.equal((await server.ask("/v1/webhooks", { key })).status, 403, role);
  }
});

Deno.test("when the key that made an endpoint is revoked, nothing of later is sent", async () => {
  for (let round = 0; round < 5; round++) {
    await using server = await stocked();
    await using receiver = await new Receiver().start();
    const made = await server.ask("/v1/admin/keys", {
      json: { name: "partner", role: "operations" },
    });
    const key = String(made.body["key"]);
    const { id } = await make(server, receiver.url, { types: ["order.placed"] }, key);
    await place(server, "1");
    await receiver.reached(1);
    const revoking = server.ask(`/v1/admin/keys/${made.body["id"]}`, { method: "DELETE" });
    const racing = place(server, "2");
    assert.equal((await revoking).status, 204);
    await racing;
    for (let n = 3; n < 8; n++) await place(server, String(n));
    const shown = await eventually("it is disabled", async () => {
      const { body } = await server.ask(`/v1/webhooks/${id}`);
      return String(body["status"]) === "disabled" ? body : null;
    });
    assert.equal(shown["disabled"]["code"], "key_revoked");
    const events = [...(await server.ask("/v1/events")).body["data"]];
    const revokedAt = events.find(({ type }) => String(type) === "allot.key.revoked")?.["id"];
    assert.match(String(revokedAt), /^evt_/);
    const late = receiver.got.filter((got) => got.id > String(revokedAt));
    assert.deepEqual(late, []);
    // Whoever enables it has it go on with his own key, and it missed nothing.
    await server.ask(`/v1/webhooks/${id}/enable`, { json: {} });
    await eventually(
      "what it missed",
      () => new Set(receiver.got.map(({ json }) => json.data.externalId)).size === 7 || null,
    );
  }
});

Deno.test("a lane takes nothing behind the revocation in the log, whoever is slow to hear of it", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const webhook = { owner: { keyId: "key_a", role: "operations", scope: {} } } as Webhook;
  const record = (keyId: string, type: AccessRecord["type"]) =>
    accessRecord({ type, keyId, at, by: "key_b" });
  const endedBy = (of: AccessRecord) => webhookLanes.endedBy?.(webhook, of) ?? null;
  assert.equal(endedBy(record("key_a", "key.revoked"))?.code, "withdrawn");
  assert.equal(endedBy(record("key_b", "key.revoked")), null);
  assert.equal(endedBy(record("key_a", "key.created")), null);
});

Deno.test("an endpoint keeps to the scope of its key, whoever changes it", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  const web = await keyFor(server, "channel", { channel: "web" });
  const { id } = await make(server, receiver.url, { types: ["order.placed"] }, web);
  const changed = await server.ask(`/v1/webhooks/${id}`, {
    method: "PUT",
    json: { url: receiver.url, types: ["order.placed"], description: "changed by an admin" },
  });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(changed.body["filter"], {});
  await place(server, "a", "shop");
  await place(server, "b", "web");
  await receiver.reached(1);
  assert.deepEqual(receiver.got.map(({ json }) => json.data.externalId), ["b"]);
});

Deno.test("an endpoint of a key that was revoked before it was made sends nothing either", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  const made = await server.ask("/v1/admin/keys", { json: { name: "late", role: "operations" } });
  const key = String(made.body["key"]);
  const [answer] = await Promise.all([
    server.ask("/v1/webhooks", { json: { url: receiver.url, types: ["order.placed"] }, key }),
    server.ask(`/v1/admin/keys/${made.body["id"]}`, { method: "DELETE" }),
  ]);
  if (answer.status === 201) {
    await eventually("it is disabled", async () => {
      const { body } = await server.ask(`/v1/webhooks/${answer.body["id"]}`);
      return String(body["status"]) === "disabled" || null;
    });
  } else assert.equal(answer.status, 401);
});

Deno.test("bodies have the order when asked, without personal data, or with it for administrators", async () => {
  await using server = await stocked();
  await using order = await new Receiver().start();
  await using personal = await new Receiver().start();
  await make(server, order.url, { types: ["order.placed"], include: ["order"] });
  const withAll = { types: ["order.placed"], include: ["order", "personalData"] };
  const { id } = await make(server, personal.url, withAll);
  personal.answer = () => ({ status: 503 });
  const orderId = await place(server, "1");
  await order.reached(1);
  await personal.reached(1);
  const shown = (await server.ask(`/v1/orders/${orderId}`)).body;
  const told = order.got[0]?.json.data.order;
  assert.equal(told.id, orderId);
  assert.deepEqual(told.lines, shown["lines"]);
  assert.equal(order.got[0]?.body.includes("Ada"), false);
  assert.equal(personal.got[0]?.json.data.order.customer.name, "Ada Example");
  assert.deepEqual(personal.got[0]?.json.data.order.lines, shown["lines"]);
  const waiting = await eventually("it waits", async () => {
    const { text, body } = await server.ask(`/v1/webhooks/${id}/deliveries?outcome=waiting`);
    return [...body["data"]].length > 0 ? text : null;
  });
  assert.equal(waiting.includes("Ada"), false, "what is stored has no personal data");
});

Deno.test("a large event leaves out its details, and says so", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  await make(server, receiver.url, {
    types: ["order.cancelled", "order.held"],
    include: ["order"],
  });
  const lines = Array.from({ length: 400 }, (_, n) => ({
    sku: "mug",
    externalId: `line ${n}`.padEnd(20, "x"),
    quantity: 1,
    unitPrice: { amount: "1.00", currency: "USD" },
  }));
  const placed = await server.ask("/v1/orders", {
    json: orderFor("large", {}, {
      lines: lines.map(({ externalId: _, ...line }) => line),
      onShortage: "backorder",
    }),
  });
  assert.equal(placed.status, 201, placed.text);
  await server.ask(`/v1/orders/${placed.body["id"]}/cancel`, { json: { reason: "changed" } });
  await receiver.reached(1);
  const [got] = receiver.got;
  assert.ok((got?.body.length ?? 0) <= 20 * 1024);
  assert.equal(got?.json.data.truncated, true);
  assert.equal(got?.json.data.orderId, placed.body["id"]);
});

Deno.test("the status and the metrics tell how lanes do", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  receiver.answer = () => ({ status: 500 });
  const { id } = await make(server, receiver.url);
  for (let n = 0; n < 12; n++) await place(server, String(n));
  const lane = await eventually("it fails", async () => {
    const lanes = [...(await server.ask("/v1/status")).body["lanes"]];
    return lanes.find((each) => String(each["status"]) === "failing") ?? null;
  });
  assert.equal(lane["name"], `webhook/${id}`);
  assert.ok(Number(lane["waiting"]) > 0);
  const metrics = await server.ask("/metrics");
  assert.match(
    metrics.text,
    new RegExp(`allot_lane_attempts_total{[^}]*lane="webhook/${id}"[^}]*}`),
  );
  const scoped = await keyFor(server, "channel", { channel: "web" });
  assert.equal((await server.ask("/v1/status", { key: scoped })).body["lanes"], undefined);
});

Deno.test("without a key to seal with, no endpoint can be made, and everything else goes on", async () => {
  await using server = await start({ settings: { kvPath: undefined } });
  const { status, body } = await server.ask("/v1/webhooks", {
    json: { url: "https://example.com/", types: ["order.*"] },
  });
  assert.equal(status, 409);
  assert.equal(body["type"], "/problems/secrets-key-missing");
});

Deno.test("events of a time are sent again, those that failed or all", async () => {
  await using server = await stocked();
  await using receiver = await new Receiver().start();
  const { id } = await make(server, receiver.url, { types: ["order.placed"] });
  const since = new Date(Date.now() - 60_000).toISOString();
  for (let n = 0; n < 5; n++) await place(server, String(n));
  await receiver.reached(5);
  const path = `/v1/webhooks/${id}/redeliver`;
  for (const json of [{}, { eventIds: [] }, { since, eventIds: ["evt_1"] }, { until: since }]) {
    assert.equal((await server.ask(path, { json })).status, 422, JSON.stringify(json));
  }
  assert.equal((await server.ask(path, { json: { since, types: ["order.*"] } })).status, 202);
  await receiver.reached(10);
  const ids = receiver.got.map((got) => got.id);
  assert.deepEqual(ids.slice(5).toSorted(), ids.slice(0, 5).toSorted());
});
