/** One look at all partitions that guard balances, which serves all callers from before it begins. */
import { Effect } from "effect";
import type { StoreError } from "../../src/store/store.ts";
import type { BusyPartitions } from "./busy-partitions.ts";
import type { Partition } from "./fences.ts";
import type { Partitions } from "./partitions.ts";

/** Drops rows that other processes have changed; answers whether there were any. */
export const refreshBalances = Effect.fnUntraced(function* (
  partitions: Partitions,
  busy: BusyPartitions,
): Effect.fn.Return<boolean, StoreError> {
  const guards = partitions.guards();
  const isInUse = ({ name }: Partition) => busy.isCommitting(name);
  const inUse = guards.filter(isInUse);
  // A commit of our own that is under way will itself tell whether others wrote there.
  const before = inUse.map(({ generation }) => generation);
  if (inUse.length > 0) yield* busy.settled(inUse.map(({ name }) => name));
  const changed = yield* partitions.refresh(guards.filter((each) => !isInUse(each)));
  return changed || inUse.some(({ generation }, index) => generation !== before[index]);
});
