/** The lane by itself: what it sends when, what it writes down, and how far its cursor may move. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { Lane } from "../../src/outbound/lane.ts";
import type { Plan } from "../../src/outbound/plan.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import { AttemptPage, unpackPage } from "../../src/outbound/attempt.ts";
import {
  type Attempt,
  type Message,
  messageId,
  type Outcome,
  parsedMessageId,
  type Waiting,
} from "../../src/outbound/message.ts";

const retryAfterMs = [100, 1_000, 5_000];

/** A store, as far as a lane knows it. */
class Kept {
  ends = false;
  position = "";
  failing: Plan["failing"] = null;
  silence: Plan["silence"] = null;
  readonly rows = new Map<string, Waiting>();
  readonly dead = new Set<string>();

  write(plan: Plan): void {
    for (const id of plan.gone) this.rows.delete(id);
    for (const { buries } of plan.answered) for (const id of buries) this.dead.delete(id);
    for (const { id, key, body, attempts, firstAtMs, nextAtMs, reason } of plan.rows) {
      assert.notEqual(body, null, "a row has its body");
      const row = { id, key, body: body ?? "", attempts, firstAtMs, nextAtMs, reason };
      this.rows.set(id, row);
    }
    for (const { id } of plan.dead) this.dead.add(id);
    assert.ok(plan.position >= this.position, "the cursor moves on");
    assert.equal(plan.waiting, this.rows.size);
    assert.equal(plan.died, this.dead.size);
    this.position = plan.position;
    this.failing = plan.failing;
    this.silence = plan.silence;
  }

  lane(nowMs: number): Lane {
    const ahead = [...this.dead].filter((id) =>
      (parsedMessageId(id)?.position ?? "") > this.position
    );
    const { position, failing, silence, ends } = this;
    const lane = new Lane({
      ...{ retryAfterMs, position, failing, silence, ends, drafts: false },
      dead: { count: this.dead.size, ahead },
    });
    const rows = [...this.rows.values()].sort((one, other) => one.id < other.id ? -1 : 1);
    lane.restore(rows.map(({ body: _, ...rest }) => rest), nowMs);
    return lane;
  }
}

/** A world around a lane: a log, a store, and another side that does as it is told. */
class Model {
  readonly kept = new Kept();
  lane = this.kept.lane(0);
  nowMs = 0;
  readonly log: { readonly position: string; readonly messages: readonly Message[] }[] = [];
  taken = 0;
  inFlight: Queued[] = [];
  readonly delivered: Message[] = [];
  readonly rejected = new Set<string>();

  append(keys: readonly string[]): void {
    const position = String(this.log.length + 1).padStart(20, "0");
    const messages = keys.map((key, n) => {
      const id = messageId(position, n, 0);
      return { id, key, body: `body of ${id}` };
    });
    this.log.push({ position, messages });
  }

  take(): void {
    const entry = this.log[this.taken];
    if (entry === undefined || !this.lane.hasRoom) return;
    this.lane.take(entry.position, this.nowMs, entry.messages, this.nowMs);
    this.taken++;
  }

  send(): void {
    const queued = this.lane.next(this.nowMs);
    if (queued === null) return;
    queued.body ??= this.kept.rows.get(queued.id)?.body ?? "";
    assert.equal(queued.body, `body of ${queued.id}`);
    assert.ok(this.inFlight.every(({ key }) => key !== queued.key), "one of a key at a time");
    this.inFlight.push(queued);
    assert.ok(this.inFlight.length <= outboundLimits.concurrency);
    if (this.lane.failing !== null) assert.equal(this.inFlight.length, 1, "one to see");
  }

  answer(n: number, outcome: Outcome): void {
    const [queued] = this.inFlight.splice(n % Math.max(1, this.inFlight.length), 1);
    if (queued === undefined) return;
    const { id, key, body } = queued;
    if (outcome._tag === "Delivered") this.delivered.push({ id, key, body: body ?? "" });
    if (outcome._tag === "Rejected") this.rejected.add(id);
    this.lane.settle([queued], outcome, this.nowMs, 0.5);
  }

  save(isConfirmed: boolean): void {
    const plan = this.lane.plan(this.nowMs);
    this.#assertNothingPassed(plan);
    this.kept.write(plan);
    if (isConfirmed) this.lane.saved(plan);
    else this.crash();
  }

  /** Whatever is passed is delivered, rejected, or in the store. */
  #assertNothingPassed(plan: Plan): void {
    const settled = new Set([
      ...this.delivered.map(({ id }) => id),
      ...this.kept.dead,
      ...plan.dead.map(({ id }) => id),
      ...plan.rows.map(({ id }) => id),
      ...this.kept.rows.keys(),
    ]);
    for (const { position, messages } of this.log) {
      if (position > plan.position) break;
      for (const { id } of messages) assert.ok(settled.has(id), `${id} is passed`);
    }
  }

  crash(): void {
    this.inFlight = [];
    this.lane = this.kept.lane(this.nowMs);
    this.taken = this.log.findIndex(({ position }) => position > this.kept.position);
    if (this.taken < 0) this.taken = this.log.length;
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.lane.noteTime(this.nowMs);
  }

  /** The other side takes everything, and nothing fails any more. */
  finish(): void {
    for (let n = 0; n < 100_000; n++) {
      while (this.inFlight.length > 0) this.answer(0, { _tag: "Delivered" });
      this.save(true);
      if (this.taken === this.log.length && this.lane.depth === 0) return;
      this.take();
      this.send();
      if (this.inFlight.length === 0) this.wait(1_000);
    }
    assert.fail("it does not come to its end");
  }
}

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Outcome>({ _tag: "Delivered" }) },
  { weight: 4, arbitrary: fc.constant<Outcome>({ _tag: "Retry", reason: "502" }) },
  { weight: 1, arbitrary: fc.constant<Outcome>({ _tag: "Retry", reason: "429", afterMs: 700 }) },
  { weight: 1, arbitrary: fc.constant<Outcome>({ _tag: "Rejected", reason: "400" }) },
);

type Event = (model: Model) => void;

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 4 }).map(
    (keys): Event => (model) => model.append(keys),
  ),
  fc.constant<Event>((model) => model.take()),
  fc.constant<Event>((model) => model.send()),
  fc.tuple(fc.nat(7), outcome).map(([n, outcome]): Event => (model) => model.answer(n, outcome)),
  fc.constantFrom(10, 400, 2_000, 20_000).map((ms): Event => (model) => model.wait(ms)),
  fc.boolean().map((isConfirmed): Event => (model) => model.save(isConfirmed)),
  fc.constant<Event>((model) => model.crash()),
);

const firstOfEach = (messages: readonly Message[], key: string): readonly string[] => [
  ...new Set(messages.filter((message) => message.key === key).map(({ id }) => id)),
];

Deno.test("whatever happens, all is delivered or rejected, in order for each key", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 150, size: "max" }), (events) => {
      const model = new Model();
      for (const each of events) each(model);
      model.finish();
      const died = new Set([...model.kept.dead, ...model.rejected]);
      for (const key of ["a", "b", "c", "d", "e"]) {
        const wanted = model.log.flatMap(({ messages }) => messages)
          .filter((message) => message.key === key && !died.has(message.id)).map(({ id }) => id);
        const delivered = firstOfEach(model.delivered, key).filter((id) => !died.has(id));
        assert.deepEqual(delivered, wanted);
      }
      assert.equal(model.kept.position, model.log.at(-1)?.position ?? "");
      assert.equal(model.kept.rows.size, 0);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("while all goes well, nothing is written but the cursor", () => {
  const model = new Model();
  for (let n = 0; n < 50; n++) {
    model.append(["a", "b"]);
    model.take();
    for (let each = 0; each < 2; each++) model.send();
    for (let each = 0; each < 2; each++) model.answer(0, { _tag: "Delivered" });
    const plan = model.lane.plan(model.nowMs);
    assert.deepEqual([plan.rows, plan.gone, plan.dead], [[], [], []]);
    assert.equal(plan.position, model.log.at(-1)?.position);
    model.save(true);
  }
});

const fail = (model: Model) => model.answer(0, { _tag: "Retry", reason: "connection refused" });

Deno.test("an endpoint that is down costs a window, not a row for each event", () => {
  const model = new Model();
  for (let n = 0; n < 3_000; n++) model.append([`key ${n % 500}`]);
  for (let n = 0; n < 6_000; n++) {
    model.take();
    model.send();
    fail(model);
    if (n % 5 === 0) model.wait(10 * 60_000);
    if (n % 20 === 0) model.save(true);
  }
  assert.notEqual(model.lane.failing, null);
  const { failuresToOpen, concurrency } = outboundLimits;
  const most = failuresToOpen + concurrency;
  assert.ok(model.kept.rows.size <= most, `${model.kept.rows.size} rows`);
  assert.ok(model.taken <= most, `${model.taken} entries`);
  assert.equal(model.kept.dead.size, 0, "nobody dies of it");
  model.finish();
  assert.equal(model.delivered.length, 3_000);
});

Deno.test("one message that always fails holds back only its own key, and dies", () => {
  const model = new Model();
  model.append(["bad"]);
  for (let n = 0; n < 300; n++) model.append(["bad", `good ${n % 7}`]);
  for (let n = 0; n < 20_000 && model.kept.dead.size === 0; n++) {
    model.take();
    model.send();
    const isBad = model.inFlight[0]?.key === "bad";
    model.answer(0, isBad ? { _tag: "Retry", reason: "500" } : { _tag: "Delivered" });
    model.wait(5);
    if (n % 10 === 0) model.save(true);
  }
  assert.equal(model.lane.failing, null);
  assert.equal(model.delivered.filter(({ key }) => key !== "bad").length, 300);
  assert.deepEqual([...model.kept.dead], [messageId(model.log[0]?.position ?? "", 0, 0)]);
  model.finish();
  assert.equal(model.delivered.length, 600);
});

Deno.test("more dead letters than somebody may want to look at end the taking, and none is lost", () => {
  const model = new Model();
  const { deadLetters } = outboundLimits;
  for (let n = 0; n < deadLetters + 500; n++) model.append([`key ${n}`]);
  for (let n = 0; n < 4 * deadLetters; n++) {
    model.take();
    model.send();
    model.answer(0, { _tag: "Rejected", reason: "400" });
    model.wait(5);
    if (n % 10 === 0) model.save(true);
  }
  model.save(true);
  assert.ok(model.kept.dead.size <= deadLetters);
  assert.ok(!model.lane.hasRoom);
  const unsettled = model.log.slice(0, model.taken).length - model.kept.dead.size;
  assert.equal(unsettled, model.lane.depth);
});

Deno.test("the other side is left alone for as long as it asks", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (afterMs) => {
      const model = new Model();
      model.append(["a", "b"]);
      model.take();
      model.send();
      model.answer(0, { _tag: "Retry", reason: "429", afterMs });
      assert.equal(model.lane.next(model.nowMs + afterMs - 1), null);
      assert.ok(model.lane.nextAtMs() >= model.nowMs + afterMs);
      assert.notEqual(model.lane.next(model.nowMs + afterMs), null);
    }),
  );
});

Deno.test("waits follow the schedule, longer by chance and never shorter", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (
        randoms,
      ) => {
        const lane = new Kept().lane(0);
        lane.take("1", 0, [{ id: "1", key: "a", body: "" }], 0);
        let nowMs = 0;
        for (const [n, random] of randoms.entries()) {
          const queued = lane.next(nowMs);
          assert.ok(queued !== null);
          lane.settle([queued], { _tag: "Retry", reason: "500" }, nowMs, random);
          const waitMs = retryAfterMs[n] ?? 0;
          const dueMs = queued.nextAtMs - nowMs;
          assert.ok(dueMs >= waitMs && dueMs <= waitMs * (1 + outboundLimits.jitter) + 1);
          assert.equal(lane.next(queued.nextAtMs - 1), null);
          nowMs = queued.nextAtMs;
        }
        const last = lane.next(nowMs);
        assert.ok(last !== null);
        lane.settle([last], { _tag: "Retry", reason: "500" }, nowMs, 0);
        assert.equal(lane.plan(nowMs).dead.length, 1);
      },
    ),
  );
});

/** A lane with a message for each key, in the order of the keys. */
const laneWith = (keys: readonly string[], ends = false): Lane => {
  const kept = new Kept();
  kept.ends = ends;
  const lane = kept.lane(0);
  for (const [n, key] of keys.entries()) {
    const position = String(n).padStart(20, "0");
    lane.take(position, 0, [{ id: messageId(position, 0, 0), key, body: "" }], 0);
  }
  return lane;
};

const sent = (lane: Lane, nowMs: number): Queued => {
  const queued = lane.next(nowMs);
  assert.ok(queued !== null, "there is something to send");
  return queued;
};

Deno.test("half a minute without a success is as good as many failures, for more than one key", () => {
  fc.assert(
    fc.property(fc.constantFrom(["a"], ["a", "b"]), (keys) => {
      const lane = laneWith(Array.from({ length: 80 }, (_, n) => keys[n % keys.length] ?? ""));
      const { silenceToOpenMs } = outboundLimits;
      const failAll = (nowMs: number) => {
        for (let next = lane.next(nowMs); next !== null; next = lane.next(nowMs)) {
          lane.settle([next], { _tag: "Retry", reason: "500" }, nowMs, 0);
        }
      };
      for (let nowMs = 0; nowMs < silenceToOpenMs; nowMs += 1_000) failAll(nowMs);
      assert.equal(lane.failing, null);
      for (let nowMs = silenceToOpenMs; nowMs < 2 * silenceToOpenMs; nowMs += 1_000) failAll(nowMs);
      assert.equal(lane.failing !== null, keys.length > 1);
    }),
  );
});

Deno.test("messages that somebody refuses are no sign that nobody is there, and die of it", () => {
  const lane = laneWith(["a", "b", "c", "d", "e"]);
  const times = new Map<string, number>();
  for (let nowMs = 0; nowMs < 60_000; nowMs += 100) {
    for (let next = lane.next(nowMs); next !== null; next = lane.next(nowMs)) {
      times.set(next.key, (times.get(next.key) ?? 0) + 1);
      lane.settle([next], { _tag: "Retry", reason: "450", isThere: true }, nowMs, 0);
      assert.equal(lane.failing, null);
      assert.equal(lane.silence, null);
    }
  }
  assert.deepEqual([...times.values()], Array(5).fill(retryAfterMs.length + 1));
  assert.equal(lane.deadLetters, 5);
});

Deno.test("somebody who refuses one message is there for the others", () => {
  const lane = laneWith(["a", "b", "c", "d", "e"]);
  let nowMs = 0;
  while (lane.failing === null) {
    const queued = lane.next(nowMs);
    if (queued === null) nowMs += 100;
    else lane.settle([queued], { _tag: "Retry", reason: "connection refused" }, nowMs, 0);
  }
  nowMs = lane.failing.nextProbeAtMs;
  const probe = sent(lane, nowMs);
  lane.settle([probe], { _tag: "Retry", reason: "450", isThere: true }, nowMs, 0);
  assert.equal(lane.failing, null);
  assert.notEqual(sent(lane, nowMs).key, probe.key);
});

Deno.test("while nobody is there, messages of several keys take turns to see whether somebody is", () => {
  const lane = laneWith(["a", "b", "c", "d", "e", "f", "g", "h"]);
  let nowMs = 0;
  while (lane.failing === null) {
    const queued = lane.next(nowMs);
    if (queued === null) nowMs += 100;
    else lane.settle([queued], { _tag: "Retry", reason: "503", afterMs: 1 }, nowMs, 0);
  }
  const probed: string[] = [];
  const probe = () => {
    nowMs = lane.failing?.nextProbeAtMs ?? nowMs;
    const queued = sent(lane, nowMs);
    assert.equal(lane.next(nowMs), null, "one at a time");
    probed.push(queued.key);
    lane.settle([queued], { _tag: "Retry", reason: "503" }, nowMs, 0);
    // The others are not due for a long time: their clock was another.
    for (const other of lane.plan(nowMs).rows) {
      if (other !== queued) other.nextAtMs = nowMs + 3_600_000;
    }
  };
  for (let n = 0; n < 8; n++) probe();
  assert.equal(new Set(probed).size, 8);
});

Deno.test("who has too much to do gets half as much at once, for a minute", () => {
  const lane = laneWith(Array.from({ length: 40 }, (_, n) => `key ${n}`));
  const { concurrency, slowDownMs } = outboundLimits;
  const all = (nowMs: number): Queued[] => {
    const found: Queued[] = [];
    for (let next = lane.next(nowMs); next !== null; next = lane.next(nowMs)) found.push(next);
    return found;
  };
  const [first, ...others] = all(0);
  assert.ok(first !== undefined);
  assert.equal(others.length + 1, concurrency);
  lane.settle([first], { _tag: "Retry", reason: "429", isBusy: true }, 0, 0);
  for (const each of others) lane.settle([each], { _tag: "Delivered" }, 0, 0);
  const fewer = all(1);
  assert.equal(fewer.length, concurrency / 2);
  for (const each of fewer) lane.settle([each], { _tag: "Delivered" }, 1, 0);
  const few = all(slowDownMs - 1);
  assert.equal(few.length, concurrency / 2);
  for (const each of few) lane.settle([each], { _tag: "Delivered" }, slowDownMs - 1, 0);
  assert.equal(all(slowDownMs).length, concurrency);
});

Deno.test("a lane of a document ends after five days without a success and twenty attempts, not before", () => {
  const dayMs = 24 * 3_600_000;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 60_000, max: dayMs }), { minLength: 30, maxLength: 60 }),
      fc.option(fc.nat(29)),
      fc.boolean(),
      (pausesMs, success, ends) => {
        const lane = laneWith(Array.from({ length: 200 }, (_, n) => `key ${n % 20}`), ends);
        let nowMs = 0;
        let sinceMs: number | null = null;
        let attempts = 0;
        for (const [n, pauseMs] of pausesMs.entries()) {
          nowMs += pauseMs;
          const queued = lane.next(nowMs);
          if (queued === null) continue;
          if (n === success) {
            lane.settle([queued], { _tag: "Delivered" }, nowMs, 0);
            [sinceMs, attempts] = [null, 0];
          } else {
            lane.settle([queued], { _tag: "Retry", reason: "503" }, nowMs, 0);
            sinceMs ??= nowMs;
            attempts++;
          }
          const isOver: boolean = ends && sinceMs !== null && nowMs - sinceMs >= 5 * dayMs &&
            attempts >= 20;
          assert.equal(lane.ending?.code ?? null, isOver ? "silent" : null);
          if (isOver) {
            assert.equal(lane.next(nowMs + 10 * dayMs), null);
            return;
          }
        }
      },
    ),
  );
});

Deno.test("whoever is gone for good ends the lane of a document; elsewhere it is a failure like others", () => {
  for (const ends of [true, false]) {
    const lane = laneWith(["a", "b"], ends);
    lane.settle([sent(lane, 0)], { _tag: "Gone", reason: "410" }, 0, 0);
    assert.equal(lane.ending?.code ?? null, ends ? "gone" : null);
    assert.equal(lane.next(0) === null, ends);
    assert.equal(lane.plan(0).rows.length, 1, "the message is kept");
  }
});

Deno.test("a lane that is full of what failed says so, and goes on once somebody has looked", () => {
  const { deadLetters } = outboundLimits;
  const model = new Model();
  for (let n = 0; n < deadLetters + 9; n++) model.append([`key ${n}`]);
  for (let n = 0; n < 2 * deadLetters; n++) {
    model.take();
    model.send();
    model.answer(0, { _tag: "Rejected", reason: "400" });
    if (n % 50 === 0) model.save(true);
  }
  model.save(true);
  assert.equal(model.lane.paused, "failed");
  const [dead = ""] = model.kept.dead;
  model.lane.ask({ name: dead, buries: [dead] }, [], model.nowMs);
  model.save(true);
  assert.equal(model.lane.paused, null);
  assert.ok(model.lane.hasRoom);
});

const attempt: fc.Arbitrary<Attempt> = fc.record({
  id: fc.constantFrom("evt_1", "evt_2"),
  key: fc.string({ maxLength: 30 }),
  atMs: fc.nat(),
  tookMs: fc.nat(),
  n: fc.integer({ min: 1, max: 10 }),
  outcome: fc.constantFrom("Delivered", "Retry", "Rejected", "Gone"),
  status: fc.integer({ min: 100, max: 599 }),
  reason: fc.string({ maxLength: 100 }),
  answer: fc.string({ maxLength: outboundLimits.answerCharacters }),
}, { requiredKeys: ["id", "key", "atMs", "tookMs", "n", "outcome"] });

Deno.test("attempts are read from their pages as they were written, whatever was lost on the way", () => {
  const saves = fc.array(
    fc.tuple(fc.array(attempt, { minLength: 1, maxLength: 100 }), fc.boolean()),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), saves, (first, some) => {
      const pages = new Map<number, string>();
      const page = new AttemptPage(first);
      const wanted: Attempt[] = [];
      for (const [attempts, isWritten] of some) {
        const next = page.with(attempts);
        assert.ok(next.text.length <= outboundLimits.attemptPageLength || attempts.length > 1);
        if (!isWritten) continue;
        pages.set(next.number, next.text);
        page.written(next, attempts.length);
        wanted.push(...attempts);
      }
      const numbers = [...pages.keys()];
      assert.deepEqual(numbers, numbers.map((_, n) => first + n));
      const read = [...pages.values()].flatMap(unpackPage);
      assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(wanted)));
    }),
  );
});
