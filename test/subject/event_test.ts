/** Ids of events, patterns of their types, and what is left out of events that are too large. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { subjects } from "../../src/subjects.ts";
import {
  eventIdOf,
  type EventPlace,
  eventsOf,
  isOfPattern,
  parseEventId,
  withinLength,
} from "../../src/subject/event.ts";
import { catalogRecord } from "../support/catalog-record.ts";

const position = fc.integer({ min: 0, max: 2 ** 40 })
  .map((n) => n.toString(16).padStart(20, "0"));
const index = fc.oneof(fc.nat(20), fc.nat(99_998));
const place: fc.Arbitrary<EventPlace> = fc.record({ position, index: fc.option(index) });

const idOf = ({ position, index }: EventPlace): string => eventIdOf(position, index);

const isBefore = (a: EventPlace, b: EventPlace): boolean =>
  a.position === b.position
    ? (a.index ?? Infinity) < (b.index ?? Infinity)
    : a.position < b.position;

Deno.test("ids sort as text in the order of the log, and that of a whole entry behind its events", () =>
  fc.assert(fc.property(place, place, (a, b) => {
    assert.equal(idOf(a) < idOf(b), isBefore(a, b));
    assert.equal(idOf(b) < idOf(a), isBefore(b, a));
  })));

Deno.test("an id says which place it is of, as earlier versions wrote it too", () =>
  fc.assert(fc.property(place, ({ position, index }) => {
    assert.deepEqual(parseEventId(eventIdOf(position, index)), { position, index });
    const former = index === null ? position : `${position}.${index}`;
    assert.deepEqual(parseEventId(former), { position, index });
    assert.match(eventIdOf(position, index), /^evt_[0-9a-f]{20}_\d{5}$/);
  })));

Deno.test("a text that is no id names no place", () => {
  const whole = eventIdOf("0".repeat(20), null);
  for (
    const text of [
      "",
      "yesterday",
      "0".repeat(19),
      `${"0".repeat(20)}.`,
      whole.slice(0, -1),
      `${whole}0`,
      whole.toUpperCase(),
      ` ${whole}`,
      whole.replaceAll("_", "."),
    ]
  ) assert.equal(parseEventId(text), null, text);
});

Deno.test("a pattern is a type, the beginning of types, or all; with or without the prefix of CloudEvents", () => {
  const fits = (pattern: string) =>
    [...subjects.eventTypes.keys()].filter((type) => isOfPattern(type, pattern));
  assert.deepEqual(fits("order.placed"), ["order.placed"]);
  assert.deepEqual(fits("allot.order.placed"), ["order.placed"]);
  const ofShipments = [
    ...["shipment.created", "shipment.tracked", "shipment.tracking_corrected"],
    ...["shipment.numbered", "shipment.noted", "shipment.replaced"],
  ];
  assert.deepEqual(fits("shipment.*"), ofShipments);
  assert.deepEqual(fits("allot.shipment.*"), ofShipments);
  assert.deepEqual(fits("*"), [...subjects.eventTypes.keys()]);
  for (const pattern of ["", ".*", "order", "order*", "order.pla*", "ship.*", "**"]) {
    assert.deepEqual(fits(pattern), [], pattern);
  }
});

Deno.test("each type belongs to one kind of records, and a record names as many as it tells", () => {
  const types = [...subjects.records.values()].flatMap(({ events }) => Object.keys(events.types));
  assert.deepEqual([...subjects.eventTypes.keys()].sort(), [...types].sort());
  assert.equal(new Set(types).size, types.length);
});

Deno.test("details that are too large are left out, and nothing else", () => {
  const records = [
    catalogRecord({ type: "item.saved", at: "2026-01-01T00:00:00.000Z", by: "system", id: "mug" }),
  ];
  const [event] = eventsOf({ position: "0".repeat(20), records }, subjects)
    .map(({ event }) => event);
  assert.ok(event !== undefined);
  const { length } = JSON.stringify(event);
  assert.equal(withinLength(event, length), event);
  const { details: _, ...rest } = event;
  assert.deepEqual(withinLength(event, length - 1), { ...rest, truncated: true });
});
