/**
 * One real Deno KV in memory, as each process of the world sees it: behind a network and a file lock, which
 * delay, refuse, lose and repeat. Faults stand below the store's adapter, so the adapter is tested too.
 */
import type { NativeKv } from "../../src/store/kv.ts";
import type { ParcelHead } from "../../src/store/parcel.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";
import type { Process, World } from "./world.ts";

/** What happens to a call, each as the share of calls that it happens to. */
export interface Faults {
  readonly locked: number;
  /** A commit for which the disk has no room. */
  readonly full: number;
  /** A call that does nothing and fails. */
  readonly broken: number;
  /** A commit that is not applied and is answered by `ok: false`. */
  readonly conflict: number;
  /** A commit that is applied, and fails. */
  readonly throwAfter: number;
  /** A commit that is applied and sent again: the second answer counts. */
  readonly repeat: number;
  /** A commit that fails and is applied only later. */
  readonly late: number;
  /** The process ends, before the call is done or after it. */
  readonly crash: number;
  /** Calls that take seconds. */
  readonly slow: number;
  readonly longestMs: number;
}

export const noFaults: Faults = {
  locked: 0,
  full: 0,
  broken: 0,
  conflict: 0,
  throwAfter: 0,
  repeat: 0,
  late: 0,
  crash: 0,
  slow: 0,
  longestMs: 2,
};

/** What a commit will meet, beside what `Faults` brings by chance: for tests that place their faults. */
export type PlacedFault =
  | "crash before"
  | "crash after"
  | "throw after"
  | "repeat"
  /** It is not applied, and never answered. */
  | "lost"
  /** It is applied when its process has given it up, and never answered. */
  | "late and lost"
  | null;

export interface DatabaseOptions {
  readonly world: World;
  readonly kv: Deno.Kv;
  readonly chance: Chance;
  readonly reached: Reached;
  /** The faults of now. */
  readonly faults: () => Faults;
  /** Asked for each commit of any process. */
  readonly placed?: (commit: SeenCommit) => PlacedFault;
  readonly onCrash: (process: Process) => void;
}

export interface SeenCommit {
  readonly process: Process;
  readonly keys: readonly Deno.KvKey[];
  /** Of the ledger's commits: their id. */
  readonly commitId: string | null;
  readonly checks: number;
  /** What it makes of parcels, by their ids; null is to take one back, or away. */
  readonly parcels: readonly { readonly id: string; readonly state: ParcelHead["state"] | null }[];
}

const slowMs = 4_000;
/** How late a commit can be: shorter than a client takes to ask another process. */
const lateMs = 1_500;
/** Longer than a process waits for an answer. */
const givenUpMs = 7_000;

const locked = () => new TypeError("database is locked");
const noRoom = () => new TypeError("database or disk is full");
const broken = () => new Error("connection reset");

type Applied<A> = { readonly value: A } | { readonly error: Error };

export class Database {
  /** Commits of which their process was told a lie. */
  readonly deniedCommits = new Set<string>();
  /** Which life of which process made a commit. */
  readonly madeBy = new Map<string, Process>();
  /** When a commit was applied. */
  readonly appliedAt = new Map<string, number>();
  commits = 0;
  /** Parcels that wait for somebody, and whose they are. */
  readonly #offered = new Map<string, Process>();

  constructor(readonly options: DatabaseOptions) {}

  /** The database as one process sees it. */
  of(process: Process): NativeKv {
    const { kv } = this.options;
    return {
      get: (key, options) => this.#read(process, () => kv.get(key, options)),
      getMany: (keys, options) => this.#read(process, () => kv.getMany(keys, options)),
      list: (selector, options) =>
        listed(this.#read(process, () => Array.fromAsync(kv.list<unknown>(selector, options)))),
      atomic: () => this.#atomic(process),
      commitVersionstamp: () => kv.commitVersionstamp(),
      watch: (keys, options) => kv.watch(keys, options),
    };
  }

  #latencyMs(): number {
    const { chance } = this.options;
    const { slow, longestMs } = this.options.faults();
    return chance.happens(slow) ? chance.between(longestMs, slowMs) : chance.between(0, longestMs);
  }

  #crash(process: Process): void {
    if (!process.alive) return;
    if ([...this.#offered.values()].includes(process)) this.options.reached.ownerDiedWithParcel++;
    this.options.onCrash(process);
  }

  /** The call reaches the database after some time; its answer the process after some more. */
  #call<A>(
    process: Process,
    /** Ends with null for a call that is never answered. */
    apply: () => Promise<Applied<A> | null>,
    survives: boolean,
  ): Promise<A> {
    const { world } = this.options;
    return new Promise<A>((resolve, reject) => {
      // What is on its way to the database arrives, whether or not the sender still lives.
      world.after(this.#latencyMs(), survives ? null : process, async () => {
        const { chance } = this.options;
        if (!process.alive && chance.happens(0.5)) return;
        const crash = process.alive && chance.happens(this.options.faults().crash);
        if (crash && chance.happens(0.5)) return this.#crash(process);
        const applied = await apply();
        if (crash) return this.#crash(process);
        if (applied === null) return;
        world.after(this.#latencyMs(), process, () => {
          if ("value" in applied) resolve(applied.value);
          else reject(applied.error);
        });
      });
    });
  }

  #read<A>(process: Process, read: () => Promise<A>): Promise<A> {
    const { chance, reached } = this.options;
    return this.#call(process, async () => {
      const faults = this.options.faults();
      if (chance.happens(faults.locked)) {
        reached.locked++;
        return { error: locked() };
      }
      if (chance.happens(faults.broken)) {
        reached.brokenCall++;
        return { error: broken() };
      }
      return { value: await read() };
    }, false);
  }

  #atomic(process: Process): Deno.AtomicOperation {
    const atomic = this.options.kv.atomic();
    const keys: Deno.KvKey[] = [];
    let commitId: string | null = null;
    const parcels: SeenCommit["parcels"][number][] = [];
    let checks = 0;
    const check = atomic.check.bind(atomic);
    const set = atomic.set.bind(atomic);
    const remove = atomic.delete.bind(atomic);
    const commit = atomic.commit.bind(atomic);
    atomic.check = (...given) => {
      checks += given.length;
      return check(...given);
    };
    atomic.set = (key, value, options) => {
      keys.push(key);
      if (key[0] === "fence" && value instanceof Uint8Array) {
        commitId = decodeJson<{ commits: readonly string[] }>(value).commits[0] ?? null;
      }
      if (key[0] === "parcel" && value instanceof Uint8Array) {
        const { state } = decodeJson<ParcelHead>(value);
        parcels.push({ id: String(key.at(-1)), state });
      }
      return set(key, value, options);
    };
    atomic.delete = (key) => {
      keys.push(key);
      if (key[0] === "parcel") parcels.push({ id: String(key.at(-1)), state: null });
      return remove(key);
    };
    atomic.commit = () => {
      const seen = { process, keys, commitId, checks, parcels };
      if (commitId !== null) this.madeBy.set(commitId, process);
      return this.#call(process, () => this.#commit(seen, commit), true);
    };
    return atomic;
  }

  async #commit(
    seen: SeenCommit,
    commit: () => Promise<Deno.KvCommitResult | Deno.KvCommitError>,
  ): Promise<Applied<Deno.KvCommitResult | Deno.KvCommitError> | null> {
    const { chance, reached, world } = this.options;
    const faults = this.options.faults();
    this.commits++;
    const placed = this.options.placed?.(seen) ?? null;
    if (placed === "crash before") {
      this.#crash(seen.process);
      return { error: broken() };
    }
    if (placed === "lost") return null;
    if (placed === "late and lost") {
      world.after(givenUpMs, null, () => this.#applyLate(seen, commit));
      return null;
    }
    if (chance.happens(faults.locked)) {
      reached.locked++;
      return { error: locked() };
    }
    if (chance.happens(faults.broken)) {
      reached.brokenCall++;
      return { error: broken() };
    }
    if (chance.happens(faults.full)) {
      reached.noRoom++;
      return { error: noRoom() };
    }
    if (seen.checks > 0 && chance.happens(faults.conflict)) {
      reached.conflict++;
      return { value: { ok: false } };
    }
    if (chance.happens(faults.late)) {
      world.after(chance.between(1, lateMs), null, () => this.#applyLate(seen, commit));
      return { error: broken() };
    }
    const first = await commit();
    if (first.ok) this.#applied(seen);
    else reached.conflict++;
    if (placed === "crash after") {
      this.#crash(seen.process);
      return { error: broken() };
    }
    if (placed === "throw after" || chance.happens(faults.throwAfter)) {
      if (first.ok) this.#lied(seen);
      return { error: broken() };
    }
    if (placed === "repeat" || chance.happens(faults.repeat)) {
      const second = await commit();
      if (first.ok && !second.ok) this.#lied(seen);
      return { value: second };
    }
    return { value: first };
  }

  async #applyLate(
    seen: SeenCommit,
    commit: () => Promise<Deno.KvCommitResult | Deno.KvCommitError>,
  ): Promise<void> {
    if (!(await commit()).ok) return;
    this.#applied(seen);
    this.options.reached.lateCommit++;
    this.#lied(seen);
  }

  #applied({ commitId, parcels, process }: SeenCommit): void {
    if (commitId !== null) this.appliedAt.set(commitId, this.options.world.tick());
    const { reached } = this.options;
    for (const { id, state } of parcels) {
      if (state === "offered") this.#offered.set(id, process);
      else {
        const waited = this.#offered.delete(id);
        if (state === "done") reached.parcelServed++;
        else if (state === "bounced") reached.parcelBounced++;
        else if (state === "withdrawn") reached.parcelWithdrawn++;
        else if (waited) reached.parcelReclaimed++;
      }
    }
  }

  #lied({ commitId }: SeenCommit): void {
    this.options.reached.ambiguousCommit++;
    if (commitId !== null) this.deniedCommits.add(commitId);
  }
}

async function* listed<A>(entries: Promise<readonly A[]>): AsyncGenerator<A> {
  yield* await entries;
}
