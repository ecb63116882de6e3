import assert from "node:assert/strict";
import { Context, Effect, Layer, Result } from "effect";
import { TestClock } from "effect/testing";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Status } from "../../actors/status/status.ts";
import { accessRecord } from "../../src/access/record.ts";
import { catalogRecord } from "../support/catalog-record.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { streamLimits } from "../../src/status/limits.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import { beginning } from "../../src/store/log.ts";
import { eventIdOf, parseEventId } from "../../src/subject/event.ts";
import { commitRecords, commitSteps, idOf, locationName, startMs, World } from "./log-fixture.ts";
import { consumer, run, type Services, snapshotAt } from "./status-fixture.ts";

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const messagesOf = (text: string): readonly Message[] =>
  text.split("\n\n").slice(0, -1).map((block) => {
    const fields = new Map(
      block.split("\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const [id, event, data] = [fields.get("id"), fields.get("event"), fields.get("data")];
    return {
      ...(id === undefined ? {} : { id }),
      ...(event === undefined ? {} : { event }),
      ...(data === undefined ? {} : { data: JSON.parse(data) }),
    };
  });

/** Reads a stream until it has so many messages of a kind, or ends. */
const readUntil = (
  body: ReadableStream<Uint8Array>,
  enough: (messages: readonly Message[]) => boolean,
) =>
  Effect.promise(async () => {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    while (!enough(messagesOf(text))) {
      const { value, done } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    reader.releaseLock();
    return messagesOf(text);
  });

const everything = { filter: { confidential: true }, keyId: "key_first", scope: {} };
const changeIds = (messages: readonly Message[]) =>
  messages.flatMap(({ id, event }) => event === "change" && id !== undefined ? [id] : []);

/** The ids of all changes in the log, in order. */
const idsInLog = Effect.fnUntraced(function* (services: Context.Context<Services>) {
  const entries = yield* Context.get(services, LogTail).read(beginning, 1_000);
  return entries.flatMap(({ position, records }) => {
    const count = records.reduce(
      (sum, record) => sum + (isOrderRecord(record) ? record.events.length : 1),
      0,
    );
    return Array.from({ length: count }, (_, n) => eventIdOf(position, n));
  });
});

const placedSteps = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    order: from + n,
    status: "allocated" as const,
    location: (from + n) % 3,
    fulfillment: "open" as const,
    units: 1,
  }));

Deno.test("a new reader gets a snapshot first, and then each change once", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const before = yield* commitSteps(world, placedSteps(0, 10));
    yield* snapshotAt(services, before);
    const earlier = yield* idsInLog(services);
    const { body } = yield* Context.get(services, Status).stream(everything);
    const after = yield* commitSteps(world, placedSteps(10, 20), 3);
    const logTail = Context.get(services, LogTail);
    logTail.committed(after);
    logTail.rested();
    const expected = (yield* idsInLog(services)).slice(earlier.length);
    const messages = yield* readUntil(
      body,
      (all) => changeIds(all).length >= expected.length,
    );
    assert.deepEqual(messages.map(({ event }) => event).slice(0, 3), [
      undefined,
      "snapshot",
      "change",
    ]);
    assert.equal(messages[1]?.id, eventIdOf(before, null));
    assert.deepEqual(changeIds(messages), expected);
    const placed = messages[2]?.data ?? {};
    assert.equal(placed.type, "order.placed");
    assert.equal(placed.orderId, idOf(10));
    assert.deepEqual(placed.status, { from: null, to: "allocated" });
  }))));

Deno.test("a reader that resumes at any change gets all later ones, each once", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    yield* snapshotAt(services, yield* commitSteps(world, placedSteps(0, 30), 4));
    const known = yield* idsInLog(services);
    const status = Context.get(services, Status);
    // Half of them say it as earlier versions told it to them.
    const former = (id: string) => {
      const { position = "", index = null } = parseEventId(id) ?? {};
      return `${position}.${index}`;
    };
    const readers = yield* Effect.forEach(
      known,
      (id, n) => status.stream({ ...everything, after: n % 2 === 0 ? id : former(id) }),
    );
    const logTail = Context.get(services, LogTail);
    logTail.committed(yield* commitSteps(world, placedSteps(30, 10), 4));
    logTail.rested();
    const all = yield* idsInLog(services);
    for (const [n, { body }] of readers.entries()) {
      const expected = all.slice(n + 1);
      const messages = yield* readUntil(
        body,
        (found) => changeIds(found).length >= expected.length,
      );
      assert.deepEqual(changeIds(messages), expected);
      assert.equal(messages[1]?.event, "snapshot");
      assert.equal(messages[1]?.id, undefined);
    }
  }))));

Deno.test("a position that nobody knows gets a reset, and the stream begins anew", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const position = yield* commitSteps(world, placedSteps(0, 3));
    yield* snapshotAt(services, position);
    const status = Context.get(services, Status);
    for (
      const after of [
        "nonsense",
        "f".repeat(20),
        `${position}.999`,
        `${position}.`,
        eventIdOf(position, 999),
        eventIdOf("f".repeat(20), null),
      ]
    ) {
      const { body } = yield* status.stream({ ...everything, after });
      const messages = yield* readUntil(body, (all) => all.length >= 3);
      assert.deepEqual(messages.map(({ event }) => event), [undefined, "reset", "snapshot"]);
    }
  }))));

Deno.test("filters and roles let through what they name and nothing else", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const status = Context.get(services, Status);
    const key = accessRecord({
      type: "key.created",
      at: instantOf(startMs),
      by: "system",
      keyId: "key_1",
    });
    const filters = [
      { confidential: false },
      { confidential: true, types: ["key.created"] },
      { confidential: false, channel: "web" },
      { confidential: false, locationId: locationName(2) },
      { confidential: false, orderId: idOf(4), types: ["order.placed"] },
      { confidential: false, channel: "web", locationId: locationName(1) },
    ];
    const readers = yield* Effect.forEach(
      filters,
      (filter) => status.stream({ filter, keyId: "key_first", scope: {} }),
    );
    yield* commitSteps(world, placedSteps(0, 9));
    // The last change is one that every reader sees, so that each knows when to stop reading.
    const end = yield* commitRecords([key]);
    yield* snapshotAt(services, end);
    status.closeStreams();
    const seen = yield* Effect.forEach(readers, ({ body }) => readUntil(body, () => false));
    const orders = seen.map((
      messages,
    ) => [
      ...new Set(messages.flatMap(({ data }) => data?.orderId === undefined ? [] : [data.orderId])),
    ]);
    const ids = (numbers: readonly number[]) => numbers.map(idOf);
    assert.deepEqual(orders, [
      ids([0, 1, 2, 3, 4, 5, 6, 7, 8]),
      [],
      ids([0, 3, 6]),
      ids([2, 5, 8]),
      ids([4]),
      [],
    ]);
    assert.deepEqual(
      seen.map((messages) => messages.some(({ data }) => data?.type === "key.created")),
      [false, true, false, false, false, false],
    );
    assert.equal(changeIds(seen[4] ?? []).length, 1);
  }))));

Deno.test("snapshots and heartbeats come in their time", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const { body } = yield* Context.get(services, Status).stream(everything);
    yield* readUntil(body, (all) => all.length >= 2);
    const rest: Message[] = [];
    for (let atMs = 0; atMs < streamLimits.heartbeatMs; atMs += streamLimits.snapshotMs) {
      yield* TestClock.adjust(streamLimits.snapshotMs);
      // Nothing else goes on, so each round ends with its snapshot.
      rest.push(...yield* readUntil(body, (all) => all.some(({ event }) => event === "snapshot")));
    }
    const snapshots = rest.filter(({ event }) => event === "snapshot");
    assert.equal(snapshots.length, streamLimits.heartbeatMs / streamLimits.snapshotMs);
    assert.deepEqual(rest.filter(({ event }) => event === undefined), [{}]);
  }))));

Deno.test("a reader that does not read is dropped, and the others go on", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const status = Context.get(services, Status);
    const slow = yield* status.stream(everything);
    const records = Array.from({ length: 1_500 }, (_, n) =>
      catalogRecord({
        type: "item.saved",
        at: instantOf(startMs),
        by: "system",
        id: String(n),
      }));
    const entries = Math.ceil(streamLimits.waitingMessages / records.length) + 1;
    for (let n = 0; n < entries; n++) yield* snapshotAt(services, yield* commitRecords(records));
    yield* Effect.promise(() => assert.rejects(slow.body.getReader().read(), /too slow/));
    const { stream } = yield* status.snapshot({});
    assert.deepEqual(stream, { readers: 0 });
    const next = yield* status.stream(everything);
    assert.equal((yield* readUntil(next.body, (all) => all.length >= 2)).length, 2);
  }))));

Deno.test("more readers than allowed are refused, and a place is free when one goes", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const status = Context.get(services, Status);
    const first = yield* status.stream(everything);
    const other = { ...everything, keyId: "key_other" };
    const isRefused = Effect.fnUntraced(function* (reader: typeof everything) {
      const refused = yield* Effect.result(status.stream(reader));
      return Result.isFailure(refused) && refused.failure._tag === "Overloaded";
    });
    for (let n = 1; n < streamLimits.readersPerKey; n++) yield* status.stream(everything);
    assert.ok(yield* isRefused(everything), "no key has all of them");
    for (let n = streamLimits.readersPerKey; n < streamLimits.readers; n++) {
      yield* status.stream(other);
    }
    assert.ok(yield* isRefused(other));
    yield* Effect.promise(() => first.body.cancel());
    yield* status.stream(other);
    status.closeStreams();
    assert.ok(Result.isFailure(yield* Effect.result(status.stream(everything))));
  }))));
