/** By when goods of orders leave and arrive: from stock, and with supply. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Carrier } from "../../src/calendar/carrier.ts";
import type { LocationDates } from "../../src/calendar/dates.ts";
import { dateRules } from "../../src/calendar/rules.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { orderDatesOf } from "../../src/order/goods-dates.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import type { Order } from "../../src/order/order.ts";
import { calendars, carriers } from "../../src/calendar/references.ts";
import { locations } from "../../src/catalog/references.ts";
import type { SupplyLink } from "../../src/supply/keys.ts";
import type { Look } from "../../src/subject/aggregate.ts";
import {
  calendarOf,
  carrierOf,
  cutOff,
  dayAfter,
  isWorked,
  locationOf,
  wallClock,
  workdays,
  zones,
} from "../calendar/support.ts";
import { orderView } from "../../api/order/views.ts";
import { line, now, request, World, type WorldOptions } from "./support.ts";

const weekdays = calendarOf(workdays, [], "weekdays");
/** Two days to the Netherlands, four to the islands in the north of it, none elsewhere. */
const post = carrierOf("post", [
  { service: "express", transit: [{ days: 1 }] },
  {
    service: "standard",
    transit: [{ country: "NL", days: 2 }, { country: "NL", postalPrefix: "91", days: 4 }],
  },
], "weekdays");

const datesOf = (all: readonly Location[], some: readonly Carrier[] = [post]) => {
  const documents = new Map<object, readonly object[]>([
    [locations, all],
    [calendars, [weekdays]],
    [carriers, some],
  ]);
  const look = { references: (of: object) => documents.get(of) ?? [] } as Pick<Look, "references">;
  return orderDatesOf(look, all);
};

type Settings = LocationDates & Pick<Location, "calendarId">;

const berlin: Settings = {
  ...{ timeZone: "Europe/Berlin", calendarId: "weekdays", cutOff: "15:00" },
};

/** One location with settings, and a plain one. */
const worldWith = (settings: Settings, more: WorldOptions = {}): World => {
  const all = [locationOf("north", settings), locationOf("south", {})];
  const dates = datesOf(all);
  return new World({ locations: all, ...(dates === undefined ? {} : { dates }), ...more });
};

const toNl = { shippingAddress: { country: "NL", postalCode: "1015 CJ" } };
const waits = { ...toNl, onShortage: "backorder" } as const;

const placeAt = (world: World, at: string, more: object = {}): Order => {
  const placed = world.captured(request([line("tea", 1)], { ...toNl, ...more }));
  world.order = placed;
  return world.tryDo({ type: "place" }, at).pipe((done) =>
    done._tag === "Success" ? done.success : assert.fail(JSON.stringify(done.failure))
  );
};

const goodsOf = ({ fulfillmentOrders }: Order) =>
  fulfillmentOrders.map(({ locationId, shipBy, deliverBy }) => ({ locationId, shipBy, deliverBy }));

const promisesOf = ({ lines }: Order) => lines.flatMap(({ promises = [] }) => promises);

const viewOf = (state: Order) => {
  const { shipBy, deliverBy } = orderView({
    state,
    personal: { customer: { name: "Ada" } },
    history: [],
  });
  return { shipBy, deliverBy };
};

const supplyOf = (
  n: number,
  locationId: string,
  dueAt: string,
  units = 5,
): SupplyLink & { readonly units: number } => ({
  ...{ supplyId: `pol_x_${n}`, sku: "tea", locationId, units },
  dueMs: Date.parse(dueAt),
});

Deno.test("until the cut-off goods leave on the day, and at it on the next working day", () => {
  const stock = { "north tea": 5 };
  // A Friday, an hour ahead of UTC.
  const before = placeAt(worldWith(berlin, { stock }), "2026-03-06T13:59:59.999Z");
  assert.deepEqual(goodsOf(before), [{
    locationId: "north",
    shipBy: { date: "2026-03-06", at: "2026-03-06T14:00:00.000Z" },
    // The carrier works on Monday again.
    deliverBy: "2026-03-09",
  }]);
  const after = placeAt(worldWith(berlin, { stock }), "2026-03-06T14:00:00.000Z");
  assert.deepEqual(goodsOf(after)[0]?.shipBy, {
    date: "2026-03-09",
    at: "2026-03-09T14:00:00.000Z",
  });
  assert.deepEqual(viewOf(after), {
    shipBy: after.fulfillmentOrders[0]?.shipBy,
    deliverBy: "2026-03-10",
  });
});

Deno.test("the cut-off follows the clocks of the location when they are put forward", () => {
  const everyDay: Settings = { timeZone: "Europe/Berlin", cutOff: "15:00" };
  const order = placeAt(
    worldWith(everyDay, { stock: { "north tea": 5 } }),
    "2026-03-28T14:30:00.000Z",
  );
  assert.deepEqual(goodsOf(order)[0]?.shipBy, {
    date: "2026-03-29",
    at: "2026-03-29T13:00:00.000Z",
  });
});

Deno.test("the day of delivery is that of the service and of the place that it goes to", () => {
  const at = "2026-03-02T08:00:00.000Z";
  const deliveredBy = (more: object) =>
    goodsOf(placeAt(worldWith(berlin, { stock: { "north tea": 5 } }), at, more))[0]?.deliverBy;
  assert.equal(deliveredBy({ shipping: { service: "Standard" } }), "2026-03-04");
  const standard = { shipping: { service: "standard" } };
  const island = { shippingAddress: { country: "NL", postalCode: "9166 PZ" } };
  assert.equal(deliveredBy({ ...standard, ...island }), "2026-03-06");
  const far = { shippingAddress: { country: "GB" } };
  assert.equal(deliveredBy({ ...standard, ...far }), undefined);
  const there = {
    lines: [line("tea", 1, { fulfillment: { method: "pickup", locationId: "north" } })],
  };
  assert.equal(deliveredBy(there), undefined);
});

Deno.test("where a location counts no days nothing is looked up, and nothing is stored", () => {
  assert.equal(datesOf([locationOf("south", {})]), undefined);
  const dates = {
    locationIds: new Set(["north"]),
    rules: () => assert.fail("nobody asked for a date"),
  };
  const world = worldWith({}, { stock: { "south tea": 5 }, dates });
  const order = placeAt(world, now);
  assert.deepEqual(goodsOf(order), [{
    ...{ locationId: "south", shipBy: undefined, deliverBy: undefined },
  }]);
  assert.deepEqual(viewOf(order), { shipBy: undefined, deliverBy: undefined });
  const packed = JSON.parse(orderCodec.pack({
    ...{ state: order, personal: { customer: { name: "Ada" } }, history: [] },
  }));
  assert.equal(packed[0][14][0].length, 5);
});

Deno.test("an order leaves and arrives with the last of its goods, when all of them have a date", () => {
  const supply = [supplyOf(1, "north", "2026-03-10T08:00:00.000Z", 2)];
  const world = worldWith(berlin, { stock: { "north tea": 1 }, supply });
  const order = world.place(request([line("tea", 3)], waits));
  assert.equal(order.fulfillmentOrders[0]?.shipBy?.date, "2026-03-02");
  assert.deepEqual(viewOf(order), {
    shipBy: { date: "2026-03-10", at: "2026-03-10T14:00:00.000Z" },
    deliverBy: "2026-03-11",
  });
  const short = worldWith(berlin, { stock: { "north tea": 1 }, supply });
  assert.deepEqual(viewOf(short.place(request([line("tea", 4)], waits))), {
    ...{ shipBy: undefined, deliverBy: undefined },
  });
});

Deno.test("what arrives when it is due leaves by the day that was promised", () => {
  const settings = { ...berlin, receivingDays: 2, handlingDays: 1 };
  const dueAt = "2026-03-12T09:00:00.000Z";
  const world = worldWith(settings, { supply: [supplyOf(1, "north", dueAt)] });
  const [promise] = promisesOf(world.place(request([line("tea", 2)], waits)));
  assert.deepEqual(promise, {
    ...{ supplyId: "pol_x_1", locationId: "north", quantity: 2, expectedAt: dueAt },
    // Thursday and Friday it is put away, on Monday it is handled.
    shipBy: { date: "2026-03-17", at: "2026-03-17T14:00:00.000Z" },
    deliverBy: "2026-03-18",
  });
  world.arrive("north", "tea", 2);
  const arrive = { type: "arrive", supplyId: "pol_x_1", locationId: "north", quantity: 2 } as const;
  const done = world.tryDo(arrive, dueAt);
  const order = done._tag === "Success" ? done.success : assert.fail("refused");
  assert.deepEqual(goodsOf(order), [{
    ...{ locationId: "north", shipBy: promise?.shipBy, deliverBy: promise?.deliverBy },
  }]);
});

const days = fc.integer({ min: 0, max: 3 });
const startMs = Date.parse(now);

Deno.test("promised units leave after the days that the location needs to receive and to handle", () => {
  fc.assert(fc.property(
    fc.record({
      timeZone: fc.constantFrom(...zones),
      cutOff,
      receivingDays: days,
      handlingDays: days,
    }),
    fc.integer({ min: 0, max: 90 * 24 }),
    (settings, hours) => {
      const dueMs = startMs + hours * 3_600_000;
      const supply = [supplyOf(1, "north", instantOf(dueMs))];
      const world = worldWith({ ...settings, calendarId: "weekdays" }, { supply });
      const [promise] = promisesOf(world.place(request([line("tea", 1)], waits)));
      const shipBy = promise?.shipBy ?? assert.fail("no date");
      assert.ok(shipBy.at >= instantOf(dueMs), `${shipBy.at} is before it is due`);
      const clock = wallClock(settings.timeZone);
      assert.equal(clock(Date.parse(shipBy.at)).day, shipBy.date);
      assert.ok(isWorked(weekdays, shipBy.date));
      let worked = 0;
      for (let day = clock(dueMs).day; day < shipBy.date; day = dayAfter(day)) {
        if (isWorked(weekdays, day)) worked++;
      }
      const needed = settings.receivingDays + settings.handlingDays;
      // One day more where the cut-off of the day on which it is due has passed by then.
      assert.ok(
        worked === needed || worked === needed + 1,
        `${worked} working days, not ${needed}`,
      );
      if (settings.receivingDays > 0) assert.equal(worked, needed);
    },
  ));
});

Deno.test("a line is promised the last supply that the customer has in time, not the last that is due", () => {
  const settings = { ...berlin, receivingDays: 5 };
  const supply = [
    supplyOf(1, "south", "2026-03-10T08:00:00.000Z"),
    supplyOf(2, "north", "2026-03-11T08:00:00.000Z"),
  ];
  const promised = (neededAt: string) =>
    promisesOf(
      worldWith(settings, { supply }).place(request([line("tea", 2, { neededAt })], waits)),
    ).map(({ supplyId, deliverBy }) => [supplyId, deliverBy]);
  assert.deepEqual(promised("2026-03-13T12:00:00.000Z"), [["pol_x_1", undefined]]);
  assert.deepEqual(promised("2026-03-19T00:00:00.000Z"), [["pol_x_2", "2026-03-19"]]);
  assert.deepEqual(promised("2026-03-18T23:59:59.999Z"), [["pol_x_1", undefined]]);
});

Deno.test("supply that comes at another time moves the dates of its promises, and of nothing else", () => {
  const supply = [supplyOf(1, "north", "2026-03-10T08:00:00.000Z")];
  const world = worldWith(berlin, { stock: { "north tea": 1 }, supply });
  const before = world.place(request([line("tea", 2)], waits));
  const [from] = promisesOf(before);
  supply[0] = supplyOf(1, "north", "2026-03-12T15:00:00.000Z");
  const after = world.do({ type: "promise" });
  const [to] = promisesOf(after);
  assert.deepEqual([to?.shipBy?.date, to?.deliverBy], ["2026-03-13", "2026-03-16"]);
  assert.deepEqual(goodsOf(after), goodsOf(before));
  assert.deepEqual(world.history.at(-1), {
    type: "order.promised",
    lines: [{ lineId: after.lines[0]?.id, promises: [to] }],
    moved: [{ lineId: after.lines[0]?.id, quantity: 1, from, to }],
  });
});

Deno.test("supply for a location that never works is promised to nobody", () => {
  const never = calendarOf([], [], "never");
  const all = [locationOf("north", { calendarId: "never" })];
  const rules = dateRules({ locations: all, calendars: [never], carriers: [] });
  const dates = { locationIds: new Set(["north"]), rules: () => rules };
  const supply = [supplyOf(1, "north", "2026-03-10T08:00:00.000Z")];
  const world = new World({ locations: all, dates, supply });
  assert.deepEqual(promisesOf(world.place(request([line("tea", 1)], waits))), []);
});
