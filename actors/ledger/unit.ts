/**
 * A unit of work: everything that one command changes, committed whole or not at all. Actors build units;
 * the ledger merges them into commits.
 */
import { Data } from "effect";
import type { StockDelta } from "../../src/stock/stock.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import type { Key } from "../../src/kernel/key.ts";
import type { Mutation, StoreTrouble, Versionstamp } from "../../src/store/store.ts";

/** A key as the unit's decision saw it. The unit commits only while that is still true. */
export interface UnitRead {
  readonly partition: string;
  readonly key: Key;
  /** Null: there was no value. */
  readonly versionstamp: Versionstamp | null;
  /** The partition's generation before the read, from `Ledger.generation`. */
  readonly generation: number;
}

export interface Unit {
  readonly reads: readonly UnitRead[];
  /**
   * Keys that the unit takes for absent without having read them: the commit itself checks each. Dearer to
   * commit than a read that a fence guards, but nobody waits for the read. Whoever writes such a key writes
   * in one of the unit's partitions, so that it can be read instead.
   */
  readonly absent?: readonly Key[];
  /** Partitions written beside those of reads and stock. */
  readonly partitions: readonly string[];
  readonly stock: readonly StockDelta[];
  /** Units on hand that an absolute count was decided upon; anything else there is a conflict. */
  readonly expectedOnHand?: readonly {
    readonly locationId: string;
    readonly sku: string;
    readonly onHand: number;
  }[];
  readonly writes: readonly Mutation[];
  readonly records: readonly LogRecord[];
  /** Runs in the very tick in which the stock rows in memory take the change: drops the holds. */
  readonly onSettled?: (committed: boolean) => void;
}

/** Something that the unit's decision rested on has changed: decide again. */
export class Conflict extends Data.TaggedError("Conflict")<{
  readonly detail: string;
  /** The key that others wrote, where it is known. */
  readonly key?: Key;
}> {}

/** More than one commit of the store can hold. Nothing was done: ask for less at once. */
export class TooLarge extends Data.TaggedError("TooLarge")<{ readonly detail: string }> {}

/** Too much is waiting; nothing was done. */
export class Overloaded extends Data.TaggedError("Overloaded")<{
  readonly what: string;
  readonly retryAfterSeconds: number;
}> {}

/** The store did not confirm in the allowed tries. What was asked may have happened: ask again with the same key. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  readonly detail: string;
  /** Where it is known. */
  readonly reason?: StoreTrouble | undefined;
  readonly retryAfterSeconds: number;
}> {}
