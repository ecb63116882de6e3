import assert from "node:assert/strict";
import { Clock, Deferred, Effect, Fiber, Layer } from "effect";
import { TestClock } from "effect/testing";
import type { Principal } from "../../src/kernel/principal.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { KvStore, type NativeKv } from "../../src/store/kv.ts";
import { storeLimits } from "../../src/store/limits.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import { subjects } from "../../src/subjects.ts";
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

/** Right at first, and the hours that tests let pass. */
const hoursMs = (hours: number): number => hours * 3_600_000;

/**
 * A database that drops what has expired by the test's clock. Whoever writes and whoever drops have clocks of
 * their own, wrong by so much: that is how Deno KV does it on a file.
 */
const dropping = (kv: Deno.Kv, wrongMs: { readonly writer: number; readonly dropper: number }) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock;
    const deadlines: { readonly key: Deno.KvKey; readonly atMs: number }[] = [];
    const nowMs = () => clock.currentTimeMillisUnsafe();
    const drop = async (): Promise<void> => {
      for (const { key, atMs } of deadlines) {
        if (nowMs() + wrongMs.dropper >= atMs) await kv.delete(key);
      }
    };
    const native: NativeKv = {
      get: async (key, options) => (await drop(), await kv.get(key, options)),
      getMany: async (keys, options) => (await drop(), await kv.getMany(keys, options)),
      list: (selector, options) => kv.list(selector, options),
      commitVersionstamp: () => kv.commitVersionstamp(),
      watch: (keys, options) => kv.watch(keys, options),
      atomic: () => {
        const atomic = kv.atomic();
        const set = atomic.set.bind(atomic);
        atomic.set = (key, value, options) => {
          if (options?.expireIn !== undefined) {
            deadlines.push({ key, atMs: nowMs() + wrongMs.writer + options.expireIn });
          }
          return set(key, value);
        };
        return atomic;
      },
    };
    return KvStore.over(native, { path: ":memory:" });
  }).pipe(Layer.unwrap);

/** Whether a key's answer is repeated so long after it was given. */
const isRepeatedAfter = (
  hours: number,
  wrongMs: { readonly writer: number; readonly dropper: number },
): Promise<boolean> =>
  Effect.runPromise(
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2030, 0, 1));
      const kv = yield* Effect.acquireRelease(
        Effect.promise(() => Deno.openKv(":memory:")),
        (opened) => Effect.sync(() => opened.close()),
      );
      const process = yield* Layer.build(services(":memory:", subjects, dropping(kv, wrongMs)));
      return yield* Effect.gen(function* () {
        assert.deepEqual(yield* ask("old"), { _tag: "First", value: "old" });
        yield* TestClock.adjust(hoursMs(hours));
        return (yield* ask("new"))._tag === "Replay";
      }).pipe(Effect.provideContext(process));
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer())),
  );

Deno.test("an answer is repeated for 48 hours, however far apart the clocks are of who keeps and who drops it", async () => {
  const apartMs = storeLimits.clocksApartMs;
  for (const writer of [0, -apartMs, -hoursMs(72), hoursMs(72)]) {
    for (const dropper of [writer, writer + apartMs / 2, writer + apartMs]) {
      assert.ok(await isRepeatedAfter(47.99, { writer, dropper }), `${writer} ${dropper}`);
    }
  }
});

Deno.test("an answer is not kept for ever: once the store has dropped it, its key is new again", async () => {
  const apartMs = storeLimits.clocksApartMs;
  assert.equal(await isRepeatedAfter(48, { writer: 0, dropper: apartMs }), false);
  assert.equal(await isRepeatedAfter(48 + apartMs / hoursMs(1), { writer: 0, dropper: 0 }), false);
});

Deno.test("a process whose clock is days off repeats what another answered", () =>
  withFile((path) =>
    Effect.gen(function* () {
      for (const daysOff of [3, -3, 1_000]) {
        const key = `${daysOff} days off`;
        yield* TestClock.setTime(Date.UTC(2030, 0, 1));
        const here = yield* Layer.build(services(path));
        yield* Effect.provideContext(ask("here", { key }), here);
        yield* TestClock.setTime(Date.UTC(2030, 0, 1 + daysOff));
        const there = yield* Layer.build(services(path));
        const answer = yield* Effect.provideContext(ask("there", { key }), there);
        assert.deepEqual(answer, { _tag: "Replay", response: response("here") });
      }
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
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
