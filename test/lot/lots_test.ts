/** Lots by themselves: their rows, which of them are picked first, and what changes of stock do to them. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { planLots, type SkuLots, unlisted } from "../../src/lot/change.ts";
import { lotBalance } from "../../src/lot/balance.ts";
import { byExpiry, chooseLots, freeUnits, type LotStock } from "../../src/lot/fefo.ts";
import { dueMsOf, isExpired, lotOfRow, lotRow, nameOfLot } from "../../src/lot/lot.ts";

const now = "2026-03-01T12:00:00.000Z";
const nowMs = Date.parse(now);
const dayMs = 86_400_000;
const inDays = (days: number): string => new Date(nowMs + days * dayMs).toISOString();

const names = fc.oneof(
  fc.record({ lotId: fc.string({ minLength: 1 }).filter((id) => !id.includes("\t")) }),
  fc.record({
    lotId: fc.string({ minLength: 1 }).filter((id) => !id.includes("\t")),
    expiresAt: fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString()),
  }),
  fc.record({
    lotId: fc.string({ minLength: 1 }).filter((id) => !id.includes("\t")),
    serial: fc.constant(true as const),
  }),
  fc.constant({ lotId: "" }),
);

Deno.test("a lot's row names it, whatever the SKU looks like, and rows come by expiry", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), names, names, (sku, one, other) => {
      assert.deepEqual(lotOfRow(lotRow(sku, one)), { sku, ...one });
      const [due, later] = [dueMsOf(one), dueMsOf(other)];
      if (due < later) assert.ok(lotRow(sku, one) < lotRow(sku, other));
    }),
  );
});

/** Lots of days to come and days gone by, in any order. */
const stocks = fc.uniqueArray(
  fc.record({
    lotId: fc.constantFrom("", "A", "B", "C", "D", "E"),
    days: fc.option(fc.integer({ min: -3, max: 12 }), { nil: undefined }),
    onHand: fc.nat({ max: 9 }),
    picked: fc.nat({ max: 4 }),
    setAside: fc.nat({ max: 4 }),
  }).filter(({ onHand, picked, setAside }) => picked + setAside <= onHand)
    .map(({ lotId, days, ...counts }): LotStock => ({
      lotId,
      ...(days === undefined || lotId === "" ? {} : { expiresAt: inDays(days) }),
      ...counts,
    })),
  { selector: ({ lotId }) => lotId, maxLength: 6 },
);

Deno.test("what expires first is chosen first, and nothing that is due", () => {
  fc.assert(
    fc.property(stocks, fc.nat({ max: 30 }), fc.nat({ max: 4 }), (lots, wanted, days) => {
      const { lots: chosen, missing } = chooseLots(lots, wanted, { now, minRemainingDays: days });
      const good = lots.filter((lot) => dueMsOf(lot, days) > nowMs);
      const units = chosen.reduce((sum, { quantity }) => sum + quantity, 0);
      const free = good.reduce((sum, lot) => sum + freeUnits(lot), 0);
      assert.equal(units, Math.min(wanted, free));
      assert.equal(missing, wanted - units);
      for (const [n, lot] of chosen.entries()) {
        const known = good.find(({ lotId }) => lotId === lot.lotId) ?? assert.fail("it is due");
        assert.ok(lot.quantity <= freeUnits(known));
        const next = chosen[n + 1];
        if (next !== undefined) assert.ok(byExpiry(lot, next) < 0);
        // Whatever expires before it is used up.
        for (const earlier of good) {
          if (dueMsOf(earlier) >= dueMsOf(lot) || freeUnits(earlier) === 0) continue;
          const used = chosen.find(({ lotId }) => lotId === earlier.lotId)?.quantity;
          assert.equal(used, freeUnits(earlier));
        }
      }
    }),
  );
});

Deno.test("a lot has expired at its date, and not before", () => {
  assert.ok(isExpired({ lotId: "A", expiresAt: now }, now));
  assert.ok(!isExpired({ lotId: "A", expiresAt: inDays(1 / dayMs) }, now));
  assert.ok(!isExpired({ lotId: "A" }, now));
});

const asks = fc.array(
  fc.record({
    lotId: fc.constantFrom("A", "B", "N"),
    onHand: fc.integer({ min: -5, max: 5 }),
    setAside: fc.integer({ min: -3, max: 3 }),
  }),
  { maxLength: 3 },
);

Deno.test("lots stay parts of the stock, whatever is changed of them or beside them", () => {
  const world = fc.record({
    lots: stocks,
    rest: fc.nat({ max: 5 }),
    other: fc.nat({ max: 3 }),
    asks,
    beside: fc.record({
      onHand: fc.integer({ min: -6, max: 6 }),
      unavailable: fc.integer({ min: -4, max: 4 }),
    }),
  });
  let done = 0;
  fc.assert(
    fc.property(world, ({ lots, rest, other, asks: asked, beside }) => {
      const sum = (unitsOf: (lot: LotStock) => number) =>
        lots.reduce((units, lot) => units + unitsOf(lot), 0);
      const unavailable = sum((lot) => lot.setAside) + other;
      const stock = { onHand: sum((lot) => lot.onHand) + other + rest, unavailable };
      const known: SkuLots = {
        ...{ tracking: "lot", stock, lots },
        serial: () => ({ there: 0, gone: 0 }),
      };
      assert.equal(unlisted(known), rest);
      const named = asked.map((ask) => ({ pointer: "", sku: "milk", ...ask }));
      // What the stock row is changed by is what lots are named for, and what they are not.
      const moved = named.reduce((all, ask) => ({
        onHand: all.onHand + ask.onHand,
        unavailable: all.unavailable + ask.setAside,
      }), beside);
      const planned = planLots("ams", "milk", known, named, moved);
      if (Result.isFailure(planned)) return;
      done++;
      const rows = new Map(lots.map((lot) => {
        const { onHand, picked, setAside } = lot;
        const row = lotRow("milk", nameOfLot(lot));
        return [row, { ...lotBalance.empty("ams", row), onHand, picked, setAside }];
      }));
      for (const delta of planned.success.lots) {
        const before = rows.get(delta.row) ?? lotBalance.empty("ams", delta.row);
        rows.set(delta.row, lotBalance.apply(before, delta));
      }
      const after = {
        onHand: stock.onHand + moved.onHand,
        unavailable: stock.unavailable + moved.unavailable,
      };
      let listed = 0, setAside = 0;
      for (const row of rows.values()) {
        assert.ok(lotBalance.isSound(row), JSON.stringify(row));
        listed += row.onHand - row.setAside;
        setAside += row.setAside;
      }
      assert.ok(listed <= after.onHand - after.unavailable);
      assert.ok(setAside <= after.unavailable);
    }),
  );
  assert.ok(done > 0);
});
