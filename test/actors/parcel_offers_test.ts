/** Which parcels are taken, offered and refused: by their age, by what they hold, and by who was first. */
import assert from "node:assert/strict";
import { Effect, Result } from "effect";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { inStock } from "../../src/stock/balance.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { answerWrites, headOf, type ParcelHead } from "../../src/store/parcel.ts";
import { Store } from "../../src/store/store.ts";
import { clockOff } from "../support/clock.ts";
import { bySystem, startEngine, stockUp } from "../support/engine.ts";
import { withFile } from "../support/files.ts";
import {
  before,
  type Engine,
  knowFence,
  leave,
  leaveAt,
  makesOf,
  parcelOf,
  place,
  reservedOf,
  untilAnswered,
  writeElsewhere,
} from "./parcel-fixture.ts";

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

const response: StoredResponse = { status: 200, headers: {}, body: "" };

const count = { locationId: "ams", counts: [{ sku: "mug", onHand: 7 }] };

/** What an engine may be asked, and whether what it makes of that keeps itself from being done twice. */
const asked: readonly {
  readonly what: string;
  readonly guardsItself: boolean;
  readonly ask: (engine: Engine) => Promise<unknown>;
}[] = [
  { what: "an order", guardsItself: true, ask: (engine) => place(engine, "of the owner") },
  {
    what: "an arrival without a key",
    guardsItself: false,
    ask: (engine) =>
      engine.runPromise(Effect.flatMap(Inventory, (inventory) =>
        inventory.adjust({
          locationId: "ams",
          reason: "received",
          changes: [{ sku: "mug", delta: 1 }],
        }, bySystem))),
  },
  {
    what: "a unit that checks nothing",
    guardsItself: false,
    ask: (engine) =>
      engine.runPromise(Effect.flatMap(Ledger, (ledger) =>
        ledger.submit({
          reads: [],
          partitions: [locationPartition("ams")],
          balances: inStock([stockDelta("ams", "mug", { onHand: 1 })]),
          writes: [],
          records: [],
        }))),
  },
  {
    what: "a count, which rests on what is there",
    guardsItself: false,
    ask: (engine) =>
      engine.runPromise(Effect.gen(function* () {
        const inventory = yield* Inventory;
        const idempotency = yield* Idempotency;
        yield* idempotency.run(
          { ...bySystem, key: "count", fingerprint: "same" },
          (claim) =>
            inventory.count(count, {
              ...bySystem,
              idempotency: { claim, respond: () => response },
            }),
        );
      })),
  },
];

for (const { what, guardsItself, ask } of asked) {
  Deno.test(`${what} is ${guardsItself ? "" : "not "}left to others by who loses a race`, () =>
    withFile(async (path) => {
      const made = new Set<ParcelHead["state"] | "taken back">();
      let isReady = false;
      const owner = startEngine({
        path,
        faults: before((commit, store) =>
          Effect.gen(function* () {
            for (const each of makesOf(commit)) made.add(each);
            if (!isReady || commit.log === undefined) return;
            isReady = false;
            yield* writeElsewhere(store);
          })
        ),
      });
      try {
        await owner.runPromise(stockUp({ ams: { mug: 5 } }));
        await knowFence(owner);
        isReady = true;
        await ask(owner);
        assert.equal(isReady, false);
        assert.equal(made.has("offered"), guardsItself);
      } finally {
        await owner.dispose();
      }
    }));
}

Deno.test("a parcel that another process has committed meanwhile is not called refused", () =>
  withFile(async (path) => {
    const parcels = [parcelOf("left")];
    const [key] = parcels;
    assert.ok(key !== undefined);
    let served = false;
    const holder = startEngine({
      path,
      faults: before((commit, store) =>
        Effect.suspend(() => {
          if (served || !makesOf(commit).includes("bounced")) return Effect.void;
          served = true;
          const mutations = answerWrites(key, 1, { state: "done" });
          return Effect.orDie(store.commit({ checks: [], mutations }));
        })
      ),
    });
    try {
      await holder.runPromise(stockUp({ ams: { mug: 100 } }));
      // One that this holder has to refuse: it knows no such balance.
      await holder.runPromise(Effect.flatMap(
        Store,
        (store) =>
          leaveAt(store, parcels, orderKeys.reference("web", "left"), false, [
            { balance: "moons", deltas: [{}] },
          ]),
      ));
      let orders = 0;
      while (!served) assert.ok(Result.isSuccess(await place(holder, `own-${orders++}`)));
      assert.ok(Result.isSuccess(await place(holder, "afterwards")));
      assert.equal(await reservedOf(holder), orders + 1);
      const [entry] = await holder.runPromise(
        Effect.flatMap(Store, (store) => store.getMany(parcels)),
      );
      assert.deepEqual(entry === undefined ? null : headOf(entry), { state: "done" });
    } finally {
      await holder.dispose();
    }
  }));
