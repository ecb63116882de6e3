/** Balances beside stock: units that change several of them, through engines that share one store. */
import assert from "node:assert/strict";
import { Effect, Layer, Result } from "effect";
import fc from "fast-check";
import { retryConflicts } from "../../actors/command/retry-conflicts.ts";
import { Books } from "../../actors/balance/books.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import type { Unit } from "../../actors/ledger/unit.ts";
import { inStock, stockBalance } from "../../src/stock/balance.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import { headOf } from "../../src/store/parcel.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { type Commit, Store } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import {
  type BalanceDeltas,
  inBalance,
  rowKey,
  spacePartition,
} from "../../src/subject/balance.ts";
import { countedBalance } from "../../src/subject/counted-balance.ts";
import { SubjectList } from "../../src/subject/subject.ts";
import { subjects } from "../../src/subjects.ts";
import { startEngine, stockUp, type TestEngineOptions } from "../support/engine.ts";
import { type Fault, faultyStore } from "../support/faulty-store.ts";
import { withFile } from "../support/files.ts";
import { raceUntilServed } from "./parcel-fixture.ts";

/** Preorders that a location may take: behind the fence of its stock. */
const quota = countedBalance({
  name: "quota",
  partitionPrefix: stockBalance.partitionPrefix,
  family: "quota",
  fields: { granted: 1, used: -1 },
  isSound: ({ granted, used }) => used >= 0 && used <= granted,
});

/** Units of a voucher: behind a fence of their own. */
const voucher = countedBalance({
  name: "voucher",
  partitionPrefix: "voucher:",
  family: "voucher",
  fields: { issued: 1, redeemed: -1 },
  isSound: ({ issued, redeemed }) => redeemed >= 0 && redeemed <= issued,
});

const extended = new SubjectList([
  ...subjects.subjects,
  { name: "test", balances: [quota, voucher] },
]);

const start = (options: TestEngineOptions) => startEngine({ ...options, subjects: extended });
type Engine = ReturnType<typeof start>;

interface Wanted {
  readonly mugs: number;
  readonly preorders: number;
  readonly vouchers: number;
}

/** Deltas for mugs and preorders at `ams`, and units of the voucher `spring`. */
const taking = ({ mugs, preorders, vouchers }: Wanted): readonly BalanceDeltas[] => [
  ...(mugs === 0 ? [] : inStock([stockDelta("ams", "mug", { reserved: mugs })])),
  ...(preorders === 0 ? [] : inBalance(quota, [quota.delta("ams", "mug", { used: preorders })])),
  ...(vouchers === 0
    ? []
    : inBalance(voucher, [voucher.delta("spring", "units", { redeemed: vouchers })])),
];

const unitOf = (balances: readonly BalanceDeltas[], more: Partial<Unit> = {}): Unit => ({
  reads: [],
  partitions: [],
  balances,
  writes: [],
  records: [],
  ...more,
});

/** Stocks mugs, grants preorders and issues units of the voucher. */
const fill = ({ mugs, preorders, vouchers }: Wanted) =>
  Effect.gen(function* () {
    yield* stockUp({ ams: { mug: mugs } });
    yield* (yield* Ledger).submit(unitOf([
      ...inBalance(quota, [quota.delta("ams", "mug", { granted: preorders })]),
      ...inBalance(voucher, [voucher.delta("spring", "units", { issued: vouchers })]),
    ]));
  });

const rows = [
  { balance: stockBalance.name, space: "ams", row: "mug", partition: "location:ams" },
  { balance: quota.name, space: "ams", row: "mug", partition: "location:ams" },
  {
    balance: voucher.name,
    space: "spring",
    row: "units",
    partition: spacePartition(voucher, "spring"),
  },
] as const;

const know = Effect.gen(function* () {
  const ledger = yield* Ledger;
  for (const { partition } of rows) yield* ledger.generation(partition);
  yield* (yield* Books).load(rows);
});

/** What may be promised now of mugs, preorders and vouchers. */
const available = Effect.map(
  Books,
  (books) => rows.map(({ balance, space, row }) => books.of(balance).available(space, row)),
);

/** Takes what is wanted, all or nothing; answers whether it did. A mark tells that it was done, and once. */
const take = (mark: string, wanted: Wanted) =>
  retryConflicts(Effect.gen(function* () {
    const ledger = yield* Ledger;
    const books = yield* Books;
    const balances = taking(wanted);
    for (const looked of [false, true]) {
      yield* know;
      const left = yield* available;
      const [mugs = 0, preorders = 0, vouchers = 0] = left;
      if (mugs >= wanted.mugs && preorders >= wanted.preorders && vouchers >= wanted.vouchers) {
        break;
      }
      if (looked) return false;
      yield* ledger.refreshBalances;
    }
    const drop = books.hold(balances);
    const key = ["mark", mark];
    yield* Effect.onError(
      ledger.submit(unitOf(balances, {
        absent: [key],
        partitions: [shelfPartition(0)],
        writes: [{ type: "set", key, value: encodeJson({}) }],
        onSettled: drop,
      })),
      () => Effect.sync(drop),
    );
    return true;
  }));

/** The rows as they stand in the store. */
const stored = Effect.gen(function* () {
  const store = yield* Store;
  const entries = yield* store.getMany([
    rowKey(stockBalance, "ams", "mug"),
    rowKey(quota, "ams", "mug"),
    rowKey(voucher, "spring", "units"),
  ]);
  const [mugs, preorders, vouchers] = entries.map(({ value }) =>
    value === null ? {} : decodeJson<Record<string, number>>(value)
  );
  return {
    mugs: mugs?.reserved ?? 0,
    preorders: preorders?.used ?? 0,
    vouchers: vouchers?.redeemed ?? 0,
  };
});

const sum = (all: readonly Wanted[], what: keyof Wanted): number =>
  all.reduce((total, each) => total + each[what], 0);

/** Takes all at once, one after the other engine; answers what was done. */
const takeAll = async (engines: readonly Engine[], all: readonly Wanted[]) => {
  const answers = await Promise.all(
    all.map((wanted, n) =>
      (engines[n % engines.length] as Engine).runPromise(Effect.result(take(`${n}`, wanted)))
    ),
  );
  return all.filter((_, n) => {
    const answer = answers[n];
    return answer !== undefined && Result.isSuccess(answer) && answer.success;
  });
};

const few = fc.nat(3);
const wanted = fc.record({ mugs: few, preorders: few, vouchers: few });

Deno.test("units of any balances, through two engines at once, take what there is and no more", async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(wanted, { minLength: 10, maxLength: 40 }),
      fc.record({ mugs: fc.nat(40), preorders: fc.nat(40), vouchers: fc.nat(40) }),
      (all, there) =>
        withFile(async (path) => {
          const engines = [start({ path }), start({ path })];
          try {
            await engines[0]?.runPromise(fill(there));
            const done = await takeAll(engines, all);
            refused += all.length - done.length;
            const left = { ...there };
            for (const what of ["mugs", "preorders", "vouchers"] as const) {
              left[what] -= sum(done, what);
              assert.ok(left[what] >= 0, what);
            }
            for (const engine of engines) {
              await engine.runPromise(Effect.gen(function* () {
                const taken = yield* stored;
                assert.deepEqual(taken, {
                  mugs: sum(done, "mugs"),
                  preorders: sum(done, "preorders"),
                  vouchers: sum(done, "vouchers"),
                });
                yield* (yield* Ledger).refreshBalances;
                yield* know;
                assert.deepEqual(yield* available, Object.values(left));
                assert.equal((yield* Books).size().held, 0);
              }));
            }
          } finally {
            await Promise.all(engines.map((engine) => engine.dispose()));
          }
        }),
    ),
    { numRuns: 10 },
  );
  assert.ok(refused > 0);
});

Deno.test("holds of all balances count from the tick of the decision until its unit is settled", () =>
  withFile(async (path) => {
    const engine = start({ path });
    try {
      await engine.runPromise(Effect.gen(function* () {
        yield* fill({ mugs: 9, preorders: 8, vouchers: 7 });
        yield* know;
        const books = yield* Books;
        const balances = taking({ mugs: 1, preorders: 2, vouchers: 3 });
        const drop = books.hold(balances);
        assert.deepEqual(yield* available, [8, 6, 4]);
        assert.equal(books.size().held, 3);
        // What a unit gives back is not held: it may be refused.
        books.hold(taking({ mugs: -1, preorders: -1, vouchers: -1 }));
        assert.deepEqual(yield* available, [8, 6, 4]);
        yield* (yield* Ledger).submit(unitOf(balances, { onSettled: drop }));
        assert.deepEqual(yield* available, [8, 6, 4]);
        assert.equal(books.size().held, 0);
        drop();
        assert.deepEqual(yield* available, [8, 6, 4]);
      }));
    } finally {
      await engine.dispose();
    }
  }));

Deno.test("a unit that one of its balances does not bear changes none of them", () =>
  withFile(async (path) => {
    const engine = start({ path });
    try {
      await engine.runPromise(Effect.gen(function* () {
        yield* fill({ mugs: 9, preorders: 9, vouchers: 2 });
        const ledger = yield* Ledger;
        const submit = (wanted: Wanted, more: Partial<Unit> = {}) =>
          Effect.result(ledger.submit(unitOf(taking(wanted), more)));
        // All in one batch: those around the one that does not fit are committed.
        const answers = yield* Effect.all([
          submit({ mugs: 1, preorders: 1, vouchers: 1 }),
          submit({ mugs: 1, preorders: 1, vouchers: 2 }),
          submit({ mugs: 1, preorders: 0, vouchers: 1 }),
        ], { concurrency: "unbounded" });
        assert.deepEqual(answers.map(Result.isSuccess), [true, false, true]);
        assert.deepEqual(yield* stored, { mugs: 2, preorders: 1, vouchers: 2 });
        // A value that is not as the unit was decided upon.
        const is = (used: number) => ({
          expected: [{ balance: "quota", space: "ams", row: "mug", field: "used", is: used }],
        });
        const expecting = [
          yield* submit({ mugs: 1, preorders: 1, vouchers: 0 }, is(3)),
          yield* submit({ mugs: 1, preorders: 1, vouchers: 0 }, is(1)),
        ];
        assert.deepEqual(expecting.map(Result.isSuccess), [false, true]);
        assert.deepEqual(yield* stored, { mugs: 3, preorders: 2, vouchers: 2 });
      }));
    } finally {
      await engine.dispose();
    }
  }));

Deno.test("a fence that another process has moved drops the rows of all balances behind it", () =>
  withFile(async (path) => {
    const engines = [start({ path }), start({ path })] as const;
    try {
      await engines[0].runPromise(fill({ mugs: 9, preorders: 9, vouchers: 9 }));
      await engines[0].runPromise(know);
      await engines[1].runPromise(
        Effect.andThen(know, take("one", { mugs: 0, preorders: 4, vouchers: 0 })),
      );
      await engines[0].runPromise(Effect.gen(function* () {
        assert.deepEqual(yield* available, [9, 9, 9]);
        assert.equal(yield* (yield* Ledger).refreshBalances, true);
        assert.deepEqual(yield* available, [undefined, undefined, 9]);
        yield* know;
        assert.deepEqual(yield* available, [9, 5, 9]);
      }));
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));

const faults: readonly (Fault | null)[] = [null, null, null, "throw-after", "repeat"];

/** Notes what becomes of parcels with a voucher in them, of engines that are some way from their store. */
const far = (answered: Set<string>, storeDistanceMs: number) => {
  const note = (commit: Commit): void => {
    const sells = commit.mutations.some(({ key }) => key[0] === "voucher");
    for (const mutation of commit.mutations) {
      if (mutation.key[0] !== "parcel" || mutation.type === "delete") continue;
      const state = headOf({ ...mutation, versionstamp: "" })?.state;
      if (state === "offered") answered.add(state);
      if (state === "done" && sells) answered.add(state);
    }
  };
  return Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        commit: (commit) =>
          Effect.andThen(
            Effect.andThen(Effect.sync(() => note(commit)), Effect.sleep(storeDistanceMs)),
            store.commit(commit),
          ),
      })),
  );
};

Deno.test("parcels carry all balances of their units, whatever becomes of their commits", async () => {
  const reached = new Set<string>();
  await raceUntilServed(reached, (storeDistanceMs) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...faults), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 5, max: 60 }),
        (sequence, units) =>
          withFile(async (path) => {
            const engines = Array.from({ length: 3 }, (_, n) =>
              start({
                path,
                faults: faultyStore({
                  faultOf: (commit) => sequence[(commit + 7 * n) % 40] ?? null,
                }).pipe(Layer.provide(far(reached, storeDistanceMs))),
              }));
            try {
              await engines[0]?.runPromise(fill({ mugs: 60, preorders: 60, vouchers: units }));
              const all = Array.from(
                { length: 60 },
                () => ({ mugs: 1, preorders: 1, vouchers: 1 }),
              );
              const done = await takeAll(engines, all);
              assert.equal(done.length, Math.min(60, units));
              const taken = { mugs: done.length, preorders: done.length, vouchers: done.length };
              for (const engine of engines) {
                assert.deepEqual(await engine.runPromise(stored), taken);
              }
            } finally {
              await Promise.all(engines.map((engine) => engine.dispose()));
            }
          }),
      ),
      { numRuns: 8 },
    ));
});

Deno.test("balances that cannot be told apart are refused at the start", async () => {
  const like = (change: { readonly family?: string; readonly partitionPrefix?: string }) =>
    new SubjectList([{
      name: "test",
      balances: [quota, { ...voucher, ...change }],
    }]);
  for (
    const change of [{ family: "quota" }, { partitionPrefix: "voucher" }, { partitionPrefix: ":" }]
  ) {
    const engine = startEngine({ subjects: like(change) });
    try {
      const begun = await engine.runPromise(Effect.exit(Effect.asVoid(Books))).then(
        ({ _tag }) => _tag,
        () => "Failure",
      );
      assert.equal(begun, "Failure");
    } finally {
      await engine.dispose();
    }
  }
});
