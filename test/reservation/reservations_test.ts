/** Carts that keep units, and orders that take them over. */
import assert from "node:assert/strict";
import { Effect, Result, Schedule } from "effect";
import { Aggregates } from "../../actors/aggregate/aggregates.ts";
import { Timers } from "../../actors/aggregate/timers.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Reservations } from "../../actors/reservation/reservations.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { reservations } from "../../src/reservation/definition.ts";
import type { ReserveRequest } from "../../src/reservation/request.ts";
import type { Reservation } from "../../src/reservation/reservation.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { verify } from "../../src/verify/verify.ts";
import { clockFrom } from "../support/clock.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";
import { faultyStore } from "../support/faulty-store.ts";

const cart = (
  externalId: string,
  units: Readonly<Record<string, number>>,
  more: Partial<ReserveRequest> = {},
): ReserveRequest => ({
  channel: "web",
  externalId,
  expiresInSeconds: 600,
  lines: Object.entries(units).map(([sku, quantity]) => ({ sku, quantity })),
  ...more,
});

const reserve = (asked: ReserveRequest) =>
  Effect.flatMap(Reservations, (carts) => carts.reserve(asked, bySystem));

const kept = (asked: ReserveRequest) =>
  Effect.map(reserve(asked), ({ document }): Reservation => document.state);

const reservationOf = (id: string) =>
  Effect.flatMap(
    Aggregates,
    (aggregates) => Effect.map(aggregates.get(reservations, id), ({ state }) => state),
  );

const ask = (id: string, command: Parameters<typeof reservations.decide>[1]) =>
  Effect.flatMap(
    Aggregates,
    (aggregates) =>
      Effect.map(aggregates.command(reservations, id, command, bySystem), ({ state }) => state),
  );

const place = (asked: PlaceOrderRequest) =>
  Effect.flatMap(
    Orders,
    (orders) => Effect.map(orders.place(asked, bySystem), ({ document }) => document.state),
  );

const placeWith = (
  reservationId: string,
  externalId: string,
  units: Readonly<Record<string, number>>,
  more: Partial<PlaceOrderRequest> = {},
) => place(request(externalId, units, { reservationId, ...more }));

/** Units on hand, reserved and claimed of each location, of one SKU. */
const rowsOf = Effect.fnUntraced(function* (sku: string) {
  const inventory = yield* Inventory;
  const levels = yield* inventory.levels({ skus: [sku], limit: 100 });
  return levels.map(({ locationId, reserved, claimed }) => [locationId, reserved, claimed ?? 0]);
});

const sound = Effect.gen(function* () {
  const { violations } = yield* verify();
  assert.deepEqual(violations, []);
});

Deno.test("a cart keeps units from others, and its order takes them over", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 5 } });
    const { id, allocations } = yield* kept(cart("c", { mug: 4 }));
    assert.deepEqual(allocations, [{ sku: "mug", locationId: "ams", quantity: 4 }]);
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 4]]);
    const refused = yield* Effect.flip(place(request("other", { mug: 2 })));
    assert.equal(refused._tag, "Refused");
    const order = yield* placeWith(id, "1", { mug: 4 });
    assert.deepEqual(order.reservation, { id, used: true });
    assert.equal(order.status, "allocated");
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 4, 0]]);
    const after = yield* reservationOf(id);
    assert.deepEqual([after.status, after.orderId], ["converted", order.id]);
    yield* sound;
  })));

Deno.test("of what is sold out, each cart is still worth its units", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 60 }, ber: { mug: 40 } });
    const asked = yield* Effect.forEach(
      Array.from({ length: 500 }, (_, n) => n),
      (n) => Effect.result(kept(cart(`c${n}`, { mug: 1 }))),
      { concurrency: "unbounded" },
    );
    const granted = asked.filter(Result.isSuccess).map(({ success }) => success.id);
    assert.equal(granted.length, 100);
    const [carts, plain] = yield* Effect.all([
      Effect.forEach(granted, (id) => placeWith(id, `of-${id}`, { mug: 1 }), {
        concurrency: "unbounded",
      }),
      Effect.forEach(
        Array.from({ length: 300 }, (_, n) => n),
        (n) => Effect.result(place(request(`plain-${n}`, { mug: 1 }))),
        { concurrency: "unbounded" },
      ),
    ], { concurrency: "unbounded" });
    assert.ok(
      carts.every(({ status, reservation }) =>
        status === "allocated" && reservation?.used === true
      ),
    );
    assert.equal(plain.filter(Result.isSuccess).length, 0);
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 60, 0], ["ber", 40, 0]]);
    yield* sound;
  })));

Deno.test("nobody is refused units that are free while carts become orders", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 40 } });
    const carts = yield* Effect.forEach(
      Array.from({ length: 20 }, (_, n) => n),
      (n) => kept(cart(`c${n}`, { mug: 1 })),
    );
    const orders = yield* Effect.forEach(
      carts.flatMap(({ id }, n) => [
        placeWith(id, `cart-${n}`, { mug: 1 }),
        place(request(`plain-${n}`, { mug: 1 })),
      ]),
      (each) => each,
      { concurrency: "unbounded" },
    );
    assert.ok(orders.every(({ status }) => status === "allocated"));
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 40, 0]]);
  })));

Deno.test("nobody is kept from his own units", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 3, cup: 2 } });
    const first = yield* reserve(cart("c", { mug: 2 }));
    yield* kept(cart("other", { mug: 1 }));
    // Nothing is free any more, and what is asked for is what is kept already.
    const { created, document: { state } } = yield* reserve(cart("c", { mug: 2, cup: 1 }));
    assert.deepEqual([created, state.id], [false, first.document.state.id]);
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 3]]);
    assert.deepEqual(yield* rowsOf("cup"), [["ams", 0, 1]]);
    const refused = yield* Effect.flip(reserve(cart("c", { mug: 3 })));
    assert.ok(refused._tag === "Refused");
    assert.deepEqual(refused.rejection, {
      _tag: "InsufficientStock",
      shortages: [{ sku: "mug", requested: 3, available: 2 }],
    });
    assert.deepEqual((yield* reservationOf(state.id)).lines.length, 2, "it keeps what it had");
    yield* reserve(cart("c", { mug: 1 }));
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 2]]);
    assert.deepEqual(yield* rowsOf("cup"), [["ams", 0, 0]]);
    yield* sound;
  })));

Deno.test("two lines of one SKU count together", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 3 } });
    const twice = (quantity: number) => [{ sku: "mug", quantity: 2 }, { sku: "mug", quantity }];
    const refused = yield* Effect.flip(reserve(cart("c", {}, { lines: twice(2) })));
    assert.ok(refused._tag === "Refused" && refused.rejection._tag === "InsufficientStock");
    const { allocations } = yield* kept(cart("c", {}, { lines: twice(1) }));
    assert.deepEqual(allocations, [{ sku: "mug", locationId: "ams", quantity: 3 }]);
  })));

Deno.test("the same wish again keeps the same reservation for longer", () => {
  const clock = clockFrom(Date.UTC(2030, 0, 1));
  return withEngine(
    Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 2 } });
      const before = yield* kept(cart("c", { mug: 2 }));
      clock.moveTo(Date.UTC(2030, 0, 1, 0, 5));
      const { created, document: { state } } = yield* reserve(cart("c", { mug: 2 }));
      assert.deepEqual([created, state.id], [false, before.id]);
      assert.ok(state.expiresAt > before.expiresAt);
      assert.deepEqual(state.allocations, before.allocations);
      yield* sound;
    }),
    { clock },
  );
});

Deno.test("units go free when their time has come, and not before", () => {
  const clock = clockFrom(Date.UTC(2030, 0, 1));
  const at = (minutes: number) => clock.moveTo(Date.UTC(2030, 0, 1, 0, minutes));
  return withEngine(
    Effect.gen(function* () {
      const timers = yield* Timers;
      yield* stockUp({ ams: { mug: 4 } });
      const short = yield* kept(cart("short", { mug: 1 }, { expiresInSeconds: 60 }));
      const long = yield* kept(cart("long", { mug: 3 }, { expiresInSeconds: 60 }));
      yield* ask(long.id, { type: "extend", expiresInSeconds: 3_600 });
      assert.equal((yield* ask(short.id, { type: "expire" })).status, "active", "too early");
      at(2);
      yield* timers.fireDue;
      assert.equal((yield* reservationOf(short.id)).status, "expired");
      assert.equal((yield* reservationOf(long.id)).status, "active");
      assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 3]]);
      at(61);
      yield* timers.fireDue;
      assert.equal((yield* reservationOf(long.id)).status, "expired");
      assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 0]]);
      // What comes late finds nothing left to let go.
      yield* ask(long.id, { type: "expire" });
      assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 0]]);
      yield* sound;
    }),
    { clock },
  );
});

Deno.test("a cart whose time has come is its shopper's as long as nobody let it go", () => {
  const clock = clockFrom(Date.UTC(2030, 0, 1));
  return withEngine(
    Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 2 } });
      const { id } = yield* kept(cart("c", { mug: 2 }, { expiresInSeconds: 4 * 3_600 }));
      // The timer is due now, and whoever comes first decides: here, the order.
      clock.moveTo(Date.UTC(2030, 0, 1, 4));
      const order = yield* placeWith(id, "1", { mug: 2 });
      assert.equal(order.status, "allocated");
      yield* (yield* Timers).fireDue;
      yield* ask(id, { type: "expire" });
      assert.deepEqual(yield* rowsOf("mug"), [["ams", 2, 0]]);
      yield* sound;
    }),
    { clock },
  );
});

Deno.test("with a reservation that has ended an order is an ordinary one", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 2 } });
    const { id } = yield* kept(cart("c", { mug: 2 }));
    yield* ask(id, { type: "release" });
    assert.equal((yield* ask(id, { type: "release" })).version, 2, "nothing is left to release");
    const order = yield* placeWith(id, "1", { mug: 1 });
    assert.deepEqual([order.status, order.reservation], ["allocated", { id, used: false }]);
    const stored = yield* (yield* Orders).get(order.id);
    assert.deepEqual(stored.state, order, "it is read as it was written");
    const again = yield* reserve(cart("c", { mug: 1 }));
    assert.equal(again.created, true, "the cart has a reservation of its own again");
    assert.notEqual(again.document.state.id, id);
    const short = yield* Effect.flip(placeWith(id, "2", { mug: 1 }));
    assert.equal(short._tag, "Refused");
    yield* sound;
  })));

Deno.test("an order that is refused leaves its cart as it was", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 3 } });
    const { id } = yield* kept(cart("c", { mug: 2 }));
    const refused = yield* Effect.flip(placeWith(id, "1", { mug: 4 }));
    assert.equal(refused._tag, "Refused");
    assert.equal((yield* reservationOf(id)).status, "active");
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 2]]);
    // More than the cart has, of which there is enough.
    const order = yield* placeWith(id, "1", { mug: 3 });
    assert.equal(order.status, "allocated");
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 3, 0]]);
    yield* sound;
  })));

Deno.test("an order that gets nothing takes nothing from its cart", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 2 } });
    const { id } = yield* kept(cart("c", { mug: 2 }));
    const order = yield* placeWith(id, "1", { mug: 4 }, { onShortage: "hold" });
    assert.deepEqual([order.status, order.reservation], ["held", { id, used: false }]);
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 2]]);
    const some = yield* placeWith(id, "2", { mug: 4 }, { onShortage: "partial" });
    assert.deepEqual(some.reservation, { id, used: true });
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 2, 0]]);
    yield* sound;
  })));

Deno.test("an order sent again is the same order, whatever became of its cart", () =>
  withEngine(Effect.gen(function* () {
    const orders = yield* Orders;
    yield* stockUp({ ams: { mug: 3 } });
    const { id } = yield* kept(cart("c", { mug: 2 }));
    const first = yield* placeWith(id, "1", { mug: 2 });
    const again = yield* orders.place(
      request("1", { mug: 2 }, { reservationId: id }),
      bySystem,
    );
    assert.deepEqual([again.created, again.document.state.id], [false, first.id]);
    // The shopper came back before the answer did: the cart is kept anew, the order is the one that is there.
    const anew = yield* kept(cart("c", { mug: 1 }));
    const third = yield* placeWith(anew.id, "1", { mug: 2 });
    assert.deepEqual([third.id, third.reservation], [first.id, { id, used: true }]);
    assert.equal((yield* reservationOf(anew.id)).status, "active");
    // Of another order it keeps nothing any more.
    const other = yield* placeWith(id, "2", { mug: 1 }, { onShortage: "backorder" });
    assert.deepEqual([other.status, other.reservation?.used], ["backordered", false]);
  })));

Deno.test("a cart is its channel's", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 3 } });
    const { id } = yield* kept(cart("c", { mug: 2 }));
    const theirs = yield* Effect.flip(placeWith(id, "1", { mug: 2 }, { channel: "market" }));
    const nobodys = yield* Effect.flip(
      placeWith("res_0000000000000000000000", "1", { mug: 2 }, { channel: "market" }),
    );
    for (const refused of [theirs, nobodys]) {
      assert.ok(refused._tag === "InvalidOrder");
      assert.equal(refused.errors[0]?.pointer, "/reservationId");
    }
    const other = yield* reserve(cart("c", { mug: 1 }, { channel: "market" }));
    assert.equal(other.created, true, "carts of two channels may have one number");
  })));

Deno.test("units that an order takes elsewhere go free where they were kept", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 2 }, ber: { mug: 2 } });
    const lines = [{ sku: "mug", quantity: 2, method: "pickup", locationId: "ams" }] as const;
    const { id } = yield* kept(cart("c", {}, { lines }));
    const fulfillment = { method: "pickup", locationId: "ber" } as const;
    const [line] = request("1", { mug: 2 }).lines;
    assert.ok(line !== undefined);
    const order = yield* placeWith(id, "1", {}, { lines: [{ ...line, fulfillment }] });
    assert.deepEqual(order.reservation, { id, used: true });
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 0], ["ber", 2, 0]]);
    yield* sound;
  })));

Deno.test("units that a cart lets go reach those who wait for them", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 2 } });
    const { id } = yield* kept(cart("c", { mug: 2 }));
    const waiting = yield* place(request("1", { mug: 1 }, { onShortage: "backorder" }));
    assert.equal(waiting.status, "backordered");
    yield* ask(id, { type: "release" });
    const orders = yield* Orders;
    yield* orders.get(waiting.id).pipe(
      Effect.repeat({
        until: ({ state }) => state.status === "allocated",
        schedule: Schedule.spaced("10 millis"),
      }),
      Effect.timeout("30 seconds"),
    );
  })));

/** A store that takes as few checks in a commit as a KV server. */
const checksOfServer = 10;

Deno.test("what is kept at many places becomes an order in one commit, or is not kept", () =>
  withEngine(
    Effect.gen(function* () {
      const places = ["a", "b", "c", "d", "e", "f", "g", "h"];
      yield* stockUp(Object.fromEntries(places.map((id) => [id, { mug: 1, cup: 1 }])));
      const refused = yield* Effect.flip(reserve(cart("c", { mug: 8 })));
      assert.ok(refused._tag === "Refused" && refused.rejection._tag === "ReservationTooWide");
      const { id } = yield* kept(cart("c", { mug: 7 }));
      const order = yield* placeWith(id, "1", { mug: 7 });
      assert.equal(order.status, "allocated");
      assert.equal(order.version, 1);
      // Where the rest of it needs further places, others could come between its parts.
      const wide = yield* kept(cart("w", { mug: 1, cup: 6 }));
      const invalid = yield* Effect.flip(placeWith(wide.id, "2", { mug: 1, cup: 8 }));
      assert.ok(invalid._tag === "InvalidOrder");
      assert.equal((yield* reservationOf(wide.id)).status, "active");
      yield* sound;
    }),
    { faults: faultyStore({ faultOf: () => null, checks: checksOfServer }) },
  ));

Deno.test("however a cart is changed and ended at once, it ends in one way", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 9 } });
    for (let n = 0; n < 12; n++) {
      const name = `c${n}`;
      const { id } = yield* kept(cart(name, { mug: 2 }));
      const [order, changed] = yield* Effect.all([
        placeWith(id, `o${n}`, { mug: 1 }, { onShortage: "partial" }),
        reserve(cart(name, { mug: 1 })),
        Effect.result(ask(id, { type: "release" })),
      ], { concurrency: "unbounded" });
      const first = yield* reservationOf(id);
      assert.equal(order.reservation?.used, first.status === "converted");
      const last = changed.document.state;
      assert.ok(last.id !== id || changed.created === false);
      yield* Effect.result(ask(last.id, { type: "release" }));
      const orders = yield* Orders;
      yield* orders.command(order.id, { type: "cancel", reason: "again" }, bySystem);
    }
    assert.deepEqual(yield* rowsOf("mug"), [["ams", 0, 0]]);
    yield* sound;
  })));
