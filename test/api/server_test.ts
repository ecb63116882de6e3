/** What the application offers to the process around it. */
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { Store, StoreError } from "../../src/store/store.ts";
import { orderFor, startServer } from "../support/server.ts";

Deno.test("a woken process fires what is due and lets the lists catch up", async () => {
  await using server = await startServer({ settings: { autoCloseAfterMs: 0 } });
  const { lines: [line] } = orderFor("", { song: 1 });
  const placed = await server.ask("/v1/orders", {
    json: { ...orderFor("1", {}), lines: [{ ...line, fulfillment: { method: "digital" } }] },
  });
  assert.equal(placed.body.status, "delivered");
  await server.application.catchUp();
  assert.equal((await server.ask(`/v1/orders/${placed.body.id}`)).body.status, "closed");
  assert.equal([...(await server.ask("/v1/orders?status=closed")).body.data].length, 1);
});

Deno.test("should count requests, what became of orders and commits for Prometheus", async () => {
  await using server = await startServer();
  await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  await server.ask("/v1/orders", { json: { nonsense: true } });
  const { text, headers } = await server.ask("/metrics", { key: null });
  assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  for (
    const line of [
      /^# TYPE allot_http_requests_total counter$/m,
      /^allot_http_requests_total\{method="POST",route="\/v1\/orders",status="409"\} [1-9]/m,
      /^allot_http_requests_total\{method="POST",route="\/v1\/orders",status="422"\} [1-9]/m,
      /^allot_orders_placed_total\{outcome="insufficient-stock"\} [1-9]/m,
      /^allot_http_request_duration_seconds_count\{method="POST",route="\/v1\/orders"\} [1-9]/m,
      /^allot_ledger_units_per_commit_count [1-9]/m,
    ]
  ) assert.match(text, line);
});

Deno.test("should be alive and ready without a key", async () => {
  await using server = await startServer();
  assert.equal((await server.ask("/healthz", { key: null })).body.status, "ok");
  assert.equal((await server.ask("/readyz", { key: null })).body.status, "ready");
});

Deno.test("should not be ready on a file that can be read and not written", async () => {
  const folder = await Deno.makeTempDir({ prefix: "allot-server-" });
  try {
    const path = `${folder}/store.sqlite3`;
    {
      await using before = await startServer({ path });
      assert.equal((await before.ask("/readyz", { key: null })).status, 200);
    }
    const detail = "attempt to write a readonly database";
    const faults = Layer.effect(
      Store,
      Effect.map(Store, (store) =>
        Store.of({
          ...store,
          commit: () => Effect.fail(new StoreError({ operation: "commit", detail, cause: null })),
        })),
    );
    await using server = await startServer({ path, faults });
    assert.equal((await server.ask("/v1/orders")).status, 200);
    const unready = await server.ask("/readyz", { key: null });
    assert.equal(unready.status, 503, unready.text);
    assert.equal(unready.body.type, "/problems/unavailable");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
