/** Parcels as another process leaves and answers them, for tests of both sides. */
import assert from "node:assert/strict";
import { Effect, Layer, Result } from "effect";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import type { Key } from "../../src/kernel/key.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import { keys, shelfPartition } from "../../src/store/keys.ts";
import { headOf, offerWrites, packBody, type ParcelHead } from "../../src/store/parcel.ts";
import { type Commit, Store } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import { type BalanceDeltas, noDeltas } from "../../src/subject/balance.ts";
import { bySystem, request, startEngine } from "../support/engine.ts";

export type Engine = ReturnType<typeof startEngine>;

export const place = (engine: Engine, externalId: string) =>
  engine.runPromise(Effect.result(Effect.flatMap(
    Orders,
    (orders) => orders.place(request(externalId, { mug: 1 }), bySystem),
  )));

export const reservedOf = (engine: Engine) =>
  engine.runPromise(Effect.gen(function* () {
    const [row] = yield* (yield* Inventory).levels({ limit: 1 });
    return row?.reserved;
  }));

/** Stands between an engine and its store. */
export const between = (changed: (store: Store["Service"]) => Partial<Store["Service"]>) =>
  Layer.effect(Store, Effect.map(Store, (store) => Store.of({ ...store, ...changed(store) })));

/** Does something before each commit of an engine reaches the store. */
export const before = (meet: (commit: Commit, store: Store["Service"]) => Effect.Effect<void>) =>
  between((store) => ({
    commit: (commit) => Effect.andThen(meet(commit, store), store.commit(commit)),
  }));

export const makesOf = (commit: Commit): readonly (ParcelHead["state"] | "taken back")[] =>
  commit.mutations.flatMap((mutation) =>
    mutation.key[0] !== "parcel"
      ? []
      : mutation.type === "delete"
      ? commit.checks.some(({ key }) => key === mutation.key) ? ["taken back"] : []
      : [decodeJson<ParcelHead>(mutation.value).state]
  );

export const eventually = async (is: () => Promise<boolean>): Promise<void> => {
  while (!await is()) await new Promise((resolve) => setImmediate(resolve));
};

export const location = locationPartition("ams");

/**
 * A parcel that is left now: holders do not take what nobody expects any more. The clock of its owner may be
 * wrong by so much.
 */
export const parcelOf = (id: string, clockOffMs = 0) =>
  keys.parcel(location, Date.now() + clockOffMs, id);

/** Another process writes at the location, and says that it looks for parcels there. */
export const writeElsewhere = (store: Store["Service"]) =>
  Effect.orDie(store.commit({
    checks: [],
    mutations: [{
      type: "set",
      key: keys.fence(location),
      value: encodeJson({ commits: [crypto.randomUUID()], serves: true }),
    }],
  }));

/** Leaves parcels at once, each of which writes a mark and takes it for absent; perhaps the store checks that. */
export const leaveAt = (
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

export const leave = (engine: Engine, parcels: readonly Key[], mark: Key, checked = false) =>
  engine.runPromise(Effect.flatMap(Store, (store) => leaveAt(store, parcels, mark, checked)));

/** Places orders until parcels have their answers, which it gives. */
export const untilAnswered = async (holder: Engine, parcels: readonly Key[]) => {
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

/** Makes the fence known, so that the next commit loses when somebody else has written. */
export const knowFence = (engine: Engine) =>
  engine.runPromise(Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 })));

/**
 * How far away the store is. Engines race while their commits are on the way: where the machine is so busy
 * that they take turns instead, the next distance is tried.
 */
const storeDistancesMs = [5, 10, 20, 40, 80];

/** Lets engines race, from farther and farther away, until parcels were offered and answered. */
export const raceUntilServed = async (
  reached: ReadonlySet<string>,
  race: (storeDistanceMs: number) => Promise<void>,
): Promise<void> => {
  for (const distanceMs of storeDistancesMs) {
    await race(distanceMs);
    if (reached.has("offered") && reached.has("done")) return;
  }
  assert.fail(`Nothing was offered and served: ${[...reached].join()}`);
};
