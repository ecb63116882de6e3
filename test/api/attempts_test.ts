/** Wrong keys: slowed by address and in all, told in the log, and no hindrance to who has a right one. */
import assert from "node:assert/strict";
import { Clock, type Context, Duration, Effect, Fiber, Layer, Logger } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { Attempts, Slowed } from "../../api/http/attempts.ts";
import { Authenticator } from "../../api/http/authenticator.ts";
import { attemptLimits } from "../../api/http/limits.ts";
import { peerAt } from "../../api/http/peer.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { adminKey, keyFor, orderFor, startServer } from "../support/server.ts";

const { ofAddress, waitMs } = attemptLimits;

const holder: Principal = { id: "key_1", role: "admin", scope: {} };
const chosen = "chosen by somebody";
const made = "made here";

/** Counts looks at keys. */
const fakeKeys = () => {
  const looks: string[] = [];
  const not = () => Effect.die("not asked here");
  const service: Context.Service.Shape<typeof Authenticator> = {
    authenticate: (secret) =>
      Effect.sync(() => {
        looks.push(secret);
        return secret === chosen || secret === made ? holder : null;
      }),
    cached: (secret) => secret === chosen || secret === made ? holder : undefined,
    isMadeHere: (secret) => secret.startsWith("made"),
    find: not,
    changes: () => 0,
    whyNot: not,
    ended: () => Effect.never,
    hasEnded: not,
    endSession: not,
  };
  return { looks, layer: Layer.succeed(Authenticator, service) };
};

interface Line {
  readonly message: unknown;
  readonly annotations: Readonly<Record<string, unknown>>;
}

const withAttempts = (
  test: (
    attempts: Attempts["Service"],
    looks: readonly string[],
    told: readonly Line[],
  ) => Effect.Effect<void, unknown>,
): Promise<void> => {
  const { looks, layer } = fakeKeys();
  const told: Line[] = [];
  const logger = Logger.layer([
    Logger.map(Logger.formatStructured, ({ message, annotations }) => {
      told.push({ message, annotations });
    }),
  ]);
  return Effect.flatMap(Attempts, (attempts) => test(attempts, looks, told)).pipe(
    Effect.provide(Attempts.layer.pipe(Layer.provide(layer))),
    Effect.provide(Layer.mergeAll(logger, TestClock.layer())),
    Effect.runPromise,
  );
};

const here = peerAt("192.0.2.1");
const elsewhere = peerAt("192.0.2.2");

/** As many wrong keys as are answered at once, and then some that are not looked at. */
const exhaust = (attempts: Attempts["Service"], peer = here) =>
  Effect.gen(function* () {
    const tries = ofAddress.burst + waitMs / ofAddress.intervalMs + 1;
    const waiting = yield* Effect.forEach(
      Array.from({ length: tries }, (_, n) => `made up ${n}`),
      (secret) => Effect.forkChild(attempts.enter(secret, peer), { startImmediately: true }),
    );
    return waiting;
  });

Deno.test("wrong keys of one address are answered at once, then slowly, then not looked at", () =>
  withAttempts((attempts) =>
    Effect.gen(function* () {
      const waiting = yield* exhaust(attempts);
      const answered = () => waiting.map((fiber) => fiber.pollUnsafe() !== undefined);
      const after = (wait: number) => Array(wait).fill(false);
      const atOnce = Array(ofAddress.burst).fill(true);
      const slow = waitMs / ofAddress.intervalMs;
      assert.deepEqual(answered(), [...atOnce, ...after(slow), true]);
      yield* TestClock.adjust(ofAddress.intervalMs);
      assert.deepEqual(answered(), [...atOnce, true, ...after(slow - 1), true]);
      yield* TestClock.adjust(waitMs);
      const answers = yield* Fiber.joinAll(waiting);
      assert.deepEqual(answers.slice(0, -1), Array(answers.length - 1).fill(null));
      const last = answers.at(-1);
      assert.ok(last instanceof Slowed && last.retryAfterSeconds === 1);
    })
  ));

Deno.test("a key that was made here is let in at once, whoever tries wrong ones beside it", () =>
  withAttempts((attempts) =>
    Effect.gen(function* () {
      yield* exhaust(attempts);
      assert.deepEqual(yield* attempts.enter(made, here), holder);
      assert.deepEqual(attempts.known(made), holder);
    })
  ));

Deno.test("a chosen key is looked at only now and then while wrong ones come from its address", () =>
  withAttempts((attempts, looks) =>
    Effect.gen(function* () {
      assert.deepEqual(attempts.known(chosen), holder);
      yield* exhaust(attempts);
      const before = looks.length;
      // Nobody learns from the answer whether it is the right one.
      const [right, wrong] = yield* Effect.all([
        attempts.enter(chosen, here),
        attempts.enter("guessed", here),
      ]);
      assert.ok(right instanceof Slowed && wrong instanceof Slowed);
      assert.equal(looks.length, before);
      assert.equal(attempts.known(chosen), undefined);
      // Another address has its own pace, and so has this one in a moment.
      assert.deepEqual(yield* attempts.enter(chosen, elsewhere), holder);
      yield* TestClock.adjust(1_000 * right.retryAfterSeconds);
      assert.deepEqual(yield* attempts.enter(chosen, here), holder);
    })
  ));

Deno.test("however long somebody tries, all is well soon after", () =>
  withAttempts((attempts) =>
    Effect.gen(function* () {
      for (let n = 0; n < 1_000; n++) {
        yield* Effect.forkChild(attempts.enter(`made up ${n}`, here), { startImmediately: true });
      }
      yield* TestClock.adjust(ofAddress.intervalMs);
      assert.deepEqual(yield* attempts.enter(chosen, here), holder);
      yield* TestClock.adjust(waitMs + (ofAddress.burst + 2) * ofAddress.intervalMs);
      assert.deepEqual(yield* attempts.enter(chosen, here), holder);
      assert.deepEqual(attempts.known(chosen), holder);
      assert.equal(yield* attempts.enter("wrong", here), null);
    })
  ));

Deno.test("all addresses together are slowed, however many there are", () =>
  withAttempts((attempts, looks) =>
    Effect.gen(function* () {
      const tries = 2 * attemptLimits.addresses;
      for (let n = 0; n < tries; n++) {
        const peer = peerAt(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
        yield* Effect.forkChild(attempts.enter(`guess ${n}`, peer), { startImmediately: true });
      }
      const { burst, intervalMs } = attemptLimits.ofAll;
      assert.ok(looks.length <= burst + waitMs / intervalMs + 1, `${looks.length} looks`);
      yield* TestClock.adjust(1_000);
      assert.deepEqual(yield* attempts.enter(chosen, elsewhere), holder);
    })
  ));

Deno.test("the log is told of every wrong key, in few lines and without the keys", () =>
  withAttempts((attempts, _, told) =>
    Effect.gen(function* () {
      const attempt = (n: number, address: string) =>
        Effect.forkChild(attempts.enter(`made up ${n}`, peerAt(address)), {
          startImmediately: true,
        });
      yield* attempt(0, "192.0.2.1");
      yield* TestClock.adjust(0);
      assert.equal(told.length, 1);
      for (let n = 1; n <= 50; n++) yield* attempt(n, `192.0.2.${n}`);
      yield* TestClock.adjust(attemptLimits.tellMs - 1);
      assert.equal(told.length, 1);
      yield* TestClock.adjust(1);
      assert.equal(told.length, 2);
      assert.deepEqual(told.map(({ annotations }) => annotations["attempts"]), [1, 50]);
      const text = JSON.stringify(told);
      assert.ok(!text.includes("made up"), text);
      assert.ok(text.includes("192.0.2.1"), text);
      const addresses = told.map(({ annotations }) =>
        Object.keys(Object(annotations["addresses"]))
      );
      assert.deepEqual(addresses.map(({ length }) => length), [1, attemptLimits.addressesTold]);
    })
  ));

Deno.test("hosts of one IPv6 network count as one, and IPv4 is what it is however it is written", () => {
  assert.equal(peerAt("::ffff:192.0.2.1").address, "192.0.2.1");
  assert.equal(peerAt("fe80::1%eth0").address, peerAt("fe80::2").address);
  const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(groups, groups, (one, other) => {
    const network = one.slice(0, 4);
    const address = (host: readonly string[]) => peerAt([...network, ...host].join(":")).address;
    assert.equal(address(one.slice(4)), address(other.slice(4)));
    assert.equal(peerAt(`${network.join(":")}::1`).address, address(one.slice(4)));
    if (other[3] !== network[3]) {
      assert.notEqual(peerAt(other.join(":")).address, address(one.slice(4)));
    }
  }));
  assert.equal(peerAt("2001:db8::1").address, peerAt("2001:db8:0:0:1::").address);
});

/** Time stands still, and whoever waits for it does not wait long. */
const standingClock = (): Clock.Clock => {
  const machine = Effect.runSync(Clock.Clock);
  const nowMs = machine.currentTimeMillisUnsafe();
  const nanos = BigInt(nowMs) * 1_000_000n;
  return {
    currentTimeMillisUnsafe: () => nowMs,
    currentTimeMillis: Effect.succeed(nowMs),
    currentTimeNanosUnsafe: () => nanos,
    currentTimeNanos: Effect.succeed(nanos),
    monotonicTimeNanosUnsafe: () => machine.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: machine.monotonicTimeNanos,
    sleep: (duration) => machine.sleep(Duration.millis(Duration.toMillis(duration) / 100)),
  };
};

Deno.test("wrong keys over the API and in the sign-in form have one pace, and are told by status", async () => {
  await using server = await startServer({ clock: standingClock() });
  const peer = peerAt("192.0.2.9");
  const api = (key: string) =>
    server.application.fetch(
      new Request("http://allot.test/v1/orders", { headers: { authorization: `Bearer ${key}` } }),
      peer,
    );
  const form = (key: string) =>
    server.application.fetch(
      new Request("http://allot.test/sign-in", {
        method: "POST",
        body: new URLSearchParams({ key }),
      }),
      peer,
    );
  const warehouse = await keyFor(server, "warehouse");
  for (let n = 0; n < ofAddress.burst; n += 2) {
    assert.equal((await api(`wrong-${n}`)).status, 401);
    assert.equal((await form(`wrong-${n}`)).status, 401);
  }
  const slow = Array.from({ length: waitMs / ofAddress.intervalMs }, () => api("wrong"));
  for (const answer of [await api("wrong"), await form("wrong"), await form(adminKey)]) {
    assert.equal(answer.status, 429);
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  }
  assert.equal((await api(warehouse)).status, 200);
  assert.equal((await form(warehouse)).status, 303);
  // From elsewhere the chosen key is as good as ever.
  assert.equal((await server.ask("/v1/orders")).status, 200);
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { none: 1 }) });
  assert.equal(placed.status, 409);
  for (const answer of await Promise.all(slow)) assert.equal(answer.status, 401);
  assert.match((await server.ask("/metrics", { key: null })).text, /allot_wrong_keys_total \d+/);
});
