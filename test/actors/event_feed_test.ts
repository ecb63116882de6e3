/** The events feed over a log: pages of any size and filter, waits, and what bounds them. */
import assert from "node:assert/strict";
import { Context, Effect, Fiber, Layer, Result } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { LogTail } from "../../actors/log/log-tail.ts";
import { EventFeed, type FeedRequest } from "../../actors/status/event-feed.ts";
import { accessRecord } from "../../src/access/record.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import type { ChangeFilter } from "../../src/status/changes.ts";
import { feedLimits } from "../../src/status/limits.ts";
import { beginning } from "../../src/store/log.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { Store } from "../../src/store/store.ts";
import { type CloudEvent, eventIdOf, eventsOf } from "../../src/subject/event.ts";
import { subjects } from "../../src/subjects.ts";
import { catalogRecord } from "../support/catalog-record.ts";
import {
  commitRecords,
  commitSteps,
  idOf,
  locationName,
  startMs,
  step,
  World,
} from "./log-fixture.ts";
import { answers, run } from "./status-fixture.ts";

const layer = Layer.fresh(
  EventFeed.layer.pipe(
    Layer.provideMerge(LogTail.layer),
    Layer.provideMerge(StoreMeta.layer({ shelves: 1 })),
  ),
);
type Services = Layer.Success<typeof layer>;

const asked = (more: Partial<FeedRequest> = {}): FeedRequest => ({
  filter: { confidential: true },
  limit: feedLimits.events,
  waitMs: 0,
  until: Effect.never,
  keyId: "key_first",
  ...more,
});

const read = (services: Context.Context<Services>, more?: Partial<FeedRequest>) =>
  Context.get(services, EventFeed).read(asked(more));

const parsed = (texts: readonly string[]): readonly CloudEvent[] =>
  texts.map((text) => JSON.parse(text));

/** Tells the tail, and lets it read. */
const seen = Effect.fnUntraced(function* (services: Context.Context<Services>, position: string) {
  const tail = Context.get(services, LogTail);
  tail.committed(position);
  tail.rested();
  while (tail.position() < position) yield* answers;
});

const filters: fc.Arbitrary<ChangeFilter> = fc.record({
  confidential: fc.boolean(),
  channel: fc.option(fc.constantFrom("web", "shop", "nobody"), { nil: undefined }),
  locationId: fc.option(fc.nat(3).map(locationName), { nil: undefined }),
  orderId: fc.option(fc.nat(7).map(idOf), { nil: undefined }),
  types: fc.option(
    fc.subarray(["order.placed", "order.*", "allot.order.allocated", "key.*", "shipment.created"]),
    { nil: undefined },
  ),
});

/** The same in other words than the code has. */
const isWanted = (event: CloudEvent["data"], filter: ChangeFilter): boolean => {
  const { types, channel, locationId, orderId } = filter;
  const isOf = (pattern: string) =>
    `allot.${event.type}`.startsWith(`allot.${pattern.replace("allot.", "")}`.replace(/\*$/, ""));
  return (filter.confidential || !event.type.startsWith("key.")) &&
    (types === undefined || types.some(isOf)) &&
    [undefined, event.channel].includes(channel) &&
    [undefined, event.orderId].includes(orderId) &&
    [undefined, ...event.locationIds ?? []].includes(locationId);
};

const keyMade = (n: number) =>
  accessRecord({
    type: "key.created",
    at: instantOf(startMs),
    by: "system",
    keyId: `key_${n}`,
  });

Deno.test("pages of any size and filter are the log, filtered, with nothing missing and nothing twice", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step(6), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      filters,
      fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.boolean(),
      (commits, filter, sizes, isInMemory) =>
        run(Effect.scoped(Effect.gen(function* () {
          const services = yield* Layer.build(layer);
          const world = new World();
          let newest = "";
          for (const [n, steps] of commits.entries()) {
            newest = yield* commitSteps(world, steps, 4);
            if (n % 2 === 0) newest = yield* commitRecords([keyMade(n)]);
          }
          // Out of the tail's memory, or out of the store.
          if (isInMemory) yield* seen(services, newest);
          const log = yield* Context.get(services, LogTail).read(beginning, 1_000);
          const expected = log.flatMap((entry) => eventsOf(entry, subjects))
            .map(({ event }) => event)
            .filter((event) => isWanted(event, filter));
          const told: CloudEvent[] = [];
          let after: string | undefined;
          for (let n = 0;; n++) {
            const limit = sizes[n % sizes.length] ?? 1;
            const page = yield* read(services, { filter, limit, after });
            assert.ok(page.events.length <= limit);
            assert.ok(after === undefined || page.nextAfter >= after, "it never goes back");
            told.push(...parsed(page.events));
            if (page.events.length === 0) break;
            after = page.nextAfter;
          }
          assert.deepEqual(told.map(({ data }) => data), JSON.parse(JSON.stringify(expected)));
          for (const { id, sequence, type, subject, time, source, data } of told) {
            assert.deepEqual(
              [id, sequence, type, subject, time],
              [data.id, data.id, `allot.${data.type}`, data.subject, data.at],
            );
            assert.match(source, /^\/stores\/sto_[0-9a-z]{20}$/);
          }
        }))),
    ),
    { numRuns: 60 },
  ));

const saved = (n: number, name: string) =>
  Array.from(
    { length: n },
    (_, i) =>
      catalogRecord({
        type: "item.saved",
        at: instantOf(startMs),
        by: "system",
        id: `${name}-${i}`,
      }),
  );

Deno.test("a page looks at so many events and no more, and moves on although none is of it", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const perEntry = 1_500;
    const entries = Math.ceil(2.5 * feedLimits.lookedAt / perEntry);
    let newest = "";
    for (let n = 0; n < entries; n++) newest = yield* commitRecords(saved(perEntry, `${n}`));
    yield* commitSteps(new World(), [{
      ...{ order: 1, status: "allocated", location: 0, fulfillment: "open", units: 1 },
    }]);
    const filter = { confidential: false, types: ["order.placed"] };
    const places: string[] = [];
    let after: string | undefined;
    let found: readonly string[] = [];
    while (found.length === 0) {
      const page = yield* read(services, { filter, after });
      found = page.events;
      after = page.nextAfter;
      places.push(after);
    }
    assert.equal(places.length, 3);
    assert.ok((places[0] ?? "") < eventIdOf(newest, null));
    assert.equal(new Set(places).size, 3);
  }))));

Deno.test("a page ends where it has so many characters", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const long = "x".repeat(10_000);
    yield* commitRecords(saved(400, long));
    let told = 0;
    let after: string | undefined;
    while (told < 400) {
      const { events, nextAfter } = yield* read(services, { after });
      const characters = events.reduce((sum, text) => sum + text.length, 0);
      told += events.length;
      assert.ok(told === 400 || characters >= feedLimits.characters);
      assert.ok(characters < feedLimits.characters + 50_000);
      after = nextAfter;
    }
    assert.equal(told, 400);
  }))));

Deno.test("who has seen everything waits for the next event, and for no other", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const first = yield* commitRecords(saved(1, "first"));
    yield* seen(services, first);
    const after = eventIdOf(first, null);
    const filter = { confidential: false, types: ["order.*"] };
    const waiting = yield* Effect.forkScoped(read(services, { after, filter, waitMs: 30_000 }));
    const anything = yield* Effect.forkScoped(read(services, { after, waitMs: 30_000 }));
    yield* answers;
    const second = yield* commitRecords(saved(1, "second"));
    yield* seen(services, second);
    assert.equal((yield* Fiber.join(anything)).events.length, 1);
    const third = yield* commitSteps(new World(), [{
      ...{ order: 1, status: "allocated", location: null, fulfillment: "open", units: 1 },
    }]);
    yield* seen(services, third);
    const { events, nextAfter } = yield* Fiber.join(waiting);
    assert.deepEqual(parsed(events).map(({ type }) => type), [
      "allot.order.placed",
      "allot.order.released",
    ]);
    assert.equal(nextAfter, eventIdOf(third, null));
  }))));

Deno.test("a wait ends by its time, or when it is cut short, with the place that was reached", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const first = yield* commitRecords(saved(1, "first"));
    yield* seen(services, first);
    const after = eventIdOf(first, null);
    const inTime = yield* Effect.forkScoped(read(services, { after, waitMs: 30_000 }));
    const cut = yield* Effect.forkScoped(
      read(services, { after, waitMs: 30_000, until: Effect.sleep(5_000) }),
    );
    // Both begin to wait when the store has answered.
    while (cut.pollUnsafe() === undefined) {
      yield* TestClock.adjust(1_000);
      yield* answers;
    }
    const early = yield* Fiber.join(cut);
    assert.deepEqual([early.events, early.nextAfter], [[], after]);
    assert.equal(inTime.pollUnsafe(), undefined);
    while (inTime.pollUnsafe() === undefined) {
      yield* TestClock.adjust(1_000);
      yield* answers;
    }
    const late = yield* Fiber.join(inTime);
    assert.deepEqual([late.events, late.nextAfter], [[], after]);
  }))));

Deno.test("only so many wait at once, of a key and in all, and a place is free when one goes", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const first = yield* commitRecords(saved(1, "first"));
    yield* seen(services, first);
    const after = eventIdOf(first, null);
    const wait = (keyId: string) =>
      Effect.forkScoped(Effect.result(read(services, { after, keyId, waitMs: 30_000 })));
    const { total, perKey } = feedLimits.waits;
    const isRefused = Effect.fnUntraced(function* (keyId: string) {
      const refused = yield* Fiber.join(yield* wait(keyId));
      return Result.isFailure(refused) && refused.failure._tag === "Overloaded";
    });
    const waiting = [];
    for (let n = 0; n < total; n++) {
      waiting.push(yield* wait(`key_${Math.floor(n / perKey)}`));
      yield* answers;
      if (n === perKey - 1) assert.ok(yield* isRefused("key_0"), "no key has all of them");
    }
    assert.ok(yield* isRefused("key_new"));
    assert.deepEqual((yield* read(services, { after, keyId: "key_new" })).events, []);
    const [left] = waiting;
    if (left !== undefined) yield* Fiber.interrupt(left);
    const next = yield* wait("key_new");
    yield* seen(services, yield* commitRecords(saved(1, "second")));
    const told = yield* Fiber.join(next);
    assert.ok(Result.isSuccess(told) && told.success.events.length === 1);
  }))));

Deno.test("places that the log does not have are unknown", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const empty = yield* read(services);
    assert.deepEqual(empty.events, []);
    const position = yield* commitRecords(saved(3, "first"));
    const begun = yield* read(services, { after: empty.nextAfter });
    assert.equal(begun.events.length, 3, "an empty log has a place to go on from");
    for (
      const after of [position, eventIdOf(position, null), eventIdOf(position, 2), `${position}.2`]
    ) {
      assert.deepEqual((yield* read(services, { after })).events, [], after);
    }
    assert.equal((yield* read(services, { after: `${position}.0` })).events.length, 2);
    for (
      const after of [
        "yesterday",
        eventIdOf("f".repeat(20), null),
        eventIdOf(position, 3),
        `${position}.3`,
      ]
    ) {
      const refused = yield* Effect.result(read(services, { after }));
      assert.ok(Result.isFailure(refused) && refused.failure._tag === "PositionUnknown", after);
    }
  }))));

Deno.test("an entry that cannot be read keeps nobody from those behind it", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(layer);
    const store = yield* Store;
    const first = yield* commitRecords(saved(2, "first"));
    const bytes = new TextEncoder().encode("nonsense");
    const spoiling = yield* store.commit({ checks: [], mutations: [], log: bytes });
    assert.ok(spoiling.ok);
    const spoiled = spoiling.versionstamp;
    yield* commitRecords(saved(2, "last"));
    const { events } = yield* read(services);
    assert.deepEqual(
      parsed(events).map(({ subject }) => subject),
      ["first-0", "first-1", "last-0", "last-1"].map((id) => `item/${id}`),
    );
    const rest = yield* read(services, { after: eventIdOf(first, 1) });
    assert.equal(rest.events.length, 2);
    assert.equal((yield* read(services, { after: eventIdOf(spoiled, null) })).events.length, 2);
  }))));
