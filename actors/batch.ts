/** Which waiting units of work go into the next commit: as many as the store takes. */
import { ledgerLimits } from "../src/limits.ts";
import type { Key, StoreLimits } from "../src/store/store.ts";
import { partitions as partitionNames } from "../src/store/keys.ts";
import { packRecord } from "../src/store/layouts.ts";
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
  /** Checks beside those of fences. */
  readonly checks: number;
  readonly mutations: number;
  readonly bytes: number;
  readonly keyBytes: number;
}

/** What the commit itself writes beside its units: log entry with parts, bell. */
const commitOverhead = { checks: 0, mutations: 20, bytes: 4_096, keyBytes: 2_048 };
/** A fence or a stock row: small values of known shape, in bytes. */
const smallValueBytes = 300;
/** Encoding around each element of a key, in bytes. */
const keyElementBytes = 4;

/** Longer log records than this are stored compressed, and order data shrinks by much more than this. */
const longRecords = 16_384;
const leastCompression = 3;

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
  const json = JSON.stringify(unit.records.map(packRecord));
  const records = json.slice(1, -1);
  let bytes = records.length <= longRecords
    ? records.length
    : longRecords + Math.ceil(records.length / leastCompression);
  let keyBytes = 0;
  for (const write of unit.writes) {
    keyBytes += keyBytesOf(write.key);
    if (write.type === "set") bytes += write.value.length;
  }
  for (const key of unit.absent ?? []) keyBytes += keyBytesOf(key);
  for (const delta of unit.stock) {
    bytes += smallValueBytes;
    keyBytes += keyBytesOf(["stock", delta.locationId, delta.sku]);
  }
  return {
    unit,
    partitions: [...partitions],
    records,
    size: {
      checks: unit.absent?.length ?? 0,
      mutations: unit.writes.length + unit.stock.length,
      bytes,
      keyBytes,
    },
  };
};

/** Bytes of a fence's key, at most. */
const fenceKeyBytes = 64;

/** Whether units of this size, which touch this many partitions, fit one commit. */
const fits = (size: UnitSize, fences: number, limits: StoreLimits): boolean =>
  size.checks + fences <= limits.checks &&
  size.mutations + fences <= limits.mutations &&
  size.bytes + fences * smallValueBytes <= limits.commitBytes &&
  size.keyBytes + fences * fenceKeyBytes <= limits.keyBytesPerCommit;

const sum = (left: UnitSize, right: UnitSize): UnitSize => ({
  checks: left.checks + right.checks,
  mutations: left.mutations + right.mutations,
  bytes: left.bytes + right.bytes,
  keyBytes: left.keyBytes + right.keyBytes,
});

/** Whether a unit can be committed at all. */
export const fitsAlone = ({ size, partitions }: WaitingUnit, limits: StoreLimits): boolean =>
  fits(sum(commitOverhead, size), partitions.length, limits);

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
  let size: UnitSize = commitOverhead;
  for (const [index, item] of waiting.entries()) {
    if (item.partitions.some((name) => busy.has(name) || blocked.has(name))) {
      for (const name of item.partitions) blocked.add(name);
      left.push(item);
      continue;
    }
    const added = item.partitions.filter((name) => !touched.has(name));
    const together = sum(size, item.size);
    const full = batch.length >= ledgerLimits.unitsPerCommit ||
      !fits(together, touched.size + added.length, limits);
    if (full) {
      left.push(...waiting.slice(index));
      break;
    }
    for (const name of added) touched.add(name);
    size = together;
    batch.push(item);
  }
  if (batch.length > 0) waiting.splice(0, waiting.length, ...left);
  return batch;
};
