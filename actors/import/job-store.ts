/**
 * An import's state and results in the store. They change nothing that orders or stock rest on, so they are
 * written straight to the store, checked on the job's own key: one fiber writes a job, and by the version in
 * the job it knows its own write when the store's answer was lost.
 */
import { importKeys } from "../../src/import/keys.ts";
import { Clock, Data, Duration, Effect, Schedule, Semaphore } from "effect";
import { below, type Key } from "../../src/kernel/key.ts";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import { importLimits } from "../../src/import/limits.ts";
import type { ImportJob, RowOutcome, RowResult } from "../../src/import/job.ts";
import { keys } from "../../src/store/keys.ts";
import { type Mutation, Store, type StoreError, type Versionstamp } from "../../src/store/store.ts";
import { packValue, readValue, splitValue, valueOf } from "../../src/store/values.ts";

/** Somebody else wrote the job: never by this code, so the job is given up rather than fought over. */
export class JobOvertaken extends Data.TaggedError("JobOvertaken")<{ readonly importId: string }> {}

type Change = Partial<Omit<ImportJob, "id" | "version" | "updatedAt">>;

export interface JobWriter {
  readonly job: () => ImportJob;
  /** Saves the change with a page of results, if there is one. */
  readonly save: (
    change: () => Change,
    page?: readonly RowResult[],
  ) => Effect.Effect<ImportJob, StoreError | JobOvertaken>;
}

const expireInMs = importLimits.retentionMs;

const pageWrites = (
  importId: string,
  page: number,
  rows: readonly RowResult[],
  valueBytes: number,
  stamp: string,
): readonly Mutation[] => {
  const key = importKeys.results(importId, page);
  const { head, mutations } = splitValue(packValue(rows), {
    valueBytes,
    stamp,
    previousParts: 0,
    partKey: (n) => keys.part(key, n),
  });
  return [
    { type: "set", key, value: head, expireInMs },
    ...mutations.map((mutation): Mutation =>
      mutation.type === "set" ? { ...mutation, expireInMs } : mutation
    ),
  ];
};

const isFull = (error: StoreError | JobOvertaken): boolean =>
  error._tag === "StoreError" && error.reason === "full";

const trying = {
  times: importLimits.saveTries,
  schedule: Schedule.exponential(Duration.millis(importLimits.placeBackoffMs)).pipe(
    Schedule.jittered,
    Schedule.modifyDelay(({ duration }) =>
      Effect.succeed(Duration.min(duration, Duration.millis(importLimits.placeBackoffCapMs)))
    ),
  ),
  while: (error: StoreError | JobOvertaken) => error._tag === "StoreError",
};

/** Nothing has been read of an import that begins: where there is no room, its sender should hear of it now. */
const tryingToBegin = {
  ...trying,
  while: (error: StoreError | JobOvertaken) => trying.while(error) && !isFull(error),
};

/** Begins a job: it is in the store when this returns. */
export const createJob = Effect.fnUntraced(function* (first: ImportJob) {
  const store = yield* Store;
  const writing = yield* Semaphore.make(1);
  const key = importKeys.job(first.id);
  let job = first;
  let versionstamp: Versionstamp | null = null;

  /** Not to be interrupted between the commit and the note of it: the next write would be taken for this one. */
  const write = (next: ImportJob, more: readonly Mutation[]) =>
    Effect.uninterruptible(Effect.gen(function* () {
      const result = yield* store.commit({
        checks: [{ key, versionstamp }],
        mutations: [{ type: "set", key, value: packValue(next), expireInMs }, ...more],
      });
      if (result.ok) {
        versionstamp = result.versionstamp;
      } else {
        const stored = yield* Effect.provideService(readValue<ImportJob>(key), Store, store);
        if (stored?.value.version !== next.version) {
          return yield* new JobOvertaken({ importId: first.id });
        }
        versionstamp = stored.versionstamp;
      }
      job = next;
    }));

  yield* Effect.retry(write(first, []), tryingToBegin);
  const writer: JobWriter = {
    job: () => job,
    save: (change, page) =>
      writing.withPermit(Effect.gen(function* () {
        const updatedAt = instantOf(yield* Clock.currentTimeMillis);
        const version = job.version + 1;
        const next: ImportJob = {
          ...job,
          ...change(),
          ...(page === undefined ? {} : { resultPages: job.resultPages + 1 }),
          updatedAt,
          version,
        };
        const more = page === undefined
          ? []
          : pageWrites(job.id, job.resultPages, page, store.limits.valueBytes, String(version));
        yield* Effect.retry(write(next, more), trying);
        return next;
      })),
  };
  return writer;
});

export const readJob = (importId: string) =>
  Effect.map(readValue<ImportJob>(importKeys.job(importId)), (stored) => stored?.value ?? null);

export interface JobQuery {
  /** Only those of one of these channels. */
  readonly channel?: readonly string[] | undefined;
  /** Only those whose last change was then. */
  readonly isUpdated?: (at: Instant) => boolean;
  readonly limit: number;
  /** The id of the last job of the page before. */
  readonly after?: string | undefined;
}

export interface JobPage {
  readonly data: readonly ImportJob[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

const isAsked = ({ channel, updatedAt }: ImportJob, query: JobQuery): boolean =>
  (query.channel === undefined || (channel !== null && query.channel.includes(channel))) &&
  (query.isUpdated === undefined || query.isUpdated(updatedAt));

/** Jobs, newest first. A page of some of them may be short or even empty and still have a next one. */
export const listJobs = Effect.fnUntraced(function* (
  query: JobQuery,
): Effect.fn.Return<JobPage, StoreError, Store> {
  const store = yield* Store;
  const { limit, after } = query;
  const data: ImportJob[] = [];
  const { start, end: last } = below(importKeys.job("").slice(0, 1));
  let end: Key = after === undefined ? last : importKeys.job(after);
  for (let scanned = 0; scanned < importLimits.jobsScannedPerPage;) {
    const entries = yield* store.list({
      ...{ start, end, reverse: true },
      limit: importLimits.jobsPerRead,
    });
    for (const entry of entries) {
      const job = (yield* valueOf<ImportJob>(entry))?.value;
      end = entry.key;
      if (job === undefined || !isAsked(job, query)) continue;
      if (data.length >= limit) return { data, next: data.at(-1)?.id ?? null };
      data.push(job);
    }
    if (entries.length < importLimits.jobsPerRead) return { data, next: null };
    scanned += entries.length;
  }
  return { data, next: String(end[1]) };
});

/** The job never was: nothing of its file could be read. */
export const discardJob = (importId: string) =>
  Effect.flatMap(Store, (store) =>
    store.commit({
      checks: [],
      mutations: [{ type: "delete", key: importKeys.job(importId) }],
    }));

/** A place in the results: a page and a row in it. */
export interface ResultPosition {
  readonly page: number;
  readonly row: number;
}

export interface ResultPage {
  readonly data: readonly RowResult[];
  readonly next: ResultPosition | null;
}

/** Results in the order of the file, from a position on. A filtered page may be short or even empty. */
export const readResults = Effect.fnUntraced(function* (
  job: ImportJob,
  query: {
    readonly from: ResultPosition;
    readonly limit: number;
    readonly outcome?: readonly RowOutcome[] | undefined;
  },
): Effect.fn.Return<ResultPage, StoreError, Store> {
  const store = yield* Store;
  const data: RowResult[] = [];
  let { page, row } = query.from;
  for (let read = 0; page < job.resultPages; page++, row = 0) {
    if (read++ >= importLimits.pagesScannedPerRequest) return { data, next: { page, row: 0 } };
    const entry = yield* store.get(importKeys.results(job.id, page));
    const rows = (yield* valueOf<readonly RowResult[]>(entry))?.value ?? [];
    for (; row < rows.length; row++) {
      const result = rows[row];
      if (result === undefined) continue;
      if (query.outcome !== undefined && !query.outcome.includes(result.outcome)) continue;
      if (data.length >= query.limit) return { data, next: { page, row } };
      data.push(result);
    }
  }
  return { data, next: null };
});
