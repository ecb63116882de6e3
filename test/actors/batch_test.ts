/** Which waiting units go into a commit. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { takeBatch, type WaitingUnit, waitingUnit } from "../../actors/ledger/batch.ts";
import { subjects } from "../../src/subjects.ts";
import type { StoreLimits } from "../../src/store/store.ts";
import { noDeltas } from "../../src/subject/balance.ts";

const limits = (checks: number): StoreLimits => ({
  checks,
  mutations: 1_000,
  commitBytes: 819_200,
  keyBytesPerCommit: 81_920,
  keyBytes: 2_048,
  valueBytes: 65_536,
});

interface Named extends WaitingUnit {
  readonly n: number;
}

const unitsAt = (places: readonly (readonly string[])[]): Named[] =>
  places.map((partitions, n) => ({
    n,
    ...waitingUnit({
      reads: [],
      absent: [["reference", "shop", String(n)]],
      partitions: ["shelf:0", ...new Set(partitions)],
      balances: noDeltas,
      writes: [],
      records: [],
    }, subjects),
  }));

const place = fc.constantFrom(..."abcdefgh");

const takeAll = (waiting: Named[], checks: number): readonly (readonly Named[])[] => {
  const batches: Named[][] = [];
  while (waiting.length > 0) {
    const batch = takeBatch(waiting, new Set(), limits(checks));
    assert.ok(batch.length > 0);
    batches.push(batch);
  }
  return batches;
};

Deno.test("every unit goes once, the oldest with the next commit, and those of one place in their order", () => {
  fc.assert(fc.property(
    fc.array(fc.array(place, { minLength: 1, maxLength: 3 }), { maxLength: 60 }),
    fc.integer({ min: 6, max: 40 }),
    (places, checks) => {
      const units = unitsAt(places);
      const left = new Set(units.map(({ n }) => n));
      const batches = takeAll([...units], checks);
      for (const batch of batches) {
        assert.ok(batch.some(({ n }) => n === Math.min(...left)));
        const fences = new Set(batch.flatMap(({ partitions }) => partitions));
        assert.ok(batch.length + fences.size <= checks);
        for (const { n } of batch) assert.ok(left.delete(n));
      }
      const order = batches.flat();
      for (const name of "abcdefgh") {
        const alike = order.filter(({ partitions }) => partitions.join() === `shelf:0,${name}`);
        assert.deepEqual(alike, alike.toSorted((one, other) => one.n - other.n));
      }
    },
  ));
});

Deno.test("where fences are what a commit has too few of, units that share them go together", () => {
  // Eight places in turn: in their order of arrival, 9 units and 8 places would use up 18 checks.
  const places = Array.from({ length: 80 }, (_, n) => ["abcdefgh"[n % 8] ?? ""]);
  const [first = []] = takeAll(unitsAt(places), 18);
  assert.equal(first.length, 15);
});
