/**
 * The ledger: the process's group committer. It merges waiting units of work into one atomic commit, and it
 * alone writes keys that fences guard.
 */
import { NextTick } from "./next-tick.ts";
import { Context, Effect, Exit, Layer, Metric, Option } from "effect";
import type { Position, StoredLogEntry } from "../../src/store/log.ts";
import { Store, type StoreError, type Versionstamp } from "../../src/store/store.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Books } from "../balance/books.ts";
import { BusyPartitions } from "./busy-partitions.ts";
import { commitBatch, showOvertakenCommits } from "./commit-batch.ts";
import { CommitQueue } from "./commit-queue.ts";
import { Identifiers } from "./identifiers.ts";
import { joinRuns } from "./join-runs.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import { Offering } from "./offering.ts";
import { OwnWrites } from "./own-writes.ts";
import { makeLooks } from "./parcel-looks.ts";
import { makeOffers } from "./parcel-offers.ts";
import { Partitions } from "./partitions.ts";
import { refreshBalances } from "./refresh-balances.ts";
import type { TakenParcel } from "./take-parcels.ts";
import { Conflict, type Unit } from "./unit.ts";
import type { SubmitError, SubmittedUnit } from "./waiting.ts";
import { showRetriedCommits } from "./write-commit.ts";

export class Ledger extends Context.Service<Ledger, {
  /** Commits the unit whole or not at all; answers with the versionstamp, which is its log position. */
  readonly submit: (unit: Unit) => Effect.Effect<Versionstamp, SubmitError>;
  /** Ask before reading the keys that the unit's decision rests on, and put it into each `UnitRead`. */
  readonly generation: (partition: string) => Effect.Effect<number, StoreError>;
  /** The generation without an effect; undefined before the partition's first use. */
  readonly generationNow: (partition: string) => number | undefined;
  /**
   * Looks whether another process changed a balance since this one last looked, and drops stale rows; true
   * when there were any. Ask before refusing because a balance is short.
   */
  readonly refreshBalances: Effect.Effect<boolean, StoreError>;
  /**
   * Called with the log position of each commit with units of this process, in the tick in which it is known.
   */
  readonly onCommit: (listener: (position: Position) => void) => void;
  /** Called when nothing waits for a commit or is in flight any more. */
  readonly onRest: (listener: () => void) => void;
  /** Called with the entry that a commit will write to the log, before its outcome is known. */
  readonly onWrite: (listener: (entry: StoredLogEntry) => void) => void;
  /** Completes when nothing is waiting or in flight. */
  readonly drained: Effect.Effect<void>;
}>()("allot/Ledger") {
  static readonly layer = Layer.effect(
    Ledger,
    Effect.suspend(() => makeLedger),
  );
}

/** A parcel among the units of this process; one that cannot be committed is answered, or left as it is. */
const waitingFor = ({ bounce, ...parcel }: TakenParcel): SubmittedUnit => ({
  ...parcel,
  offers: 0,
  contends: false,
  settle: (exit) => {
    if (Exit.isSuccess(exit)) return;
    const error = Option.getOrNull(Exit.findErrorOption(exit));
    if (error instanceof Conflict) bounce(error.key);
    else parcel.drop();
  },
});

const makeParts = Effect.gen(function* () {
  const store = yield* Store;
  const subjects = yield* Subjects;
  const books = yield* Books;
  const identifiers = yield* Identifiers;
  const context = yield* Effect.context<Store>();
  const nextTick = yield* NextTick;
  const runFork = Effect.runForkWith(context);
  const offers = yield* makeOffers;
  const looks = yield* makeLooks({
    isOwn: (parcelId) => offers.isOwn(parcelId),
    take: (parcel) => queue.add(waitingFor(parcel)),
  });
  const ownWrites = new OwnWrites();
  const busy = new BusyPartitions();
  const partitions = new Partitions({ context, books, ownWrites, looks });
  const committed: ((position: Position) => void)[] = [];
  const rested: (() => void)[] = [];
  const writing: ((entry: StoredLogEntry) => void)[] = [];
  const offering = new Offering({
    offers,
    runFork,
    takeOver: (names, fences, rows) => partitions.takeOverWithRows(names, fences, rows),
    committed: (versionstamp) => {
      for (const listener of committed) listener(versionstamp);
    },
    putBack: (units) => queue.putBack(units),
    ended: () => queue.schedule(),
  });
  const queue: CommitQueue = new CommitQueue({
    limits: store.limits,
    subjects,
    busy,
    nextTick,
    runFork,
    commit: (batch, names) =>
      commitBatch(parts, batch, [...names].map((name) => partitions.of(name))),
    waitingForAnswer: () => offering.waitingForAnswer,
    rested: () => {
      for (const listener of rested) listener();
    },
  });
  const parts: LedgerParts = {
    store,
    identifiers,
    books,
    partitions,
    busy,
    queue,
    ownWrites,
    looks,
    offers,
    offering,
    committed,
    rested,
    writing,
  };
  return parts;
});

const waitingUnits = Metric.gauge("allot_ledger_waiting_units", {
  description: "Units of work that wait for a commit",
});

const commitsInFlight = Metric.gauge("allot_ledger_commits_in_flight", {
  description: "Commits that are being written",
});

/** Shows the queue whenever the metrics are read. */
const showQueue = Effect.fnUntraced(function* (queue: CommitQueue) {
  const context = yield* Effect.context<never>();
  const show = (gauge: Metric.Gauge<number>, read: () => number) =>
    Metric.registerUnsafe(gauge, context, {
      get: () => ({ value: read() }),
      update: () => undefined,
      modify: () => undefined,
    });
  const shown = [
    show(waitingUnits, () => queue.waiting),
    show(commitsInFlight, () => queue.inFlight),
  ];
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const registration of shown) registration.remove();
    })
  );
});

const makeLedger = Effect.gen(function* () {
  const { partitions, busy, queue, offers, committed, rested, writing } = yield* makeParts;
  yield* showQueue(queue);
  yield* Effect.all([showOvertakenCommits, showRetriedCommits]);
  const refresh = yield* joinRuns(Effect.suspend(() => refreshBalances(partitions, busy)));
  yield* Effect.addFinalizer(() => Effect.andThen(queue.drained, offers.clean));
  return Ledger.of({
    submit: (unit) => queue.submit(unit),
    generation: (name) => {
      const partition = partitions.of(name);
      return Effect.map(partitions.know([partition]), () => partition.generation);
    },
    generationNow: (name) => partitions.generationNow(name),
    refreshBalances: refresh,
    onCommit: (listener) => void committed.push(listener),
    onRest: (listener) => void rested.push(listener),
    onWrite: (listener) => void writing.push(listener),
    drained: queue.drained,
  });
});
