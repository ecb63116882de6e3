import assert from "node:assert/strict";
import fc from "fast-check";
import { closedLoop, dueMs, openLoop, type Timing } from "../../bench/load/drive.ts";
import { Histogram } from "../../bench/load/histogram.ts";

/** A clock that moves only when somebody sleeps, to the earliest time that somebody waits for. */
class ManualTime implements Timing {
  #nowMs = 0;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  readonly nowMs = (): number => this.#nowMs;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => this.#sleepers.push({ atMs: this.#nowMs + Math.max(0, ms), wake }));

  async run<A>(work: Promise<A>): Promise<A> {
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    while (!done) {
      // Lets everything that can go on go on.
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers.shift();
      if (next === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    return finished;
  }
}

Deno.test("requests of an open loop are due at a fixed rate", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 1_000_000 }),
    fc.integer({ min: 1, max: 100_000 }),
    (n, rate) => Math.abs(dueMs(n + rate, rate) - dueMs(n, rate) - 1_000) < 1e-3,
  ));
  assert.equal(dueMs(0, 50), 0);
  assert.equal(dueMs(50, 50), 1_000);
});

Deno.test("an open loop sends as many requests as are due, however slow the answers are", async () => {
  for (const answerMs of [0, 5, 400]) {
    const time = new ManualTime();
    const outcome = await time.run(openLoop({
      clients: 3,
      ratePerSecond: 20,
      seconds: 2,
      timing: time,
      send: async () => {
        await time.sleep(answerMs);
        return { result: "accepted" };
      },
    }));
    assert.equal(outcome.counts.accepted, 40);
  }
});

Deno.test("a stall shows in every request that it held up", async () => {
  const time = new ManualTime();
  const stall = { fromMs: 1_000, untilMs: 2_000 };
  const outcome = await time.run(openLoop({
    clients: 1,
    ratePerSecond: 10,
    seconds: 3,
    timing: time,
    send: async () => {
      const nowMs = time.nowMs();
      if (nowMs >= stall.fromMs && nowMs < stall.untilMs) await time.sleep(stall.untilMs - nowMs);
      else await time.sleep(1);
      return { result: "accepted" };
    },
  }));
  const latency = Histogram.of(outcome.latency);
  assert.equal(latency.count, 30);
  // Ten of thirty were due during the stall, the first of them waited for all of it.
  assert.ok(latency.percentile(100) >= 1_000);
  assert.ok(latency.percentile(80) >= 300);
  assert.ok(latency.percentile(50) < 10);
});

Deno.test("a closed loop never has more requests open than clients, and ends with its time", async () => {
  const time = new ManualTime();
  let open = 0;
  let most = 0;
  const outcome = await time.run(closedLoop({
    clients: 4,
    seconds: 1,
    timing: time,
    send: async () => {
      most = Math.max(most, ++open);
      await time.sleep(100);
      open--;
      return { result: "accepted" };
    },
  }));
  assert.equal(most, 4);
  assert.equal(outcome.counts.accepted, 40);
  assert.equal(outcome.seconds, 1);
});

Deno.test("a closed loop sends no more than it was told to, each number once", async () => {
  const seen: number[] = [];
  const outcome = await closedLoop({
    clients: 7,
    seconds: 60,
    requests: 50,
    send: (n) => {
      seen.push(n);
      return Promise.resolve({ result: "refused" });
    },
  });
  assert.deepEqual(seen.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, n) => n));
  assert.equal(outcome.counts.refused, 50);
  assert.equal(Histogram.of(outcome.refusalLatency).count, 50);
});

Deno.test("what fails is an error with its words, and is in no latency", async () => {
  const outcome = await closedLoop({
    clients: 1,
    seconds: 60,
    requests: 3,
    send: () => Promise.reject(new Error("connection reset")),
  });
  assert.equal(outcome.counts.error, 3);
  assert.equal(Histogram.of(outcome.latency).count, 0);
  assert.deepEqual(outcome.errors, ["connection reset", "connection reset", "connection reset"]);
});
