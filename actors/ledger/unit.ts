/**
 * A unit of work: everything that one command changes, committed whole or not at all. Actors build units;
 * the ledger merges them into commits.
 */
import { Data } from "effect";
import type { LogRecord } from "../../src/subject/record.ts";
import type { Correlations } from "../../src/kernel/correlation.ts";
import type { Key } from "../../src/kernel/key.ts";
import type { BalanceDeltas, ExpectedValue } from "../../src/subject/balance.ts";
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
   * Keys that the unit takes for absent without having read them: the commit itself checks each. This costs
   * the commit more than a read that a fence guards, but nobody waits for the read. Every unit that writes
   * such a key writes in one of this unit's partitions, so that the key can be read instead.
   */
  readonly absent?: readonly Key[];
  /** Partitions written beside those of reads and balances. */
  readonly partitions: readonly string[];
  /** `noDeltas` for a unit that changes no balance. */
  readonly balances: readonly BalanceDeltas[];
  /** Values that the unit's decision rests on, such as an absolute count; any other value is a conflict. */
  readonly expected?: readonly ExpectedValue[];
  readonly writes: readonly Mutation[];
  readonly records: readonly LogRecord[];
  /** The requests that the records came of. */
  readonly correlations?: Correlations | undefined;
  /** Drops the holds: runs in the very tick in which the rows in memory take the change. */
  readonly onSettled?: (committed: boolean) => void;
}

/** Something that the unit's decision rests on has changed: the command is to be decided again. */
export class Conflict extends Data.TaggedError("Conflict")<{
  readonly detail: string;
  /** The key that others wrote, where it is known. */
  readonly key?: Key;
}> {}

/** The unit is more than one commit of the store can hold. Nothing was done: ask for less at once. */
export class TooLarge extends Data.TaggedError("TooLarge")<{ readonly detail: string }> {}

/** Too much is waiting; nothing was done. */
export class Overloaded extends Data.TaggedError("Overloaded")<{
  readonly what: string;
  readonly retryAfterSeconds: number;
}> {}

/** The store did not confirm in the allowed tries. The unit may be committed: ask again with the same key. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  readonly detail: string;
  /** Why the store does not confirm, where it is known. */
  readonly reason?: StoreTrouble | undefined;
  readonly retryAfterSeconds: number;
}> {}
