/** The lane of a stock feed: whatever fails, its other end has at last what is so, and is told nothing else. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import fc from "fast-check";
import { laneOfFeed } from "../../../actors/stock-feed/stock-feeds.ts";
import { Outbound } from "../../../actors/outbound/outbound.ts";
import { levelLimits } from "../../../src/stock-feed/limits.ts";
import { outboundLimits } from "../../../src/outbound/limits.ts";
import { stockDelta } from "../../../src/stock/stock.ts";
import { noFaults } from "../../sim/database.ts";
import { toldBy } from "../../sim/levels.ts";
import { goodSink, type SinkFaults } from "../../sim/sink.ts";
import { anyFaults, share } from "../reactors/any-faults.ts";
import { withKv } from "../reactors/crew.ts";
import { FeedStage } from "./feed-stage.ts";

const sinkFaults: fc.Arbitrary<SinkFaults> = fc.record({
  lost: share(0.3),
  unheard: share(0.3),
  denied: share(0.3),
  twice: share(0.3),
  slow: share(0.1),
  longestMs: fc.constantFrom(1, 20, 500),
});

/** One of them is not of the feed's choice. */
const places = ["ams", "ber", "par"];

const change = fc.record({
  locationId: fc.constantFrom(...places),
  sku: fc.constantFrom("a", "b", "c", "d"),
  onHand: fc.integer({ min: -5, max: 9 }),
  reserved: fc.constantFrom(0, 0, 1, -1),
  safetyStock: fc.constantFrom(0, 0, 0, 1),
}).map(({ locationId, sku, ...change }) => stockDelta(locationId, sku, change));

type Step =
  | { readonly type: "change"; readonly deltas: readonly ReturnType<typeof stockDelta>[] }
  | { readonly type: "save"; readonly buffer: number; readonly minIntervalMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(change, { minLength: 1, maxLength: 4 }).map((deltas): Step => ({
      type: "change",
      deltas,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("save" as const),
      buffer: fc.nat(3),
      minIntervalMs: fc.constantFrom(0, 1_000, 10_000),
    }),
  },
);

const run = (
  { seed, members, pauseMs, batchSize, steps, faults, sinkFaults }: {
    readonly seed: number;
    readonly members: number;
    readonly pauseMs: number;
    readonly batchSize: number;
    readonly steps: readonly Step[];
    readonly faults: FeedStage["crew"]["faults"];
    readonly sinkFaults: SinkFaults;
  },
): Promise<void> =>
  withKv(async (kv) => {
    const stage = new FeedStage({ kv, seed, members });
    const { crew, sink } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      await stage.change(...places.map((place) => stockDelta(place, "z", { onHand: 3 })));
      await stage.save({ batchSize });
      sink.faults = sinkFaults;
      crew.faults = faults;
      for (const each of steps) {
        if (each.type === "change") await stage.change(...each.deltas);
        else await stage.save(each);
        await crew.pause(pauseMs);
      }
      await crew.pause(10_000);
      crew.faults = noFaults;
      sink.faults = goodSink;
      await stage.rest();
      // What was on its way all the time may still come.
      await crew.pause(4 * outboundLimits.attemptMs);
      stage.check();
    });
  });

Deno.test("when all is quiet, the other end has what is available of each SKU, whatever fails", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        members: fc.integer({ min: 1, max: 3 }),
        pauseMs: fc.constantFrom(1, 100, 2_000),
        batchSize: fc.constantFrom(1, 2, 100),
        steps: fc.array(step, { minLength: 4, maxLength: 24 }),
        faults: anyFaults,
        sinkFaults,
      }),
      run,
    ),
    { numRuns: 25 },
  ));

/** One process, a feed that has been told of all there was, and what then happens. */
const quietly = (
  script: (stage: FeedStage) => Promise<void>,
  more: Parameters<FeedStage["save"]>[0] = {},
): Promise<void> =>
  withKv(async (kv) => {
    const stage = new FeedStage({ kv, seed: 1, members: 1 });
    await stage.crew.play(async () => {
      await stage.crew.everybodyRuns();
      await stage.move("ams", "a", 5);
      await stage.save(more);
      await stage.rest();
      await script(stage);
    });
  });

Deno.test("a feed is told of all there is when it is saved, and of what changes from then on", () =>
  quietly(async (stage) => {
    assert.deepEqual(stage.told().map(({ type, levels }) => [type, levels]), [
      ["stock.resync", [{ sku: "a", available: 5 }]],
    ]);
    await stage.move("ber", "a", 2);
    await stage.move("par", "a", 9);
    await stage.rest();
    assert.deepEqual(stage.toldOf("a"), [5, 7], "not of places that are not of its choice");
    assert.equal(stage.told().at(-1)?.type, "stock.changed");
    const { deliveredAtMs, sweep } = await stage.lane();
    assert.ok(deliveredAtMs !== null);
    assert.equal(sweep?.keys, 1);
    assert.ok(sweep?.endedAtMs !== null);
    await stage.save({ buffer: 6 });
    await stage.rest();
    assert.deepEqual(stage.toldOf("a"), [5, 7, 1], "what it is saved as counts from then on");
    assert.ok(stage.crew.world.nowMs < 60_000, "and not from the next night on");
  }));

Deno.test("what comes late is known to be older", () =>
  quietly(async (stage) => {
    const { crew, sink } = stage;
    sink.faults = { ...goodSink, slow: 1 };
    await stage.move("ams", "a", -1);
    await crew.pause(outboundLimits.attemptMs - 1_000);
    sink.faults = goodSink;
    await stage.move("ams", "a", -1);
    await stage.rest();
    assert.equal(stage.toldOf("a").at(-1), 3);
    await crew.pause(4 * outboundLimits.attemptMs);
    assert.equal(stage.toldOf("a").at(-1), 4, "it was on its way all the time");
    stage.check();
  }));

Deno.test("the same value is told again where it was another in between", () =>
  quietly(async (stage) => {
    for (const units of [-1, 1]) {
      await stage.move("ams", "a", units);
      await stage.rest();
    }
    assert.deepEqual(stage.toldOf("a"), [5, 4, 5]);
  }));

Deno.test("a change while a request is on its way is told by another one, after it", () =>
  quietly(async (stage) => {
    const { crew, sink } = stage;
    sink.faults = { ...goodSink, longestMs: 0 };
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => answer = resolve);
    const send = sink.send.bind(sink);
    let held = true;
    sink.send = (process, message) => {
      const sending = send(process, message);
      if (!held) return sending;
      held = false;
      return Effect.tap(sending, () => Effect.promise(() => answered));
    };
    await stage.move("ams", "a", -1);
    await crew.until(() => sink.arrivals.length === 2, "the first is on its way");
    await stage.move("ams", "a", -1);
    await crew.pause(700);
    assert.equal(sink.attempts.length, 2, "one request of a SKU at a time");
    const { position } = await stage.cursor() ?? { position: "" };
    answer();
    await stage.rest();
    assert.deepEqual(stage.toldOf("a"), [5, 4, 3]);
    assert.ok(position < ((await stage.cursor())?.position ?? ""), "the cursor waited for it");
  }));

Deno.test("what is used up goes first, and rises wait for each other", () =>
  quietly(async (stage) => {
    const { crew, sink } = stage;
    await stage.change(...["b", "c", "d"].map((sku) => stockDelta("ams", sku, { onHand: 2 })));
    await crew.pause(3_000);
    assert.deepEqual(stage.toldOf("b"), [], "a rise waits");
    await stage.move("ams", "c", -1);
    await crew.pause(1_000);
    assert.deepEqual(stage.toldOf("c"), [1], "a fall does not wait, and takes its rise along");
    await crew.pause(8_000);
    assert.deepEqual(stage.toldOf("b"), [2]);
    // While one request is on its way, others gather.
    sink.faults = { ...goodSink, longestMs: 400 };
    const before = sink.arrivals.length;
    await stage.move("ams", "a", -1);
    await stage.change(stockDelta("ams", "b", { onHand: -1 }));
    await stage.change(stockDelta("ams", "c", { onHand: -1 }));
    await stage.rest();
    const order = sink.arrivals.slice(before).map(toldBy).flatMap(({ levels }) => levels);
    assert.equal(order.find(({ available }) => available === 0)?.sku, "c");
    stage.check();
  }, { minIntervalMs: 10_000, batchSize: 1 }));

Deno.test("a SKU that is never taken is soon alone, and the others are told", () =>
  quietly(async (stage) => {
    const { crew, sink } = stage;
    sink.refuses = ({ body }) => body.includes('"s7"');
    const skus = Array.from({ length: 16 }, (_, n) => `s${n}`);
    await stage.change(...skus.map((sku) => stockDelta("ams", sku, { onHand: 1 })));
    await crew.pause(30_000);
    const told = new Set(stage.told().flatMap(({ levels }) => levels.map(({ sku }) => sku)));
    assert.deepEqual([...told].sort(), ["a", ...skus.filter((sku) => sku !== "s7")].sort());
    const rows = await stage.laneRows("waiting_message");
    assert.equal(rows.length, 1, "it waits in the store");
    assert.equal((await stage.lane()).status, "active");
    // What changes meanwhile is told with it.
    await stage.move("ams", "s7", 4);
    sink.refuses = () => false;
    await stage.rest();
    assert.deepEqual(stage.toldOf("s7").at(-1), 5);
  }));

Deno.test("a feed of which nobody is there costs no more than a handful of rows", () =>
  quietly(async (stage) => {
    const { crew, sink } = stage;
    sink.isDown = true;
    for (let n = 0; n < 60; n++) {
      await stage.move("ams", `s${n}`, 1);
      await crew.pause(1_000);
    }
    assert.equal((await stage.lane()).status, "failing");
    assert.ok((await stage.laneRows("waiting_message")).length < 30);
    sink.isDown = false;
    await stage.rest();
    stage.check();
  }, { batchSize: 1 }));

Deno.test("by night, and when somebody asks, all SKUs are told of, some at a time", () =>
  quietly(async (stage) => {
    const { crew, sink } = stage;
    const skus = Array.from({ length: outboundLimits.keysPerSweep + 20 }, (_, n) => `s${n}`);
    for (let n = 0; n < skus.length; n += 130) {
      await stage.change(
        ...skus.slice(n, n + 130).map((sku) => stockDelta("ber", sku, { onHand: 1 })),
      );
    }
    await stage.rest();
    // The world begins at midnight.
    const before = sink.arrivals.length;
    await crew.pause(levelLimits.nightlyHour * 3_600_000);
    await stage.rest();
    const swept = sink.arrivals.slice(before).map(toldBy);
    assert.ok(swept.every(({ type, levels }) => type === "stock.resync" && levels.length <= 100));
    const told = swept.flatMap(({ levels }) => levels.map(({ sku }) => sku));
    assert.deepEqual(told.toSorted(), ["a", ...skus].sort(), "each once");
    assert.equal((await stage.lane()).sweep?.keys, skus.length + 1);
    // The other end has lost everything.
    sink.arrivals.splice(0);
    const position = (await stage.cursor())?.position ?? "";
    await stage.ask(
      Effect.flatMap(
        Outbound,
        (outbound) => outbound.ask(laneOfFeed("shop"), { type: "sweep", position, after: "" }),
      ),
    );
    await stage.rest();
    stage.check();
  }));
