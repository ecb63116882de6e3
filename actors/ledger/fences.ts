/**
 * This process's memory of the fences. A fence is the one key that guards a partition: every commit that
 * writes there checks that the fence is as its process last saw it, and sets it. Its value names the newest
 * commits, so that after an unclear answer a process can tell whether its own commit is among them.
 */
import { Effect } from "effect";
import { ledgerLimits } from "./limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { entryPartKey, unpackHead } from "../../src/store/log-entry.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { type Entry, Store, type StoreError, type Versionstamp } from "../../src/store/store.ts";
import { decodeJson, encodeJson, valueOf } from "../../src/store/values.ts";

interface FenceDocument {
  /** Newest first. */
  readonly commits: readonly string[];
  /** The process that wrote this looks for parcels of others here, for a while: see `parcel-looks.ts`. */
  readonly serves?: boolean;
}

export interface Partition {
  readonly name: string;
  /** Whether the fence guards rows of balances: only there do processes race, and leave parcels. */
  readonly isGuard: boolean;
  version: Versionstamp | null;
  commits: readonly string[];
  /** Rises whenever another process was found to have written here. */
  generation: number;
  /** False before the first read, and after a commit whose fate is unknown. */
  known: boolean;
  /** Whether the newest commit of another process says that it looks for parcels here. */
  serves: boolean;
  /** When this process last lost a race here, epoch milliseconds. */
  contendedAtMs: number;
}

/** How a commit whose answer was an error or `ok: false` really ended. */
export type CommitOutcome =
  | { readonly _tag: "Committed"; readonly versionstamp: Versionstamp }
  /** The fences stand as they stood: the very same commit may be tried again. */
  | { readonly _tag: "Untouched" }
  /** Others wrote first: this commit can never happen any more. */
  | { readonly _tag: "Overtaken"; readonly fences: readonly Entry[] };

export const makePartition = (name: string, isGuard: boolean): Partition => ({
  name,
  isGuard,
  version: null,
  commits: [],
  generation: 0,
  known: false,
  serves: false,
  contendedAtMs: Number.NEGATIVE_INFINITY,
});

const documentOf = (fence: Entry | undefined): FenceDocument =>
  fence?.value ? decodeJson<FenceDocument>(fence.value) : { commits: [] };

const commitsOf = (fence: Entry | undefined): readonly string[] => documentOf(fence).commits;

export const fenceValue = (
  partition: Partition,
  commitId: string,
  serves = false,
): Uint8Array => {
  const document: FenceDocument = {
    commits: [commitId, ...partition.commits].slice(0, ledgerLimits.commitsPerFence),
    ...(serves ? { serves } : {}),
  };
  return encodeJson(document);
};

/** Takes over a commit of our own. */
export const advance = (
  partition: Partition,
  commitId: string,
  versionstamp: Versionstamp,
): void => {
  partition.version = versionstamp;
  partition.commits = [commitId, ...partition.commits].slice(0, ledgerLimits.commitsPerFence);
};

/** Takes over fences that were read; tells which were found changed by others. */
export const adopt = (
  partitions: readonly Partition[],
  fences: readonly Entry[],
): readonly Partition[] =>
  partitions.filter((partition, index) => {
    const entry = fences[index];
    const version = entry?.versionstamp ?? null;
    if (partition.known && partition.version === version) return false;
    // Two reads may cross; versions only grow.
    if (partition.known && (version ?? "") < (partition.version ?? "")) return false;
    partition.version = version;
    const { commits, serves = false } = documentOf(entry);
    partition.commits = commits;
    partition.serves = serves;
    partition.generation++;
    partition.known = true;
    return true;
  });

export const readFences = Effect.fnUntraced(function* (
  partitions: readonly Partition[],
): Effect.fn.Return<readonly Entry[], StoreError, Store> {
  const store = yield* Store;
  return yield* store.getMany(partitions.map(({ name }) => keys.fence(name)));
});

/** Looks through the log after `from` for a commit; the last resort, when fences have moved on too far. */
const findInLog = Effect.fnUntraced(function* (
  commitId: string,
  from: Versionstamp | null,
): Effect.fn.Return<Versionstamp | null, StoreError, Store> {
  const store = yield* Store;
  const after = {
    start: keys.log(from ?? ""),
    end: below(["log"]).end,
    limit: logLimits.entriesPerRead,
  };
  let found: Versionstamp | null = null;
  yield* forEachPage(
    store,
    after,
    Effect.fnUntraced(function* (entries) {
      for (const entry of entries) {
        const stored = yield* valueOf(entry, unpackHead, entryPartKey).pipe(
          // A value that cannot be read says nothing. An error without a cause is the value's fault, not the
          // store's.
          Effect.catch((error) => error.cause === null ? Effect.succeed(null) : Effect.fail(error)),
          Effect.catchDefect(() => Effect.succeed(null)),
        );
        if (stored?.value?.commitId !== commitId) continue;
        found = stored.versionstamp;
        return false;
      }
    }),
  );
  return found;
});

export const findOutcome = Effect.fnUntraced(function* (
  commitId: string,
  partitions: readonly Partition[],
): Effect.fn.Return<CommitOutcome, StoreError, Store> {
  const fences = yield* readFences(partitions);
  let untouched = true;
  let certain = false;
  for (const [index, partition] of partitions.entries()) {
    const entry = fences[index];
    if (entry === undefined) continue;
    const commits = commitsOf(entry);
    if (commits[0] === commitId && entry.versionstamp !== null) {
      return { _tag: "Committed", versionstamp: entry.versionstamp };
    }
    if (commits.includes(commitId)) {
      const versionstamp = yield* findInLog(commitId, partition.version);
      if (versionstamp !== null) return { _tag: "Committed", versionstamp };
    }
    if (entry.versionstamp === partition.version) continue;
    untouched = false;
    // Our last known commit is still named, ours is not: it never happened, and now never will.
    const newestKnown = partition.commits[0];
    certain ||= newestKnown === undefined
      ? commits.length < ledgerLimits.commitsPerFence
      : commits.includes(newestKnown);
  }
  if (untouched) return { _tag: "Untouched" };
  if (!certain) {
    const from = partitions.reduce<Versionstamp | null>(
      (oldest, { version }) => version === null || (oldest ?? "~") < version ? oldest : version,
      null,
    );
    const versionstamp = yield* findInLog(commitId, from);
    if (versionstamp !== null) return { _tag: "Committed", versionstamp };
  }
  return { _tag: "Overtaken", fences };
});
