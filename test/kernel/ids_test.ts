import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fulfillmentOrderIdOf,
  orderIdOfFulfillmentOrder,
  orderIdOfShipment,
  orderIds,
  shelfOfOrderId,
  shipmentIdOf,
} from "../../src/order/ids.ts";
import { idAlphabet } from "../../src/kernel/ids.ts";

const time = fc.integer({ min: 0, max: 32 ** 9 - 1 });
const shelf = fc.integer({ min: 0, max: 1023 });
const random10 = fc.string({
  unit: fc.constantFrom(...idAlphabet),
  minLength: 10,
  maxLength: 10,
});

Deno.test("ids of one shelf ascend in the order in which they were made, even when the clock goes back", () => {
  const made = fc.tuple(
    fc.nat(3),
    fc.constantFrom("zzzzzzzzzy", "zzzzzzzzzz", "0000000000", "0zzzzzzzzz"),
  );
  fc.assert(fc.property(fc.array(made), (all) => {
    let last: string | undefined;
    for (const [ms, random] of all) {
      const id = orderIds.later(orderIds.of(1_000 + ms, 7, random), last);
      assert.ok(orderIds.is(id), id);
      assert.equal(shelfOfOrderId(id), 7);
      if (last !== undefined) assert.ok(id > last, `${id} after ${last}`);
      last = id;
    }
  }));
});

Deno.test("order ids sort by time, whatever their shelf and random part", () => {
  fc.assert(
    fc.property(time, time, shelf, shelf, random10, random10, (a, b, shelfA, shelfB, x, y) => {
      fc.pre(a < b);
      assert.ok(orderIds.of(a, shelfA, x) < orderIds.of(b, shelfB, y));
    }),
  );
});

Deno.test("an order id tells its shelf, and ids of its parts tell the order", () => {
  fc.assert(
    fc.property(time, shelf, random10, fc.integer({ min: 1, max: 9999 }), (ms, on, text, n) => {
      const id = orderIds.of(ms, on, text);
      assert.ok(orderIds.is(id));
      assert.equal(shelfOfOrderId(id), on);
      assert.equal(orderIdOfFulfillmentOrder(fulfillmentOrderIdOf(id, n)), id);
      assert.equal(orderIdOfShipment(shipmentIdOf(id, n)), id);
      assert.equal(orderIdOfShipment(fulfillmentOrderIdOf(id, n)), null);
      assert.equal(orderIdOfFulfillmentOrder(shipmentIdOf(id, n)), null);
    }),
  );
});

Deno.test("malformed ids belong to no order", () => {
  const good = orderIds.of(1, 2, "0123456789");
  const bad = [
    "",
    "ord_",
    good + "0",
    good.slice(0, -1) + "A",
    good.slice(0, -1) + "u",
    ` ${good}`,
  ];
  for (const id of bad) {
    assert.equal(orderIds.is(id), false, id);
    assert.equal(orderIdOfFulfillmentOrder(fulfillmentOrderIdOf(id, 1)), null, id);
    assert.equal(orderIdOfShipment(shipmentIdOf(id, 1)), null, id);
  }
  for (const suffix of ["", "_", "_0", "_01", "_x", "_1_1", "_1234567"]) {
    assert.equal(orderIdOfFulfillmentOrder(`ful_${good.slice(4)}${suffix}`), null, suffix);
  }
  assert.throws(() => orderIds.of(-1, 0, "0123456789"), RangeError);
  assert.throws(() => orderIds.of(0, 1024, "0123456789"), RangeError);
  assert.throws(() => orderIds.of(0, 0, "012345678"), RangeError);
});
