/** Chooses the units of work that may travel in a parcel, and makes its body of them. Pure. */
import { type Key, keyBytesOf } from "../../src/kernel/key.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import type { ParcelBody } from "../../src/store/parcel.ts";
import type { StoreLimits } from "../../src/store/store.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import {
  correlationsOf,
  fitsAlone,
  type OfferedHead,
  recordsOf,
  waitingParcel,
  type WaitingUnit,
} from "./batch.ts";

/** A head as large as any, to measure a parcel before it has a key. */
const largestHead: OfferedHead = {
  key: keys.parcel("x".repeat(textLimits.id), 0, "x".repeat(textLimits.id)),
  versionstamp: "",
  parts: 8,
};

const sameKey = (one: Key, other: Key): boolean =>
  one.length === other.length && one.every((part, index) => part === other[index]);

/**
 * Whether a unit cannot take effect twice, whichever process commits it and however late: it writes a key that
 * it checks or has read.
 */
export const guardsItself = ({ unit }: WaitingUnit): boolean => {
  const isWritten = (key: Key) => unit.writes.some((write) => sameKey(write.key, key));
  return unit.expected === undefined &&
    (unit.reads.some(({ key }) => isWritten(key)) || (unit.absent ?? []).some(isWritten));
};

/** Whether a unit takes a key to be as it has read it, or absent. */
export const restsOn = ({ unit }: WaitingUnit, key: Key): boolean =>
  unit.reads.some((read) => sameKey(read.key, key)) ||
  (unit.absent ?? []).some((absent) => sameKey(absent, key));

/** The share of a commit's key bytes for the keys that it checks. */
const checkedShare = 0.5;

const bodyOf = (
  units: readonly WaitingUnit[],
  limits: StoreLimits,
  subjects: SubjectList,
): ParcelBody => {
  const reads = units.flatMap(({ unit }) => [
    ...unit.reads.map(({ key, versionstamp }) => ({ key, versionstamp })),
    ...(unit.absent ?? []).map((key) => ({ key, versionstamp: null })),
  ]);
  const keyBytes = reads.reduce((sum, { key }) => sum + keyBytesOf(key), 0);
  return {
    partitions: [...new Set(units.flatMap(({ partitions }) => partitions))],
    reads,
    // The parcel's own key takes one.
    checked: reads.length < limits.checks && keyBytes <= limits.keyBytesPerCommit * checkedShare,
    balances: subjects.merge(units.flatMap(({ unit }) => unit.balances)),
    writes: units.flatMap(({ unit }) => unit.writes),
    records: recordsOf(units),
    correlations: correlationsOf(units),
    units: units.length,
  };
};

/** Packs as many of the units, in their order, as fit one parcel. */
export const packUnits = (
  units: readonly WaitingUnit[],
  limits: StoreLimits,
  subjects: SubjectList,
): ParcelBody => {
  let bytes = 0;
  let count = 0;
  for (const { size } of units) {
    bytes += size.bytes;
    if (count === parcelLimits.units || (count > 0 && bytes > parcelLimits.bytes)) break;
    count++;
  }
  while (true) {
    const body = bodyOf(units.slice(0, count), limits, subjects);
    // Where commits have few checks, the fences of many partitions and the parcel's own do not fit.
    if (count <= 1 || fitsAlone(waitingParcel(body, largestHead, [], subjects), limits)) {
      return body;
    }
    count >>= 1;
  }
};
