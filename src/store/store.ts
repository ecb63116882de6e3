/**
 * The store as the engine sees it: ordered keys, versioned values, atomic commits that check and write.
 * `kv.ts` is its one adapter; tests wrap that adapter to inject faults.
 */
import { Context, Data, type Effect } from "effect";
import type { Key } from "../kernel/key.ts";

/** Twenty hexadecimal digits that grow with each commit. */
export type Versionstamp = string;

export interface Entry {
  readonly key: Key;
  /** Null when there is no value. */
  readonly value: Uint8Array | null;
  readonly versionstamp: Versionstamp | null;
}

export interface Check {
  readonly key: Key;
  readonly versionstamp: Versionstamp | null;
}

export type Mutation =
  | {
    readonly type: "set";
    readonly key: Key;
    readonly value: Uint8Array;
    /**
     * The store may drop it by itself after this, milliseconds from now. It does so no earlier, however wrong
     * clocks are within `storeLimits.clocksApartMs`, and perhaps much later.
     */
    readonly expireInMs?: number;
  }
  | { readonly type: "delete"; readonly key: Key };

export interface Commit {
  readonly checks: readonly Check[];
  readonly mutations: readonly Mutation[];
  /** Written at `["log", <versionstamp of this commit>]`. */
  readonly log?: Uint8Array;
}

export type CommitResult =
  | { readonly ok: true; readonly versionstamp: Versionstamp }
  | { readonly ok: false };

export interface Range {
  /** First key, included. */
  readonly start: Key;
  /** First key after the range. */
  readonly end: Key;
  readonly limit: number;
  readonly reverse?: boolean;
}

/** Bounds of one atomic commit. */
export interface StoreLimits {
  readonly checks: number;
  readonly mutations: number;
  readonly commitBytes: number;
  readonly keyBytesPerCommit: number;
  readonly valueBytes: number;
  readonly keyBytes: number;
}

/**
 * Reasons that lie in the store alone, not in the call. `gone`: the file that is open is not the one at its
 * path any more. `unanswered`: the store did not answer in time, and may still do what was asked.
 */
export const storeTroubles = ["full", "locked", "gone", "unanswered"] as const;
export type StoreTrouble = typeof storeTroubles[number];

/** Keys that one read of Deno KV takes, all as of one moment. */
export const keysPerSnapshot = 10;

/** The store did not answer as a store should. What was being written may or may not have been. */
export class StoreError extends Data.TaggedError("StoreError")<{
  readonly operation: "get" | "list" | "commit" | "open";
  readonly detail: string;
  /** Absent where it is not known. */
  readonly reason?: StoreTrouble;
  readonly cause: unknown;
}> {}

/** Whether it is certain that nothing was written. */
export const wroteNothing = ({ reason }: StoreError): boolean =>
  reason === "full" || reason === "locked";

export class Store extends Context.Service<Store, {
  /** They shrink when the store turns out to take less. */
  readonly limits: StoreLimits;
  /** The place of the data, for people. */
  readonly description: string;
  /** Whether other processes may write to the same data. */
  readonly shared: boolean;
  /** Whether `watch` sees commits of other processes. */
  readonly canWatch: boolean;
  readonly get: (key: Key) => Effect.Effect<Entry, StoreError>;
  /**
   * Any number of keys, in their order; read in as few calls as the store allows. Not as one snapshot, unless
   * there are at most `keysPerSnapshot`.
   */
  readonly getMany: (keys: readonly Key[]) => Effect.Effect<readonly Entry[], StoreError>;
  readonly list: (range: Range) => Effect.Effect<readonly Entry[], StoreError>;
  readonly commit: (commit: Commit) => Effect.Effect<CommitResult, StoreError>;
  /** Ends when the key changes, or never when `canWatch` is false. */
  readonly watch: (key: Key) => Effect.Effect<void, StoreError>;
  /**
   * Fails when the open files are not those that others would open; null where that cannot be. Costs a few
   * microseconds.
   */
  readonly look: Effect.Effect<void, StoreError> | null;
  /** Bytes of the files that the data is in, by part; absent where it is in no file. */
  readonly sizes?: () => Readonly<Record<string, number>>;
}>()("allot/Store") {}
