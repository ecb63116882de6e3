import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { accessLimits } from "../../src/access/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { type Key } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { Access } from "../../actors/access/access.ts";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { isAccessRecord } from "../../src/access/record.ts";
import { bySystem, eventually, services, withFile } from "./services.ts";

const shop = { name: "Shop", role: "channel", scope: { channel: "shop" } } as const;

const run = <A, E>(
  test: Effect.Effect<A, E, Layer.Success<ReturnType<typeof services>>>,
): Promise<A> => Effect.runPromise(Effect.provide(test, services()));

/** Everything in the store as one text. */
const everything = Effect.gen(function* () {
  const store = yield* Store;
  const start: Key = [""];
  const entries = yield* store.list({ start, end: below([]).end, limit: 1_000 });
  return entries.map(({ key, value }) =>
    `${JSON.stringify(key)} ${new TextDecoder().decode(value ?? new Uint8Array())}`
  ).join("\n");
});

Deno.test("a key made here is known by its secret, with its role and scope", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const { apiKey, secret } = yield* access.createKey(shop, bySystem);
    assert.match(secret, /^allot_[\w-]{32,}$/);
    assert.equal(access.cached(secret), undefined);
    const principal = { id: apiKey.id, role: "channel", scope: { channel: "shop" } };
    assert.deepEqual(yield* access.authenticate(secret), principal);
    assert.deepEqual(access.cached(secret), principal);
    assert.deepEqual(yield* access.listKeys, [apiKey]);
  })));

Deno.test("no two keys are the same, and the store never holds a secret", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const made = yield* Effect.forEach(
      Array.from({ length: 20 }),
      () => access.createKey(shop, bySystem),
      { concurrency: "unbounded" },
    );
    assert.equal(new Set(made.map(({ secret }) => secret)).size, 20);
    const text = yield* everything;
    for (const { secret, apiKey } of made) {
      assert.ok(!text.includes(secret.slice("allot_".length)));
      assert.ok(text.includes(apiKey.hash));
    }
  })));

Deno.test("a wrong key is nobody's, however often and however long", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    for (const secret of ["", "allot_wrong", "allot_wrong", "x".repeat(100_000)]) {
      assert.equal(yield* access.authenticate(secret), null);
      assert.equal(access.cached(secret), undefined);
    }
    assert.ok(accessLimits.cachedStrangers > 0);
  })));

Deno.test("a revoked key is nobody's at once, and revoking it again finds none", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const { apiKey, secret } = yield* access.createKey(shop, bySystem);
    assert.notEqual(yield* access.authenticate(secret), null);
    assert.deepEqual(yield* access.revokeKey(apiKey.id, bySystem), apiKey);
    assert.equal(access.cached(secret), undefined);
    assert.equal(yield* access.authenticate(secret), null);
    assert.equal((yield* Effect.flip(access.revokeKey(apiKey.id, bySystem)))._tag, "NotFound");
    const records = (yield* (yield* LogTail).read("", 10)).flatMap(({ records }) => records);
    assert.deepEqual(
      records.map((record) => isAccessRecord(record) && [record.type, record.keyId, record.by]),
      [["key.created", apiKey.id, "system"], ["key.revoked", apiKey.id, "system"]],
    );
  })));

Deno.test("an empty store makes one admin key, once", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const secret = yield* access.bootstrap(undefined);
    assert.ok(secret !== null);
    assert.equal((yield* access.authenticate(secret))?.role, "admin");
    assert.equal(yield* access.bootstrap(undefined), null);
    assert.equal((yield* access.listKeys).length, 1);
  })));

Deno.test("a given admin key is stored once, beside keys that are there", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    yield* access.createKey(shop, bySystem);
    for (let start = 0; start < 3; start++) {
      assert.equal(yield* access.bootstrap("chosen by the operator"), null);
    }
    assert.equal((yield* access.authenticate("chosen by the operator"))?.role, "admin");
    assert.equal((yield* access.listKeys).length, 2);
  })));

Deno.test("a repeated request for a key makes one key and repeats no secret", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const idempotency = yield* Idempotency;
    const create = idempotency.run(
      { ...bySystem, key: "once", fingerprint: "same" },
      (claim) =>
        access.createKey(shop, {
          ...bySystem,
          idempotency: {
            claim,
            respond: ({ apiKey }) => ({ status: 201, headers: {}, body: apiKey.id }),
          },
        }),
    );
    const first = yield* create;
    const again = yield* create;
    assert.ok(first._tag === "First" && again._tag === "Replay");
    assert.equal(again.response.body, first.value.apiKey.id);
    assert.equal((yield* access.listKeys).length, 1);
  })));

Deno.test("two processes that start on one empty store make one key between them", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const near = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      const far = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      const made = yield* Effect.all([near.bootstrap(undefined), far.bootstrap(undefined)], {
        concurrency: "unbounded",
      });
      assert.equal(made.filter((secret) => secret !== null).length, 1);
      assert.equal((yield* near.listKeys).length, 1);
    }).pipe(Effect.scoped)
  ));

Deno.test("what another process makes or revokes is seen, also by who knew otherwise", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const near = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      const far = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      assert.equal(yield* far.authenticate("chosen"), null);
      yield* near.bootstrap("chosen");
      const principal = yield* eventually(far.authenticate("chosen"), (found) => found !== null);
      assert.ok(principal !== null);
      yield* near.revokeKey(principal.id, bySystem);
      yield* eventually(
        Effect.sync(() => far.cached("chosen")),
        (found) => found === undefined,
      );
      assert.equal(yield* far.authenticate("chosen"), null);
    }).pipe(Effect.scoped)
  ));
