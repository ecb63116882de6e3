/** Engines that leave units of work to each other: whoever commits them, each takes effect once. */
import assert from "node:assert/strict";
import { Effect, Layer, Result } from "effect";
import fc from "fast-check";
import { orderKeys } from "../../src/order/keys.ts";
import { below } from "../../src/kernel/key.ts";
import { headOf } from "../../src/store/parcel.ts";
import { type Commit, Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { startEngine, stockUp } from "../support/engine.ts";
import { type Fault, faultyStore } from "../support/faulty-store.ts";
import { withFile } from "../support/files.ts";
import {
  before,
  between,
  type Engine,
  eventually,
  knowFence,
  leave,
  leaveAt,
  location,
  makesOf,
  parcelOf,
  place,
  raceUntilServed,
  reservedOf,
  untilAnswered,
  writeElsewhere,
} from "./parcel-fixture.ts";

const faults: readonly (Fault | null)[] = [
  ...[null, null, null, null],
  "throw-after",
  "deny-after",
  "throw-before",
  "repeat",
];

Deno.test("engines that race for one row sell each unit once, whatever becomes of their commits", async () => {
  const reached = new Set<string>();
  await raceUntilServed(reached, (storeDistanceMs) =>
    fc.assert(
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
    ));
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
