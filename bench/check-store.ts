/**
 * Looks at a store that nothing runs on any more: proves the invariants and counts, from the rows
 * themselves, what was promised beyond what is there. One line of JSON for the suite.
 */
import "../src/store/plain-fibers.ts";
import { Effect } from "effect";
import type { StockRow } from "../src/stock/stock.ts";
import { below } from "../src/kernel/key.ts";
import { KvStore } from "../src/store/kv.ts";
import { forEachPage } from "../src/store/pages.ts";
import { Store } from "../src/store/store.ts";
import { decodeJson } from "../src/store/values.ts";
import { oversoldUnits } from "./oversold.ts";
import { Subjects } from "../src/subject/subject.ts";
import { subjects } from "../src/subjects.ts";
import { verify } from "../src/verify/verify.ts";

export interface StoreCheck {
  readonly ok: boolean;
  readonly orders: number;
  readonly unitsReserved: number;
  readonly unitsShipped: number;
  /** Units reserved beyond what is on hand and may be sold, over all rows. */
  readonly oversold: number;
  readonly violations: number;
  /** The first of them, in words. */
  readonly firstViolation: string | null;
  /** Units reserved of SKUs that begin as was asked for; null when nothing was. */
  readonly reservedOfSkus: number | null;
}

const rowsPerRead = 500;

const stockRows = Effect.gen(function* () {
  const store = yield* Store;
  const rows: StockRow[] = [];
  yield* forEachPage(
    store,
    { ...below(["stock"]), limit: rowsPerRead },
    (entries) =>
      Effect.sync(() => {
        for (const { value } of entries) if (value !== null) rows.push(decodeJson<StockRow>(value));
      }),
  );
  return rows;
});

export const checkStore = Effect.fnUntraced(function* (skuPrefix: string | undefined) {
  const rows = yield* stockRows;
  const { ok, counts, violationsFound, violations } = yield* Effect.provideService(
    verify(),
    Subjects,
    subjects,
  );
  const [first] = violations;
  const check: StoreCheck = {
    ok,
    orders: counts.orders,
    unitsReserved: counts.unitsReserved,
    unitsShipped: counts.unitsShipped,
    oversold: oversoldUnits(rows),
    violations: violationsFound,
    firstViolation: first === undefined ? null : `${first.invariant}: ${first.detail}`,
    reservedOfSkus: skuPrefix === undefined
      ? null
      : rows.filter(({ sku }) => sku.startsWith(skuPrefix))
        .reduce((sum, { reserved }) => sum + reserved, 0),
  };
  return check;
});

if (import.meta.main) {
  const [path, skuPrefix] = Deno.args;
  if (path === undefined) throw new Error("Which store?");
  const layer = KvStore.layer({ path });
  const check = await Effect.runPromise(Effect.provide(checkStore(skuPrefix), layer));
  console.log(JSON.stringify(check));
}
