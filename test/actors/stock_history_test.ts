import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import fc from "fast-check";
import { stockHistory } from "../../actors/stock/stock-history.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import { keys } from "../../src/store/keys.ts";
import type { StockRecord } from "../../src/stock/record.ts";
import type { StoredLogEntry } from "../../src/store/log.ts";
import { Store } from "../../src/store/store.ts";
import { subjectServices } from "../../actors/engine.ts";
import { packValue } from "../../src/store/values.ts";

const row = { locationId: "ams", sku: "mug" };
const at = "2026-01-01T00:00:00.000Z";

const recordOf = (reference: string, sku: string): StockRecord => ({
  kind: "stock",
  type: "stock.adjusted",
  at,
  by: "key_test",
  locationId: row.locationId,
  reason: "received",
  reference,
  stock: [{ locationId: "ams", sku, onHand: 1, reserved: 0, unavailable: 0, safetyStock: 0 }],
});

/** One entry: so many changes of the row, named by their number, each beside one of another row. */
const writeEntry = Effect.fnUntraced(function* (n: number, first: number, count: number) {
  const store = yield* Store;
  const records = Array.from({ length: count }, (_, i) => [
    recordOf(`${first + i}`, "mug"),
    recordOf("other", "lamp"),
  ]).flat();
  const entry: StoredLogEntry = { commitId: `commit-${n}`, at, records };
  const key = keys.log(n.toString(16).padStart(20, "0"));
  yield* store.commit({ checks: [], mutations: [{ type: "set", key, value: packValue(entry) }] });
});

Deno.test("a row's history is told newest first, in pages of which none is larger than the limit", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(0, 1, 100), fc.nat(250)), { maxLength: 8 }),
      (counts) =>
        Effect.runPromise(Effect.provide(
          Effect.gen(function* () {
            let total = 0;
            for (const [n, count] of counts.entries()) {
              yield* writeEntry(n + 1, total, count);
              total += count;
            }
            const seen: string[] = [];
            let before: string | undefined;
            do {
              const page = yield* stockHistory(row, { before });
              assert.ok(page.changes.length <= stockLimits.historyChanges);
              seen.push(...page.changes.map(({ reference = "" }) => reference));
              before = page.before ?? undefined;
            } while (before !== undefined);
            assert.deepEqual(seen, Array.from({ length: total }, (_, i) => `${total - 1 - i}`));
          }),
          Layer.merge(KvStore.layer({ path: ":memory:" }), subjectServices()),
        )),
    ),
    { numRuns: 25 },
  ));
