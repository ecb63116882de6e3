/**
 * A unit of work that waits for its commit, of this process or out of a parcel, and the rules of a
 * batch that has both.
 */
import { Exit } from "effect";
import { keyText } from "../../src/kernel/key.ts";
import type { StoreError, Versionstamp } from "../../src/store/store.ts";
import type { WaitingUnit } from "./batch.ts";
import { Conflict, type Overloaded, type TooLarge, type Unavailable } from "./unit.ts";

export type SubmitError = Conflict | Overloaded | TooLarge | Unavailable | StoreError;

export interface SubmittedUnit extends WaitingUnit {
  readonly settle: (exit: Exit.Exit<Versionstamp, SubmitError>) => void;
  /** Times it was offered to others. */
  offers: number;
  /** An offer of it was not taken: it is not offered again without a race. */
  contends: boolean;
  /** Leaves a parcel of another process to the next process that holds its fences. */
  readonly drop?: () => void;
}

export const bounce = ({ settle }: SubmittedUnit, detail: string): void =>
  settle(Exit.fail(new Conflict({ detail })));

/** A process that did not come first leaves parcels to the one that did. */
export const withoutParcels = (batch: readonly SubmittedUnit[]): readonly SubmittedUnit[] =>
  batch.filter(({ drop }) => {
    drop?.();
    return drop === undefined;
  });

/**
 * Leaves out parcels that change keys which other units of the batch rest on, and parcels that rest on keys
 * which other units change. No two of one process's own units clash, as they wait for each other. A read of a
 * parcel's keys before the commit says nothing of the commit's own writes, and so cannot find a clash.
 */
export const withoutClashes = (batch: readonly SubmittedUnit[]): readonly SubmittedUnit[] => {
  if (!batch.some(({ claim }) => claim !== undefined)) return batch;
  const read = new Set<string>();
  const written = new Set<string>();
  const kept = new Set<SubmittedUnit>();
  const own = batch.filter(({ claim }) => claim === undefined);
  for (const item of [...own, ...batch.filter(({ claim }) => claim !== undefined)]) {
    const { unit, claim, drop } = item;
    const reads = [...unit.reads.map(({ key }) => key), ...(unit.absent ?? [])].map(keyText);
    const writes = unit.writes.map(({ key }) => keyText(key));
    const clashes = reads.some((key) => written.has(key)) ||
      writes.some((key) => written.has(key) || read.has(key));
    if (claim !== undefined && clashes) {
      drop?.();
      continue;
    }
    kept.add(item);
    for (const key of reads) read.add(key);
    for (const key of writes) written.add(key);
  }
  return batch.filter((item) => kept.has(item));
};

/** The partitions in which a batch writes for others. */
export const partitionsOfParcels = (batch: readonly SubmittedUnit[]): ReadonlySet<string> =>
  new Set(batch.flatMap(({ claim, partitions }) => claim === undefined ? [] : partitions));
