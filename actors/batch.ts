/** Which waiting units of work go into the next commit: as many as the store takes. */
import { ledgerLimits } from "../src/limits.ts";
import type { Key, StoreLimits } from "../src/store/store.ts";
import { partitions as partitionNames } from "../src/store/keys.ts";
import type { Unit } from "./unit.ts";

export interface WaitingUnit {
  readonly unit: Unit;
  /** Names of all partitions that the unit reads or writes. */
  readonly partitions: readonly string[];
  /** Its log records as JSON, without brackets. */
  readonly records: string;
  readonly size: UnitSize;
}

interface UnitSize {
  readonly mutations: number;
  readonly bytes: number;
  readonly keyBytes: number;
}

/** What the commit itself writes beside its units: log entry with parts, bell. */
const commitOverhead = { mutations: 20, bytes: 4_096, keyBytes: 2_048 };
/** A fence or a stock row: small values of known shape, in bytes. */
const smallValueBytes = 300;
/** Encoding around each element of a key, in bytes. */
const keyElementBytes = 4;

const keyBytesOf = (key: Key): number =>
  key.reduce<number>(
    (sum, element) =>
      sum + keyElementBytes + (typeof element === "string" ? element.length * 3 : 8),
    0,
  );

export const waitingUnit = (unit: Unit): WaitingUnit => {
  const partitions = new Set(unit.partitions);
  for (const read of unit.reads) partitions.add(read.partition);
  for (const delta of unit.stock) partitions.add(partitionNames.location(delta.locationId));
  const json = JSON.stringify(unit.records);
  const records = json.slice(1, -1);
  let bytes = records.length * 2;
  let keyBytes = 0;
  for (const write of unit.writes) {
    keyBytes += keyBytesOf(write.key);
    if (write.type === "set") bytes += write.value.length;
  }
  for (const delta of unit.stock) {
    bytes += smallValueBytes;
    keyBytes += keyBytesOf(["stock", delta.locationId, delta.sku]);
  }
  return {
    unit,
    partitions: [...partitions],
    records,
    size: { mutations: unit.writes.length + unit.stock.length, bytes, keyBytes },
  };
};

/**
 * Takes units out of `waiting`, in their order, that fit one commit together and touch no busy partition.
 * A unit that has to wait blocks its partitions for those behind it, so that it is not overtaken for ever.
 */
export const takeBatch = <Waiting extends WaitingUnit>(
  waiting: Waiting[],
  busy: ReadonlySet<string>,
  limits: StoreLimits,
): Waiting[] => {
  const batch: Waiting[] = [];
  const left: Waiting[] = [];
  const touched = new Set<string>();
  const blocked = new Set<string>();
  let { mutations, bytes, keyBytes } = commitOverhead;
  for (const [index, item] of waiting.entries()) {
    if (!item.partitions.some((name) => busy.has(name) || blocked.has(name))) {
      const added = item.partitions.filter((name) => !touched.has(name)).length;
      const fences = touched.size + added;
      const fits = fences <= limits.checks &&
        mutations + item.size.mutations + fences <= limits.mutations &&
        bytes + item.size.bytes + fences * smallValueBytes <= limits.commitBytes &&
        keyBytes + item.size.keyBytes + fences * 64 <= limits.keyBytesPerCommit;
      // One unit alone is always tried: the store says what is wrong with it, if anything is.
      if (fits || batch.length === 0) {
        for (const name of item.partitions) touched.add(name);
        mutations += item.size.mutations;
        bytes += item.size.bytes;
        keyBytes += item.size.keyBytes;
        batch.push(item);
        if (fits && batch.length < ledgerLimits.unitsPerCommit) continue;
        left.push(...waiting.slice(index + 1));
      } else left.push(...waiting.slice(index));
      break;
    }
    for (const name of item.partitions) blocked.add(name);
    left.push(item);
  }
  if (batch.length > 0) waiting.splice(0, waiting.length, ...left);
  return batch;
};
