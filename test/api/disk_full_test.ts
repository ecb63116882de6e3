/** What clients and operators meet while the disk of the store is full, and after. */
import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../support/full-disk.ts";
import {
  type Answer,
  type Ask,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";
import { eventually } from "../process/process.ts";

const assertNoRoom = (path: string, { status, headers, text, body }: Answer): void => {
  assert.equal(status, 503, `${path}: ${text}`);
  assert.equal(body.type, "/problems/store-full", path);
  assert.ok(Number(headers.get("retry-after")) >= 1, path);
};

const place = async (server: TestServer, externalId: string): Promise<string> => {
  const placed = await server.ask("/v1/orders", { json: orderFor(externalId, { mug: 1 }) });
  assert.equal(placed.status, 201, placed.text);
  return String(placed.body.id);
};

const isReady = async (server: TestServer) => (await server.ask("/readyz")).status === 200 || null;

/** A change of every kind, none of which depends on another. */
const changes = (
  [cancelled, held, accepted]: readonly string[],
): readonly (readonly [string, Ask])[] => [
  ["/v1/locations/lon", {
    method: "PUT",
    json: { name: "London", type: "store", address: { country: "GB" } },
  }],
  ["/v1/items/cup", { method: "PUT", json: { name: "Cup" } }],
  ["/v1/inventory/adjustments", {
    json: { locationId: "ams", reason: "received", changes: [{ sku: "mug", delta: 5 }] },
  }],
  ["/v1/inventory/counts", {
    json: { locationId: "ams", counts: [{ sku: "plate", onHand: 7 }] },
  }],
  ["/v1/orders", { json: orderFor("late", { mug: 1 }) }],
  [`/v1/orders/${cancelled}/cancel`, { json: { reason: "changed their mind" } }],
  [`/v1/orders/${held}/hold`, { json: { reason: "let us look" } }],
  [`/v1/fulfillment-orders/ful_${accepted?.slice(4)}_1/accept`, { method: "POST" }],
  ["/v1/admin/keys", { json: { name: "shop", role: "channel", scope: { channel: "web" } } }],
  ["/v1/imports/orders?channel=web", {
    body: '{"externalId":"imported","currency":"USD","customer":{"name":"Ada"},"lines":[]}\n',
    headers: { "content-type": "application/x-ndjson" },
  }],
];

const withKey = (ask: Ask, n: number): Ask =>
  ask.method === "PUT"
    ? ask
    : { ...ask, headers: { ...ask.headers, "idempotency-key": `change-${n}` } };

const looks = (orderId: string): readonly string[] => [
  "/healthz",
  "/metrics",
  "/v1/locations",
  "/v1/inventory",
  "/v1/orders",
  `/v1/orders/${orderId}`,
  `/v1/orders/${orderId}/events`,
  "/v1/orders?status=allocated",
  "/v1/fulfillment-orders",
  "/v1/status",
];

const assertSound = async (server: TestServer): Promise<void> => {
  const proof = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(proof.body.ok, true, proof.text);
};

const refuseAll = async (
  server: TestServer,
  disk: Disk,
  asks: readonly (readonly [string, Ask])[],
) => {
  const before = await server.ask("/v1/inventory");
  disk.full = "all";
  for (const [path, ask] of asks) assertNoRoom(path, await server.ask(path, ask));
  assertNoRoom("/readyz", await server.ask("/readyz"));
  const { text } = await server.ask("/metrics");
  assert.match(text, /^allot_store_takes_commits\b.* 0$/m);
  assert.deepEqual((await server.ask("/v1/inventory")).body, before.body, "nothing was done");
  const { store } = (await server.ask("/v1/status")).body;
  assert.equal(store?.takesCommits, false);
  assert.equal(store?.reason, "full");
};

Deno.test("on a full disk every change is refused, reads go on, and the same request works when there is room", async () => {
  const disk = makeDisk();
  await using server = await startServer({ store: disk.store });
  await stockOver(server, { ams: { mug: 10 } });
  const ids = [await place(server, "1"), await place(server, "2"), await place(server, "3")];
  const asks = changes(ids).map(([path, ask], n) => [path, withKey(ask, n)] as const);
  await refuseAll(server, disk, asks);
  for (const path of looks(ids[0] ?? "")) assert.equal((await server.ask(path)).status, 200, path);

  disk.full = "none";
  await eventually("readiness", () => isReady(server));
  for (const [path, ask] of asks) {
    const { status, text } = await server.ask(path, ask);
    assert.ok(status < 300, `${path}: ${text}`);
    const again = await server.ask(path, ask);
    assert.ok(again.status < 300, `${path}: ${again.text}`);
  }
  const { body } = await server.ask("/v1/inventory?sku=mug");
  assert.equal(body.data?.[0]?.onHand, 15);
  assert.equal(body.data?.[0]?.reserved, 3);
  assert.equal((await server.ask("/v1/status")).body.store?.takesCommits, true);
  await assertSound(server);
});

Deno.test("a refusal for want of room is not tried again and again", async () => {
  const disk = makeDisk();
  await using server = await startServer({ store: disk.store });
  await stockOver(server, { ams: { mug: 10 } });
  disk.full = "all";
  const asked = 20;
  for (let n = 0; n < asked; n++) {
    const json = orderFor(String(n), { mug: 1 });
    assertNoRoom("/v1/orders", await server.ask("/v1/orders", { json }));
  }
  const { text } = await server.ask("/metrics");
  // Beside these only the consumers and the look whether there is room again.
  assert.doesNotMatch(text, /^allot_ledger_retried_commits_total\b.* [1-9]/m);
  assert.ok(disk.refused >= asked);
});

Deno.test("consumers, timers and streams wait for room and lose nothing", async () => {
  const disk = makeDisk();
  await using server = await startServer({
    store: disk.store,
    settings: { autoCloseAfterMs: 1 },
  });
  await stockOver(server, { ams: { mug: 10 } });
  const stream = await server.fetch(
    new Request("http://allot.test/v1/status/stream?type=order.placed", {
      headers: { authorization: "Bearer admin-key-of-the-tests" },
    }),
  );
  disk.full = "those without a log entry";
  const id = await place(server, "1");
  const fulfillment = `/v1/fulfillment-orders/ful_${id.slice(4)}_1`;
  for (const action of ["accept", "pick", "pack"]) {
    assert.equal((await server.ask(`${fulfillment}/${action}`, { method: "POST" })).status, 200);
  }
  const shipped = await server.ask(`${fulfillment}/ship`, { json: { carrier: "DHL" } });
  assert.equal(shipped.status, 200, shipped.text);
  disk.full = "all";
  // The index cannot say so, but the status and the order can.
  assert.equal((await server.ask("/v1/status")).body.orders?.byStatus?.shipped, 1);
  assert.deepEqual([...(await server.ask("/v1/orders?status=shipped")).body.data ?? []], []);
  let told = "";
  for await (const text of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    told += text;
    if (told.includes(id)) break;
  }

  disk.full = "those without a log entry";
  const delivered = await server.ask(`/v1/shipments/shp_${id.slice(4)}_1/tracking`, {
    json: { status: "delivered", occurredAt: new Date().toISOString() },
  });
  assert.equal(delivered.status, 200, delivered.text);
  disk.full = "all";
  const seen = disk.refused;
  await eventually("more refusals", () => disk.refused > seen + 3 || null);
  disk.full = "none";
  await eventually("readiness", () => isReady(server));
  await eventually("closing", async () => {
    const { body } = await server.ask("/v1/orders?status=closed");
    return [...body.data ?? []].length === 1 || null;
  });
  await assertSound(server);
});
