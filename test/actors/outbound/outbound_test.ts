/** Messages to the outside: at least once, in order for each key, nothing lost whatever fails and wherever. */
import assert from "node:assert/strict";
import { Effect, Exit } from "effect";
import fc from "fast-check";
import { delivery } from "../../../actors/outbound/held-lane.ts";
import { outboundLimits } from "../../../src/outbound/limits.ts";
import type { Message, Outcome } from "../../../src/outbound/message.ts";
import { noFaults } from "../../sim/database.ts";
import { anyFaults, share } from "../reactors/any-faults.ts";
import { withKv } from "../reactors/crew.ts";
import { laneName, LaneStage, outboxOf } from "./lane-stage.ts";
import { goodSink, type SinkFaults } from "../../sim/sink.ts";

const sinkFaults: fc.Arbitrary<SinkFaults> = fc.record({
  lost: share(0.3),
  unheard: share(0.3),
  denied: share(0.3),
  twice: share(0.3),
  slow: share(0.2),
  longestMs: fc.constantFrom(1, 20, 500),
});

/** Few keys, so that messages often wait for each other. */
const ids = fc.array(fc.stringMatching(/^[a-e][0-2]$/), { minLength: 1, maxLength: 8 });

const hourMs = 3_600_000;

const plan = fc.record({
  seed: fc.nat(),
  members: fc.integer({ min: 1, max: 3 }),
  entries: fc.array(ids, { minLength: 1, maxLength: 12 }),
  faults: anyFaults,
  sinkFaults,
  /** While nobody is at the other end, in entries. */
  down: fc.tuple(fc.nat(12), fc.nat(6)),
  /** How wrong clocks are, and how wrong they are once somebody has set them. */
  clockOffsetsMs: fc.array(
    fc.array(fc.integer({ min: -hourMs, max: hourMs }), { minLength: 3, maxLength: 3 }),
    { minLength: 2, maxLength: 2 },
  ),
});

Deno.test("every message arrives, in order for each key, whatever fails", () =>
  fc.assert(
    fc.asyncProperty(plan, ({ seed, members, entries, faults, sinkFaults, down, clockOffsetsMs }) =>
      withKv(async (kv) => {
        const stage = new LaneStage({ kv, seed, members });
        const { crew, sink } = stage;
        const [before = [], after = []] = clockOffsetsMs;
        crew.clockOffsetsMs = before;
        await crew.play(async () => {
          await crew.everybodyRuns();
          crew.faults = faults;
          sink.faults = sinkFaults;
          for (const [n, each] of entries.entries()) {
            sink.isDown = n >= down[0] && n < down[0] + down[1];
            await stage.commit(each);
            await crew.pause(700);
            if (n === 5) {
              crew.clockOffsetsMs = after;
            }
          }
          sink.isDown = false;
          await crew.pause(20_000);
          crew.faults = noFaults;
          sink.faults = goodSink;
          await stage.rest();
          stage.check();
          assert.equal((await stage.rows("dead_letter")).length, 0);
        });
      })),
    { numRuns: 40 },
  ));

/** A message for each of these keys, over and over. */
const commitMany = async (stage: LaneStage, count: number, pauseMs: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    await stage.commit([`${"abcde".charAt(n % 5)}1`]);
    await stage.crew.pause(pauseMs);
  }
};

const sentTwice = ({ sink }: LaneStage): readonly string[] => {
  const ids = sink.attempts.map(({ id }) => id);
  return ids.filter((id, n) => ids.indexOf(id) !== n);
};

Deno.test("while all goes well each message is sent once, by one of the processes", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, members) =>
      withKv(async (kv) => {
        const stage = new LaneStage({ kv, seed, members });
        await stage.crew.play(async () => {
          await stage.crew.everybodyRuns();
          await commitMany(stage, 40, 200);
          // Longer than any lease: a holder that has nothing to do keeps the lane without a word.
          await stage.crew.pause(60_000);
          await commitMany(stage, 10, 200);
          await stage.rest();
          stage.check();
          assert.deepEqual(sentTwice(stage), []);
          assert.equal(
            new Set(stage.sink.attempts.map(({ from }) =>
              from
            )).size,
            1,
          );
          assert.deepEqual(await stage.rows("waiting_message"), []);
        });
      })),
    { numRuns: 15 },
  ));

Deno.test("the messages of a process that ended are sent by another", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(3_000), (seed, atMs) =>
      withKv(async (kv) => {
        const stage = new LaneStage({ kv, seed, members: 2 });
        const { crew, sink } = stage;
        await crew.play(async () => {
          await crew.everybodyRuns();
          sink.faults = { ...goodSink, longestMs: 300 };
          await crew.until(() => stage.holders().length === 1, "somebody holds the lane");
          const [holder] = stage.holders();
          const member = crew.running.find(({ process }) => process.name === holder);
          crew.world.after(atMs, null, () => member?.process.kill());
          await commitMany(stage, 20, 200);
          await stage.rest();
          stage.check();
          assert.equal(stage.holders().length, 1);
          assert.notEqual(stage.holders()[0], holder);
        });
      })),
    { numRuns: 15 },
  ));

Deno.test("a process that was stopped and wakes has lost the lane, and disturbs nothing", () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(3_000),
      fc.integer({ min: 0, max: 120_000 }),
      (seed, atMs, stoppedMs) =>
        withKv(async (kv) => {
          const stage = new LaneStage({ kv, seed, members: 2 });
          const { crew, sink } = stage;
          await crew.play(async () => {
            await crew.everybodyRuns();
            sink.faults = { ...goodSink, longestMs: 300, lost: 0.1 };
            await crew.until(() => stage.holders().length === 1, "somebody holds the lane");
            const [holder] = stage.holders();
            const member = crew.running.find(({ process }) => process.name === holder);
            crew.world.after(atMs, null, () => member?.process.stop(stoppedMs));
            await commitMany(stage, 60, 1_000);
            await crew.pause(stoppedMs);
            await stage.rest();
            stage.check();
            await crew.until(() => stage.holders().length === 1, "one holds the lane");
            // What it had under way may come late; from then on it sends nothing.
            const wokeAtMs = crew.world.nowMs;
            await commitMany(stage, 10, 200);
            await stage.rest();
            stage.check();
            const last = sink.attempts.filter((each) => each.atMs > wokeAtMs);
            assert.equal(new Set(last.map(({ from }) => from)).size, 1);
          });
        }),
    ),
    { numRuns: 15 },
  ));

Deno.test("a process that ends in good order gives the lane back, and nothing is sent twice", () =>
  withKv(async (kv) => {
    const stage = new LaneStage({ kv, seed: 3, members: 2 });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await commitMany(stage, 7, 100);
      const [holder] = stage.holders();
      const endedAtMs = crew.world.nowMs;
      await crew.end(crew.running.find(({ process }) => process.name === holder));
      await stage.commit(["a1"]);
      await stage.rest();
      stage.check();
      assert.deepEqual(sentTwice(stage), []);
      assert.ok(crew.world.nowMs - endedAtMs < outboundLimits.leaseMs);
    });
  }));

Deno.test("what dies is listed, and sent again or dismissed when somebody says so", () =>
  withKv(async (kv) => {
    const outbox = outboxOf({ retryAfterMs: [500, 1_000] });
    const stage = new LaneStage({ kv, seed: 5, members: 2, outbox });
    const { crew, sink } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      sink.rejects = ({ key }) => key === "r";
      sink.refuses = ({ key }) => key === "f";
      await stage.commit(["r1", "f1", "a1"]);
      await stage.commit(["f1", "r1", "a1"]);
      await stage.rest();
      const died = ({ key }: Message) => key !== "a";
      stage.check(died);
      const letters = await stage.ask((outbound) => outbound.deadLetters(laneName, "", 100));
      const ids = stage.expected().filter(died).map(({ id }) => id).sort();
      assert.deepEqual(letters.map(({ id }) => id), ids);
      const reasons = letters.map(({ key, reason, attempts }) => [key, reason, attempts]);
      assert.deepEqual(
        reasons,
        ids.map((id) =>
          letters.find((each) => each.id === id)?.key === "r" ? ["r", "400", 0] : ["f", "503", 3]
        ),
      );
      const some = await stage.ask((outbound) => outbound.deadLetters(laneName, ids[0] ?? "", 2));
      assert.deepEqual(some.map(({ id }) => id), ids.slice(1, 3));
      sink.rejects = () => false;
      sink.refuses = () => false;
      const [first = "", ...others] = ids;
      await stage.ask((outbound) => outbound.dismiss(laneName, first));
      for (const id of others) await stage.ask((outbound) => outbound.redeliver(laneName, id));
      await stage.rest();
      assert.deepEqual(await stage.rows("dead_letter"), []);
      assert.deepEqual(
        [...new Set(sink.arrivals.filter(died).map(({ id }) => id))].sort(),
        [...others].sort(),
      );
      const bodies = new Map(stage.expected().map(({ id, body }) => [id, body]));
      for (const { id, body } of sink.attempts) assert.equal(body, bodies.get(id));
      const pages = await stage.ask((outbound) => outbound.attempts(laneName, null));
      const attempts = pages.flatMap((page) => page.attempts);
      const count = (outcome: string) => attempts.filter((each) => each.outcome === outcome).length;
      assert.deepEqual([count("Rejected"), count("Retry"), count("Delivered")], [2, 6, 5]);
    });
  }));

Deno.test("an entry of which no messages can be made is set aside, and its messages follow later", () =>
  fc.assert(
    fc.asyncProperty(plan, ({ seed, members, entries, faults }) =>
      withKv(async (kv) => {
        let isPoison = true;
        const outbox = outboxOf({ isPoison: (id) => isPoison && id === "p2" });
        const stage = new LaneStage({ kv, seed, members, outbox });
        const { crew } = stage;
        const isLate = ({ key }: Message) => key === "p";
        await crew.play(async () => {
          await crew.everybodyRuns();
          for (const each of entries) await stage.commit(each);
          await stage.commit(["p2"]);
          for (const each of entries) await stage.commit(each);
          await stage.rest();
          isPoison = false;
          stage.check(isLate);
          assert.equal((await stage.rows("set_aside")).length, 1);
          crew.faults = faults;
          await crew.until(
            async () => {
              await stage.askTail((tail) => tail.retrySetAside);
              return (await stage.rows("set_aside")).length === 0;
            },
            "it is taken",
            500,
          );
          crew.faults = noFaults;
          await stage.rest();
          stage.check();
        });
      })),
    { numRuns: 15 },
  ));

Deno.test("nobody can run a delivery but the process that holds its lane", async () => {
  let sent = 0;
  const { deliver } = delivery(() =>
    Effect.sync((): Outcome => {
      sent++;
      return { _tag: "Delivered" };
    })
  );
  // @ts-expect-error: it needs a lane, and only the lane's holder has one to give.
  const exit = await Effect.runPromiseExit(deliver({ id: "1", key: "a", body: "" }));
  assert.ok(Exit.isFailure(exit));
  assert.equal(sent, 0);
});
