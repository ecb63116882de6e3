import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { adjust, count, type HeldRow } from "../../src/stock/change.ts";
import { applyDelta, emptyRow, type StockRow } from "../../src/stock/stock.ts";

const skus = ["mug", "pen"];

const rows = fc.record({
  onHand: fc.nat({ max: 20 }),
  unavailable: fc.nat({ max: 20 }),
  reserved: fc.nat({ max: 20 }),
  held: fc.nat({ max: 5 }),
}).filter(({ onHand, unavailable, reserved, held }) => onHand - unavailable - reserved - held >= 0)
  .map(({ held, ...row }): Omit<HeldRow, "row"> & { readonly row: typeof row } => ({ row, held }));

const changes = fc.array(
  fc.record({
    sku: fc.constantFrom(...skus),
    delta: fc.integer({ min: -12, max: 12 }),
    unavailable: fc.integer({ min: -6, max: 6 }),
  }),
  { minLength: 1, maxLength: 6 },
);

Deno.test("changes of one SKU count together: what they come to is refused or done, in any order", () => {
  fc.assert(
    fc.property(rows, rows, changes, (mug, pen, asked) => {
      const rowOf = (sku: string): HeldRow => {
        const { row, held } = sku === "mug" ? mug : pen;
        return { row: { ...emptyRow("ams", sku), ...row }, held };
      };
      const comesTo = skus.map((sku) => {
        const { row, held } = rowOf(sku);
        const mine = asked.filter((change) => change.sku === sku);
        const onHand = mine.reduce((sum, { delta }) => sum + delta, row.onHand);
        const unavailable = mine.reduce((sum, change) => sum + change.unavailable, row.unavailable);
        return { ...row, onHand, unavailable, free: onHand - unavailable - row.reserved - held };
      });
      const decided = adjust("ams", asked, rowOf);
      const isFine = comesTo.every(({ unavailable, free }) => unavailable >= 0 && free >= 0);
      assert.equal(Result.isSuccess(decided), isFine);
      assert.equal(Result.isSuccess(adjust("ams", asked.toReversed(), rowOf)), isFine);
      if (Result.isFailure(decided)) return;
      for (const [index, sku] of skus.entries()) {
        const after: StockRow = decided.success.filter((delta) => delta.sku === sku)
          .reduce(applyDelta, rowOf(sku).row);
        const { free: _free, ...expected } = comesTo[index] ?? assert.fail();
        assert.deepEqual(after, { ...rowOf(sku).row, ...expected });
      }
    }),
  );
});

Deno.test("a count that is too low names the units that are in its way, and no more than these", () => {
  fc.assert(
    fc.property(rows, fc.nat({ max: 60 }), ({ row, held }, onHand) => {
      const asIf = (freed: number): HeldRow => ({
        // Freed units were promised as long as there are such, and set aside otherwise.
        row: {
          ...emptyRow("ams", "mug"),
          ...row,
          reserved: Math.max(0, row.reserved - freed),
          unavailable: row.unavailable -
            Math.max(0, freed - row.reserved - held),
        },
        held: Math.max(0, held - Math.max(0, freed - row.reserved)),
      });
      const counted = (freed: number) => count("ams", [{ sku: "mug", onHand }], () => asIf(freed));
      const refused = counted(0);
      if (Result.isSuccess(refused)) return;
      assert.ok(refused.failure._tag === "BelowZero");
      const [{ promised, setAside, excess } = assert.fail()] = refused.failure.shortages;
      assert.equal(promised, row.reserved + held);
      assert.equal(setAside, row.unavailable);
      assert.ok(excess !== undefined && excess <= row.reserved + held + row.unavailable);
      assert.ok(Result.isFailure(counted(excess - 1)));
      assert.ok(Result.isSuccess(counted(excess)));
    }),
  );
});
