import assert from "node:assert/strict";
import { Deferred, Effect, Fiber, Layer } from "effect";
import { TestClock } from "effect/testing";
import type { Principal } from "../../src/kernel/principal.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import { Idempotency, type IdempotencyClaim } from "../../actors/command/idempotency.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import { bySystem, services, withFile } from "./services.ts";

type Services = Layer.Success<ReturnType<typeof services>>;

const run = <A, E>(test: Effect.Effect<A, E, Services>): Promise<A> =>
  Effect.runPromise(Effect.provide(test, services()));

const response = (body: string): StoredResponse => ({
  status: 201,
  headers: { etag: '"1"' },
  body,
});

/** A command that leaves a mark of its own beside its response. */
const mark = (claim: IdempotencyClaim, body: string) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger;
    yield* ledger.submit({
      reads: [claim.read],
      partitions: [],
      balances: noDeltas,
      writes: [
        { type: "set", key: ["mark", body], value: encodeJson(body) },
        ...claim.write(response(body)),
      ],
      records: [],
    });
    return body;
  });

const ask = (body: string, more: { key?: string; fingerprint?: string; by?: Principal } = {}) =>
  Effect.flatMap(Idempotency, (idempotency) =>
    idempotency.run(
      { ...bySystem, key: "key", fingerprint: "same", ...more },
      (claim) => mark(claim, body),
    ));

const marks = Effect.flatMap(
  Store,
  (store) => store.list({ start: ["mark", ""], end: ["mark", 0], limit: 100 }),
).pipe(Effect.map((entries) => entries.map(({ key }) => key[1])));

Deno.test("the first request has its effect, repeats get its response", () =>
  run(Effect.gen(function* () {
    assert.deepEqual(yield* ask("first"), { _tag: "First", value: "first" });
    for (let repeat = 0; repeat < 3; repeat++) {
      assert.deepEqual(yield* ask("again"), { _tag: "Replay", response: response("first") });
    }
    assert.deepEqual(yield* marks, ["first"]);
  })));

Deno.test("another request with the key is refused", () =>
  run(Effect.gen(function* () {
    yield* ask("first");
    const error = yield* Effect.flip(ask("other", { fingerprint: "other" }));
    assert.equal(error._tag, "IdempotencyMismatch");
    assert.deepEqual(yield* marks, ["first"]);
  })));

Deno.test("the same key of somebody else is another key", () =>
  run(Effect.gen(function* () {
    yield* ask("first");
    const by: Principal = { id: "key_other", role: "channel", scope: {} };
    assert.equal((yield* ask("second", { by, fingerprint: "other" }))._tag, "First");
  })));

Deno.test("while the first is being worked on, a second is told so", () =>
  run(Effect.gen(function* () {
    const idempotency = yield* Idempotency;
    const begun = yield* Deferred.make<void>();
    const go = yield* Deferred.make<void>();
    const first = yield* Effect.forkChild(
      idempotency.run(
        { ...bySystem, key: "key", fingerprint: "same" },
        (claim) =>
          Effect.gen(function* () {
            yield* Deferred.succeed(begun, undefined);
            yield* Deferred.await(go);
            return yield* mark(claim, "first");
          }),
      ),
    );
    yield* Deferred.await(begun);
    assert.equal((yield* Effect.flip(ask("second")))._tag, "IdempotencyInFlight");
    yield* Deferred.succeed(go, undefined);
    yield* Fiber.join(first);
    assert.equal((yield* ask("third"))._tag, "Replay");
  })));

Deno.test("a request that fails leaves nothing, so that the key can be used again", () =>
  run(Effect.gen(function* () {
    const idempotency = yield* Idempotency;
    const request = { ...bySystem, key: "key", fingerprint: "wrong" };
    assert.equal(yield* Effect.flip(idempotency.run(request, () => Effect.fail("no"))), "no");
    const hanging = yield* Effect.forkChild(idempotency.run(request, () => Effect.never), {
      startImmediately: true,
    });
    yield* Fiber.interrupt(hanging);
    assert.equal((yield* ask("first"))._tag, "First");
  })));

Deno.test("a refusal that is kept is what repeats get, in another process as well", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const refused = Effect.flatMap(Idempotency, (idempotency) =>
        idempotency.run(
          { ...bySystem, key: "key", fingerprint: "same" },
          () => Effect.fail("no"),
          response,
        ));
      const here = yield* Layer.build(services(path));
      const there = yield* Layer.build(services(path));
      assert.equal(yield* Effect.flip(Effect.provideContext(refused, here)), "no");
      for (const process of [here, there]) {
        const answer = yield* Effect.provideContext(ask("later"), process);
        assert.deepEqual(answer, { _tag: "Replay", response: response("no") });
        assert.deepEqual(yield* Effect.provideContext(marks, process), []);
      }
    }).pipe(Effect.scoped)
  ));

Deno.test("a response larger than one value is kept whole", () =>
  run(Effect.gen(function* () {
    // Random, so that it stays large when it is compressed.
    const body = Array.from(
      { length: 4 },
      () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(50_000)))),
    ).join("");
    assert.equal(
      (yield* Effect.flatMap(Idempotency, (idempotency) =>
        idempotency.run({ ...bySystem, key: "key", fingerprint: "same" }, (claim) =>
          Effect.gen(function* () {
            const ledger = yield* Ledger;
            const writes = claim.write(response(body));
            assert.ok(writes.length > 2);
            yield* ledger.submit({
              reads: [claim.read],
              partitions: [],
              balances: noDeltas,
              writes,
              records: [],
            });
          }))))._tag,
      "First",
    );
    assert.deepEqual(yield* ask("again"), { _tag: "Replay", response: response(body) });
  })));

Deno.test("after its retention a key is new again", () =>
  Effect.runPromise(
    Effect.gen(function* () {
      const store = yield* Store;
      const at = new Date(0).toISOString();
      const record = { fingerprint: "same", at, response: response("old") };
      yield* store.commit({
        checks: [],
        mutations: [
          { type: "set", key: keys.idempotency("system", "key"), value: encodeJson(record) },
        ],
      });
      yield* TestClock.setTime(requestLimits.idempotencyRetentionMs - 1);
      assert.deepEqual(yield* ask("new"), { _tag: "Replay", response: response("old") });
      yield* TestClock.setTime(requestLimits.idempotencyRetentionMs);
      assert.deepEqual(yield* ask("new"), { _tag: "First", value: "new" });
      assert.deepEqual(yield* ask("newer"), { _tag: "Replay", response: response("new") });
    }).pipe(Effect.provide(services()), Effect.provide(TestClock.layer())),
  ));

Deno.test("of two processes asked at once with one key, one has the effect and both answer the same", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const here = yield* Layer.build(services(path));
      const there = yield* Layer.build(services(path));
      for (let round = 0; round < 10; round++) {
        const key = `key ${round}`;
        const answers = yield* Effect.all([
          Effect.provideContext(ask(`here ${round}`, { key }), here),
          Effect.provideContext(ask(`there ${round}`, { key }), there),
        ], { concurrency: "unbounded" });
        const bodies = answers.map((answer) =>
          answer._tag === "First" ? answer.value : answer.response.body
        );
        assert.equal(bodies[0], bodies[1]);
      }
      assert.equal((yield* Effect.provideContext(marks, here)).length, 10);
    }).pipe(Effect.scoped)
  ));
