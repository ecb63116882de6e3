import { stockKey } from "../../src/stock/keys.ts";
import { Clock, Context, Effect, Exit, Layer, Metric, Option } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import { ledgerLimits, requestLimits } from "../../src/kernel/limits.ts";
import type { Position, StoredLogEntry } from "../../src/store/log.ts";
import {
  type Commit,
  type Entry,
  type Mutation,
  Store,
  type StoreError,
  type Versionstamp,
} from "../../src/store/store.ts";
import { type Key } from "../../src/kernel/key.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { buildCommit } from "./build-commit.ts";
import { isContended, restMs } from "./contention.ts";
import { fitsAlone, takeBatch, takeMore, waitingUnit } from "./batch.ts";
import { adopt, advance, makePartition, type Partition, readFences } from "./fences.ts";
import { Identifiers } from "./identifiers.ts";
import {
  makeOffering,
  partitionsOfParcels,
  type SubmitError,
  type Waiting,
  withoutClashes,
  withoutParcels,
} from "./offering.ts";
import { makeLooks } from "./parcel-looks.ts";
import { type LostRaces, makeOffers } from "./parcel-offers.ts";
import { StockBook } from "../balance/stock-book.ts";
import { Conflict, Overloaded, TooLarge, type Unit } from "./unit.ts";
import { NextTick } from "./next-tick.ts";
import { OwnWrites } from "./own-writes.ts";
import { joinRuns } from "./join-runs.ts";
import { WorkingStock } from "../balance/working-stock.ts";
import { backOff, writeCommit } from "./write-commit.ts";

/** Commits waiting to be written carry this many units; see `/metrics`. */
const unitsPerCommit = Metric.histogram("allot_ledger_units_per_commit", {
  description: "Units of work merged into one commit",
  boundaries: [1, 2, 4, 8, 16, 32, 64, 128, 256],
});
const overtakenCommits = Metric.counter("allot_ledger_overtaken_commits_total", {
  description: "Commits that had to be rebuilt because another process wrote first",
  incremental: true,
});
/**
 * The process's group committer: merges waiting units of work into one atomic commit, and is the only one
 * that writes what fences guard. While one commit is in flight the next gathers; several are in flight when
 * they share no fence.
 */
export class Ledger extends Context.Service<Ledger, {
  /** Commits the unit whole or not at all; answers with the versionstamp, which is its log position. */
  readonly submit: (unit: Unit) => Effect.Effect<Versionstamp, SubmitError>;
  /** Ask before reading what the unit's decision rests on, and put it into each `UnitRead`. */
  readonly generation: (partition: string) => Effect.Effect<number, StoreError>;
  /** The same without an effect; undefined before the partition's first use. */
  readonly generationNow: (partition: string) => number | undefined;
  /**
   * Looks whether another process changed stock since this one last looked, and drops what is stale; true
   * when anything was. Ask before refusing for want of stock.
   */
  readonly refreshStock: Effect.Effect<boolean, StoreError>;
  /**
   * Called with the log position of each commit with units of this process, in the tick in which it is known.
   */
  readonly onCommit: (listener: (position: Position) => void) => void;
  /** Called with what a commit will write to the log, before it is known whether it does. */
  readonly onWrite: (listener: (entry: StoredLogEntry) => void) => void;
  /** Completes when nothing is waiting or in flight. */
  readonly drained: Effect.Effect<void>;
}>()("allot/Ledger") {
  static readonly layer = Layer.effect(
    Ledger,
    Effect.suspend(() => makeLedger),
  );
}

const locationPrefix = "location:";
const isLocation = (name: string): boolean => name.startsWith(locationPrefix);

const makeLedger = Effect.gen(function* () {
  const store = yield* Store;
  const book = yield* StockBook;
  const identifiers = yield* Identifiers;
  const subjects = yield* Subjects;
  const context = yield* Effect.context<Store>();
  const nextTick = yield* NextTick;
  const runFork = Effect.runForkWith(context);
  const offers = yield* makeOffers;
  const ownWrites = new OwnWrites();
  const looks = yield* makeLooks({
    isOwn: offers.isOwn,
    kinds: subjects,
    take: ({ bounce, ...parcel }) => {
      waiting.push({
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
      schedule();
    },
  });

  const partitions = new Map<string, Partition>();
  const waiting: Waiting[] = [];
  const busy = new Set<string>();
  /** Of those, the ones whose units are being offered to others: no commit of ours is under way there. */
  const offering = new Set<string>();
  const listeners: ((position: Position) => void)[] = [];
  const writeListeners: ((entry: StoredLogEntry) => void)[] = [];
  const idle: (() => void)[] = [];
  /** Told of partitions that are no longer busy; those that answer true are done. */
  let releases: ((names: ReadonlySet<string>) => boolean)[] = [];
  let inFlight = 0;
  let scheduled = false;

  const partitionOf = (name: string): Partition => {
    let partition = partitions.get(name);
    if (partition === undefined) {
      partition = makePartition(name);
      partitions.set(name, partition);
    }
    return partition;
  };

  /** Takes over fences as read; what was cached of a changed partition is dropped. */
  const takeOver = (read: readonly Partition[], fences: readonly Entry[]): boolean => {
    const changed = adopt(read, fences);
    ownWrites.lost(changed);
    for (const { name } of changed) {
      if (name.startsWith(locationPrefix)) book.invalidate(name.slice(locationPrefix.length));
      looks.sawOthers(name);
    }
    return changed.length > 0;
  };

  const refreshed = (stale: readonly Partition[]) =>
    Effect.map(
      Effect.provideContext(readFences(stale), context),
      (fences) => takeOver(stale, fences),
    );

  const known = (touched: readonly Partition[]) => {
    const unknown = touched.filter((partition) => !partition.known);
    return unknown.length === 0 ? Effect.void : Effect.asVoid(refreshed(unknown));
  };

  const bounce = (unit: Waiting, detail: string): void =>
    unit.settle(Exit.fail(new Conflict({ detail })));

  /** Keeps the units whose reads still hold; the others decide again. */
  const revalidate = Effect.fnUntraced(function* (batch: readonly Waiting[]) {
    const isStale = (read: Unit["reads"][number]) =>
      read.generation !== partitionOf(read.partition).generation;
    const stale = batch.flatMap((item) =>
      ownWrites.untouched(item) ? [] : item.unit.reads.filter(isStale)
    );
    if (stale.length === 0) return batch;
    const entries = yield* store.getMany(stale.map(({ key }) => key));
    const changed = new Set(
      stale.filter((read, index) => entries[index]?.versionstamp !== read.versionstamp),
    );
    return batch.filter((waiting) => {
      const read = waiting.unit.reads.find((read) => changed.has(read));
      if (read === undefined) return true;
      const detail = "Another process changed what this was decided upon.";
      waiting.settle(Exit.fail(new Conflict({ detail, key: read.key })));
      return false;
    });
  });

  /** The batch's stock deltas as absolute rows; units that no longer fit the stock bounce. */
  const applyStock = Effect.fnUntraced(function* (batch: readonly Waiting[]) {
    const rows = batch.flatMap(({ unit }) => unit.stock);
    while (rows.some(({ locationId, sku }) => book.row(locationId, sku) === undefined)) {
      yield* book.load(rows);
    }
    const working = new WorkingStock((locationId, sku) => book.row(locationId, sku));
    const kept = batch.filter((waiting) => {
      const fits = working.apply(waiting.unit);
      if (!fits) bounce(waiting, "The stock it was decided upon is gone.");
      return fits;
    });
    return { kept, rows: working.changed() };
  });

  const bouncePresent = (
    batch: readonly Waiting[],
    found: ReadonlySet<Key>,
  ): readonly Waiting[] =>
    batch.filter(({ unit, claim, settle }) => {
      // Its owner has taken it back, or somebody else has answered it.
      if (claim !== undefined) return !found.has(claim.key);
      const key = unit.absent?.find((each) => found.has(each));
      if (key === undefined) return true;
      settle(Exit.fail(new Conflict({ detail: "This exists already.", key })));
      return false;
    });

  /** Parcels of partitions that this process does not hold any more. */
  const leaveParcels = (): void => {
    const kept = waiting.filter(({ drop, partitions }) => {
      if (drop === undefined || looks.holds(partitions)) return true;
      drop();
      return false;
    });
    waiting.splice(0, waiting.length, ...kept);
  };

  const write = (
    commitId: string,
    commit: Commit,
    batch: readonly Waiting[],
    seen: readonly Partition[],
  ) =>
    Effect.tapError(
      Effect.provideContext(writeCommit(commitId, commit, batch, seen), context),
      () =>
        Effect.sync(() => {
          // Nothing of these partitions may be believed any more: the commit may still arrive.
          ownWrites.lost(seen);
          for (const { name } of seen) partitionOf(name).known = false;
        }),
    );

  /** After losing to another process: what came meanwhile goes along. Adds it to `all`, too. */
  const withMore = (
    batch: readonly Waiting[],
    all: Waiting[],
    touched: readonly Partition[],
  ): readonly Waiting[] => {
    const names = new Set(touched.map(({ name }) => name));
    const more = takeMore(waiting, batch, names, store.limits);
    all.push(...more);
    return more.length === 0 ? batch : [...batch, ...more];
  };

  const offered = makeOffering({
    offers,
    run: (effect) => void runFork(effect),
    takeOver: (names, fences, rows) => {
      const read = names.map(partitionOf);
      takeOver(read, fences);
      // Read meanwhile by others, the fences may be younger than the rows.
      if (read.some(({ version }, index) => version !== fences[index]?.versionstamp)) return;
      for (const { value } of rows) if (value !== null) book.settle(decodeJson<StockRow>(value));
    },
    committed: (versionstamp) => {
      for (const listener of listeners) listener(versionstamp);
    },
    putBack: (units) => void waiting.unshift(...units),
    ended: () => schedule(),
  });

  /** Ends with how long others should go first, milliseconds. */
  const commitBatch = Effect.fnUntraced(function* (
    all: Waiting[],
    touched: readonly Partition[],
  ) {
    let batch: readonly Waiting[] = all;
    let lost: LostRaces = { place: undefined, times: 0, served: false };
    // What was known before this process rested is not so any more: a look costs less than a lost commit.
    const locations = touched.map(({ name }) => name).filter(isLocation);
    // While they leave parcels, others do not write here.
    const mayBeStale = !looks.holds(locations) && offers.placeFor(touched, lost) === undefined;
    if (mayBeStale && (yield* isContended(touched))) yield* refreshed(touched);
    for (let rebase = 0; rebase < ledgerLimits.rebases; rebase++) {
      yield* known(touched);
      // What this try rests on. Should somebody else find the fences changed meanwhile, the commit must fail.
      const seen = touched.map((partition) => ({ ...partition }));
      // Both after the fences were read, and so as young as they must be; and together, for a store far away.
      const rowsOfBatch = batch.flatMap(({ unit }) => unit.stock);
      [batch] = yield* Effect.all([revalidate(batch), book.load(rowsOfBatch)], {
        concurrency: "unbounded",
      });
      const { kept, rows } = yield* applyStock(withoutClashes(batch));
      batch = kept;
      if (batch.length === 0) return 0;
      const place = offers.placeFor(touched, lost);
      if (place !== undefined) {
        for (const { name } of touched) offering.add(name);
        const left = yield* offered.offer(place, withoutParcels(batch), lost.times > 0);
        for (const { name } of touched) offering.delete(name);
        lost = { ...lost, times: 0 };
        // What becomes of the others is not for this commit to say.
        if (left.length < batch.length) all.splice(0, all.length, ...left);
        if (left.length === 0) return 0;
        if (left.length < batch.length) {
          batch = left;
          continue;
        }
      }
      const commitId = identifiers.commitId();
      const writes = rows.map((row): Mutation => ({
        type: "set",
        key: stockKey(row.locationId, row.sku),
        value: encodeJson(row),
      }));
      const nowMs = yield* Clock.currentTimeMillis;
      const entry: StoredLogEntry = {
        commitId,
        at: instantOf(nowMs),
        records: batch.flatMap(({ unit }) => unit.records),
      };
      for (const listener of writeListeners) listener(entry);
      const serving = looks.serving(locations);
      const written = yield* write(
        commitId,
        buildCommit(store, {
          commitId,
          atMs: nowMs,
          units: batch,
          touched: seen,
          stockWrites: writes,
          serving,
        }),
        batch,
        seen,
      );
      if (written._tag === "Committed") {
        const { versionstamp } = written;
        for (const partition of touched) advance(partition, commitId, versionstamp);
        if (serving.length > 0) ownWrites.committed(touched, versionstamp, batch);
        else ownWrites.lost(touched);
        // What others have changed in this very commit, this process has not seen.
        for (const name of partitionsOfParcels(batch)) partitionOf(name).generation++;
        for (const row of rows) book.settle(row);
        // Rows and holds change in one tick: nobody sees the units twice or not at all.
        for (const { unit } of batch) unit.onSettled?.(true);
        for (const { settle } of batch) settle(Exit.succeed(versionstamp));
        for (const listener of listeners) listener(versionstamp);
        const endedMs = yield* Clock.currentTimeMillis;
        yield* looks.committed(locations, serving, endedMs - nowMs);
        yield* Metric.update(unitsPerCommit, batch.reduce((sum, { units }) => sum + units, 0));
        return serving.length === 0 && (yield* isContended(touched)) ? yield* restMs(nowMs) : 0;
      }
      if (written._tag === "Present") {
        batch = bouncePresent(batch, written.keys);
        continue;
      }
      yield* Metric.update(overtakenCommits, 1);
      takeOver(touched, written.fences);
      const winner = touched.find(({ name }, index) =>
        isLocation(name) && written.fences[index]?.versionstamp !== seen[index]?.version
      );
      lost = winner === undefined
        ? { ...lost, times: 0 }
        : { place: winner.name, times: lost.times + 1, served: winner.serves };
      for (const partition of touched) partition.contendedAtMs = nowMs;
      batch = withoutParcels(batch);
      leaveParcels();
      if (rebase >= ledgerLimits.promptRebases) {
        yield* backOff(Math.min(rebase, ledgerLimits.rebaseBackoffSteps));
      }
      batch = withMore(batch, all, touched);
    }
    for (const waiting of batch) bounce(waiting, "Other processes keep writing here first.");
    return 0;
  });

  const release = (names: ReadonlySet<string>): void => {
    for (const name of names) busy.delete(name);
    releases = releases.filter((each) => !each(names));
  };

  const isIdle = (): boolean =>
    inFlight === 0 && waiting.length === 0 && offered.waitingForAnswer() === 0;

  const dispatch = (): void => {
    scheduled = false;
    while (inFlight < ledgerLimits.commitsInFlight) {
      const batch = takeBatch(waiting, busy, store.limits);
      if (batch.length === 0) break;
      const names = new Set(batch.flatMap((item) => item.partitions));
      for (const name of names) busy.add(name);
      inFlight++;
      runFork(
        Effect.uninterruptible(commitBatch(batch, [...names].map(partitionOf))),
      ).addObserver((exit) => {
        inFlight--;
        if (Exit.isSuccess(exit) && exit.value > 0) {
          runFork(Effect.andThen(
            Effect.sleep(exit.value),
            Effect.sync(() => {
              release(names);
              schedule();
            }),
          ));
        } else release(names);
        if (Exit.isFailure(exit)) {
          // Units that were settled before do not listen any more.
          for (const { settle } of batch) settle(Exit.failCause(exit.cause));
        }
        // Another such commit waits already: it need not wait for what those say who are answered now.
        if (waiting.length >= batch.length) dispatch();
        else schedule();
      });
    }
    if (isIdle()) { for (const done of idle.splice(0)) done(); }
  };

  /** A whole tick gathers before the commit starts: requests that arrive together commit together. */
  const schedule = (): void => {
    if (scheduled || inFlight >= ledgerLimits.commitsInFlight) return;
    scheduled = true;
    nextTick(dispatch);
  };

  /** Waits until the commits under way at these partitions have ended. */
  const settled = (names: readonly string[]) =>
    Effect.callback<void>((resume) => {
      const pending = new Set(names.filter((name) => busy.has(name)));
      if (pending.size === 0) return resume(Effect.void);
      releases.push((released) => {
        for (const name of released) pending.delete(name);
        if (pending.size > 0) return false;
        resume(Effect.void);
        return true;
      });
    });

  const submit = (unit: Unit) =>
    Effect.uninterruptible(Effect.callback<Versionstamp, SubmitError>((resume) => {
      let settled = false;
      const item: Waiting = {
        ...waitingUnit(unit, subjects),
        offers: 0,
        contends: false,
        settle: (exit) => {
          if (settled) return;
          settled = true;
          if (Exit.isFailure(exit)) unit.onSettled?.(false);
          resume(exit);
        },
      };
      if (waiting.length >= ledgerLimits.waitingUnits) {
        const { retryAfterSeconds } = requestLimits;
        item.settle(Exit.fail(new Overloaded({ what: "changes to commit", retryAfterSeconds })));
      } else if (!fitsAlone(item, store.limits)) {
        const detail = "This is more than the store can change at once; divide it.";
        item.settle(Exit.fail(new TooLarge({ detail })));
      } else {
        waiting.push(item);
        schedule();
      }
    }));

  /** One look at all known locations serves everybody who asks before it begins. */
  const refreshStock = yield* joinRuns(Effect.gen(function* () {
    // Those too of which a commit of unknown fate left nothing known: their rows are still in memory.
    const locations = [...partitions.values()].filter(({ name, generation }) =>
      generation > 0 && name.startsWith(locationPrefix)
    );
    const isInUse = ({ name }: Partition) => busy.has(name) && !offering.has(name);
    const inUse = locations.filter(isInUse);
    // A commit of our own that is under way will itself tell whether others wrote there.
    const before = inUse.map(({ generation }) => generation);
    if (inUse.length > 0) yield* settled(inUse.map(({ name }) => name));
    const changed = yield* refreshed(locations.filter((each) => !isInUse(each)));
    return changed || inUse.some(({ generation }, index) => generation !== before[index]);
  }));

  const drained = Effect.callback<void>((resume) => {
    if (isIdle()) resume(Effect.void);
    else idle.push(() => resume(Effect.void));
  });

  yield* Effect.addFinalizer(() => Effect.andThen(drained, offers.clean));

  return Ledger.of({
    submit,
    generation: (name) => {
      const partition = partitionOf(name);
      return Effect.map(known([partition]), () => partition.generation);
    },
    generationNow: (name) => {
      const partition = partitions.get(name);
      return partition?.known ? partition.generation : undefined;
    },
    refreshStock,
    onCommit: (listener) => void listeners.push(listener),
    onWrite: (listener) => void writeListeners.push(listener),
    drained,
  });
});
