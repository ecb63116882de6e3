/** Buckets: moves between places neither make nor lose units, and a row never has more in them than it set aside. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { inStock, stockBalance } from "../../src/stock/balance.ts";
import { availablePlace, inBucket, unitsIn, unspecifiedPlace } from "../../src/stock/buckets.ts";
import { adjust, type HeldRow, move, type MovedStock } from "../../src/stock/change.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import {
  applyDelta,
  emptyRow,
  isSound,
  type StockDelta,
  stockDelta,
  type StockRow,
  sumByRow,
  unspecifiedUnits,
} from "../../src/stock/stock.ts";
import { subjects } from "../../src/subjects.ts";
import { BalanceAudit } from "../../src/verify/balances.ts";
import { Findings } from "../../src/verify/report.ts";

/** A name may be that of a member that every object has. */
const named = ["damaged", "quality_control", "constructor", "__proto__"];
const places = [availablePlace, unspecifiedPlace, ...named];

type Units = Readonly<Record<string, number>>;

const unitsAt = (units: Units, place: string): number => units[`at ${place}`] ?? 0;

const bucketsOf = (units: Units) =>
  Object.fromEntries(
    named.flatMap((place) => {
      const there = unitsAt(units, place);
      return there === 0 ? [] : [[place, there]];
    }),
  );

/** A row that has so many units at each place, beside reserved and held ones. */
const heldRow = (units: Units, reserved: number, held: number): HeldRow => {
  const buckets = bucketsOf(units);
  const unavailable = places.slice(1).reduce((sum, place) => sum + unitsAt(units, place), 0);
  return {
    held,
    row: {
      ...emptyRow("ams", "mug"),
      onHand: unitsAt(units, availablePlace) + unavailable + reserved + held,
      reserved,
      unavailable,
      buckets: Object.keys(buckets).length === 0 ? undefined : buckets,
    },
  };
};

const anyUnits = fc.record(
  Object.fromEntries(places.map((place) => [`at ${place}`, fc.nat({ max: 6 })])),
);

const anyMoves = fc.array(
  fc.record({
    sku: fc.constant("mug"),
    quantity: fc.integer({ min: 1, max: 5 }),
    from: fc.constantFrom(...places),
    to: fc.constantFrom(...places),
  }).filter(({ from, to }) => from !== to),
  { minLength: 1, maxLength: 5 },
);

const after = (row: StockRow, deltas: readonly StockDelta[]): StockRow =>
  deltas.reduce(applyDelta, row);

/** Units at each place once all is moved. */
const moved = (units: Units, moves: readonly MovedStock[]): Units => {
  const left: Record<string, number> = { ...units };
  for (const { quantity, from, to } of moves) {
    left[`at ${from}`] = (left[`at ${from}`] ?? 0) - quantity;
    left[`at ${to}`] = (left[`at ${to}`] ?? 0) + quantity;
  }
  return left;
};

Deno.test("moves are made when each place has as many as leave it, and are refused whole otherwise", () => {
  const said = new Set<boolean>();
  fc.assert(
    fc.property(anyUnits, fc.nat({ max: 4 }), fc.nat({ max: 4 }), anyMoves, (
      units,
      reserved,
      held,
      moves,
    ) => {
      const before = heldRow(units, reserved, held);
      const expected = moved(units, moves);
      const isFine = Object.values(expected).every((left) => left >= 0);
      said.add(isFine);
      const decided = move("ams", moves, () => before);
      assert.equal(Result.isSuccess(decided), isFine);
      if (Result.isFailure(decided)) {
        assert.ok(decided.failure._tag === "BelowZero");
        for (const { bucket, requested, available } of decided.failure.shortages) {
          const place = bucket ??
            (before.row.unavailable === 0 ? unspecifiedPlace : availablePlace);
          if (bucket !== undefined) {
            assert.equal(available, unitsAt(units, place));
            assert.equal(available - requested, unitsAt(expected, place));
          }
        }
        return;
      }
      const row = after(before.row, decided.success);
      assert.deepEqual(row, { ...heldRow(expected, reserved, held).row });
      assert.equal(row.onHand, before.row.onHand, "moves make and lose nothing");
      assert.ok(isSound(row));
      assert.equal(stockBalance.overdrawn(row), null);
    }),
  );
  assert.equal(said.size, 2);
});

Deno.test("a refused move names the place that has too few, and what is there", () => {
  const row = heldRow({ "at available": 3, "at damaged": 2 }, 1, 0);
  const refusal = (from: string, to: string, quantity: number) => {
    const decided = move("ams", [{ sku: "mug", quantity, from, to }], () => row);
    assert.ok(Result.isFailure(decided) && decided.failure._tag === "BelowZero");
    return decided.failure.shortages;
  };
  const at = { pointer: "/moves/0/quantity", sku: "mug" };
  assert.deepEqual(refusal("damaged", "available", 3), [
    { ...at, requested: 3, available: 2, bucket: "damaged" },
  ]);
  assert.deepEqual(refusal(unspecifiedPlace, "expired", 1), [
    { ...at, requested: 1, available: 0, bucket: unspecifiedPlace },
  ]);
  assert.deepEqual(refusal("available", "damaged", 5), [
    { ...at, requested: 5, available: 3, promised: 1, setAside: 2, excess: 2 },
  ]);
});

Deno.test("adjusting without a bucket takes what is in none, and with one what is in that", () => {
  const row = heldRow({ "at unspecified": 1, "at damaged": 2 }, 0, 0);
  const take = (unavailable: number, bucket?: string) =>
    Result.map(
      adjust("ams", [{ sku: "mug", delta: 0, unavailable, bucket }], () => row),
      (deltas) => after(row.row, deltas),
    );
  const freed = Result.getOrThrow(take(-1));
  assert.deepEqual([freed.unavailable, unspecifiedUnits(freed)], [2, 0]);
  assert.ok(Result.isFailure(take(-2)), "named units are freed by their name");
  const named = Result.getOrThrow(take(-2, "damaged"));
  assert.deepEqual([named.unavailable, named.buckets], [1, undefined]);
  const more = Result.getOrThrow(
    adjust(
      "ams",
      [{ sku: "mug", delta: 3, unavailable: 3, bucket: "quality_control" }],
      () => row,
    ),
  );
  const held = after(row.row, more);
  assert.deepEqual(held.buckets, { damaged: 2, quality_control: 3 });
  assert.deepEqual([held.onHand, held.unavailable], [6, 6]);
});

Deno.test("a row has only so many buckets, and one that is empty is none", () => {
  const moves = Array.from({ length: stockLimits.bucketsPerRow }, (_, n) => ({
    ...{ sku: "mug", quantity: 1, from: availablePlace, to: `shelf-${n}` },
  }));
  const row = heldRow({ "at available": 40 }, 0, 0);
  const full = after(row.row, Result.getOrThrow(move("ams", moves, () => row)));
  const more = { sku: "mug", quantity: 1, from: availablePlace, to: "one more" };
  const asked = (moves: readonly MovedStock[]) =>
    move("ams", moves, () => ({ row: full, held: 0 }));
  const refused = asked([more]);
  assert.ok(Result.isFailure(refused));
  assert.equal(refused.failure._tag, "TooManyBuckets");
  const emptied = { sku: "mug", quantity: 1, from: "shelf-0", to: availablePlace };
  const other = after(full, Result.getOrThrow(asked([more, emptied])));
  assert.equal(Object.keys(other.buckets ?? {}).length, stockLimits.bucketsPerRow);
  assert.equal(unitsIn(other.buckets, "shelf-0"), 0);
});

const anyDelta = fc.record({
  place: fc.constantFrom(...named),
  units: fc.integer({ min: -4, max: 8 }),
  unavailable: fc.integer({ min: -4, max: 8 }),
}).map(({ place, units, unavailable }) =>
  stockDelta("ams", "mug", { onHand: unavailable, unavailable, buckets: inBucket(place, units) })
);

Deno.test("deltas of buckets commute, and merged they do what they do alone", () => {
  fc.assert(
    fc.property(fc.array(anyDelta, { maxLength: 12 }), (deltas) => {
      const alone = after(emptyRow("ams", "mug"), deltas);
      const sorted = (row: StockRow) => Object.entries(row.buckets ?? {}).sort();
      const other = after(emptyRow("ams", "mug"), deltas.toReversed());
      assert.deepEqual(sorted(other), sorted(alone));
      const [sum] = sumByRow(deltas);
      const merged = after(emptyRow("ams", "mug"), sum === undefined ? [] : [sum]);
      assert.deepEqual(sorted(merged), sorted(alone));
      assert.equal(isSound(alone), stockBalance.overdrawn(alone) === null);
    }),
  );
});

const audited = (row: StockRow, log: readonly StockDelta[]) => {
  const findings = new Findings();
  const audit = new BalanceAudit(subjects, "2", findings);
  audit.addRow(subjects.balance("stock"), "ams", "mug", row, "2");
  audit.add("1", inStock(log));
  audit.finish();
  return findings.report("").violations.map(({ invariant }) => invariant);
};

Deno.test("verify finds buckets that have more than is set aside, and ones that are not their log", () => {
  const change = { onHand: 5, unavailable: 3 };
  const delta = stockDelta("ams", "mug", { ...change, buckets: { damaged: 2, expired: 1 } });
  assert.deepEqual(audited(delta, [delta]), []);
  const before = stockDelta("ams", "mug", change);
  assert.deepEqual(audited(before, [before]), [], "a row of before has none by name");
  assert.deepEqual(audited(before, [delta]), ["buckets-sum"]);
  assert.deepEqual(audited(delta, [before]), ["buckets-sum"]);
  const other = { ...delta, buckets: { damaged: 1, expired: 2 } };
  assert.deepEqual(audited(other, [delta]), ["buckets-sum"]);
  for (const buckets of [{ damaged: 4 }, { damaged: -1, expired: 1 }]) {
    const wrong = { ...delta, buckets };
    assert.ok(audited(wrong, [wrong]).includes("buckets-sum"));
    assert.ok(!isSound(wrong));
  }
});
