/** Engines that leave units of work to each other: whoever commits them, each takes effect once. */
import { orderKeys } from "../../src/order/keys.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import assert from "node:assert/strict";
import { Effect, Layer, Result } from "effect";
import fc from "fast-check";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { headOf, offerWrites, packBody, type ParcelHead } from "../../src/store/parcel.ts";
import { type Commit, Store } from "../../src/store/store.ts";
import { type Key } from "../../src/kernel/key.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import { type BalanceDeltas, noDeltas } from "../../src/subject/balance.ts";
import { bySystem, request, startEngine, stockUp } from "../support/engine.ts";
import { clockOff } from "../support/clock.ts";
import { type Fault, faultyStore } from "../support/faulty-store.ts";
import { withFile } from "../support/files.ts";

type Engine = ReturnType<typeof startEngine>;

const place = (engine: Engine, externalId: string) =>
  engine.runPromise(Effect.result(Effect.flatMap(
    Orders,
    (orders) => orders.place(request(externalId, { mug: 1 }), bySystem),
  )));

const reservedOf = (engine: Engine) =>
  engine.runPromise(Effect.gen(function* () {
    const [row] = yield* (yield* Inventory).levels({ limit: 1 });
    return row?.reserved;
  }));

/** Stands between an engine and its store. */
const between = (changed: (store: Store["Service"]) => Partial<Store["Service"]>) =>
  Layer.effect(Store, Effect.map(Store, (store) => Store.of({ ...store, ...changed(store) })));

/** Does something before each commit of an engine reaches the store. */
const before = (meet: (commit: Commit, store: Store["Service"]) => Effect.Effect<void>) =>
  between((store) => ({
    commit: (commit) => Effect.andThen(meet(commit, store), store.commit(commit)),
  }));

const makesOf = (commit: Commit): readonly (ParcelHead["state"] | "taken back")[] =>
  commit.mutations.flatMap((mutation) =>
    mutation.key[0] !== "parcel"
      ? []
      : mutation.type === "delete"
      ? commit.checks.some(({ key }) => key === mutation.key) ? ["taken back"] : []
      : [decodeJson<ParcelHead>(mutation.value).state]
  );

const eventually = async (is: () => Promise<boolean>): Promise<void> => {
  while (!await is()) await new Promise((resolve) => setImmediate(resolve));
};

const location = locationPartition("ams");

/**
 * A parcel that is left now: holders do not take what nobody expects any more. The clock of its owner may be
 * wrong by so much.
 */
const parcelOf = (id: string, clockOffMs = 0) => keys.parcel(location, Date.now() + clockOffMs, id);

/** Another process writes at the location, and says that it looks for parcels there. */
const writeElsewhere = (store: Store["Service"]) =>
  Effect.orDie(store.commit({
    checks: [],
    mutations: [{
      type: "set",
      key: keys.fence(location),
      value: encodeJson({ commits: [crypto.randomUUID()], serves: true }),
    }],
  }));

/** Leaves parcels at once, each of which writes a mark and takes it for absent; perhaps the store checks that. */
const leaveAt = (
  store: Store["Service"],
  parcels: readonly Key[],
  mark: Key,
  checked: boolean,
  balances: readonly BalanceDeltas[] = noDeltas,
) => {
  const reads = [{ key: mark, versionstamp: null }];
  const body = packBody({
    partitions: [location, shelfPartition(0)],
    reads,
    checked,
    balances,
    writes: [{ type: "set", key: mark, value: encodeJson({}) }],
    records: "",
    units: 1,
  });
  return store.commit({
    checks: checked ? reads : [],
    mutations: parcels.flatMap((key) => offerWrites(key, body, store.limits.valueBytes).mutations),
  });
};

const leave = (engine: Engine, parcels: readonly Key[], mark: Key, checked = false) =>
  engine.runPromise(Effect.flatMap(Store, (store) => leaveAt(store, parcels, mark, checked)));

/** Places orders until parcels have their answers, which it gives. */
const untilAnswered = async (holder: Engine, parcels: readonly Key[]) => {
  let heads: readonly (ParcelHead | null)[] = [];
  let orders = 0;
  await eventually(async () => {
    assert.ok(Result.isSuccess(await place(holder, `until-${parcels[0]?.at(-1)}-${orders++}`)));
    const entries = await holder.runPromise(
      Effect.flatMap(Store, (store) => store.getMany(parcels)),
    );
    heads = entries.map(headOf);
    return heads.every((head) => head?.state !== "offered");
  });
  return heads;
};

const storeDistanceMs = 5;

const faults: readonly (Fault | null)[] = [
  ...[null, null, null, null],
  "throw-after",
  "deny-after",
  "throw-before",
  "repeat",
];

Deno.test("engines that race for one row sell each unit once, whatever becomes of their commits", async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...faults), { minLength: 20, maxLength: 20 }),
      fc.integer({ min: 5, max: 60 }),
      (sequence, units) =>
        withFile(async (path) => {
          const engines = Array.from({ length: 3 }, (_, n) =>
            startEngine({
              path,
              faults: faultyStore({
                faultOf: (commit) => sequence[(commit + 7 * n) % 40] ?? null,
              }).pipe(Layer.provide(before((commit) => {
                for (const each of makesOf(commit)) reached.add(each);
                // As far away as that, the engines are sure to race.
                return Effect.sleep(storeDistanceMs);
              }))),
            }));
          try {
            await engines[0]?.runPromise(stockUp({ ams: { mug: units } }));
            const answers = await Promise.all(
              Array.from({ length: 60 }, (_, n) => place(engines[n % 3] as Engine, `o-${n}`)),
            );
            const placed = answers.filter(Result.isSuccess);
            assert.equal(placed.length, Math.min(60, units));
            assert.equal(
              new Set(placed.map((each) => each.success.document.state.id)).size,
              placed.length,
            );
            for (const engine of engines) assert.equal(await reservedOf(engine), placed.length);
          } finally {
            await Promise.all(engines.map((engine) => engine.dispose()));
          }
        }),
    ),
    { numRuns: 8 },
  );
  assert.ok(reached.has("offered") && reached.has("done"), [...reached].join());
});

/**
 * Sees to it that an engine leaves its first order to the holder, who commits it just before the engine takes
 * it back.
 */
const servedLate = (holder: Engine) => {
  let wrote = false;
  let served = false;
  const meet = (commit: Commit, store: Store["Service"]) =>
    Effect.gen(function* () {
      const [makes] = makesOf(commit);
      if (commit.log !== undefined && !wrote) {
        wrote = true;
        yield* writeElsewhere(store);
      } else if (makes === "taken back" && !served) {
        served = true;
        // The holder commits something, and looks.
        yield* Effect.promise(() => place(holder, "of the holder"));
        yield* Effect.promise(() =>
          eventually(async () => {
            const entries = await Effect.runPromise(
              store.list({ ...below(["parcel", location]), limit: 10 }),
            );
            return entries.every((entry) => headOf(entry)?.state === "done");
          })
        );
      }
    });
  return { meet, served: () => served };
};

/** Makes the fence known, so that the next commit loses when somebody else has written. */
const knowFence = (engine: Engine) =>
  engine.runPromise(Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 })));

Deno.test("a parcel that was committed while its owner took it back counts as committed", () =>
  withFile(async (path) => {
    const holder = startEngine({ path });
    const late = servedLate(holder);
    const owner = startEngine({ path, faults: before(late.meet) });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 10 } }));
      await knowFence(owner);
      const answer = await place(owner, "of the owner");
      assert.ok(late.served());
      assert.ok(Result.isSuccess(answer) && answer.success.created);
      assert.equal(await reservedOf(owner), 2);
    } finally {
      await Promise.all([holder.dispose(), owner.dispose()]);
    }
  }));

Deno.test("a parcel that its owner took back is not committed by who has it in hand", () =>
  withFile(async (path) => {
    const key = parcelOf("left");
    const mark = ["reference", "web", "left"];
    let taken = false;
    const holder = startEngine({
      path,
      faults: before((commit, store) =>
        Effect.suspend(() => {
          if (!makesOf(commit).includes("done")) return Effect.void;
          taken = true;
          return Effect.orDie(store.commit({ checks: [], mutations: [{ type: "delete", key }] }));
        })
      ),
    });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 10 } }));
      await leave(holder, [key], mark);
      let orders = 0;
      await eventually(async () => {
        assert.ok(Result.isSuccess(await place(holder, `own-${orders++}`)));
        return taken;
      });
      assert.ok(Result.isSuccess(await place(holder, "afterwards")));
      const left = await holder.runPromise(
        Effect.flatMap(Store, (store) => store.getMany([mark, key])),
      );
      assert.deepEqual(left.map(({ versionstamp }) => versionstamp), [null, null]);
      assert.equal(await reservedOf(holder), orders + 1);
    } finally {
      await holder.dispose();
    }
  }));

Deno.test("a parcel that rests on what is not so any more is refused, and says which key that is", () =>
  withFile(async (path) => {
    const key = parcelOf("left");
    const holder = startEngine({ path });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 100 } }));
      assert.ok(Result.isSuccess(await place(holder, "left")));
      const mark = orderKeys.reference("web", "left");
      const there = () =>
        holder.runPromise(Effect.flatMap(Store, (store) => store.getMany([mark, key])));
      const [reference] = await there();
      await leave(holder, [key], mark);
      let orders = 0;
      await eventually(async () => {
        assert.ok(Result.isSuccess(await place(holder, `own-${orders++}`)));
        const [, parcel] = await there();
        return parcel !== undefined && headOf(parcel)?.state !== "offered";
      });
      const [same, parcel] = await there();
      assert.equal(same?.versionstamp, reference?.versionstamp);
      assert.deepEqual(parcel && headOf(parcel), { state: "bounced", key: mark });
    } finally {
      await holder.dispose();
    }
  }));

Deno.test("of two parcels that take the same key for absent, one is committed and one refused", () =>
  withFile(async (path) => {
    const holder = startEngine({ path });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 100 } }));
      const mark = orderKeys.reference("web", "twice");
      const parcels = ["one", "other"].map(parcelOf);
      await leave(holder, parcels, mark);
      const states = async () => {
        const entries = await holder.runPromise(
          Effect.flatMap(Store, (store) => store.getMany(parcels)),
        );
        return entries.map((entry) => headOf(entry)?.state).sort();
      };
      let orders = 0;
      await eventually(async () => {
        assert.ok(Result.isSuccess(await place(holder, `own-${orders++}`)));
        return !(await states()).includes("offered");
      });
      assert.deepEqual(await states(), ["bounced", "done"]);
    } finally {
      await holder.dispose();
    }
  }));

Deno.test("a parcel of a balance that its holder does not know is refused", () =>
  withFile(async (path) => {
    const holder = startEngine({ path });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 100 } }));
      const parcels = [parcelOf("left")];
      const mark = orderKeys.reference("web", "left");
      await holder.runPromise(Effect.flatMap(
        Store,
        (store) => leaveAt(store, parcels, mark, false, [{ balance: "moons", deltas: [{}] }]),
      ));
      assert.deepEqual(await untilAnswered(holder, parcels), [{ state: "bounced" }]);
      const [there] = await holder.runPromise(
        Effect.flatMap(Store, (store) => store.getMany([mark])),
      );
      assert.equal(there?.versionstamp, null);
    } finally {
      await holder.dispose();
    }
  }));

/** An engine that has found a parcel, and says now with each commit that it looks for more. */
const serving = async (path: string, faults: Layer.Layer<Store, never, Store>) => {
  const holder = startEngine({ path, faults });
  await holder.runPromise(stockUp({ ams: { mug: 1_000 } }));
  const first = [parcelOf("first")];
  await leave(holder, first, orderKeys.reference("web", "first"));
  assert.deepEqual(await untilAnswered(holder, first), [{ state: "done" }]);
  assert.ok(Result.isSuccess(await place(holder, "since then")));
  return holder;
};

Deno.test("what the store checked when a parcel was left is not read again by who knows all writes since", () =>
  withFile(async (path) => {
    const mark = orderKeys.reference("web", "left");
    let reads = 0;
    const holder = await serving(
      path,
      between((store) => ({
        getMany: (wanted) => {
          if (wanted.some((key) => key.join() === mark.join())) reads++;
          return store.getMany(wanted);
        },
      })),
    );
    try {
      // A machine that stands still for a second makes it stop looking, and with that knowing.
      for (let tries = 0, readsBefore = -1; reads !== readsBefore; tries++) {
        assert.ok(tries < 20, "each parcel was read again");
        readsBefore = reads;
        const parcels = [parcelOf(`left-${tries}`)];
        await holder.runPromise(Effect.flatMap(
          Store,
          (store) => store.commit({ checks: [], mutations: [{ type: "delete", key: mark }] }),
        ));
        await leave(holder, parcels, mark, true);
        assert.deepEqual(await untilAnswered(holder, parcels), [{ state: "done" }]);
      }
    } finally {
      await holder.dispose();
    }
  }));

/** Who writes what a parcel takes for absent, after the store has checked that. */
for (const other of [false, true]) {
  Deno.test(
    `a parcel is refused when ${
      other ? "another process" : "who commits it"
    } has written since what it takes for absent`,
    () =>
      withFile(async (path) => {
        const mark = orderKeys.reference("web", "left");
        const parcels = [parcelOf("left")];
        let isReady = false;
        const holder = await serving(
          path,
          before((commit, store) =>
            Effect.gen(function* () {
              const isOwn = commit.mutations.some(({ key }) => key.join() === mark.join());
              if (!isReady || commit.log === undefined || isOwn === other) return;
              isReady = false;
              yield* Effect.orDie(leaveAt(store, parcels, mark, true));
              if (!other) return;
              yield* Effect.orDie(store.commit({
                checks: [],
                mutations: [{ type: "set", key: mark, value: encodeJson({ orderId: "other" }) }],
              }));
              yield* writeElsewhere(store);
            })
          ),
        );
        try {
          isReady = true;
          assert.ok(Result.isSuccess(await place(holder, other ? "another" : "left")));
          assert.equal(isReady, false);
          const [before] = await holder.runPromise(
            Effect.flatMap(Store, (store) => store.getMany([mark])),
          );
          assert.deepEqual(await untilAnswered(holder, parcels), [{ state: "bounced", key: mark }]);
          const [after] = await holder.runPromise(
            Effect.flatMap(Store, (store) => store.getMany([mark])),
          );
          assert.ok(after?.versionstamp);
          assert.equal(after.versionstamp, before?.versionstamp);
        } finally {
          await holder.dispose();
        }
      }),
  );
}

Deno.test("what comes late with a parcel's answer does not undo what its owner has written meanwhile", () =>
  withFile(async (path) => {
    const holder = startEngine({ path });
    let meanwhile: Promise<Result.Result<unknown, unknown>> | undefined;
    const owner: Engine = startEngine({
      path,
      faults: between((store) => ({
        getMany: (wanted) =>
          Effect.tap(store.getMany(wanted), ([head]) => {
            const isAnswer = head?.key[0] === "parcel" && headOf(head)?.state === "done";
            if (!isAnswer || meanwhile !== undefined) return Effect.void;
            const placing = place(owner, "meanwhile");
            meanwhile = placing;
            return Effect.promise(() => placing);
          }),
      })).pipe(Layer.provide(before(servedLate(holder).meet))),
    });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 100 } }));
      await knowFence(owner);
      assert.ok(Result.isSuccess(await place(owner, "of the owner")));
      assert.ok(meanwhile);
      assert.ok(Result.isSuccess(await meanwhile));
      for (let n = 0; n < 3; n++) {
        assert.ok(Result.isSuccess(await place(owner, `afterwards ${n}`)));
      }
      assert.equal(await reservedOf(holder), 6);
    } finally {
      await Promise.all([holder.dispose(), owner.dispose()]);
    }
  }));

const daysMs = (days: number): number => days * 24 * 3_600_000;
const ownerClocks = [0, daysMs(3), daysMs(-3)];

for (const clockOffMs of ownerClocks) {
  const clockOf = `an owner whose clock is ${clockOffMs / daysMs(1)} days ahead`;

  Deno.test(`a parcel of ${clockOf} is committed by who has committed lately`, () =>
    withFile(async (path) => {
      const holder = startEngine({ path });
      try {
        await holder.runPromise(stockUp({ ams: { mug: 1_000 } }));
        const parcels = [parcelOf("left", clockOffMs)];
        await leave(holder, parcels, orderKeys.reference("web", "left"));
        assert.deepEqual(await untilAnswered(holder, parcels), [{ state: "done" }]);
      } finally {
        await holder.dispose();
      }
    }));

  Deno.test(`a parcel of ${clockOf} that nobody took for long is committed by nobody any more`, () =>
    withFile(async (path) => {
      const clock = clockOff(0);
      const holder = startEngine({ path, clock });
      try {
        await holder.runPromise(stockUp({ ams: { mug: 1_000 } }));
        const parcels = [parcelOf("left", clockOffMs)];
        const mark = orderKeys.reference("web", "left");
        // Before it is left: who has just committed may look at any moment.
        clock.moveTo(Date.now() + parcelLimits.staleMs + 1);
        await leave(holder, parcels, mark);
        assert.deepEqual(await untilAnswered(holder, parcels), [
          { state: "bounced", isStale: true },
        ]);
        const [there] = await holder.runPromise(
          Effect.flatMap(Store, (store) => store.getMany([mark])),
        );
        assert.equal(there?.versionstamp, null);
      } finally {
        await holder.dispose();
      }
    }));
}
