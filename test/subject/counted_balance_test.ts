/** Balances of counted fields: what holds of all of them, and that stock is one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { stockBalance } from "../../src/stock/balance.ts";
import { stockDelta, stockFields, type StockRow } from "../../src/stock/stock.ts";
import { countedBalance, type CountedFields } from "../../src/subject/counted-balance.ts";

type StockField = typeof stockFields[number];

/** Stock as it would be if it had no functions of its own. */
const generalStock = countedBalance({
  name: "stock",
  partitionPrefix: "location:",
  family: "stock",
  fields: { onHand: 1, reserved: -1, unavailable: -1, safetyStock: -1, claimed: -1 },
  isSound: ({ onHand, reserved, unavailable, safetyStock, claimed }) =>
    Math.min(reserved, unavailable, safetyStock, claimed) >= 0 &&
    reserved + claimed + unavailable <= onHand,
});

const general = (
  { locationId, sku, claimed = 0, buckets: _buckets, ...counts }: StockRow,
): CountedFields<StockField> => ({ space: locationId, row: sku, ...counts, claimed });

const units = fc.oneof(fc.constant(0), fc.integer({ min: -9, max: 20 }));
const change = fc.record({
  onHand: units,
  reserved: units,
  unavailable: units,
  safetyStock: units,
  claimed: units,
}, { requiredKeys: [] });
const place = fc.tuple(fc.constantFrom("ams", "ber"), fc.constantFrom("mug", "cup"));
const row = fc.tuple(place, change).map(([[locationId, sku], counts]): StockRow =>
  stockDelta(locationId, sku, counts)
);
/** Many deltas are merged by other means than few. */
const deltas = fc.array(row, { maxLength: 14 });

Deno.test("stock's own functions do what the general ones do", () => {
  const said = new Set<boolean>();
  fc.assert(fc.property(row, deltas, (before, changes) => {
    const after = changes.reduce(stockBalance.apply, before);
    const generalAfter = changes.map(general).reduce(generalStock.apply, general(before));
    assert.deepEqual(general(after), generalAfter);
    said.add(stockBalance.isSound(after));
    assert.equal(stockBalance.isSound(after), generalStock.isSound(generalAfter));
    assert.equal(stockBalance.available(after), generalStock.available(generalAfter));
    assert.deepEqual(stockBalance.merge(changes).map(general), [
      ...generalStock.merge(changes.map(general)),
    ]);
    for (const delta of changes) {
      assert.equal(stockBalance.taken(delta), generalStock.taken(general(delta)));
      assert.equal(stockBalance.spaceOf(delta), generalStock.spaceOf(general(delta)));
      assert.equal(stockBalance.rowOf(delta), generalStock.rowOf(general(delta)));
      for (const field of generalStock.fields) {
        assert.equal(
          stockBalance.change(delta, field),
          generalStock.change(general(delta), field),
        );
      }
    }
    for (const field of stockBalance.fields) {
      assert.equal(
        stockBalance.field(after, field),
        generalStock.field(generalAfter, field),
      );
    }
  }));
  assert.equal(said.size, 2);
  assert.deepEqual([...stockBalance.fields], [...generalStock.fields]);
  assert.deepEqual(general(stockBalance.empty("ams", "mug")), generalStock.empty("ams", "mug"));
});

Deno.test("merged deltas do what the deltas do, one for each row, and none does nothing", () => {
  const sumOf = (changes: readonly CountedFields<StockField>[], space: string, name: string) =>
    changes.filter((delta) => delta.space === space && delta.row === name)
      .reduce(generalStock.apply, generalStock.empty(space, name));
  fc.assert(fc.property(deltas, (changes) => {
    const before = changes.map(general);
    const merged = generalStock.merge(before);
    for (const { space, row } of before) {
      assert.deepEqual(sumOf(merged, space, row), sumOf(before, space, row));
    }
    const names = merged.map(({ space, row }) => JSON.stringify([space, row]));
    assert.equal(new Set(names).size, names.length);
    for (const delta of merged) {
      assert.ok(generalStock.fields.some((field) => generalStock.change(delta, field) !== 0));
    }
  }));
});

Deno.test("a delta takes from what may be promised as much as it says", () => {
  fc.assert(fc.property(row, row, (before, change) => {
    const [counts, delta] = [general(before), general(change)];
    assert.equal(
      generalStock.available(generalStock.apply(counts, delta)),
      generalStock.available(counts) - generalStock.taken(delta),
    );
  }));
});

Deno.test("a row under another key than its own, and one that counts no whole units, is malformed", () => {
  const balances = [
    (row: StockRow) => stockBalance.malformed(row, "ams", "mug"),
    (row: StockRow) => generalStock.malformed(general(row), "ams", "mug"),
  ];
  for (const malformed of balances) {
    assert.equal(malformed(stockDelta("ams", "mug", { onHand: 4 })), null);
    assert.ok(malformed(stockDelta("ber", "mug", {})));
    assert.ok(malformed(stockDelta("ams", "cup", {})));
    assert.ok(malformed(stockDelta("ams", "mug", { reserved: 0.5 })));
  }
});

Deno.test("no field can have the name of what each row has", () => {
  assert.throws(
    () =>
      countedBalance({
        name: "odd",
        partitionPrefix: "odd:",
        family: "odd",
        fields: { row: 1 },
        isSound: () => true,
      }),
    /cannot be called row/,
  );
});
