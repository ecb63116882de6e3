/** An import's run and its job in the store, with everything around them under the test's control. */
import assert from "node:assert/strict";
import { Deferred, Effect, Fiber, Layer } from "effect";
import { TestClock } from "effect/testing";
import {
  createJob,
  type JobWriter,
  readJob,
  readResults,
  type ResultPage,
  type ResultPosition,
} from "../../actors/import/job-store.ts";
import { type Bytes, runImport } from "../../actors/import/run.ts";
import { KvStore } from "../../src/store/kv.ts";
import { Store, StoreError } from "../../src/store/store.ts";
import { importKeys } from "../../src/import/keys.ts";
import { valueOf } from "../../src/store/values.ts";
import { importLimits } from "../../src/import/limits.ts";
import { HeardJobs } from "../../actors/import/heard-jobs.ts";
import { emptySummary, type ImportJob, type SettledRows } from "../../src/import/job.ts";
import type { ImportInput } from "../../src/import/input.ts";
import { createImportReader } from "../../src/import/reader.ts";

const newJob: ImportJob = {
  id: "imp_test",
  status: "running",
  channel: "web",
  mapping: null,
  mediaType: "text/csv",
  by: "system",
  bytesRead: 0,
  uploaded: false,
  summary: emptySummary,
  resultPages: 0,
  createdAt: "2024-01-01T00:00:00.000Z",
  updatedAt: "2024-01-01T00:00:00.000Z",
  version: 1,
};

const memory = KvStore.layer({ path: ":memory:" }).pipe(Layer.fresh);

const heading = "externalId,sku,quantity,unitPrice,currency\n";

/** Rows among which those of an order are looked for. */
const windowRows = 100;

const reader = () => {
  const made = createImportReader({
    format: "csv",
    channel: "web",
    mapping: null,
    window: { rows: windowRows, characters: importLimits.windowCharacters },
  });
  assert.ok(made !== null);
  return made;
};

const outcomeOf = (input: ImportInput): SettledRows =>
  input.type === "settled" ? input.outcome : {
    order: "created",
    rows: input.rows.map(({ line }) => ({
      line,
      externalId: input.externalId,
      outcome: "created",
      orderId: `ord_${input.externalId}`,
    })),
    created: { lines: 1, units: 1, unitsReserved: 1, currency: "GBP", goods: 100 },
  };

/** An import that nothing happens to but that each order is settled at once. */
const usual = (writer: JobWriter, upload: ReadableStream<Bytes>) => ({
  upload,
  encoding: "utf-8" as const,
  reader: reader(),
  writer,
  onUploaded: () => Effect.void,
  ended: Effect.never,
  settle: (input: ImportInput) => Effect.sync(() => outcomeOf(input)),
});

/** Many small pieces, each of one order, and how many were taken. */
const upload = (orders: number) => {
  const encoder = new TextEncoder();
  let taken = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (taken === orders) return controller.close();
      const row = `A${taken},mug,1,1.00,GBP\n`;
      controller.enqueue(encoder.encode(taken === 0 ? heading + row : row));
      taken++;
    },
  }, { highWaterMark: 0 });
  return { stream, taken: () => taken };
};

Deno.test("no more of the upload is read than the orders being placed allow", () =>
  Effect.gen(function* () {
    const writer = yield* createJob(newJob);
    const { stream, taken } = upload(2_000);
    const gate = yield* Deferred.make<void>();
    const full = yield* Deferred.make<void>();
    let placing = 0;
    let most = 0;
    const run = yield* Effect.forkChild(runImport({
      ...usual(writer, stream),
      settle: (input) =>
        Effect.gen(function* () {
          placing++;
          most = Math.max(most, placing);
          if (placing === importLimits.concurrentOrders) yield* Deferred.succeed(full, undefined);
          yield* Deferred.await(gate);
          placing--;
          return outcomeOf(input);
        }),
    }));
    yield* Deferred.await(full);
    // As often as it takes for a reader without bounds to be through.
    for (let n = 0; n < 5_000; n++) yield* Effect.yieldNow;
    yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)));
    const held = taken();
    assert.ok(held < windowRows + importLimits.concurrentOrders * 3, `${held} orders were read`);
    yield* Deferred.succeed(gate, undefined);
    const job = yield* Fiber.join(run);
    assert.equal(job.status, "completed");
    assert.equal(job.summary.orders.created, 2_000);
    assert.ok(most <= importLimits.concurrentOrders, `${most} at once`);
    assert.equal(taken(), 2_000);
  }).pipe(Effect.provide(memory), Effect.runPromise));

Deno.test("a job whose writes are answered wrongly is saved once each, with all its results", () =>
  Effect.gen(function* () {
    let commits = 0;
    const store = yield* Store;
    const broken = new StoreError({ operation: "commit", detail: "reset", cause: null });
    const faulty = Store.of({
      ...store,
      commit: (commit) => {
        switch (commits++ % 4) {
          case 0:
            return Effect.andThen(store.commit(commit), Effect.fail(broken));
          case 1:
            return Effect.as(store.commit(commit), { ok: false } as const);
          case 2:
            return Effect.fail(broken);
          default:
            return store.commit(commit);
        }
      },
    });
    const rows = importLimits.resultsPerPage * 3 + 1;
    const { stream } = upload(rows);
    const job = yield* Effect.gen(function* () {
      const writer = yield* createJob(newJob);
      return yield* runImport(usual(writer, stream));
    }).pipe(Effect.provideService(Store, faulty));
    assert.ok(commits > 6);
    const stored = yield* readJob(job.id);
    assert.deepEqual(stored, job);
    const { data } = yield* readResults(job, { from: { page: 0, row: 0 }, limit: rows + 10 });
    assert.deepEqual(data.map(({ line }) => line), Array.from({ length: rows }, (_, n) => n + 2));
  }).pipe(Effect.provide(memory), Effect.runPromise));

Deno.test("a job that somebody else wrote is given up, not fought over", () =>
  Effect.gen(function* () {
    const first = yield* createJob(newJob);
    yield* first.save(() => ({ bytesRead: 1 }));
    const error = yield* Effect.flip(createJob({ ...newJob, version: 7 }));
    assert.equal(error._tag, "JobOvertaken");
  }).pipe(Effect.provide(memory), Effect.runPromise));

Deno.test("a running job says so, and is interrupted for who has not heard that for long", () =>
  Effect.gen(function* () {
    const start = Date.parse(newJob.createdAt);
    yield* TestClock.setTime(start);
    const writer = yield* createJob(newJob);
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({});
    const run = yield* Effect.forkChild(runImport(usual(writer, stream)));
    const heard = new HeardJobs();
    const { heartbeatMs, heartbeatLostMs } = importLimits;
    let beats = 0;
    for (let n = 0; n < 1_000 && beats < 10; n++) {
      assert.equal(heard.statusOf(writer.job(), beats * heartbeatMs), "running");
      yield* TestClock.adjust(heartbeatMs);
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)));
      beats = writer.job().version - 1;
    }
    assert.equal(writer.job().status, "running");
    assert.ok(Date.parse(writer.job().updatedAt) > start);
    const last = beats * heartbeatMs;
    for (const [sinceMs, status] of [[0, "running"], [heartbeatLostMs, "running"]] as const) {
      assert.equal(heard.statusOf(writer.job(), last + sinceMs), status);
    }
    assert.equal(heard.statusOf(writer.job(), last + heartbeatLostMs + 1), "interrupted");
    // Whoever looks for the first time has heard of it just now, whatever clocks say.
    assert.equal(new HeardJobs().statusOf(writer.job(), last + heartbeatLostMs + 1), "running");
    yield* Fiber.interrupt(run);
    const stored = yield* readJob(newJob.id);
    assert.equal(stored?.status, "interrupted");
    assert.match(stored?.detail ?? "", /process ended/);
  }).pipe(Effect.provide(Layer.mergeAll(memory, TestClock.layer())), Effect.runPromise));

Deno.test("pages of results are as full as they may be, and tell of each row once, wherever a request ends", () =>
  Effect.gen(function* () {
    const { resultsPerPage } = importLimits;
    for (
      const rows of [1, resultsPerPage - 1, resultsPerPage, resultsPerPage + 1, 2 * resultsPerPage]
    ) {
      const id = `imp_${rows}`;
      const { stream } = upload(rows);
      const writer = yield* createJob({ ...newJob, id });
      const job = yield* runImport(usual(writer, stream));
      assert.equal(job.resultPages, Math.ceil(rows / resultsPerPage), `${rows} rows`);
      for (let page = 0; page < job.resultPages; page++) {
        const stored = yield* Effect.flatMap(
          Store,
          (store) => store.get(importKeys.results(id, page)),
        );
        const kept = (yield* valueOf<readonly unknown[]>(stored))?.value.length;
        assert.equal(kept, Math.min(resultsPerPage, rows - page * resultsPerPage));
      }
      for (const limit of [resultsPerPage / 5, resultsPerPage, resultsPerPage - 1, rows]) {
        const lines: number[] = [];
        let from: ResultPosition | null = { page: 0, row: 0 };
        let requests = 0;
        while (from !== null) {
          const found: ResultPage = yield* readResults(job, { from, limit });
          lines.push(...found.data.map(({ line }) => line));
          from = found.next;
          requests++;
        }
        assert.deepEqual(lines, Array.from({ length: rows }, (_, n) => n + 2));
        // An exactly full page is the last one, and no empty one follows.
        assert.equal(requests, Math.ceil(rows / limit), `${rows} rows by ${limit}`);
      }
    }
  }).pipe(Effect.provide(memory), Effect.runPromise));

/** An import of one piece, of which 20 orders are placed at once and the others wait for `slow`. */
const endingImport = Effect.fnUntraced(function* (slow: Effect.Effect<void>) {
  const ended = yield* Deferred.make<string>();
  const begun = yield* Deferred.make<void>();
  const heard = yield* Deferred.make<void>();
  const placed: string[] = [];
  const writer = yield* createJob(newJob);
  const text = heading + Array.from({ length: 500 }, (_, n) => `A${n},mug,1,1.00,GBP\n`).join("");
  const run = yield* Effect.forkChild(runImport({
    ...usual(writer, new Blob([text]).stream()),
    ended: Effect.ensuring(Deferred.await(ended), Deferred.succeed(heard, undefined)),
    settle: (input) =>
      Effect.gen(function* () {
        const outcome = outcomeOf(input);
        if (placed.length === 20) yield* Deferred.succeed(begun, undefined);
        if (placed.length >= 20) yield* slow;
        placed.push(String(outcome.rows[0]?.externalId));
        return outcome;
      }),
  }));
  yield* Deferred.await(begun);
  yield* Deferred.succeed(ended, "The key was revoked.");
  yield* Deferred.await(heard);
  return { run, placed };
});

Deno.test("an import that may not go on ends what it was placing, places nothing more, and says why", () =>
  Effect.gen(function* () {
    const slow = yield* Deferred.make<void>();
    const { run, placed } = yield* endingImport(Deferred.await(slow));
    yield* Effect.yieldNow;
    yield* Deferred.succeed(slow, undefined);
    const failure = yield* Effect.flip(Fiber.join(run));
    assert.ok(failure._tag === "UploadEnded" && failure.why === "The key was revoked.");
    assert.ok(placed.length <= 20 + importLimits.concurrentOrders, `${placed.length} placed`);
    const job = yield* readJob(newJob.id);
    assert.equal(job?.status, "interrupted");
    assert.match(job?.detail ?? "", /^The key was revoked\. No order was placed after that/);
    assert.equal(job?.summary.orders.created, placed.length);
  }).pipe(Effect.provide(Layer.mergeAll(memory, TestClock.layer())), Effect.runPromise));

Deno.test("an import that may not go on waits for no order that does not end", () =>
  Effect.gen(function* () {
    const { run, placed } = yield* endingImport(Effect.never);
    for (let n = 0; n < 1_000 && run.pollUnsafe() === undefined; n++) {
      yield* TestClock.adjust(importLimits.endingMs);
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)));
    }
    const failure = yield* Effect.flip(Fiber.join(run));
    assert.equal(failure._tag, "UploadEnded");
    assert.equal(placed.length, 20);
    assert.equal((yield* readJob(newJob.id))?.status, "interrupted");
  }).pipe(Effect.provide(Layer.mergeAll(memory, TestClock.layer())), Effect.runPromise));
