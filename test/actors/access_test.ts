import assert from "node:assert/strict";
import { Clock, Effect, Fiber, Layer, type Scope } from "effect";
import { TestClock } from "effect/testing";
import { accessLimits } from "../../src/access/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { type Key } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { Access, type CreatedKey } from "../../actors/access/access.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { bySystem, eventually, services, withFile } from "./services.ts";

const shop = { name: "Shop", role: "channel", scope: { channel: "shop" } } as const;

const nothing = { made: null, refused: null };
const admin = { name: "Other", role: "admin", scope: {} } as const;

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
      records.map((record) =>
        "type" in record && "keyId" in record && [record.kind, record.type, record.keyId, record.by]
      ),
      [
        ["access", "key.created", apiKey.id, "system"],
        ["access", "key.revoked", apiKey.id, "system"],
      ],
    );
  })));

Deno.test("an empty store makes one admin key, once", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const { made } = yield* access.bootstrap(undefined);
    assert.ok(made !== null);
    assert.equal((yield* access.authenticate(made))?.role, "admin");
    assert.deepEqual(yield* access.bootstrap(undefined), nothing);
    assert.equal((yield* access.listKeys).length, 1);
  })));

Deno.test("a given admin key is stored once, beside keys that are there", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    yield* access.createKey(shop, bySystem);
    for (let start = 0; start < 3; start++) {
      assert.deepEqual(yield* access.bootstrap("chosen by the operator"), nothing);
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
      assert.equal(made.filter(({ made }) => made !== null).length, 1);
      assert.equal((yield* near.listKeys).length, 1);
    }).pipe(Effect.scoped)
  ));

Deno.test("what another process makes or revokes is seen, also by who knew otherwise", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const near = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      const far = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      assert.equal(yield* far.authenticate("chosen"), null);
      yield* near.bootstrap(undefined);
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

/** A test with the keys of two processes on one store. */
const withTwo = <E>(
  test: (near: Access["Service"], far: Access["Service"]) => Effect.Effect<void, E, Scope.Scope>,
): Promise<void> =>
  withFile((path) =>
    Effect.gen(function* () {
      const near = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      const far = yield* Effect.provideContext(Access, yield* Layer.build(services(path)));
      yield* test(near, far);
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"))
  );

Deno.test("a given admin key takes the place of the one given before, and of no other", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const { made = "" } = yield* near.bootstrap(undefined);
      const other = yield* near.createKey(admin, bySystem);
      yield* near.bootstrap("first-given");
      assert.equal((yield* far.authenticate("first-given"))?.role, "admin");
      assert.deepEqual(yield* far.bootstrap("second-given"), nothing);
      assert.equal((yield* far.authenticate("second-given"))?.role, "admin");
      assert.equal(yield* far.authenticate("first-given"), null);
      yield* eventually(near.authenticate("first-given"), (found) => found === null);
      for (const secret of [made ?? "", other.secret, "second-given"]) {
        assert.notEqual(yield* near.authenticate(secret), null);
      }
      // A process that is started late with what was given before takes nothing back.
      assert.match((yield* near.bootstrap("first-given")).refused ?? "", /replaced/);
      assert.equal(yield* near.authenticate("first-given"), null);
      assert.notEqual(yield* near.authenticate("second-given"), null);
    })
  ));

Deno.test("what was revoked stays so, though it be given by the settings", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    yield* access.bootstrap("given");
    const given = yield* access.authenticate("given");
    const other = yield* access.createKey(admin, bySystem);
    const shops = yield* access.createKey(shop, bySystem);
    yield* access.revokeKey(given?.id ?? "", bySystem);
    yield* access.revokeKey(shops.apiKey.id, bySystem);
    for (const secret of ["given", shops.secret]) {
      assert.match((yield* access.bootstrap(secret)).refused ?? "", /revoked/);
      assert.equal(yield* access.authenticate(secret), null);
    }
    const viewer = yield* access.createKey({ ...shop, role: "viewer" }, bySystem);
    assert.match((yield* access.bootstrap(viewer.secret)).refused ?? "", /no admin's/);
    assert.notEqual(yield* access.authenticate(other.secret), null);
  })));

Deno.test("the last admin key without a scope stays", () =>
  run(Effect.gen(function* () {
    const access = yield* Access;
    const first = yield* access.createKey(admin, bySystem);
    yield* access.createKey({ ...admin, scope: { channel: "web" } }, bySystem);
    const refused = yield* Effect.flip(access.revokeKey(first.apiKey.id, bySystem));
    assert.equal(refused._tag, "LastAdminKey");
    assert.notEqual(yield* access.authenticate(first.secret), null);
    const second = yield* access.createKey(admin, bySystem);
    yield* access.revokeKey(first.apiKey.id, bySystem);
    const last = yield* Effect.flip(access.revokeKey(second.apiKey.id, bySystem));
    assert.equal(last._tag, "LastAdminKey");
  })));

Deno.test("of two processes that revoke the last two admin keys at once, one leaves one", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      let kept = yield* near.createKey(admin, bySystem);
      for (let round = 0; round < 10; round++) {
        const other = yield* near.createKey(admin, bySystem);
        const exits = yield* Effect.all([
          Effect.exit(near.revokeKey(kept.apiKey.id, bySystem)),
          Effect.exit(far.revokeKey(other.apiKey.id, bySystem)),
        ], { concurrency: "unbounded" });
        assert.deepEqual(exits.map(({ _tag }) => _tag).sort(), ["Failure", "Success"]);
        const [left, ...more] = yield* near.listKeys;
        assert.equal(more.length, 0);
        kept = left?.id === kept.apiKey.id ? kept : other;
      }
    })
  ));

/** Until it has read of so many changes: what it hears from then on are others. */
const hasHeard = ({ changes }: Access["Service"], count: number) =>
  eventually(Effect.sync(changes), (heard) => heard >= count);

const holderOf = ({ id, role, scope }: CreatedKey["apiKey"]): Principal => ({ id, role, scope });

Deno.test("who waits for the end of a key hears of it in every process, and of no other key's", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const one = yield* near.createKey(shop, bySystem);
      const other = yield* near.createKey(shop, bySystem);
      yield* hasHeard(far, 2);
      const waits = yield* Effect.forEach(
        [near, far],
        ({ ended }) => Effect.forkScoped(ended(holderOf(one.apiKey))),
      );
      const untouched = yield* Effect.forkScoped(far.ended(holderOf(other.apiKey)));
      yield* near.revokeKey(one.apiKey.id, bySystem);
      assert.deepEqual(yield* Fiber.joinAll(waits), Array(2).fill("The key was revoked."));
      assert.equal(untouched.pollUnsafe(), undefined);
      // Whoever asks afterwards is told at once, and of what it may do now.
      assert.equal(yield* near.ended(holderOf(one.apiKey)), "The key was revoked.");
      const wider: Principal = { ...holderOf(other.apiKey), scope: {} };
      assert.equal(yield* far.ended(wider), "The key may do something else now.");
    })
  ));

Deno.test("who waits for the end of a session hears of its sign-out in every process", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const { apiKey } = yield* near.createKey(shop, bySystem);
      yield* hasHeard(far, 1);
      const nowMs = yield* Clock.currentTimeMillis;
      const session = (id: string) => ({ id, keyId: apiKey.id, expiresAtMs: nowMs + 3_600_000 });
      const waits = yield* Effect.forEach(
        [near, far],
        ({ ended }) => Effect.forkScoped(ended(holderOf(apiKey), session("one"))),
      );
      const untouched = yield* Effect.forkScoped(far.ended(holderOf(apiKey), session("other")));
      yield* near.endSession(session("one"));
      assert.deepEqual(yield* Fiber.joinAll(waits), Array(2).fill("The session was signed out."));
      assert.equal(untouched.pollUnsafe(), undefined);
      assert.equal(yield* far.hasEnded(session("one")), true);
      assert.equal(yield* far.hasEnded(session("other")), false);
      yield* near.revokeKey(apiKey.id, bySystem);
      assert.equal(yield* Fiber.join(untouched), "The key was revoked.");
    })
  ));

Deno.test("who waits for the end of a session hears when its time is over", () =>
  Effect.gen(function* () {
    const access = yield* Access;
    const { apiKey } = yield* access.createKey(shop, bySystem);
    const session = { id: "one", keyId: apiKey.id, expiresAtMs: 60_000 };
    const waits = yield* Effect.forkScoped(access.ended(holderOf(apiKey), session));
    yield* TestClock.setTime(59_999);
    yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)));
    assert.equal(waits.pollUnsafe(), undefined);
    yield* TestClock.setTime(60_000);
    assert.equal(yield* Fiber.join(waits), "The session is over.");
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(services(), TestClock.layer())),
    Effect.runPromise,
  ));
