/** Chooses the waiting units of work that go into the next commit: as many as the store takes. */
import { fenceKeyBytes, type Key, keyBytesOf, keyPartBytes } from "../../src/kernel/key.ts";
import { type Correlations, joinCorrelations } from "../../src/kernel/correlation.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { ledgerLimits } from "./limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { joinRecords, packRecords } from "../../src/store/log-entry.ts";
import { answerWrites, type ParcelBody } from "../../src/store/parcel.ts";
import type { Check, StoreLimits, Versionstamp } from "../../src/store/store.ts";
import { spacePartition } from "../../src/subject/balance.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { Unit } from "./unit.ts";

export interface WaitingUnit {
  readonly unit: Unit;
  /** Names of all partitions that the unit reads or writes. */
  readonly partitions: readonly string[];
  /** Its log records as they are stored. */
  readonly records: string;
  readonly size: UnitSize;
  /** The head of a parcel of another process, as it was offered. */
  readonly claim?: Check;
  /** When the store found all that a parcel rests on to be as the parcel says; absent when it did not look. */
  readonly soundAt?: Versionstamp;
  /** How many units these are: a parcel holds several. */
  readonly units: number;
}

interface UnitSize {
  /** Checks beside those of fences. */
  readonly checks: number;
  readonly mutations: number;
  readonly bytes: number;
  readonly keyBytes: number;
}

/** Room for the commit's own writes beside its units: log entry with parts, bell. */
const commitOverhead = { checks: 0, mutations: 20, bytes: 4_096, keyBytes: 2_048 };
/** `00-`, a trace, a place in it, and flags. */
const traceparentBytes = 55;
/** Bytes of a fence or of a balance's row: both are small. */
const smallValueBytes = 300;
/** Order data shrinks by much more than this where it is compressed. */
const leastCompression = 3;

/** Log entries above the bound are stored compressed. */
const storedBytes = (records: string): number =>
  records.length <= logLimits.plainBytes
    ? records.length
    : logLimits.plainBytes + Math.ceil((records.length - logLimits.plainBytes) / leastCompression);

/** Bytes of what the log says of a request, at most. */
const correlationBytes = 64 + requestLimits.requestIdLength + traceparentBytes;

const sizeOf = (unit: Unit, records: string, subjects: SubjectList): UnitSize => {
  let bytes = storedBytes(records);
  if (unit.correlations !== undefined) {
    bytes += Object.keys(unit.correlations).length * correlationBytes;
  }
  let keyBytes = 0;
  let rows = 0;
  for (const write of unit.writes) {
    keyBytes += keyBytesOf(write.key);
    if (write.type === "set") bytes += write.value.length;
  }
  for (const key of unit.absent ?? []) keyBytes += keyBytesOf(key);
  for (const { balance: name, deltas } of unit.balances) {
    const balance = subjects.balance(name);
    const familyBytes = keyPartBytes(balance.family);
    rows += deltas.length;
    bytes += deltas.length * smallValueBytes;
    for (const delta of deltas) {
      const nameBytes = keyPartBytes(balance.spaceOf(delta)) + keyPartBytes(balance.rowOf(delta));
      keyBytes += familyBytes + nameBytes;
      // The row says of which space it is, too.
      bytes += nameBytes;
    }
  }
  return {
    checks: unit.absent?.length ?? 0,
    mutations: unit.writes.length + rows,
    bytes,
    keyBytes,
  };
};

const partitionsOf = (unit: Unit, subjects: SubjectList): readonly string[] => {
  const partitions = [...unit.partitions];
  const add = (name: string): void => {
    if (!partitions.includes(name)) partitions.push(name);
  };
  for (const { partition } of unit.reads) add(partition);
  for (const { balance: name, deltas } of unit.balances) {
    const balance = subjects.balance(name);
    let last: string | undefined;
    for (const delta of deltas) {
      const space = balance.spaceOf(delta);
      // Rows of one space stand together.
      if (space !== last) add(spacePartition(balance, space));
      last = space;
    }
  }
  return partitions;
};

export const waitingUnit = (unit: Unit, subjects: SubjectList): WaitingUnit => {
  const records = packRecords(subjects, unit.records);
  return {
    unit,
    partitions: partitionsOf(unit, subjects),
    records,
    size: sizeOf(unit, records, subjects),
    units: 1,
  };
};

/** The log records of several units as they are stored. Some have none. */
export const recordsOf = (units: readonly WaitingUnit[]): string =>
  joinRecords(units.map(({ records }) => records).filter((text) => text.length > 0));

/** The requests that the records of several units came of. */
export const correlationsOf = (units: readonly WaitingUnit[]): Correlations | undefined =>
  units.some(({ unit }) => unit.correlations !== undefined)
    ? joinCorrelations(
      units.map(({ unit }) => ({ records: unit.records.length, correlations: unit.correlations })),
    )
    : undefined;

/** Older than any generation: this process has not read the keys that units of others rest on. */
const neverRead = -1;

/** The head of a parcel as it was offered. */
export interface OfferedHead {
  readonly key: Key;
  readonly versionstamp: Versionstamp;
  readonly parts: number;
}

/** The units of another process as one: they are committed together, in the very commit that answers their parcel. */
export const waitingParcel = (
  body: ParcelBody,
  head: OfferedHead,
  records: readonly LogRecord[],
  subjects: SubjectList,
): WaitingUnit => {
  const unit: Unit = {
    // All partitions are among those of the commit, so it does not matter which of them guards a read.
    reads: body.reads.map((read) => ({
      ...read,
      partition: body.partitions[0] ?? "",
      generation: neverRead,
    })),
    partitions: body.partitions,
    balances: body.balances,
    writes: [...body.writes, ...answerWrites(head.key, head.parts, { state: "done" })],
    records,
    correlations: body.correlations,
  };
  const size = sizeOf(unit, body.records, subjects);
  return {
    unit,
    partitions: partitionsOf(unit, subjects),
    records: body.records,
    size: {
      ...size,
      checks: size.checks + 1,
      keyBytes: size.keyBytes + keyBytesOf(head.key),
    },
    claim: { key: head.key, versionstamp: head.versionstamp },
    ...(body.checked ? { soundAt: head.versionstamp } : {}),
    units: body.units,
  };
};

/** Fences of a commit. */
interface FenceSize {
  readonly count: number;
  readonly keyBytes: number;
}

/** Whether units of this size fit one commit with these fences. What is stored under keys counts as bytes with them. */
const fits = (size: UnitSize, fences: FenceSize, limits: StoreLimits): boolean => {
  const keyBytes = size.keyBytes + fences.keyBytes;
  return size.checks + fences.count <= limits.checks &&
    size.mutations + fences.count <= limits.mutations &&
    size.bytes + fences.count * smallValueBytes + keyBytes <= limits.commitBytes &&
    keyBytes <= limits.keyBytesPerCommit;
};

const fenceSize = (partitions: Iterable<string>): FenceSize => {
  let count = 0;
  let keyBytes = 0;
  for (const name of partitions) {
    count++;
    keyBytes += fenceKeyBytes(name);
  }
  return { count, keyBytes };
};

const sum = (left: UnitSize, right: UnitSize): UnitSize => ({
  checks: left.checks + right.checks,
  mutations: left.mutations + right.mutations,
  bytes: left.bytes + right.bytes,
  keyBytes: left.keyBytes + right.keyBytes,
});

/** Whether a unit can be committed at all. */
export const fitsAlone = ({ size, partitions }: WaitingUnit, limits: StoreLimits): boolean =>
  fits(sum(commitOverhead, size), fenceSize(partitions), limits);

/** Whether parts of one unit can be committed together; rows that several of them touch count several times. */
export const fitTogether = (parts: readonly WaitingUnit[], limits: StoreLimits): boolean =>
  fits(
    parts.reduce((total, { size }) => sum(total, size), commitOverhead),
    fenceSize(new Set(parts.flatMap(({ partitions }) => partitions))),
    limits,
  );

/** Units of a commit so far. */
interface Begun {
  readonly units: readonly WaitingUnit[];
  readonly partitions: ReadonlySet<string>;
}

/** Puts units together that touch the same partitions. The oldest unit of a group gives it its place. */
const byPartitions = <Waiting extends WaitingUnit>(units: readonly Waiting[]): Waiting[] =>
  [
    ...Map.groupBy(units, ({ partitions }) => partitions.join("\n")).values(),
  ].flat();

/**
 * Units, in their order, that fit one commit together with those begun. A unit that has to wait blocks its
 * partitions for those behind it, so that it is not overtaken for ever.
 */
const fitting = <Waiting extends WaitingUnit>(
  waiting: readonly Waiting[],
  begun: Begun,
  mayTouch: (partition: string) => boolean,
  limits: StoreLimits,
): { readonly batch: Waiting[]; readonly left: Waiting[]; readonly isDivided: boolean } => {
  const batch: Waiting[] = [];
  const left: Waiting[] = [];
  const touched = new Set(begun.partitions);
  const blocked = new Set<string>();
  let size = begun.units.reduce((total, unit) => sum(total, unit.size), commitOverhead);
  let fences = fenceSize(touched);
  for (const [index, item] of waiting.entries()) {
    if (item.partitions.some((name) => !mayTouch(name) || blocked.has(name))) {
      for (const name of item.partitions) blocked.add(name);
      left.push(item);
      continue;
    }
    let { count, keyBytes } = fences;
    for (const name of item.partitions) {
      if (touched.has(name)) continue;
      count++;
      keyBytes += fenceKeyBytes(name);
    }
    const together = sum(size, item.size);
    const fencesTogether = { count, keyBytes };
    const full = begun.units.length + batch.length >= ledgerLimits.unitsPerCommit ||
      !fits(together, fencesTogether, limits);
    if (full) {
      for (let rest = index; rest < waiting.length; rest++) left.push(waiting[rest] as Waiting);
      // Where all units touch the same partitions, no other order lets more fit.
      return { batch, left, isDivided: touched.size > item.partitions.length };
    }
    for (const name of item.partitions) touched.add(name);
    size = together;
    fences = fencesTogether;
    batch.push(item);
  }
  return { batch, left, isDivided: false };
};

/**
 * Takes units out of `waiting` for one commit. Where not all fit, the oldest unit goes with the units that
 * touch the same partitions, and so on: each fence of a commit costs one of its few checks.
 */
const take = <Waiting extends WaitingUnit>(
  waiting: Waiting[],
  begun: Begun,
  mayTouch: (partition: string) => boolean,
  limits: StoreLimits,
): Waiting[] => {
  const inOrder = fitting(waiting, begun, mayTouch, limits);
  const grouped = inOrder.isDivided
    ? fitting(byPartitions(waiting), begun, mayTouch, limits)
    : inOrder;
  if (grouped.batch.length <= inOrder.batch.length) {
    if (inOrder.batch.length > 0) waiting.splice(0, waiting.length, ...inOrder.left);
    return inOrder.batch;
  }
  const taken = new Set(grouped.batch);
  waiting.splice(0, waiting.length, ...waiting.filter((item) => !taken.has(item)));
  return grouped.batch;
};

const nothingBegun: Begun = { units: [], partitions: new Set() };

/** Units for a commit that touches no busy partition. */
export const takeBatch = <Waiting extends WaitingUnit>(
  waiting: Waiting[],
  busy: ReadonlySet<string>,
  limits: StoreLimits,
): Waiting[] => take(waiting, nothingBegun, (name) => !busy.has(name), limits);

/** Units that came meanwhile and can go with a commit that has to be built again: they touch no more than it. */
export const takeMore = <Waiting extends WaitingUnit>(
  waiting: Waiting[],
  units: readonly WaitingUnit[],
  partitions: ReadonlySet<string>,
  limits: StoreLimits,
): Waiting[] => take(waiting, { units, partitions }, (name) => partitions.has(name), limits);
