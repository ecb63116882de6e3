/** Lanes of documents: they begin, change and end as the documents do, in every process, and lose nothing. */
import assert from "node:assert/strict";
import { Context, Effect } from "effect";
import fc from "fast-check";
import { Outbound } from "../../../actors/outbound/outbound.ts";
import { outboundLimits } from "../../../src/outbound/limits.ts";
import { laneOf } from "../../../src/outbound/place.ts";
import { eventIdOf } from "../../../src/subject/event.ts";
import { noFaults } from "../../sim/database.ts";
import { goodSink, type SinkFaults } from "../../sim/sink.ts";
import { anyFaults, share } from "../reactors/any-faults.ts";
import { withKv } from "../reactors/crew.ts";
import { DocumentStage, news } from "./document-stage.ts";

const sinkFaults: fc.Arbitrary<SinkFaults> = fc.record({
  lost: share(0.3),
  unheard: share(0.3),
  denied: share(0.3),
  twice: share(0.3),
  slow: share(0.1),
  longestMs: fc.constantFrom(1, 20, 500),
});

const ids = fc.array(fc.stringMatching(/^[a-e][0-9]$/), { minLength: 1, maxLength: 5 });
const listenerId = fc.constantFrom("one", "two", "three");

type Step =
  | { readonly type: "commit"; readonly ids: readonly string[] }
  | { readonly type: "save" | "close" | "open" | "anew" | "remove"; readonly id: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: ids.map((ids): Step => ({ type: "commit", ids })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom("save", "save", "close", "open", "anew", "remove"),
      listenerId,
    ).map(([type, id]): Step => ({ type, id })),
  },
);

/** What the log must have for each listener when all is done. */
class Account {
  /** Since which position everything must arrive, and whether the listener is open; null for none. */
  readonly listeners = new Map<string, { since: string; open: boolean; start: number } | null>();
  /** Since when nothing may arrive, by listener, while it is closed or gone. */
  readonly silent = new Map<string, string>();

  async take(stage: DocumentStage, { type, id }: Exclude<Step, { type: "commit" }>): Promise<void> {
    const known = this.listeners.get(id) ?? null;
    if (type === "remove") {
      await stage.remove(id);
      this.listeners.set(id, null);
      return;
    }
    if (known === null) {
      const { start } = await stage.save(id, { letters: "abcde" });
      const since = await stage.positionOf(id);
      this.listeners.set(id, { since, open: true, start });
      return;
    }
    const anew = type === "anew" ? { open: true, start: known.start + 1 } : {};
    const open = type === "close" ? { open: false } : type === "open" ? { open: true } : {};
    const note = type === "save"
      ? { ended: `${Math.abs(known.start)} ${stage.entries.length}` }
      : {};
    const saved = await stage.save(id, { ...anew, ...open, ...note });
    if (type === "anew") known.since = await stage.positionOf(id);
    known.open = saved.open;
    known.start = saved.start;
  }
}

const plan = fc.record({
  seed: fc.nat(),
  members: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { minLength: 4, maxLength: 24 }),
  faults: anyFaults,
  sinkFaults,
});

Deno.test("each listener gets what the log has since it was saved, in order, whatever fails", () =>
  fc.assert(
    fc.asyncProperty(plan, ({ seed, members, steps, faults, sinkFaults }) =>
      withKv(async (kv) => {
        const stage = new DocumentStage({ kv, seed, members });
        const { crew } = stage;
        const account = new Account();
        await crew.play(async () => {
          await crew.everybodyRuns();
          await stage.commit(["a1", "b1"]);
          for (const id of ["one", "two", "three"]) stage.sink(id).faults = sinkFaults;
          await account.take(stage, { type: "save", id: "one" });
          crew.faults = faults;
          for (const each of steps) {
            if (each.type === "commit") await stage.commit(each.ids);
            else await account.take(stage, each);
            await crew.pause(500);
          }
          await crew.pause(10_000);
          crew.faults = noFaults;
          for (const sink of stage.sinks.values()) sink.faults = goodSink;
          for (const [id, known] of account.listeners) {
            if (known !== null && !known.open) await account.take(stage, { type: "open", id });
          }
          await stage.commit(["a9", "e9"]);
          for (const [id, known] of account.listeners) {
            if (known === null) {
              await crew.until(async () => await stage.cursor(id) === null, `${id} is tidied`);
              for (const family of ["waiting_message", "dead_letter", "attempts", "lane_request"]) {
                assert.deepEqual(await stage.laneRows(family, id), []);
              }
            } else {
              await stage.rest(id);
              stage.check(id, "abcde", known.since);
            }
          }
        });
      })),
    { numRuns: 40 },
  ));

Deno.test("a lane begins at the very commit that saves its document, though nobody runs it then", () =>
  withKv(async (kv) => {
    const stage = new DocumentStage({ kv, seed: 11, members: 1 });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await stage.commit(["a1"]);
      await stage.save("one");
      const since = await stage.positionOf("one");
      const [member] = crew.running;
      if (member !== undefined) crew.crash(member.process);
      await stage.commit(["a2", "b1"]);
      await crew.pause(60_000);
      await stage.rest("one");
      stage.check("one", "abcde", since);
      assert.equal(stage.sink("one").arrivals.length, 2);
    });
  }));

Deno.test("after the commit that closes or removes a document, no later event is sent for it", () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 2, max: 3 }),
      fc.constantFrom("close", "remove"),
      anyFaults,
      (seed, members, how, faults) =>
        withKv(async (kv) => {
          const stage = new DocumentStage({ kv, seed, members });
          const { crew } = stage;
          await crew.play(async () => {
            await crew.everybodyRuns();
            await stage.save("one");
            await stage.save("two");
            crew.faults = { ...faults, crash: 0 };
            stage.sink("one").faults = { ...goodSink, longestMs: 200 };
            for (let n = 0; n < 5; n++) await stage.commit(["a1", "b1"]);
            await stage.rest("one", "two");
            assert.equal(stage.arrived("one")["a"]?.length, 5);
            const closing = how === "close"
              ? stage.save("one", { open: false })
              : stage.remove("one");
            for (let n = 0; n < 20; n++) {
              await stage.commit(["a2", "b2", "c2"]);
              await crew.pause(20);
            }
            await closing;
            crew.faults = noFaults;
            for (let n = 0; n < 10; n++) await stage.commit(["a3", "b3", "c3"]);
            await stage.rest("two");
            await crew.pause(30_000);
            const records = await stage.rows("log");
            const texts = records.map(({ key, value }) => [String(key[1]), value] as const);
            const type = how === "close" ? "listener.saved" : "listener.removed";
            const decoder = new TextDecoder();
            const [at = ""] = texts.findLast(([, value]) =>
              value !== null && decoder.decode(value).includes(`"${type}"`) &&
              decoder.decode(value).includes('"id":"one"')
            ) ?? [];
            assert.notEqual(at, "");
            const late = stage.sink("one").attempts.filter(({ id }) => id > eventIdOf(at, 0));
            assert.deepEqual(late, []);
          });
        }),
    ),
    {
      numRuns: 30,
      // In these the process that holds the lane is late to hear of it.
      examples: [
        [
          ...[381_108_015, 2, "remove"] as const,
          {
            ...{ ...noFaults, conflict: 8.621523643149297e-61, late: 0.09999999999999977 },
            ...{ slow: 0.019999999999999976, longestMs: 1 },
          },
        ],
        [
          ...[2_066_271_417, 3, "close"] as const,
          {
            ...{ ...noFaults, full: 1.7463413010727072e-152, conflict: 4.363690669414484e-31 },
            ...{ late: 8.022827028886468e-82, slow: 0.01999999999999996, longestMs: 30 },
          },
        ],
      ],
    },
  ));

Deno.test("a record of the log may end a lane: nothing of it and of what follows is sent", () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 2 }),
      anyFaults,
      (seed, members, faults) =>
        withKv(async (kv) => {
          const stage = new DocumentStage({ kv, seed, members });
          const { crew } = stage;
          await crew.play(async () => {
            await crew.everybodyRuns();
            await stage.save("one", { letters: "abx" });
            await stage.save("two", { letters: "ab" });
            crew.faults = faults;
            await stage.commit(["a1", "b1"]);
            const at = await stage.commit(["a2", "x", "a3"]);
            for (let n = 0; n < 10; n++) await stage.commit(["a4", "b4"]);
            await crew.pause(5_000);
            crew.faults = noFaults;
            await stage.rest("two");
            await crew.until(
              async () => (await stage.listener("one"))?.open === false,
              "it is closed",
            );
            await crew.pause(20_000);
            assert.equal((await stage.listener("one"))?.ended, "withdrawn");
            const late = stage.sink("one").attempts.filter(({ id }) =>
              id > eventIdOf(at, 0) || id.includes(at)
            );
            assert.deepEqual(late, []);
            assert.deepEqual(stage.holders("one"), []);
            // Somebody has it go on without what ends it: then it has missed nothing.
            await stage.save("one", { letters: "ab", open: true });
            await stage.rest("one");
            stage.check("one", "ab", "");
          });
        }),
    ),
    { numRuns: 15 },
  ));

Deno.test("an answer of 410, and five days without any, close the document; its messages are kept", () =>
  withKv(async (kv) => {
    const stage = new DocumentStage({ kv, seed: 3, members: 2 });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await stage.save("one");
      await stage.save("two");
      await stage.save("three");
      stage.sink("one").isGone = true;
      stage.sink("two").isDown = true;
      for (let n = 0; n < 8; n++) await stage.commit(["a1", "b1", "c1", "d1"]);
      await crew.until(async () => (await stage.listener("one"))?.ended === "gone", "it is gone");
      assert.equal((await stage.listener("one"))?.open, false);
      const { attemptsToEnd, silenceToEndMs } = outboundLimits;
      const two = stage.sink("two");
      // Clocks go on faster than the world does: so many days would be too many steps.
      for (let hours = 0; two.attempts.length < attemptsToEnd; hours++) {
        crew.clockOffsetsMs = [hours * 3_600_000, hours * 3_600_000];
        await crew.pause(10_000);
      }
      assert.equal((await stage.listener("two"))?.open, true);
      crew.clockOffsetsMs = [silenceToEndMs, silenceToEndMs];
      await crew.until(async () => (await stage.listener("two"))?.open === false, "it is closed");
      assert.equal((await stage.listener("two"))?.ended, "silent");
      await stage.rest("three");
      stage.check("three", "abcde", await stage.positionOf("three"));
      stage.sink("one").isGone = false;
      stage.sink("two").isDown = false;
      await stage.save("one", { open: true, ended: null });
      await stage.save("two", { open: true, ended: null });
      await stage.rest("one", "two");
      const all = stage.expected("abcde", "");
      assert.deepEqual(stage.arrived("one"), all);
      assert.deepEqual(stage.arrived("two"), all);
    });
  }));

Deno.test("one that begins anew forgets what it had not sent", () =>
  withKv(async (kv) => {
    const stage = new DocumentStage({ kv, seed: 4, members: 2 });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await stage.save("one");
      const sink = stage.sink("one");
      sink.refuses = ({ key }) => key === "a";
      for (let n = 0; n < 30; n++) await stage.commit(["a1", "b1"]);
      await crew.pause(10_000);
      assert.ok((await stage.laneRows("waiting_message", "one")).length > 0);
      await stage.save("one", { open: false });
      for (let n = 0; n < 30; n++) await stage.commit(["a2", "b2"]);
      sink.refuses = () => false;
      await stage.save("one", { open: true, start: 1 });
      const since = await stage.positionOf("one");
      const before = sink.attempts.length;
      await stage.commit(["a3", "b3"]);
      await stage.rest("one");
      stage.check("one", "abcde", since);
      assert.equal(sink.attempts.length - before, 2);
    });
  }));

Deno.test("a document that was changed is asked at once, however long nobody answered", () =>
  withKv(async (kv) => {
    const stage = new DocumentStage({ kv, seed: 5, members: 1 });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await stage.save("one");
      const sink = stage.sink("one");
      sink.isDown = true;
      for (let n = 0; n < 10; n++) await stage.commit(["a1", "b1", "c1"]);
      await crew.pause(3_600_000);
      assert.ok((await stage.laneRows("waiting_message", "one")).length <= outboundLimits.window);
      sink.isDown = false;
      const fromMs = crew.world.nowMs;
      await stage.save("one", { ended: "mended" });
      await stage.rest("one");
      assert.ok(crew.world.nowMs - fromMs < 20_000);
    });
  }));

Deno.test("so many messages are sent at once by one process over all its lanes, and no lane starves", () =>
  withKv(async (kv) => {
    const stage = new DocumentStage({ kv, seed: 6, members: 1 });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      const all = Array.from({ length: 20 }, (_, n) => `l${n}`);
      for (const id of all) await stage.save(id, { letters: "abcdefghijklmnop" });
      const before = stage.entries.length;
      for (const id of all) stage.sink(id).faults = { ...goodSink, longestMs: 4_000 };
      for (let n = 0; n < 4; n++) {
        await stage.commit([..."abcdefghijklmnop"].map((key) => `${key}1`));
      }
      await stage.rest(...all);
      assert.equal(before, 0);
      const spans = all.flatMap((id) => {
        const { attempts, arrivals } = stage.sink(id);
        return attempts.map(({ id, atMs }) => ({
          beganMs: atMs,
          endedMs: arrivals.find((each) => each.id === id)?.atMs ?? atMs,
        }));
      });
      const most = Math.max(
        ...spans.map(({ beganMs }) =>
          spans.filter((each) => each.beganMs <= beganMs && each.endedMs > beganMs).length
        ),
      );
      assert.ok(most > outboundLimits.processSends / 2, `only ${most} at once`);
      assert.ok(most <= outboundLimits.processSends, `${most} at once`);
      for (const id of all) stage.check(id, "abcdefghijklmnop", "");
    });
  }));

Deno.test("a body that is completed when it is first sent is the same each time it is sent again", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), (seed) =>
      withKv(async (kv) => {
        const stage = new DocumentStage({ kv, seed, members: 2 });
        let count = 0;
        stage.completed = (body) => `${body} #${++count}`;
        const { crew } = stage;
        await crew.play(async () => {
          await crew.everybodyRuns();
          await stage.save("one");
          const sink = stage.sink("one");
          sink.faults = { ...goodSink, denied: 0.5, longestMs: 300 };
          for (let n = 0; n < 8; n++) {
            await stage.commit(["a1", "b1", "a2"]);
            await crew.pause(300);
          }
          // A process that ends in good order has written down what it had completed.
          await crew.pause(2_000);
          sink.faults = goodSink;
          await stage.rest("one");
          stage.check("one", "abcde", "");
          const bodies = Map.groupBy(sink.attempts, ({ id }) => id);
          assert.ok([...bodies.values()].some((some) => some.length > 1));
          for (const some of bodies.values()) {
            assert.equal(new Set(some.map(({ body }) => body)).size, 1);
            assert.match(some[0]?.body ?? "", /#\d+$/);
          }
        });
      })),
    { numRuns: 10 },
  ));

Deno.test("what was delivered, and what died, is sent again by id or for a time, with its ids", () =>
  withKv(async (kv) => {
    const stage = new DocumentStage({ kv, seed: 8, members: 2, retryAfterMs: [500, 1_000] });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await stage.save("one");
      const lane = laneOf(news, "one");
      const sink = stage.sink("one");
      sink.rejects = ({ key }) => key === "c";
      for (let n = 0; n < 100; n++) await stage.commit(["a1", "b1", "c1"]);
      await stage.rest("one");
      const dead = () => stage.laneRows("dead_letter", "one");
      assert.equal((await dead()).length, 100);
      sink.rejects = () => false;
      const ask = (request: Parameters<Outbound["Service"]["ask"]>[1]) =>
        stage.ask(Effect.flatMap(Outbound, (outbound) => outbound.ask(lane, request)));
      const again = async () => {
        const from = sink.arrivals.length;
        await stage.rest("one");
        return sink.arrivals.slice(from).map(({ id }) => id).sort();
      };
      const [first, second] = stage.entries;
      const delivered = eventIdOf(first?.position ?? "", 0);
      const died = eventIdOf(second?.position ?? "", 2);
      await ask({ type: "redeliver", id: delivered });
      await ask({ type: "redeliver", id: died });
      assert.deepEqual(await again(), [delivered, died].sort());
      assert.equal((await dead()).length, 99);

      const part = stage.entries.slice(10, 90);
      const range = {
        type: "range",
        after: stage.entries[9]?.position ?? "",
        upTo: part.at(-1)?.position ?? "",
        types: null,
      } as const;
      await ask({ ...range, name: "r1", onlyDead: true, types: ["location.saved"] });
      assert.deepEqual(await again(), []);
      await ask({ ...range, name: "r2", onlyDead: true, types: ["item.*"] });
      assert.deepEqual(await again(), part.map(({ position }) => eventIdOf(position, 2)));
      assert.equal((await dead()).length, 19);
      await ask({ ...range, name: "r3", onlyDead: false });
      assert.deepEqual(
        await again(),
        part.flatMap(({ position }) => [0, 1, 2].map((n) => eventIdOf(position, n))).sort(),
      );
      const bodies = Map.groupBy(sink.attempts, ({ id }) => id);
      for (const some of bodies.values()) {
        assert.equal(new Set(some.map(({ body }) => body)).size, 1);
      }
    });
  }));

Deno.test("each lane is held by one process, and one that was stopped and wakes cannot move its cursor", () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(3_000),
      fc.integer({ min: 20_000, max: 120_000 }),
      (seed, atMs, stoppedMs) =>
        withKv(async (kv) => {
          const stage = new DocumentStage({ kv, seed, members: 2 });
          const { crew } = stage;
          await crew.play(async () => {
            await crew.everybodyRuns();
            await stage.save("one");
            const since = await stage.positionOf("one");
            await crew.until(() => stage.holders("one").length === 1, "somebody holds the lane");
            const [holder] = stage.holders("one");
            const member = crew.running.find(({ process }) => process.name === holder);
            const positions: string[] = [];
            crew.world.after(atMs, null, () => member?.process.stop(stoppedMs));
            for (let n = 0; n < 60; n++) {
              await stage.commit(["a1", "b1"]);
              await crew.pause(1_000);
              positions.push((await stage.cursor("one") as { position: string }).position);
            }
            await crew.pause(stoppedMs);
            await stage.rest("one");
            stage.check("one", "abcde", since);
            assert.deepEqual(positions, positions.toSorted(), "the cursor goes on and never back");
            await crew.until(() => stage.holders("one").length === 1, "one holds the lane");
            // Somebody else took it over, unless it was stopped for too short.
            const services = member?.services;
            const lanes = services ? Context.get(services, Outbound).lanes() : [];
            if (stage.holders("one")[0] !== holder) assert.equal(lanes[0]?.isHeld ?? false, false);
          });
        }),
    ),
    { numRuns: 10 },
  ));
