/** A lane that tells how things are, as one process has it in memory. */
import assert from "node:assert/strict";
import { Lane } from "../../src/outbound/lane.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import { type Message, messageId, type Outcome } from "../../src/outbound/message.ts";

const retryAfterMs = [10, 20, 30];

const laneOf = (batch: number): Lane =>
  new Lane({
    ...{ retryAfterMs, position: "", failing: null, silence: null, ends: true, drafts: false },
    dead: { count: 0, ahead: [] },
    latest: { batch },
  });

const positionOf = (n: number): string => String(n).padStart(20, "0");

const mark = (n: number, key: string, more: Partial<Message> = {}): Message => ({
  id: messageId(positionOf(n), 0, 0),
  ...{ key, body: "" },
  ...more,
});

const take = (lane: Lane, n: number, nowMs: number, ...messages: readonly Message[]): void =>
  lane.take(positionOf(n), nowMs, messages, nowMs);

/** The messages of the next request; none when there is none. */
const send = (lane: Lane, nowMs: number): readonly Queued[] => {
  const first = lane.next(nowMs);
  return first === null ? [] : [first, ...lane.joining(first, nowMs)];
};

const keysOf = (batch: readonly Queued[]) => batch.map(({ key }) => key);
const delivered: Outcome = { _tag: "Delivered" };
const failed: Outcome = { _tag: "Retry", reason: "500" };

const save = (lane: Lane, nowMs: number): string => {
  const plan = lane.plan(nowMs);
  lane.saved(plan);
  return plan.position;
};

Deno.test("the cursor stays before the oldest key that is marked", () => {
  const lane = laneOf(1);
  take(lane, 1, 0, mark(1, "a"));
  take(lane, 2, 0, mark(2, "b"));
  take(lane, 3, 0, mark(3, "a"));
  assert.equal(lane.depth, 2, "a key is marked once");
  assert.equal(save(lane, 0), "", "nothing is told yet");
  const a = send(lane, 0);
  const b = send(lane, 0);
  assert.deepEqual([keysOf(a), keysOf(b)], [["a"], ["b"]]);
  lane.settle(b, delivered, 0, 0);
  assert.equal(save(lane, 0), "", "the oldest is on its way");
  take(lane, 4, 0, mark(4, "a"));
  lane.settle(a, delivered, 0, 0);
  assert.equal(save(lane, 0), positionOf(3), "what came while it was read is to be told");
  assert.equal(send(lane, 0).length, 1);
});

Deno.test("no two requests about a key are under way", () => {
  const lane = laneOf(10);
  take(lane, 1, 0, mark(1, "a"));
  const first = send(lane, 0);
  for (let n = 2; n < 9; n++) take(lane, n, 0, mark(n, "a"));
  assert.deepEqual(send(lane, 0), []);
  assert.equal(lane.depth, 2, "one more tells it all");
  lane.settle(first, delivered, 0, 0);
  assert.deepEqual(keysOf(send(lane, 0)), ["a"]);
});

Deno.test("an entry that is read again after a crash marks nothing twice", () => {
  const lane = laneOf(10);
  take(lane, 1, 0, mark(1, "a"));
  const first = send(lane, 0);
  take(lane, 1, 0, mark(1, "a"));
  assert.equal(lane.depth, 1);
  lane.settle(first, delivered, 0, 0);
  assert.equal(save(lane, 0), positionOf(1));
});

Deno.test("what may wait goes with what may not, and what is urgent goes first", () => {
  const lane = laneOf(1);
  take(lane, 1, 0, mark(1, "a", { afterMs: 100 }));
  take(lane, 2, 0, mark(2, "b"));
  assert.deepEqual(keysOf(send(lane, 0)), ["b"]);
  assert.deepEqual(send(lane, 99), []);
  assert.ok(lane.nextAtMs() <= 100);
  take(lane, 3, 99, mark(3, "c"));
  take(lane, 4, 99, mark(4, "a", { afterMs: 0, isUrgent: true }));
  assert.deepEqual(keysOf(send(lane, 99)), ["a"]);
  assert.deepEqual(keysOf(send(lane, 99)), ["c"]);
});

Deno.test("what waits for others goes at once when there is no room for more", () => {
  const lane = laneOf(500);
  const { markedKeys } = outboundLimits;
  for (let n = 1; n <= markedKeys; n++) {
    assert.ok(lane.hasRoom);
    take(lane, n, 0, mark(n, `key ${n}`, { afterMs: 1_000 }));
  }
  assert.ok(!lane.hasRoom);
  const batch = send(lane, 0);
  assert.equal(batch.length, 500);
  lane.settle(batch, delivered, 0, 0);
  assert.ok(lane.hasRoom);
});

Deno.test("what is not taken is tried until it is, alone in the end", () => {
  const lane = laneOf(8);
  const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
  take(lane, 1, 0, ...keys.map((key) => mark(1, key)));
  const told: string[] = [];
  let alone = 0;
  for (let nowMs = 0; nowMs < 3_000; nowMs++) {
    for (let batch = send(lane, nowMs); batch.length > 0; batch = send(lane, nowMs)) {
      const isTaken = !keysOf(batch).includes("c");
      if (isTaken) told.push(...keysOf(batch));
      else if (batch.length === 1) alone++;
      lane.settle(batch, isTaken ? delivered : failed, nowMs, 0);
    }
  }
  assert.deepEqual(told.sort(), keys.filter((key) => key !== "c"));
  assert.ok(alone > retryAfterMs.length, `${alone} attempts`);
  assert.equal(lane.deadLetters, 0);
  assert.equal(lane.failing, null);
});

Deno.test("sweeps are counted, and are not told with what has changed", () => {
  const lane = laneOf(10);
  take(lane, 1, 0, mark(1, "a"));
  const swept = ["a", "b", "c"].map((key, n) => ({
    id: messageId(positionOf(1), 0, 100 + n),
    ...{ key, body: "", isSwept: true },
  }));
  const request = { name: "sweep", buries: [], sweep: { isFirst: true, isLast: true } };
  lane.ask(request, swept, 5);
  assert.ok(lane.isSweeping);
  const batches = [send(lane, 5), send(lane, 5)];
  assert.deepEqual(batches.map(keysOf), [["a"], ["b", "c"]], "what is marked is told once");
  lane.settle(batches[0] ?? [], delivered, 6, 0);
  lane.settle(batches[1] ?? [], { _tag: "Delivered", differed: 2 }, 7, 0);
  save(lane, 8);
  assert.ok(!lane.isSweeping);
  assert.deepEqual(lane.told.sweep, { startedAtMs: 5, endedAtMs: 8, keys: 3, differed: 2 });
  assert.equal(lane.told.deliveredAtMs, 7);
});

Deno.test("what stood behind another of its key when the clock was set back is due like all else", () => {
  const lane = laneOf(1);
  const aheadMs = 100_000_000;
  lane.noteTime(aheadMs);
  take(lane, 5, aheadMs, mark(5, "a"));
  const first = send(lane, aheadMs);
  // Of an earlier entry, asked for once more: it goes before the other, should that fail.
  take(lane, 6, aheadMs, { ...mark(2, "a"), afterMs: 100 });
  lane.noteTime(0);
  lane.settle(first, failed, 0, 0);
  const again = send(lane, 50);
  assert.deepEqual(again.map(({ id }) => id), [messageId(positionOf(2), 0, 0)]);
});
