import assert from "node:assert/strict";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import { evolve } from "../../src/order/evolve.ts";
import { orderLimits } from "../../src/order/limits.ts";
import {
  type Order,
  type OrderCommand,
  type TrackingEvent,
  type TrackingReport,
  trackingStatuses,
} from "../../src/order/order.ts";
import { exceptionOf, reportOf } from "../../src/order/tracking.ts";
import { trackingNumbersOf } from "../../src/order/tracking-numbers.ts";
import { line, now, request, types, World } from "./support.ts";

const nowMs = Date.parse(now);
const hourMs = 3_600_000;

/** An order with one shipment. */
const shipped = () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 3)]));
  return { world, shipmentId: world.shipAll(1) };
};

const shipmentIn = (order: Order | null) => order?.shipments[0] ?? assert.fail("no shipment");

const report = (status: TrackingReport["status"], hours: number): TrackingReport => ({
  status,
  occurredAt: instantOf(nowMs + hours * hourMs),
});

Deno.test("a report is taken up to a day ahead and refused beyond, saying what it says and what is now", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...trackingStatuses),
      fc.integer({ min: -1_000 * hourMs, max: 1_000 * hourMs }),
      (status, aheadMs) => {
        const { world, shipmentId } = shipped();
        const occurredAt = instantOf(nowMs + aheadMs);
        const command: OrderCommand = { type: "track", shipmentId, status, occurredAt };
        if (aheadMs <= orderLimits.trackingAheadMs) {
          assert.equal(shipmentIn(world.do(command)).status, status);
          return;
        }
        const refused = world.refused(command);
        assert.ok(refused._tag === "InvalidCommand");
        assert.equal(refused.pointer, "/occurredAt");
        for (const time of [occurredAt, now]) assert.ok(refused.detail.includes(time));
      },
    ),
  );
});

Deno.test("a report of before that is dated far ahead hides none that comes after it", () => {
  const { world, shipmentId } = shipped();
  const before = world.order ?? assert.fail("no order");
  const ahead: TrackingEvent = {
    ...{ status: "in_transit", description: "Sorted", recordedAt: now },
    occurredAt: "2099-01-01T00:00:00.000Z",
  };
  // As the log of an earlier version has it.
  world.order = evolve(before, { type: "shipment.tracked", shipmentId, tracking: ahead }, now);
  const size = world.history.length;
  const later = report("exception", 1);
  const done = world.tryDo({ type: "track", shipmentId, ...later }, instantOf(nowMs + hourMs));
  assert.ok(done._tag === "Success");
  assert.equal(shipmentIn(done.success).status, "exception");
  assert.deepEqual(types(world.history.slice(size)), [
    "shipment.tracking_corrected",
    "shipment.tracked",
  ]);
  assert.deepEqual(shipmentIn(done.success).tracking.map(({ occurredAt }) => occurredAt), [
    now,
    later.occurredAt,
  ]);
});

Deno.test("what is reported and then corrected is as if it had been reported so at once", () => {
  const hours = fc.integer({ min: -48, max: 24 });
  const one = fc.record({
    status: fc.constantFrom(...trackingStatuses),
    hours,
    description: fc.option(fc.constantFrom("Leeds", "York"), { nil: undefined }),
  }).map(({ hours, ...event }) => reportOf({ ...event, ...report(event.status, hours) }));
  const told = ({ world }: ReturnType<typeof shipped>) => {
    const { tracking, status, deliveredAt } = shipmentIn(world.order);
    const fulfillment = world.order?.fulfillmentOrders[0]?.status;
    return {
      ...{ status, deliveredAt, fulfillment, order: world.order?.status },
      reports: tracking.map(reportOf),
    };
  };
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 5 }),
      one,
      fc.option(one, { nil: undefined }),
      (others, was, becomes) => {
        const rest = others.filter((each) => JSON.stringify(each) !== JSON.stringify(was));
        const straight = shipped();
        for (const each of [...rest, ...becomes === undefined ? [] : [becomes]]) {
          straight.world.do({ type: "track", shipmentId: straight.shipmentId, ...each });
        }
        const corrected = shipped();
        const { world, shipmentId } = corrected;
        for (const each of [was, ...rest]) world.do({ type: "track", shipmentId, ...each });
        world.do({ type: "correct-tracking", shipmentId, was, becomes, reason: "a mistake" });
        assert.deepEqual(told(corrected), told(straight));
      },
    ),
  );
});

Deno.test("an order that was delivered by mistake is on its way again, and is not closed", () => {
  const { world, shipmentId } = shipped();
  const was = report("delivered", 0);
  assert.equal(world.do({ type: "track", shipmentId, ...was }).status, "delivered");
  const size = world.history.length;
  const correct: OrderCommand = {
    ...{ type: "correct-tracking", shipmentId, was, reason: "another parcel" },
    becomes: report("exception", 0),
  };
  const order = world.do(correct);
  assert.deepEqual(types(world.history.slice(size)), [
    "shipment.tracking_corrected",
    "fulfillment_order.undelivered",
  ]);
  assert.deepEqual([order.status, order.fulfillmentOrders[0]?.status], ["shipped", "shipped"]);
  assert.equal(shipmentIn(order).deliveredAt, undefined);
  assert.equal(world.refused({ type: "close" })._tag, "IllegalTransition");

  const closed = shipped();
  closed.world.do({ type: "track", shipmentId: closed.shipmentId, ...was }, { type: "close" });
  const refused = closed.world.refused({ ...correct, shipmentId: closed.shipmentId });
  assert.ok(refused._tag === "IllegalTransition" && refused.status === "closed");
});

Deno.test("a correction names a report that is there, and no date more than a day ahead", () => {
  const { world, shipmentId } = shipped();
  const was = report("in_transit", 0);
  world.do({ type: "track", shipmentId, ...was });
  const correct = { type: "correct-tracking", shipmentId, reason: "a mistake" } as const;
  const pointerOf = (command: OrderCommand) => {
    const refused = world.refused(command);
    return refused._tag === "InvalidCommand" ? refused.pointer : refused._tag;
  };
  assert.equal(pointerOf({ ...correct, was: report("in_transit", 1) }), "/was");
  assert.equal(pointerOf({ ...correct, was: { ...was, description: "Leeds" } }), "/was");
  const becomes = report("in_transit", 25);
  assert.equal(pointerOf({ ...correct, was, becomes }), "/becomes/occurredAt");
  assert.equal(pointerOf({ ...correct, was, shipmentId: "shp_x" }), "UnknownShipment");
  const before = world.order;
  assert.equal(world.do({ ...correct, was, becomes: was }), before, "the same is no change");
});

Deno.test("an exception lasts from the first report that no other followed, for the last reason", () => {
  const { world, shipmentId } = shipped();
  const say = (status: TrackingReport["status"], hours: number, description?: string) =>
    exceptionOf(shipmentIn(world.do({
      ...{ type: "track", shipmentId, ...report(status, hours) },
      ...(description === undefined ? {} : { description }),
    })));
  const at = (hours: number) => instantOf(nowMs + hours * hourMs);
  assert.equal(say("in_transit", -9), null);
  assert.deepEqual(say("exception", -8, "Wrong address"), {
    since: at(-8),
    reason: "Wrong address",
  });
  assert.equal(say("in_transit", -7), null);
  assert.deepEqual(say("exception", -5), { since: at(-5) });
  assert.deepEqual(say("exception", -3, "Nobody home"), { since: at(-5), reason: "Nobody home" });
  assert.deepEqual(say("exception", -4, "Late"), { since: at(-5), reason: "Nobody home" });
  assert.equal(say("delivered", -6), null);
});

Deno.test("a shipment has a number for each parcel, each once and no more than the bound", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 3)]));
  const fulfillmentOrderId = world.prepare(1);
  const many = Array.from(
    { length: orderLimits.trackingNumbersPerShipment + 1 },
    (_, n) => `T${n}`,
  );
  const ship = { type: "ship", fulfillmentOrderId, carrier: "DHL" } as const;
  const pointerOf = (command: OrderCommand) => {
    const refused = world.refused(command);
    return refused._tag === "InvalidCommand" ? refused.pointer : refused._tag;
  };
  assert.equal(pointerOf({ ...ship, trackingNumbers: many }), "/trackingNumbers");
  const order = world.do({ ...ship, trackingNumbers: ["A", "B", "A"] });
  const { id: shipmentId } = shipmentIn(order);
  const numbers = () => trackingNumbersOf(shipmentIn(world.order));
  assert.deepEqual(numbers(), ["A", "B"]);
  assert.equal(shipmentIn(order).trackingNumber, "A");
  const set = (trackingNumbers: readonly string[], carrier?: string) =>
    world.do({ type: "set-tracking-numbers", shipmentId, trackingNumbers, carrier });
  assert.equal(set(["A", "B"]), order, "the same is no change");
  assert.equal(shipmentIn(set(["B"], "UPS")).carrier, "UPS");
  assert.deepEqual(numbers(), ["B"]);
  set([]);
  assert.deepEqual(numbers(), []);
  assert.equal(shipmentIn(world.order).carrier, "UPS");
  const numbered = { type: "set-tracking-numbers", shipmentId } as const;
  assert.equal(pointerOf({ ...numbered, trackingNumbers: many }), "/trackingNumbers");
});

Deno.test("a note says who wrote it and when, and a shipment has no more of them than the bound", () => {
  const { world, shipmentId } = shipped();
  const note = (text: string) => world.do({ type: "note", shipmentId, text });
  assert.deepEqual(shipmentIn(note("Called the carrier")).notes, [
    { text: "Called the carrier", at: now, by: "key_test" },
  ]);
  for (let n = 1; n < orderLimits.notesPerShipment; n++) note(`note ${n}`);
  assert.equal(world.refused({ type: "note", shipmentId, text: "more" })._tag, "InvalidCommand");
});
