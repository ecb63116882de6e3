/** Commits whose answer is lost, and fences that other processes move meanwhile: nothing happens twice. */
import assert from "node:assert/strict";
import { Effect, Layer, Result } from "effect";
import { adopt, fenceValue, makePartition } from "../../actors/ledger/fences.ts";
import { ledgerLimits } from "../../actors/ledger/limits.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import { keys } from "../../src/store/keys.ts";
import { type Commit, Store, StoreError } from "../../src/store/store.ts";
import { bySystem, request, startEngine, stockUp } from "../support/engine.ts";
import { withFile } from "../support/files.ts";

type Engine = ReturnType<typeof startEngine>;

const receive = (engine: Engine, units: number, unavailable = 0) =>
  engine.runPromise(Effect.result(Effect.flatMap(Inventory, (inventory) =>
    inventory.adjust({
      locationId: "ams",
      reason: "received",
      changes: [{ sku: "mug", delta: units, unavailable }],
    }, bySystem))));

const place = (engine: Engine, externalId: string, quantity: number) =>
  engine.runPromise(Effect.result(Effect.flatMap(
    Orders,
    (orders) => orders.place(request(externalId, { mug: quantity }), bySystem),
  )));

const levelOf = async (engine: Engine) => {
  const [level] = await engine.runPromise(
    Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 })),
  );
  assert.ok(level !== undefined);
  return level;
};

const lost = new StoreError({ operation: "commit", detail: "connection reset", cause: null });

/** The answer of one commit of the ledger is lost; `meanwhile` happens before its process looks again. */
const losing = (isIt: (commit: Commit) => boolean, meanwhile: () => Promise<unknown>) =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) => {
      let isLost = false;
      return Store.of({
        ...store,
        commit: (commit) =>
          Effect.flatMap(store.commit(commit), (answer) => {
            if (isLost || !isIt(commit)) return Effect.succeed(answer);
            isLost = true;
            return Effect.andThen(Effect.promise(meanwhile), Effect.fail(lost));
          }),
      });
    }),
  );

const { commitsPerFence } = ledgerLimits;

for (const followers of [1, 2, commitsPerFence - 1, commitsPerFence, 2 * commitsPerFence]) {
  Deno.test(`stock whose answer was lost is received once, though ${followers} commits of others came behind it`, () =>
    withFile(async (path) => {
      const other = startEngine({ path });
      let isReady = false;
      let behind = 0;
      const engine = startEngine({
        path,
        faults: losing(
          ({ log }) => isReady && log !== undefined,
          async () => {
            for (; behind < followers; behind++) {
              assert.ok(Result.isSuccess(await receive(other, 1)));
            }
          },
        ),
      });
      try {
        await other.runPromise(stockUp({ ams: { mug: 10 } }));
        // The process knows the fence, as one does that is at work.
        assert.ok(Result.isSuccess(await place(engine, "before", 1)));
        isReady = true;
        assert.ok(Result.isSuccess(await receive(engine, 100)));
        assert.equal(behind, followers);
        assert.equal((await levelOf(other)).onHand, 110 + followers);
        assert.equal((await levelOf(engine)).onHand, 110 + followers);
      } finally {
        await Promise.all([engine.dispose(), other.dispose()]);
      }
    }));
}

Deno.test("units that one process sets aside are not sold by another that has not seen it yet", () =>
  withFile(async (path) => {
    const engines = [startEngine({ path }), startEngine({ path })] as const;
    const [seller, other] = engines;
    try {
      await other.runPromise(stockUp({ ams: { mug: 3 } }));
      assert.ok(Result.isSuccess(await place(seller, "first", 1)));
      assert.ok(Result.isSuccess(await receive(other, 0, 1)));
      const refused = await place(seller, "too many", 2);
      assert.ok(Result.isFailure(refused) && refused.failure._tag === "Refused");
      assert.equal(refused.failure.rejection._tag, "InsufficientStock");
      const { onHand, reserved, unavailable } = await levelOf(seller);
      assert.deepEqual([onHand, reserved, unavailable], [3, 1, 1]);
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));

Deno.test("of two reads of a fence that cross, the older one is not believed", () => {
  const partition = makePartition(locationPartition("ams"), true);
  const readOf = (versionstamp: string, commits: readonly string[]) => ({
    key: keys.fence(partition.name),
    versionstamp,
    value: fenceValue({ ...partition, commits: commits.slice(1) }, commits[0] ?? ""),
  });
  const older = readOf("00000000000000010000", ["first"]);
  const newer = readOf("00000000000000020000", ["second", "first"]);
  assert.deepEqual(adopt([partition], [newer]), [partition]);
  const { version, commits, generation } = partition;
  assert.equal(version, newer.versionstamp);
  assert.deepEqual(adopt([partition], [older]), []);
  assert.deepEqual(adopt([partition], [{ ...older, versionstamp: null, value: null }]), []);
  assert.deepEqual(
    [partition.version, partition.commits, partition.generation],
    [version, commits, generation],
  );
});
