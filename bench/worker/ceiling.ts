/**
 * What the store itself can do: the keys and bytes that the engine writes for an order, written by bare
 * atomic commits of the best size, with no engine and no checks. What is written is recorded from an engine,
 * indexes and log included.
 */
import { Effect, Layer, ManagedRuntime } from "effect";
import { Indexes } from "../../actors/index/indexes.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { KvStore } from "../../src/store/kv.ts";
import { type Commit, type Mutation, Store } from "../../src/store/store.ts";
import { closedLoop } from "../load/drive.ts";
import { Tally } from "../load/outcome.ts";
import { orderStream } from "../traffic/orders.ts";
import { prepareEngine, sender, startEngine } from "./engine.ts";
import type { Contender, Measured } from "./protocol.ts";

type Write = Extract<Mutation, { readonly type: "set" }>;

/** What one order writes, and what its commits write beside orders. */
interface Recorded {
  /** By order: its document, its reference, its customer's entry. */
  readonly orders: readonly (readonly Write[])[];
  /** Of each commit: fences and stock rows. */
  readonly shared: readonly Write[];
  readonly logBytesPerOrder: number;
  /** Index pages that are written again and again, and for how many orders at once. */
  readonly pages: readonly Write[];
  readonly ordersPerPages: number;
}

const recordedOrders = 4_096;
const recordingClients = 256;
/** Sizes that are tried; the best is kept. A commit holds at most 1,000 mutations and 800 KB. */
const batchSizes = [50, 100, 150, 190];
const commitsInFlight = 2;
const valueBytes = 65_000;
/** Entries of customers in one index commit; with the pages they must fit it. */
const mostSingles = 600;
const probeSeconds = 0.35;

const isSet = (mutation: Mutation): mutation is Write => mutation.type === "set";
const isSingle = ({ key }: Write) => key[0] === "posting" && key[1] === "customer";

const analyse = (commits: readonly Commit[]): Recorded => {
  const logged = commits.filter(({ log }) => log !== undefined);
  const writes = commits.flatMap(({ mutations }) => mutations.filter(isSet));
  const documents = writes.filter(({ key }) => key[0] === "order");
  const references = writes.filter(({ key }) => key[0] === "reference");
  const customers = writes.filter(isSingle);
  const logBytes = logged.reduce(
    (sum, { log, mutations }) =>
      mutations.filter(isSet).filter(({ key }) => key[0] === "log_part")
        .reduce((parts, { value }) => parts + value.length, sum + (log?.length ?? 0)),
    0,
  );
  const pageCommits = commits.filter(({ log, mutations }) =>
    log === undefined && mutations.some(({ key }) => key[0] === "posting")
  );
  const lastPages = pageCommits[Math.floor(pageCommits.length / 2)]?.mutations.filter(isSet) ?? [];
  const fullest = logged.reduce<Commit | undefined>(
    (best, commit) => commit.mutations.length > (best?.mutations.length ?? 0) ? commit : best,
    undefined,
  );
  return {
    orders: documents.map((document, i) =>
      [document, references[i], customers[i]].filter((write) => write !== undefined)
    ),
    shared:
      fullest?.mutations.filter(isSet).filter(({ key }) =>
        key[0] === "fence" || key[0] === "stock"
      ) ?? [],
    logBytesPerOrder: Math.ceil(logBytes / documents.length),
    pages: lastPages.filter((write) => !isSingle(write)),
    ordersPerPages: Math.ceil(documents.length / Math.max(1, pageCommits.length)),
  };
};

/** Runs an engine for some thousand orders and keeps what it commits. */
const record = async (path: string, run: string): Promise<Recorded> => {
  const commits: Commit[] = [];
  const handle = ManagedRuntime.make(KvStore.layer({ path }));
  const store = await handle.runPromise(Store);
  const layer = Layer.succeed(Store, {
    ...store,
    commit: (commit) => {
      commits.push(commit);
      return store.commit(commit);
    },
  });
  const engine = startEngine(layer, 1);
  const { plan, order } = orderStream("hot", run);
  await prepareEngine(engine, plan);
  commits.length = 0;
  await closedLoop({
    clients: recordingClients,
    seconds: 60,
    requests: recordedOrders,
    send: await sender([engine], order),
  });
  await engine.runPromise(Effect.gen(function* () {
    const tail = yield* LogTail;
    const indexes = yield* Indexes;
    yield* indexes.passed(tail.committedPosition());
  }));
  await engine.dispose();
  await handle.dispose();
  return analyse(commits);
};

/** The n-th key of a kind: as long as the recorded one, and ascending with n as ids do. */
const renamed = (key: Write["key"], n: number): (string | number)[] => [
  ...key.slice(0, -1),
  String(n).padStart(String(key.at(-1)).length, "0"),
];

class Replay {
  #written = 0;
  #pagesWritten = 0;
  /** Customers' entries that wait for the next index commit. */
  #singles: Deno.KvMutation[] = [];

  constructor(private readonly kv: Deno.Kv, private readonly recorded: Recorded) {}

  /** One commit of orders, and one of the indexes when it is their turn. */
  async write(batch: number): Promise<void> {
    const { orders, shared, logBytesPerOrder, ordersPerPages } = this.recorded;
    const first = this.#written;
    this.#written += batch;
    let atomic = this.kv.atomic();
    for (const { key, value } of shared) atomic = atomic.set([...key], value);
    for (let n = first; n < first + batch; n++) {
      for (const write of orders[n % orders.length] ?? []) {
        const key = renamed(write.key, n);
        if (isSingle(write)) this.#singles.push({ type: "set", key, value: write.value });
        else atomic = atomic.set(key, write.value);
      }
    }
    const log = new Uint8Array(logBytesPerOrder * batch);
    for (let part = 1; part * valueBytes < log.length; part++) {
      const bytes = log.subarray(part * valueBytes, (part + 1) * valueBytes);
      atomic = atomic.set(["log_part", first, part], bytes);
    }
    atomic = atomic.set(["log", this.kv.commitVersionstamp()], log.subarray(0, valueBytes));
    await atomic.commit();
    const due = Math.min(ordersPerPages, mostSingles);
    if (this.#written - this.#pagesWritten >= due) await this.#index();
  }

  async #index(): Promise<void> {
    this.#pagesWritten = this.#written;
    let atomic = this.kv.atomic().mutate(...this.#singles.splice(0));
    for (const { key, value } of this.recorded.pages) {
      atomic = atomic.set(key[0] === "posting" ? renamed(key, this.#written) : [...key], value);
    }
    await atomic.commit();
  }
}

const drive = async (replay: Replay, batch: number, seconds: number): Promise<Measured> => {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const tally = new Tally(startMs);
  const writer = async () => {
    while (performance.now() < endMs) {
      const askedMs = performance.now();
      await replay.write(batch);
      const nowMs = performance.now();
      for (let i = 0; i < batch; i++) tally.add("accepted", nowMs - askedMs, nowMs);
    }
  };
  await Promise.all(Array.from({ length: commitsInFlight }, writer));
  return { ...tally.outcome(performance.now()), facts: { ordersPerCommit: batch } };
};

export const openCeiling = async (folder: string, run: string): Promise<Contender> => {
  const recorded = await record(`${folder}/recorded.sqlite3`, run);
  const kv = await Deno.openKv(`${folder}/ceiling.sqlite3`);
  const replay = new Replay(kv, recorded);
  let best = { batch: batchSizes[0] ?? 1, rate: 0 };
  for (const batch of batchSizes) {
    const { counts, seconds } = await drive(replay, batch, probeSeconds);
    const rate = counts.accepted / seconds;
    if (rate > best.rate) best = { batch, rate };
  }
  const bytes = (writes: readonly Write[]) =>
    writes.reduce((sum, { value }) => sum + value.length, 0);
  return {
    opened: {
      ordersPerCommit: best.batch,
      documentAndReferenceBytes: Math.round(
        bytes(recorded.orders.flat()) / Math.max(1, recorded.orders.length),
      ),
      logBytesPerOrder: recorded.logBytesPerOrder,
      ordersPerIndexCommit: recorded.ordersPerPages,
    },
    measure: ({ seconds }) => drive(replay, best.batch, seconds),
    close: () => kv.close(),
  };
};
