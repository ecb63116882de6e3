import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import fc from "fast-check";
import type { Item, Location } from "../../src/catalog/catalog.ts";
import { items, locations } from "../../src/catalog/references.ts";
import { importMappings } from "../../src/import/references.ts";
import type { Described } from "../../src/subject/reference.ts";
import { Store } from "../../src/store/store.ts";
import { Catalog } from "../../actors/catalog/catalog.ts";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { RecentMap } from "../../actors/reference/memory.ts";
import { References } from "../../actors/reference/references.ts";
import { bySystem, eventually, services, withFile } from "./services.ts";

const berlin: Described<Location> = {
  id: "berlin",
  name: "Berlin",
  type: "warehouse",
  address: { country: "DE", city: "Berlin" },
  active: true,
};

const mug: Described<Item> = { sku: "mug", name: "Mug", digital: false };

const run = <A, E>(
  test: Effect.Effect<A, E, Layer.Success<ReturnType<typeof services>>>,
): Promise<A> => Effect.runPromise(Effect.provide(test, services()));

Deno.test("a memory never holds more than its capacity, and keeps what was asked for last", () => {
  fc.assert(fc.property(
    fc.integer({ min: 2, max: 20 }),
    fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 })), { maxLength: 200 }),
    (capacity, steps) => {
      const recent = new RecentMap<number>(capacity);
      for (const [write, n] of steps) {
        if (write) recent.set(String(n), n);
        else {
          const found = recent.get(String(n));
          assert.ok(found === undefined || found === n);
        }
        assert.ok(recent.size <= capacity + 1, `${recent.size} > ${capacity}`);
      }
      recent.set("last", -1);
      assert.equal(recent.get("last"), -1);
    },
  ));
});

Deno.test("a saved location is found again, by itself and in the list", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    assert.deepEqual(yield* references.all(locations), []);
    const saved = yield* references.save(locations, berlin, bySystem);
    assert.equal(saved.created, true);
    assert.equal(saved.value.version, 1);
    assert.deepEqual(yield* references.get(locations, "berlin"), saved.value);
    assert.deepEqual(yield* references.all(locations), [saved.value]);
    assert.deepEqual(references.knownAll(locations), [saved.value]);
    const missing = yield* Effect.flip(references.get(locations, "nowhere"));
    assert.equal(missing._tag, "NotFound");
  })));

Deno.test("saving again raises the version only when something changes", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    yield* references.save(items, mug, bySystem);
    const same = yield* references.save(items, { ...mug }, bySystem);
    assert.deepEqual([same.created, same.value.version], [false, 1]);
    const changed = yield* references.save(items, { ...mug, weightGrams: 300 }, bySystem);
    assert.deepEqual([changed.created, changed.value.version], [false, 2]);
    assert.equal((yield* references.get(items, "mug")).weightGrams, 300);
    assert.equal(changed.value.createdAt, same.value.createdAt);
    const log = yield* (yield* LogTail).read("", 10);
    assert.deepEqual(
      log.flatMap(({ records }) => records.map((record) => record.kind)),
      ["catalog", "catalog"],
    );
  })));

Deno.test("a save with another version in mind is refused and changes nothing", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const early = yield* Effect.flip(references.save(items, mug, { ...bySystem, ifMatch: "1" }));
    assert.equal(early._tag, "PreconditionFailed");
    yield* references.save(items, mug, bySystem);
    yield* references.save(items, { ...mug, name: "Cup" }, { ...bySystem, ifMatch: "1" });
    const late = yield* Effect.flip(
      references.save(items, { ...mug, name: "Bowl" }, { ...bySystem, ifMatch: "1" }),
    );
    assert.equal(late._tag, "PreconditionFailed");
    assert.equal((yield* references.get(items, "mug")).name, "Cup");
  })));

Deno.test("of concurrent saves in one process none is lost", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const results = yield* Effect.forEach(
      Array.from({ length: 20 }, (_, n) => n),
      (n) => references.save(items, { ...mug, name: `Mug ${n}` }, bySystem),
      { concurrency: "unbounded" },
    );
    assert.deepEqual(
      results.map(({ value }) => value.version).sort((left, right) => left - right),
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    assert.equal(results.filter(({ created }) => created).length, 1);
  })));

Deno.test("items are in memory once asked for, unknown ones too, until they are saved", () =>
  run(Effect.gen(function* () {
    const catalog = yield* Catalog;
    const references = yield* References;
    yield* references.save(items, mug, bySystem);
    assert.equal(catalog.cachedItems(["mug"]), null);
    const found = yield* catalog.items(["mug", "jug"]);
    assert.equal(found.get("mug")?.name, "Mug");
    assert.equal(found.get("jug"), null);
    assert.deepEqual(catalog.cachedItems(["mug", "jug"]), found);
    yield* references.save(items, { ...mug, sku: "jug", name: "Jug" }, bySystem);
    assert.equal((yield* references.get(items, "jug")).name, "Jug");
  })));

Deno.test("mappings are saved and found by name", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const column = (name: string) => ({ column: name });
    const mapping = {
      name: "retail",
      fields: {
        externalId: column("InvoiceNo"),
        sku: column("StockCode"),
        quantity: column("Quantity"),
        unitPrice: column("UnitPrice"),
        currency: { constant: "GBP" },
      },
    };
    assert.equal((yield* references.save(importMappings, mapping, bySystem)).created, true);
    assert.equal((yield* references.save(importMappings, mapping, bySystem)).created, false);
    const { createdAt: _createdAt, updatedAt: _updatedAt, version, ...described } =
      yield* references
        .get(importMappings, "retail");
    assert.deepEqual({ version, described }, { version: 1, described: mapping });
    assert.equal((yield* Effect.flip(references.get(importMappings, "other")))._tag, "NotFound");
  })));

Deno.test("a save with an idempotency key leaves its response in the same commit, changed or not", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const idempotency = yield* Idempotency;
    const save = (key: string) =>
      idempotency.run(
        { ...bySystem, key, fingerprint: "same" },
        (claim) =>
          references.save(items, mug, {
            ...bySystem,
            idempotency: {
              claim,
              respond: ({ value }) => ({ status: 200, headers: {}, body: value.name }),
            },
          }),
      );
    for (const key of ["first", "second"]) {
      assert.equal((yield* save(key))._tag, "First");
      const again = yield* save(key);
      assert.equal(again._tag === "Replay" && again.response.body, "Mug");
    }
    assert.equal((yield* references.get(items, "mug")).version, 1);
  })));

Deno.test("what another process saves is seen, also where memory said otherwise", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const here = yield* Layer.build(services(path));
      const there = yield* Layer.build(services(path));
      const known = yield* Effect.provideContext(Catalog, here);
      const near = yield* Effect.provideContext(References, here);
      const far = yield* Effect.provideContext(References, there);
      assert.equal((yield* known.items(["mug"])).get("mug"), null);
      assert.deepEqual(yield* near.all(locations), []);
      yield* far.save(items, mug, bySystem);
      yield* far.save(locations, berlin, bySystem);
      yield* eventually(known.items(["mug"]), (items) => items.get("mug")?.name === "Mug");
      yield* eventually(near.all(locations), (all) => all.length === 1);
      yield* near.save(items, { ...mug, name: "Cup" }, bySystem);
      const item = yield* eventually(far.get(items, "mug"), ({ name }) => name === "Cup");
      assert.equal(item.version, 2);
    }).pipe(Effect.scoped)
  ));

Deno.test("a value read while it is being replaced is not remembered", () =>
  run(Effect.gen(function* () {
    const catalog = yield* Catalog;
    const references = yield* References;
    const store = yield* Store;
    yield* references.save(items, mug, bySystem);
    yield* Effect.all([
      references.get(items, "mug"),
      Effect.sync(() => references.forget(items, "mug")),
    ], { concurrency: "unbounded" });
    const entry = yield* store.get(items.key("mug"));
    assert.notEqual(entry.value, null);
    assert.equal(catalog.cachedItems(["mug"]), null);
  })));
