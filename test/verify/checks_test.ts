import assert from "node:assert/strict";
import fc from "fast-check";
import { stockDelta } from "../../src/stock/stock.ts";
import { findPersonalData } from "../../src/verify/personal-data.ts";
import { Findings } from "../../src/verify/report.ts";
import { differences, sameJson } from "../../src/verify/same.ts";
import { BalanceAudit } from "../../src/verify/balances.ts";
import { inStock, stockBalance } from "../../src/stock/balance.ts";
import type { Balance } from "../../src/subject/balance.ts";
import { subjects } from "../../src/subjects.ts";

const balance = subjects.balance("stock");

Deno.test("a value is the same as what comes back from JSON", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.ok(sameJson(value, JSON.parse(JSON.stringify(value))));
    assert.ok(!sameJson(value, { not: value }));
  }));
});

Deno.test("a member that is undefined is the same as none", () => {
  assert.ok(sameJson({ a: 1, b: undefined }, { a: 1 }));
  assert.ok(!sameJson({ a: 1, b: null }, { a: 1 }));
  assert.deepEqual(differences({ a: 1, b: [2], c: 3 }, { a: 1, b: [2, 3], d: 4 }), ["b", "c", "d"]);
});

Deno.test("a row is compared with the log exactly up to where it was written, wherever that is", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 20 }),
    fc.nat(),
    fc.nat(),
    (changes, at, before) => {
      const position = (n: number) => String(n).padStart(4, "0");
      const written = at % changes.length;
      const findings = new Findings();
      const audit = new BalanceAudit(subjects, position(before % (written + 1)), findings);
      const onHand = changes.slice(0, written + 1).reduce((sum, delta) => sum + delta, 0);
      const row = { ...stockDelta("here", "mug", { onHand }) };
      audit.addRow(balance, "here", "mug", row, position(written));
      changes.forEach((delta, n) =>
        audit.add(position(n), inStock([stockDelta("here", "mug", { onHand: delta })]))
      );
      audit.finish();
      assert.deepEqual(findings.report("").violations, []);
    },
  ));
});

Deno.test("a row that missed a change from before it was read is found", () => {
  const findings = new Findings();
  const audit = new BalanceAudit(subjects, "2", findings);
  audit.addRow(balance, "here", "mug", stockDelta("here", "mug", { onHand: 1 }), "1");
  audit.add("1", inStock([stockDelta("here", "mug", { onHand: 1 })]));
  audit.add("2", inStock([stockDelta("here", "mug", { onHand: 1 })]));
  audit.finish();
  assert.equal(findings.report("").violationsFound, 1);
});

Deno.test("units that are promised and not there are found, though the balance itself calls its rows sound", () => {
  const forgetful = { ...stockBalance, isSound: () => true } as unknown as Balance;
  const isFound = (change: Parameters<typeof stockDelta>[2]): boolean => {
    const findings = new Findings();
    const audit = new BalanceAudit(subjects, "0", findings);
    audit.addRow(forgetful, "here", "mug", stockDelta("here", "mug", change), "0");
    return findings.report("").violations.some(({ invariant }) => invariant === "row-sound");
  };
  const units = fc.integer({ min: -3, max: 12 });
  const said = new Set<boolean>();
  fc.assert(
    fc.property(units, units, units, units, (onHand, reserved, unavailable, claimed) => {
      const isThere = onHand >= 0 && reserved >= 0 && unavailable >= 0 && claimed >= 0 &&
        onHand - unavailable >= reserved + claimed;
      said.add(isThere);
      assert.equal(isFound({ onHand, reserved, unavailable, claimed, safetyStock: 2 }), !isThere);
    }),
  );
  assert.equal(said.size, 2);
});

Deno.test("personal data is found as a whole text, and inside one where it cannot be chance", () => {
  const personal = { texts: new Set(["Al", "al@example.org"]), within: ["al@example.org"] };
  assert.equal(findPersonalData({ events: [{ reason: "Al" }] }, personal), "/events/0/reason");
  assert.equal(findPersonalData({ reason: "Alternative" }, personal), null);
  assert.equal(findPersonalData({ reason: "wrote to al@example.org" }, personal), "/reason");
});

Deno.test("a report spells out a bounded number of violations and counts all", () => {
  const findings = new Findings();
  for (let n = 0; n < 5_000; n++) findings.add("money", [["order", String(n)]], "wrong");
  const report = findings.report("");
  assert.deepEqual([report.ok, report.violationsFound, report.violations.length], [
    false,
    5_000,
    1_000,
  ]);
});
