/**
 * One batch of units of work on its way into a commit: it is checked against the writes of other processes,
 * turned into rows and writes, and committed. Where others were first it is built again, or left to them.
 */
import { Clock, Effect, Exit, Metric } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { ledgerLimits } from "./limits.ts";
import type { StoredLogEntry } from "../../src/store/log.ts";
import type { Entry, Store, StoreError, Versionstamp } from "../../src/store/store.ts";
import { type WorkingRow, WorkingRows } from "../balance/working-rows.ts";
import { traced } from "../tracing/spans.ts";
import { correlationsOf } from "./batch.ts";
import { buildCommit } from "./build-commit.ts";
import { isContended, restMs } from "./contention.ts";
import { advance, type Partition } from "./fences.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import { type LostRaces, noneLost } from "./parcel-offers.ts";
import { Conflict, type Unavailable, type UnitRead } from "./unit.ts";
import {
  bounce,
  partitionsOfParcels,
  type SubmittedUnit,
  withoutClashes,
  withoutParcels,
} from "./waiting.ts";
import { backOff, writeCommit, type Written } from "./write-commit.ts";

const unitsPerCommit = Metric.histogram("allot_ledger_units_per_commit", {
  description: "Units of work merged into one commit",
  boundaries: [1, 2, 4, 8, 16, 32, 64, 128, 256],
});
const overtakenCommits = Metric.counter("allot_ledger_overtaken_commits_total", {
  description: "Commits that had to be rebuilt because another process wrote first",
  incremental: true,
});

/** Shows that there were none yet: a rate needs a beginning. */
export const showOvertakenCommits: Effect.Effect<unknown> = Metric.value(overtakenCommits);

/** One batch, for all tries to commit it. */
interface CommitRun {
  /** The units that the end of this run answers; units that were left to others are not among them. */
  readonly all: SubmittedUnit[];
  readonly touched: readonly Partition[];
  /** Names of the partitions that guard balances. */
  readonly guards: readonly string[];
  /** The units of the next try. */
  batch: readonly SubmittedUnit[];
  lost: LostRaces;
}

/** The fences that one try rests on, and the rows as its units leave them. */
interface PreparedTry {
  /** Copies: should somebody else find the fences changed meanwhile, the commit must fail. */
  readonly seen: readonly Partition[];
  readonly rows: readonly WorkingRow[];
}

/** The commit of one try. */
interface WrittenTry {
  readonly commitId: string;
  /** Epoch milliseconds. */
  readonly startedMs: number;
  /** Names of partitions where this process has told others that it looks for parcels. */
  readonly serving: readonly string[];
  readonly written: Written;
}

/** Commits a batch; ends with how long others should go first, in milliseconds. */
export const commitBatch = Effect.fnUntraced(function* (
  parts: LedgerParts,
  all: SubmittedUnit[],
  touched: readonly Partition[],
): Effect.fn.Return<number, StoreError | Unavailable, Store> {
  const guards = touched.filter(({ isGuard }) => isGuard).map(({ name }) => name);
  const run: CommitRun = { all, touched, guards, batch: all, lost: noneLost };
  yield* lookFirst(parts, run);
  for (let rebase = 0; rebase < ledgerLimits.rebases; rebase++) {
    const prepared = yield* prepare(parts, run);
    if (run.batch.length === 0) return 0;
    const place = parts.offers.placeFor(touched, run.lost);
    if (place !== undefined && (yield* leaveToOthers(parts, run, place))) {
      if (run.batch.length === 0) return 0;
      continue;
    }
    const tried = yield* write(parts, run, prepared);
    const { written } = tried;
    if (written._tag === "Committed") {
      settle(parts, run, prepared.rows, tried.commitId, written.versionstamp, tried.serving);
      return yield* afterCommit(parts, run, tried, written.versionstamp);
    }
    if (written._tag === "Present") {
      run.batch = withoutPresent(run.batch, written.keys);
      continue;
    }
    if (written._tag === "TooManyChecks") {
      parts.queue.bounceLarge();
      break;
    }
    yield* afterLoss(parts, run, prepared.seen, written.fences, tried.startedMs);
    if (rebase >= ledgerLimits.promptRebases) {
      yield* backOff(Math.min(rebase, ledgerLimits.rebaseBackoffSteps));
    }
    joinMore(parts, run);
  }
  const detail = "Other processes keep writing here first, or the store takes less at once.";
  for (const waiting of run.batch) bounce(waiting, detail);
  return 0;
});

/** Looks at contended fences: a look costs less than a commit that loses. */
const lookFirst = Effect.fnUntraced(function* (
  { looks, offers, partitions }: LedgerParts,
  { touched, guards, lost }: CommitRun,
) {
  // While others leave parcels, they do not write here. Otherwise they wrote while this process rested.
  const mayBeStale = !looks.holds(guards) && offers.placeFor(touched, lost) === undefined;
  if (mayBeStale && (yield* isContended(touched))) yield* partitions.refresh(touched);
});

/**
 * Leaves in the run's batch the units that still hold, with all their rows known. A unit gives back what memory
 * does not know to be promised where another process promised it since: so units that do not fit are looked at
 * once more, on rows as they are.
 */
const prepare = Effect.fnUntraced(function* (
  parts: LedgerParts,
  run: CommitRun,
  hasLooked = !parts.store.shared,
): Effect.fn.Return<PreparedTry, StoreError> {
  yield* parts.partitions.know(run.touched);
  const seen = run.touched.map((partition) => ({ ...partition }));
  // Both after the fences were read, and so as young as they must be; and together, for a store far away.
  const changes = run.batch.flatMap(({ unit }) => unit.balances);
  const [valid] = yield* Effect.all([
    revalidate(parts, run.batch),
    parts.books.loadRowsOf(changes),
  ], { concurrency: "unbounded" });
  run.batch = withoutClashes(valid);
  const { kept, unfit, rows } = yield* applyBalances(parts, run.batch);
  if (unfit.length > 0 && !hasLooked && (yield* parts.partitions.refresh(run.touched))) {
    return yield* prepare(parts, run, true);
  }
  for (const waiting of unfit) bounce(waiting, "What it was to take is gone.");
  run.batch = kept;
  return { seen, rows };
});

/** Keeps the units whose reads still hold; the others decide again. */
const revalidate = Effect.fnUntraced(function* (
  { store, ownWrites, partitions }: LedgerParts,
  batch: readonly SubmittedUnit[],
) {
  const isStale = (read: UnitRead) => read.generation !== partitions.of(read.partition).generation;
  const stale = batch.flatMap((item) =>
    ownWrites.untouched(item) ? [] : item.unit.reads.filter(isStale)
  );
  if (stale.length === 0) return batch;
  const entries = yield* store.getMany(stale.map(({ key }) => key));
  const changed = new Set(
    stale.filter((read, index) => entries[index]?.versionstamp !== read.versionstamp),
  );
  return batch.filter(({ unit, settle }) => {
    const read = unit.reads.find((each) => changed.has(each));
    if (read === undefined) return true;
    const detail = "Another process changed what this was decided upon.";
    settle(Exit.fail(new Conflict({ detail, key: read.key })));
    return false;
  });
});

/** The batch's deltas as rows, and the units after which a row would not be sound. */
const applyBalances = Effect.fnUntraced(function* (
  { books }: LedgerParts,
  batch: readonly SubmittedUnit[],
) {
  const changes = batch.flatMap(({ unit }) => unit.balances);
  while (!books.hasRowsOf(changes)) yield* books.loadRowsOf(changes);
  const working = new WorkingRows(books);
  const unfit: SubmittedUnit[] = [];
  const kept = batch.filter((waiting) => {
    const fits = working.apply(waiting.unit);
    if (!fits) unfit.push(waiting);
    return fits;
  });
  return { kept, unfit, rows: working.changed() };
});

/** Offers the batch to the process that holds a place; answers whether any units went. */
const leaveToOthers = Effect.fnUntraced(function* (
  { busy, offering }: LedgerParts,
  run: CommitRun,
  place: string,
) {
  const names = run.touched.map(({ name }) => name);
  busy.beginOffering(names);
  const left = yield* offering.offer(place, withoutParcels(run.batch), run.lost.times > 0);
  busy.endOffering(names);
  run.lost = { ...run.lost, times: 0 };
  if (left.length === run.batch.length) return false;
  // The answers of units that went are not for this run to give.
  run.all.splice(0, run.all.length, ...left);
  run.batch = left;
  return true;
});

const write = Effect.fnUntraced(function* (
  { store, identifiers, looks, partitions, writing }: LedgerParts,
  { batch, guards }: CommitRun,
  { seen, rows }: PreparedTry,
): Effect.fn.Return<WrittenTry, Unavailable, Store> {
  const commitId = identifiers.commitId();
  const startedMs = yield* Clock.currentTimeMillis;
  const correlations = correlationsOf(batch);
  const entry: StoredLogEntry = {
    commitId,
    at: instantOf(startedMs),
    records: batch.flatMap(({ unit }) => unit.records),
    ...(correlations === undefined ? {} : { correlations }),
  };
  for (const listener of writing) listener(entry);
  const serving = looks.serving(guards);
  const commit = buildCommit(store, {
    commitId,
    atMs: startedMs,
    units: batch,
    touched: seen,
    rows,
    serving,
  });
  const written = yield* Effect.tapError(
    traced(
      "commit",
      { attributes: { "allot.units": batch.length, "allot.records": entry.records.length } },
      writeCommit(commitId, commit, batch, seen),
    ),
    () => Effect.sync(() => partitions.doubt(seen)),
  );
  return { commitId, startedMs, serving, written };
});

/** Takes a commit into memory and answers its units. Rows and holds change in one tick, or units count twice. */
const settle = (
  { committed, ownWrites, partitions }: LedgerParts,
  { batch, touched }: CommitRun,
  rows: readonly WorkingRow[],
  commitId: string,
  versionstamp: Versionstamp,
  serving: readonly string[],
): void => {
  for (const partition of touched) advance(partition, commitId, versionstamp);
  if (serving.length > 0) ownWrites.committed(touched, versionstamp, batch);
  else ownWrites.lost(touched);
  // This process has not seen the changes of others in this very commit.
  for (const name of partitionsOfParcels(batch)) partitions.of(name).generation++;
  for (const { book, space, row, value } of rows) book.settle(space, row, value);
  for (const { unit } of batch) unit.onSettled?.(true);
  for (const { settle } of batch) settle(Exit.succeed(versionstamp));
  for (const listener of committed) listener(versionstamp);
};

/** Looks for parcels when it is time to; ends with how long others should go first, in milliseconds. */
const afterCommit = Effect.fnUntraced(function* (
  { looks }: LedgerParts,
  { batch, guards, touched }: CommitRun,
  { startedMs, serving }: WrittenTry,
  versionstamp: Versionstamp,
) {
  const endedMs = yield* Clock.currentTimeMillis;
  const commit = { versionstamp, beganAtMs: startedMs, tookMs: endedMs - startedMs };
  yield* looks.committed(guards, serving, commit);
  yield* Metric.update(unitsPerCommit, batch.reduce((sum, { units }) => sum + units, 0));
  return serving.length === 0 && (yield* isContended(touched)) ? yield* restMs(startedMs) : 0;
});

/** Keeps the units whose absent keys are absent, and the parcels that are as they were offered. */
const withoutPresent = (
  batch: readonly SubmittedUnit[],
  found: ReadonlySet<Key>,
): readonly SubmittedUnit[] =>
  batch.filter(({ unit, claim, settle }) => {
    // Its owner has taken it back, or somebody else has answered it.
    if (claim !== undefined) return !found.has(claim.key);
    const key = unit.absent?.find((each) => found.has(each));
    if (key === undefined) return true;
    settle(Exit.fail(new Conflict({ detail: "This exists already.", key })));
    return false;
  });

/** Notes who was first, and leaves the parcels of others to that process. */
const afterLoss = Effect.fnUntraced(function* (
  { looks, partitions, queue }: LedgerParts,
  run: CommitRun,
  seen: readonly Partition[],
  fences: readonly Entry[],
  startedMs: number,
) {
  yield* Metric.update(overtakenCommits, 1);
  const { touched } = run;
  partitions.takeOver(touched, fences);
  const winner = touched.find(({ isGuard }, index) =>
    isGuard && fences[index]?.versionstamp !== seen[index]?.version
  );
  run.lost = winner === undefined
    ? { ...run.lost, times: 0 }
    : { place: winner.name, times: run.lost.times + 1, served: winner.serves };
  for (const partition of touched) partition.contendedAtMs = startedMs;
  run.batch = withoutParcels(run.batch);
  queue.leaveParcels((names) => looks.holds(names));
});

/** Takes along units that came meanwhile. */
const joinMore = ({ queue }: LedgerParts, run: CommitRun): void => {
  const more = queue.takeMore(run.batch, new Set(run.touched.map(({ name }) => name)));
  if (more.length === 0) return;
  run.all.push(...more);
  run.batch = [...run.batch, ...more];
};
