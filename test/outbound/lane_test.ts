/** The lane by itself: what it sends when, what it writes down, and how far its cursor may move. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { Lane } from "../../src/outbound/lane.ts";
import type { Plan } from "../../src/outbound/plan.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import { type Message, messageId, type Outcome, type Waiting } from "../../src/outbound/message.ts";

const retryAfterMs = [100, 1_000, 5_000];

/** A store, as far as a lane knows it. */
class Kept {
  position = "";
  failing: Plan["failing"] = null;
  readonly rows = new Map<string, Waiting>();
  readonly dead = new Set<string>();

  write(plan: Plan): void {
    for (const id of plan.gone) this.rows.delete(id);
    for (const { name, buries } of plan.answered) if (buries) this.dead.delete(name);
    for (const { id, key, body, attempts, firstAtMs, nextAtMs, reason } of plan.rows) {
      assert.notEqual(body, null, "a row has its body");
      const row = { id, key, body: body ?? "", attempts, firstAtMs, nextAtMs, reason };
      this.rows.set(id, row);
    }
    for (const { id } of plan.dead) this.dead.add(id);
    assert.ok(plan.position >= this.position, "the cursor moves on");
    assert.equal(plan.waiting, this.rows.size);
    this.position = plan.position;
    this.failing = plan.failing;
  }

  lane(nowMs: number): Lane {
    const ahead = [...this.dead].filter((id) => id > messageId(this.position, 0, 0));
    const { position, failing } = this;
    const lane = new Lane({
      retryAfterMs,
      position,
      failing,
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
    this.lane.settle(queued, outcome, this.nowMs, 0.5);
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
          lane.settle(queued, { _tag: "Retry", reason: "500" }, nowMs, random);
          const waitMs = retryAfterMs[n] ?? 0;
          const dueMs = queued.nextAtMs - nowMs;
          assert.ok(dueMs >= waitMs && dueMs <= waitMs * (1 + outboundLimits.jitter) + 1);
          assert.equal(lane.next(queued.nextAtMs - 1), null);
          nowMs = queued.nextAtMs;
        }
        const last = lane.next(nowMs);
        assert.ok(last !== null);
        lane.settle(last, { _tag: "Retry", reason: "500" }, nowMs, 0);
        assert.equal(lane.plan(nowMs).dead.length, 1);
      },
    ),
  );
});
