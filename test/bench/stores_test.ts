/** What the suite does to stores, on real ones: a benchmark of something unsound measures nothing. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { checkStore } from "../../bench/check-store.ts";
import { openEngine } from "../../bench/worker/engine.ts";
import { openNaive } from "../../bench/worker/naive.ts";
import { openSeed } from "../../bench/worker/seed.ts";
import { KvStore } from "../../src/store/kv.ts";
import { withFile } from "../support/files.ts";

const checked = (path: string, skuPrefix?: string) =>
  Effect.runPromise(Effect.provide(checkStore(skuPrefix), KvStore.layer({ path })));

Deno.test("a seeded store is as sound as if the engine had written it, and the engine goes on from it", () =>
  withFile(async (path) => {
    await openSeed(path, 1_000, "seed");
    const seeded = await checked(path, "bench-hot-0");
    assert.equal(seeded.firstViolation, null);
    assert.equal(seeded.orders, 1_000);
    assert.equal(seeded.reservedOfSkus, 1_000);
    const engine = await openEngine({ kind: "engine", path, orders: "hot" }, "more");
    const { counts, facts } = await engine.measure({ clients: 8, seconds: 60, requests: 40 });
    await engine.close();
    assert.equal(counts.accepted, 40);
    assert.ok((facts["commits"] ?? 0) > 0);
    const after = await checked(path);
    assert.equal(after.firstViolation, null);
    assert.equal(after.orders, 1_040);
    assert.equal(after.oversold, 0);
  }));

Deno.test("engines that share a store with slow commits sell what they say they sold", () =>
  withFile(async (path) => {
    const engines = await openEngine(
      { kind: "engine", path, orders: "one-sku", engines: 3, commitLatencyMs: 2 },
      "shared",
    );
    const { counts } = await engines.measure({ clients: 12, seconds: 60, requests: 60 });
    await engines.close();
    const found = await checked(path, "bench-one");
    assert.equal(found.firstViolation, null);
    assert.equal(found.reservedOfSkus, counts.accepted);
  }));

Deno.test("the naive way is audited from its store", () =>
  withFile(async (path) => {
    const naive = await openNaive(path, "naive");
    const { counts } = await naive.measure({ clients: 4, seconds: 0.1 });
    const audit = await naive.audit?.();
    await naive.close();
    assert.equal(audit?.orders, counts.accepted);
    assert.equal(audit?.unitsSold, counts.accepted * 3);
    assert.equal(audit?.oversold, 0);
  }));
