/**
 * Imports of orders. An upload is read as it arrives; its orders are placed meanwhile, so many at once as the
 * limits say, and while those are being placed no more is read: the client is slowed down instead of memory
 * being filled. The upload is acknowledged when all of it was taken in and that is in the store; the orders
 * of the last window are then still being placed, and the job tells how far it is. Orders of one window are
 * placed at once, so for the last units of a SKU they race, as orders of different clients do.
 *
 * A job lives in its process. When that ends, orders placed so far stay, the job is shown as interrupted, and
 * the file is imported again: what is there already is reported as a duplicate. Orders at the end of what
 * arrived of a broken upload are not placed, since rows of them may be missing.
 */
import { createHash } from "node:crypto";
import {
  Cause,
  Clock,
  Context,
  Data,
  Deferred,
  Duration,
  Effect,
  Exit,
  Layer,
  Option,
  Scope,
  Stream,
} from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import { instantOf, msOfNanos } from "../../src/kernel/instant.ts";
import { importLimits } from "../../src/import/limits.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { ImportInput } from "../../src/import/input.ts";
import {
  emptySummary,
  type ImportJob,
  type RowOutcome,
  type SettledRows,
} from "../../src/import/job.ts";
import type { ImportEncoding } from "../../src/import/encoding.ts";
import type { ImportMappingBody } from "../../src/import/mapping.ts";
import { readyMapping } from "../../src/import/ready-mappings.ts";
import { importMappings } from "../../src/import/references.ts";
import {
  createImportReader,
  type ImportFormat,
  type ImportReader,
} from "../../src/import/reader.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { type CommandContext, type CommandFailure, NotFound } from "../command/command.ts";
import { answerOnly, IdempotencyMismatch } from "../command/idempotency.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { HeardJobs } from "./heard-jobs.ts";
import {
  createJob,
  discardJob,
  type JobPage,
  type JobQuery,
  listJobs,
  readJob,
  readResults,
  type ResultPage,
  type ResultPosition,
} from "./job-store.ts";
import { placeOrder } from "./place-orders.ts";
import {
  type Bytes,
  type RunFailure,
  runImport,
  type UnreadableImport,
  UploadBroken,
  type UploadEnded,
} from "./run.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Turns } from "../ledger/turns.ts";
import { Orders } from "../order/orders.ts";
import { References } from "../reference/references.ts";
import { Overloaded, Unavailable } from "../ledger/unit.ts";

export { UnreadableImport, UploadBroken, UploadEnded } from "./run.ts";

/** Rows do not name their channel, and neither did the request. */
export class ChannelMissing extends Data.TaggedError("ChannelMissing") {}

export interface Upload {
  readonly stream: ReadableStream<Bytes>;
  readonly format: ImportFormat;
  readonly mediaType: string;
  /** What the request says that it is written in; null: as the mapping says. */
  readonly encoding: ImportEncoding | null;
  readonly channel: string | null;
  /** Name of a saved mapping, or of a ready one. */
  readonly mapping: string | null;
  /** Completes with why, once whoever uploads may not go on. */
  readonly ended: Effect.Effect<string>;
}

type StartFailure =
  | ChannelMissing
  | NotFound
  | UploadBroken
  | UnreadableImport
  | UploadEnded
  | CommandFailure;

export class Imports extends Context.Service<Imports, {
  /** Answers when the whole upload was taken in. */
  readonly start: (
    upload: Upload,
    context: CommandContext<ImportJob>,
  ) => Effect.Effect<ImportJob, StartFailure>;
  /** Whether a repeated upload is the one that the job was made from; reads all of it. */
  readonly checkRepeat: (
    importId: string,
    key: string,
    stream: ReadableStream<Bytes>,
  ) => Effect.Effect<void, IdempotencyMismatch | NotFound | UploadBroken | StoreError>;
  readonly job: (
    importId: string,
    by: Principal,
  ) => Effect.Effect<ImportJob, NotFound | StoreError>;
  /** Newest first. */
  readonly jobs: (query: JobQuery) => Effect.Effect<JobPage, StoreError>;
  readonly results: (
    job: ImportJob,
    query: {
      readonly from: ResultPosition;
      readonly limit: number;
      readonly outcome?: readonly RowOutcome[] | undefined;
    },
  ) => Effect.Effect<ResultPage, StoreError>;
}>()("allot/Imports") {
  static readonly layer = Layer.effect(
    Imports,
    Effect.suspend(() => makeImports),
  );
}

const overloaded = () =>
  new Overloaded({ what: "imports", retryAfterSeconds: requestLimits.retryAfterSeconds });

const unavailable = (detail: string) =>
  new Unavailable({ detail, retryAfterSeconds: requestLimits.retryAfterSeconds });

/** A caller's word for what ended the import before it was acknowledged. */
const startFailure = (
  failure: RunFailure | CommandFailure,
): UploadBroken | UnreadableImport | UploadEnded | CommandFailure =>
  failure._tag === "JobOvertaken"
    ? unavailable("The import's progress could not be saved.")
    : failure;

const clientsFaults: ReadonlySet<RunFailure["_tag"]> = new Set([
  "UploadBroken",
  "UnreadableImport",
  "UploadEnded",
]);

const isClientsFault = (cause: Cause.Cause<RunFailure>): boolean => {
  const failure = Cause.findErrorOption(cause);
  return Option.isSome(failure) && clientsFaults.has(failure.value._tag);
};

const makeImports = Effect.gen(function* () {
  const store = yield* Store;
  const orders = yield* Orders;
  const references = yield* References;
  const ledger = yield* Ledger;
  const identifiers = yield* Identifiers;
  const scope = yield* Scope.Scope;
  const heard = new HeardJobs();

  /** The job as a reader sees it. */
  const shown = (job: ImportJob): Effect.Effect<ImportJob> =>
    Effect.map(Clock.monotonicTimeNanos, (nanos) => {
      const status = heard.statusOf(job, msOfNanos(nanos));
      return status === job.status ? job : {
        ...job,
        status,
        detail: "The process that ran the import is gone. What was placed stays; import it again.",
      };
    });
  const turns = new Turns({
    what: "imports",
    total: importLimits.runningJobs,
    perKey: importLimits.runningJobsPerKey,
    waiting: importLimits.waitingJobs,
  });

  /** A client that waits for longer is better told to come back. */
  const takeTurn = (keyId: string) =>
    Effect.timeoutOrElse(turns.take(keyId), {
      duration: Duration.millis(importLimits.waitMs),
      orElse: () => Effect.fail(overloaded()),
    });

  const newJob = Effect.fnUntraced(function* (upload: Upload, by: Principal) {
    const nowMs = yield* Clock.currentTimeMillis;
    const now = instantOf(nowMs);
    const job: ImportJob = {
      id: `imp_${nowMs.toString(36).padStart(9, "0")}${identifiers.orderTail()}`,
      status: "running",
      channel: upload.channel,
      mapping: upload.mapping,
      mediaType: upload.mediaType,
      by: by.id,
      bytesRead: 0,
      uploaded: false,
      summary: emptySummary,
      resultPages: 0,
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    return job;
  });

  /** Runs the import in the background of the process, and answers when the upload was taken in. */
  const runInBackground = Effect.fnUntraced(function* (
    upload: Upload,
    reader: ImportReader,
    encoding: ImportEncoding,
    by: Principal,
  ) {
    const accepted = yield* Deferred.make<ImportJob, RunFailure | Unavailable>();
    const settle = (input: ImportInput): Effect.Effect<SettledRows> =>
      input.type === "settled"
        ? Effect.succeed(input.outcome)
        : placeOrder(orders.place, input, by);
    const run = Effect.gen(function* () {
      const writer = yield* createJob(yield* newJob(upload, by));
      return yield* runImport({
        upload: upload.stream,
        encoding,
        reader,
        writer,
        settle,
        ended: upload.ended,
        onUploaded: (job) => Effect.asVoid(Deferred.succeed(accepted, job)),
      }).pipe(
        Effect.tapError((failure) =>
          failure._tag === "UnreadableImport"
            ? Effect.asVoid(discardJob(writer.job().id))
            : Effect.void
        ),
        Effect.tapCause((cause) =>
          isClientsFault(cause)
            ? Effect.void
            : Effect.logWarning(`Import ${writer.job().id} broke off`, cause)
        ),
      );
    }).pipe(
      Effect.onExit((exit) =>
        Exit.hasInterrupts(exit)
          ? Deferred.fail(accepted, unavailable("The server is stopping."))
          : Deferred.done(accepted, exit)
      ),
    );
    // From the turn that is taken to the fiber that gives it back, nothing may come between.
    yield* Effect.uninterruptibleMask((restore) =>
      Effect.andThen(
        restore(takeTurn(by.id)),
        Effect.forkIn(
          Effect.ensuring(restore(run), Effect.sync(() => turns.giveBack(by.id))),
          scope,
        ),
      )
    );
    return yield* Effect.mapError(Deferred.await(accepted), startFailure);
  });

  const mappingNamed = (name: string): Effect.Effect<ImportMappingBody, NotFound | StoreError> =>
    Effect.catchTag(references.get(importMappings, name), "NotFound", (absent) => {
      const ready = readyMapping(name);
      return ready === null ? Effect.fail(absent) : Effect.succeed(ready.mapping);
    });

  const start = Effect.fn("Imports.start")(function* (
    upload: Upload,
    { by, idempotency }: CommandContext<ImportJob>,
  ): Effect.fn.Return<ImportJob, StartFailure, Store> {
    const mapping = upload.mapping === null ? null : yield* mappingNamed(upload.mapping);
    const reader = createImportReader({
      format: upload.format,
      channel: upload.channel,
      mapping,
    });
    if (reader === null) return yield* new ChannelMissing();
    const encoding = upload.encoding ?? mapping?.encoding ?? "utf-8";
    const job = yield* runInBackground(upload, reader, encoding, by);
    if (idempotency !== undefined) {
      yield* ledger.submit(answerOnly(idempotency.claim, idempotency.respond(job)));
    }
    return job;
  });

  const withStore = Effect.provideService(Store, store);

  const find = Effect.fnUntraced(function* (importId: string) {
    const job = yield* withStore(readJob(importId));
    if (job === null) return yield* new NotFound({ what: "import", id: importId });
    return job;
  });

  return Imports.of({
    start: (upload, context) => withStore(start(upload, context)),
    checkRepeat: Effect.fnUntraced(function* (importId, key, stream) {
      const job = yield* find(importId);
      const hash = createHash("sha256");
      yield* Stream.runForEach(
        Stream.fromReadableStream({
          evaluate: () => stream,
          onError: (cause) => new UploadBroken({ cause }),
        }),
        (bytes) => Effect.sync(() => hash.update(bytes)),
      );
      if (hash.digest("hex") !== job.bodyHash) return yield* new IdempotencyMismatch({ key });
    }),
    job: Effect.fnUntraced(function* (importId, by) {
      const job = yield* find(importId);
      const { channel } = by.scope;
      if (channel !== undefined && channel !== job.channel) {
        return yield* new NotFound({ what: "import", id: importId });
      }
      return yield* shown(job);
    }),
    jobs: Effect.fnUntraced(function* (query) {
      const { data, next } = yield* withStore(listJobs(query));
      return { data: yield* Effect.forEach(data, shown), next };
    }),
    results: (job, query) => withStore(readResults(job, query)),
  });
});
