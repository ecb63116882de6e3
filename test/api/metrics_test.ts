/** What `/metrics` shows: by the letter of its format, and what becomes of it when something happens. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Effect } from "effect";
import { Lateness } from "../../api/http/process-metrics.ts";
import { Store, StoreError } from "../../src/store/store.ts";
import { Layer } from "effect";
import { withFolder } from "../process/process.ts";
import { type Family, readExposition, sampleOf } from "../support/exposition.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";
import project from "../../deno.json" with { type: "json" };

const metrics = async (server: TestServer): Promise<readonly Family[]> => {
  const { text, headers, status } = await server.ask("/metrics", { key: null });
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return readExposition(text);
};

/** The registry is the process's, and other tests count in it too: what counts is by how much it grows. */
const growth = async (
  server: TestServer,
  name: string,
  labels: Readonly<Record<string, string>>,
  work: () => Promise<unknown>,
): Promise<number> => {
  const sum = async () =>
    (await metrics(server)).flatMap(({ samples }) => samples)
      .filter((sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
      )
      .reduce((total, { value }) => total + value, 0);
  const before = await sum();
  await work();
  return await sum() - before;
};

Deno.test("the strict reader refuses what the format does not allow", () => {
  const good = '# HELP a_total Some.\n# TYPE a_total counter\na_total{b="c\\n\\""} 1\n';
  assert.equal(sampleOf(readExposition(good), "a_total", { b: 'c\n"' }), 1);
  const bad = [
    good.slice(0, -1),
    good.replace("# HELP a_total Some.\n", ""),
    good.replace("a_total{", "b_total{"),
    good.replace(/a_total/g, "a"),
    good.replace('b="', "b="),
    good.replace(" 1\n", " one\n"),
    good.replace(" 1\n", " -1\n"),
    `${good}${good}`,
    `${good}a_total{b="c\\n\\""} 2\n`,
    good.replace("counter", "meter"),
    good.replaceAll("a_total", "a_ms_total"),
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n',
  ];
  for (const text of bad) assert.throws(() => readExposition(text), assert.AssertionError, text);
});

Deno.test("the metrics are in Prometheus's format, by its letter, before and after there is work", async () => {
  await using server = await startServer();
  await metrics(server);
  await stockOver(server, { ams: { mug: 3 } });
  for (const n of [1, 2, 3, 4]) {
    await server.ask("/v1/orders", { json: orderFor(`${n}`, { mug: 1 }) });
  }
  await server.ask('/v1/orders?channel=a"\\b%0A');
  const families = await metrics(server);
  assert.ok(families.length > 15, `${families.length}`);
});

Deno.test("what has not happened yet is shown as nothing, so that the first time is seen", async () => {
  await using server = await startServer();
  const families = await metrics(server);
  for (
    const name of [
      "allot_command_conflicts_total",
      "allot_ledger_overtaken_commits_total",
      "allot_ledger_retried_commits_total",
      "allot_wrong_keys_total",
    ]
  ) assert.ok(sampleOf(families, name) >= 0, name);
  for (const reason of ["no_key", "wrong_key", "too_many_attempts", "forbidden"]) {
    assert.ok(sampleOf(families, "allot_auth_failures_total", { reason }) >= 0, reason);
  }
});

Deno.test("the process tells its time, memory and age, and what runs", async () => {
  await using server = await startServer();
  const families = await metrics(server);
  assert.ok(sampleOf(families, "process_cpu_seconds_total") > 0);
  assert.ok(sampleOf(families, "process_resident_memory_bytes") > 10e6);
  assert.ok(
    sampleOf(families, "process_heap_bytes") >= sampleOf(families, "allot_heap_used_bytes"),
  );
  assert.ok(sampleOf(families, "process_start_time_seconds") > 1.7e9);
  assert.equal(
    sampleOf(families, "allot_build_info", {
      version: project.version,
      deno: Deno.version.deno,
    }),
    1,
  );
});

Deno.test("a timer is late by what it was held up, and once", () => {
  const late = new Lateness(100, 0);
  assert.deepEqual([100, 350, 450, 549, 650].map((nowMs) => late.tick(nowMs)), [
    0,
    0.15,
    0,
    0,
    0.001,
  ]);
  fc.assert(fc.property(fc.array(fc.nat(1_000), { minLength: 1 }), (stepsMs) => {
    const lateness = new Lateness(100, 0);
    let nowMs = 0;
    for (const step of stepsMs) {
      nowMs += step;
      assert.equal(lateness.tick(nowMs), Math.max(0, step - 100) / 1_000);
    }
  }));
});

Deno.test("who is not let in, and what no route has, is counted with the reason", async () => {
  await using server = await startServer();
  const viewer = await keyFor(server, "viewer");
  const failure = (reason: string, work: () => Promise<unknown>) =>
    growth(server, "allot_auth_failures_total", { reason }, work);
  assert.equal(await failure("no_key", () => server.ask("/v1/orders", { key: null })), 1);
  assert.equal(await failure("wrong_key", () => server.ask("/v1/orders", { key: "wrong" })), 1);
  const forbidden = () => server.ask("/v1/admin/keys", { key: viewer });
  assert.equal(await failure("forbidden", forbidden), 1);
  assert.equal(await failure("forbidden", () => server.ask("/v1/orders", { key: viewer })), 0);
  const unmatched = (status: string, path: string, method: string) =>
    growth(
      server,
      "allot_http_unmatched_requests_total",
      { status },
      () => server.ask(path, { method }),
    );
  assert.equal(await unmatched("404", "/v1/nothing", "GET"), 1);
  assert.equal(await unmatched("405", "/v1/orders", "DELETE"), 1);
  assert.equal(await unmatched("404", "/v1/orders/ord_1", "GET"), 0);
});

Deno.test("commits are timed, and what waits for one is shown", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const commits = await growth(
    server,
    "allot_ledger_commit_duration_seconds_count",
    {},
    () => server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) }),
  );
  assert.ok(commits >= 1, `${commits}`);
  const families = await metrics(server);
  assert.equal(sampleOf(families, "allot_ledger_waiting_units"), 0);
  assert.equal(sampleOf(families, "allot_ledger_commits_in_flight"), 0);
});

Deno.test("the longest waiting is measured when the metrics are read", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const waits = async (what: string) =>
    sampleOf(await metrics(server), "allot_oldest_waiting_seconds", { what });
  assert.equal(await waits("held"), 0);
  const placedAt = "2020-01-01T00:00:00Z";
  const placed = await server.ask("/v1/orders", {
    json: orderFor("1", { mug: 9 }, { onShortage: "backorder", placedAt }),
  });
  assert.equal(placed.status, 201, placed.text);
  for (const what of ["held", "backordered", "open_fulfillment_order"]) {
    assert.ok(await waits(what) >= 0, what);
  }
});

Deno.test("orders are shown by status", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  await server.ask("/v1/status");
  for (
    const { samples } of (await metrics(server)).filter(({ name }) => name === "allot_aggregates")
  ) {
    for (const { labels } of samples) assert.ok(labels["kind"] && labels["status"]);
  }
});

Deno.test("the store's files are shown with their sizes, where it is in files", () =>
  withFolder(async (folder) => {
    const path = `${folder}/store.sqlite3`;
    await using server = await startServer({ path });
    await stockOver(server, { ams: { mug: 5 } });
    const families = await metrics(server);
    const size = (file: string) => sampleOf(families, "allot_store_bytes", { file });
    assert.equal(size("database"), Deno.statSync(path).size);
    assert.ok(size("wal") > 0);
    assert.ok(size("shm") > 0);
  }));

/** Reads nothing, once it is told to. */
const failingReads = () => {
  let fails = false;
  const layer = Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        list: (range) =>
          fails
            ? Effect.fail(new StoreError({ operation: "list", detail: "broken", cause: null }))
            : store.list(range),
      })),
  );
  return { layer, fail: () => void (fails = true) };
};

Deno.test("a store that does not answer takes no metric away", async () => {
  const reads = failingReads();
  await using server = await startServer({ faults: reads.layer });
  const before = (await metrics(server)).map(({ name }) => name);
  reads.fail();
  const after = (await metrics(server)).map(({ name }) => name);
  assert.deepEqual(before.filter((name) => !after.includes(name)), []);
});
