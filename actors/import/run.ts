/** One import from its first byte to its last order. */
import { createHash } from "node:crypto";
import { Data, Deferred, Duration, Effect, Exit, Stream } from "effect";
import { createTextReader, type ImportEncoding } from "../../src/import/encoding.ts";
import { importLimits } from "../../src/import/limits.ts";
import type { ImportInput } from "../../src/import/input.ts";
import {
  addOutcome,
  emptySummary,
  type ImportJob,
  type RowResult,
  type SettledRows,
} from "../../src/import/job.ts";
import type { ImportReader } from "../../src/import/reader.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { JobOvertaken, JobWriter } from "./job-store.ts";

/** The body ended before its end: the client went away, or there was too much of it. */
export class UploadBroken extends Data.TaggedError("UploadBroken")<{ readonly cause: unknown }> {}

/** Not one row can be read: the heading does not have what the mapping asks for. Nothing was done. */
export class UnreadableImport
  extends Data.TaggedError("UnreadableImport")<{ readonly detail: string }> {}

/** Who uploads may not go on. What was placed until then stays, and is in the job. */
export class UploadEnded extends Data.TaggedError("UploadEnded")<{
  readonly importId: string;
  readonly why: string;
}> {}

export type RunFailure =
  | UploadBroken
  | UnreadableImport
  | UploadEnded
  | StoreError
  | JobOvertaken;

export type Bytes = Uint8Array<ArrayBuffer>;

/** What is decoded and cut into rows at once, so that a large chunk does not become as many rows. */
const pieceBytes = 64 * 1024;

const piecesOf = (chunk: Bytes): readonly Bytes[] =>
  chunk.length <= pieceBytes ? [chunk] : Array.from(
    { length: Math.ceil(chunk.length / pieceBytes) },
    (_, n) => chunk.subarray(n * pieceBytes, (n + 1) * pieceBytes),
  );

const detailOf = (exit: Exit.Exit<unknown, RunFailure>): string => {
  const failure = Exit.findErrorOption(exit);
  if (failure._tag === "None") return "The process ended before the import did.";
  switch (failure.value._tag) {
    case "UploadBroken":
      return "The upload broke off. Its last orders are left out, since they may not be whole.";
    case "UnreadableImport":
      return failure.value.detail;
    case "UploadEnded":
      return `${failure.value.why} No order was placed after that; what was placed before stays.`;
    case "StoreError":
    case "JobOvertaken":
      return "The import's progress could not be saved.";
  }
};

/** Lets an import end early: nothing more is placed then, and what is being placed gets a moment to end. */
const makeEnding = Effect.fnUntraced(function* (ended: Effect.Effect<string>, importId: string) {
  const begun = yield* Deferred.make<void>();
  let failure: UploadEnded | null = null;
  return {
    failure: () => failure,
    begun: Deferred.await(begun),
    check: Effect.suspend((): Effect.Effect<void, UploadEnded> => failure ?? Effect.void),
    watch: Effect.gen(function* () {
      failure = new UploadEnded({ importId, why: yield* ended });
      yield* Deferred.succeed(begun, undefined);
      yield* Effect.sleep(Duration.millis(importLimits.endingMs));
      return yield* failure;
    }),
  };
});

export const runImport = Effect.fnUntraced(function* (options: {
  readonly upload: ReadableStream<Bytes>;
  readonly encoding: ImportEncoding;
  readonly reader: ImportReader;
  readonly writer: JobWriter;
  /** What becomes of an input: places the order if it is one. */
  readonly settle: (input: ImportInput) => Effect.Effect<SettledRows>;
  /** Completes with why, once nothing more may be placed. */
  readonly ended: Effect.Effect<string>;
  /** The whole body was taken in, and the store knows. */
  readonly onUploaded: (job: ImportJob) => Effect.Effect<void>;
}) {
  const { reader, writer } = options;
  const decoder = createTextReader(options.encoding);
  const hash = createHash("sha256");
  let bytesRead = 0;
  let summary = emptySummary;
  let rows: RowResult[] = [];
  let characters = 0;
  const ending = yield* makeEnding(options.ended, writer.job().id);
  const progress = () => ({ summary, bytesRead });

  const readable = (inputs: readonly ImportInput[]) =>
    Effect.suspend(() => {
      const detail = reader.problem();
      return detail === null
        ? Effect.succeed(inputs)
        : Effect.fail(new UnreadableImport({ detail }));
    });

  const read = (bytes: Bytes) =>
    Effect.suspend(() => {
      hash.update(bytes);
      bytesRead += bytes.length;
      return readable(reader.push(decoder.push(bytes)));
    });

  const readEnd = Effect.gen(function* () {
    const inputs = yield* readable([...reader.push(decoder.end()), ...reader.end()]);
    const bodyHash = hash.digest("hex");
    yield* options.onUploaded(
      yield* writer.save(() => ({ ...progress(), uploaded: true, bodyHash })),
    );
    return inputs;
  });

  /** Orders are in the order of their first rows; the rows of a page are in that of the file. */
  const flush = Effect.suspend(() => {
    const page = rows.sort((one, other) => one.line - other.line);
    rows = [];
    characters = 0;
    return writer.save(progress, page);
  });

  const collect = Effect.fnUntraced(function* (outcome: SettledRows) {
    summary = addOutcome(summary, outcome);
    for (const row of outcome.rows) {
      rows.push(row);
      characters += JSON.stringify(row).length;
      if (rows.length >= importLimits.resultsPerPage || characters >= importLimits.pageCharacters) {
        yield* flush;
      }
    }
  });

  const uploaded = Stream.fromReadableStream({
    evaluate: () => options.upload,
    onError: (cause) => new UploadBroken({ cause }),
  }).pipe(
    Stream.map(piecesOf),
    Stream.flattenIterable,
    Stream.mapEffect(read),
  );

  /** Of what was read at once some may be left when no more is to be placed. */
  const settle = (input: ImportInput): Effect.Effect<SettledRows | null> =>
    Effect.suspend(() => ending.failure() === null ? options.settle(input) : Effect.succeed(null));

  const work = uploaded.pipe(
    Stream.concat(Stream.fromEffect(readEnd)),
    Stream.interruptWhen(ending.begun),
    Stream.flattenIterable,
    Stream.mapEffect(settle, { concurrency: importLimits.concurrentOrders }),
    Stream.runForEach((outcome) => outcome === null ? Effect.void : collect(outcome)),
    Effect.andThen(Effect.suspend(() => rows.length === 0 ? Effect.void : Effect.asVoid(flush))),
    Effect.andThen(ending.check),
    Effect.andThen(writer.save(() => ({ ...progress(), status: "completed" }))),
  );

  const heartbeat = Effect.sleep(Duration.millis(importLimits.heartbeatMs)).pipe(
    Effect.andThen(writer.save(progress)),
    Effect.forever,
  );

  return yield* Effect.raceAllFirst([work, heartbeat, ending.watch]).pipe(
    Effect.onExit((exit): Effect.Effect<unknown, StoreError | JobOvertaken> =>
      Exit.isSuccess(exit) ? Effect.void : writer.save(
        () => ({ ...progress(), status: "interrupted", detail: detailOf(exit) }),
        rows.length === 0 ? undefined : rows,
      )
    ),
  );
});
