/** Imports of orders. The mappings that they read files by are in `import-mappings.ts`. */
import { Effect, Schema } from "effect";
import { Imports, type UploadBroken, UploadEnded } from "../../actors/import/imports.ts";
import { charsets, encodingNamed, type ImportEncoding } from "../../src/import/encoding.ts";
import { importLimits } from "../../src/import/limits.ts";
import { type ImportJob, rowOutcomes, type RowResult, summaryView } from "../../src/import/job.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { described, Identifier, Money } from "../../src/kernel/vocabulary.ts";
import { command, json, versioned } from "../http/answer.ts";
import { Authenticator } from "../http/authenticator.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { ApiProblem, fail, invalidParameter } from "../http/problems.ts";
import { refusedBody } from "../http/body.ts";
import { BodyRefused } from "../http/bodies.ts";
import { contentEncodings } from "../http/decompress.ts";
import { route, streamBody } from "../http/registry.ts";
import { count, pageOf, pageParameters, time, updatedParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds, someOf } from "../http/several.ts";
import { updatedWithin } from "../http/times.ts";
import { importMappingRoutes } from "./import-mappings.ts";
import { importsTag } from "./tag.ts";

const counts = {
  created: count,
  duplicate: count.annotate({ description: "Placed before, with the same content" }),
  rejected: count,
  credit: count.annotate({ description: "Gives something back: reported, never placed" }),
};

const RowOutcome = Schema.Literals(rowOutcomes).annotate({ identifier: "ImportRowOutcome" });

const ImportRowResult = Schema.Struct({
  line: Schema.Int.annotate({
    description: "Line of the file on which the row begins; in CSV 1 is the heading",
  }),
  externalId: Schema.NullOr(Schema.String).annotate({
    description: "Null where the row is too broken to tell",
  }),
  outcome: RowOutcome,
  orderId: Schema.optionalKey(Schema.String),
  problem: Schema.optionalKey(
    Schema.String.annotate({
      description: "`invalid-row`, or the name of the problem type that placing the order met",
    }),
  ),
  detail: Schema.optionalKey(Schema.String),
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({
    pointer: Schema.optionalKey(
      Schema.String.annotate({ description: "JSON pointer into the order" }),
    ),
    column: Schema.optionalKey(Schema.String),
    detail: Schema.String,
  }))),
}).annotate({ identifier: "ImportRowResult" });

const importFields = {
  id: Schema.String,
  status: Schema.Literals(["running", "completed", "interrupted"]).annotate({
    identifier: "ImportStatus",
    description:
      "`interrupted`: the upload broke off, its key was revoked, or its process is gone; `detail` says which. " +
      "What was placed stays, and the file can be imported again",
  }),
  channel: Schema.NullOr(Schema.String),
  mapping: Schema.NullOr(Schema.String),
  mediaType: Schema.String,
  detail: Schema.optionalKey(Schema.String),
  bytesRead: count,
  uploaded: Schema.Boolean.annotate({ description: "The whole body was taken in" }),
  summary: Schema.Struct({
    rows: Schema.Struct({
      total: count,
      ...counts,
      skipped: count.annotate({
        description: "Left out: by a condition of the mapping, or because their quantity is 0",
      }),
    }).annotate({ identifier: "ImportRowCounts" }),
    orders: Schema.Struct(counts).annotate({ identifier: "ImportOrderCounts" }),
    lines: count.annotate({ description: "Of the created orders" }),
    units: count.annotate({ description: "Ordered in the created orders" }),
    unitsReserved: count.annotate({ description: "Of those, reserved at once" }),
    amounts: Schema.Array(Money).annotate({
      description: "Goods of the created orders, by currency: quantity times unit price",
    }),
  }).annotate({ identifier: "ImportSummary" }),
  createdBy: Schema.String,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
};

const Import = Schema.Struct(importFields).annotate({ identifier: "ImportJob" });

const ImportWithResults = Schema.Struct({
  ...importFields,
  results: Schema.optionalKey(Schema.Array(ImportRowResult)).annotate({
    description:
      `What became of each row, while there are at most ${importLimits.inlineResults}; else see ` +
      "`/v1/imports/{importId}/results`",
  }),
}).annotate({ identifier: "ImportJobWithResults" });

const importView = (job: ImportJob, results?: readonly RowResult[]) => ({
  id: job.id,
  status: job.status,
  channel: job.channel,
  mapping: job.mapping,
  mediaType: job.mediaType,
  detail: job.detail,
  bytesRead: job.bytesRead,
  uploaded: job.uploaded,
  summary: summaryView(job.summary),
  createdBy: job.by,
  createdAt: job.createdAt,
  updatedAt: job.updatedAt,
  version: job.version,
  results,
});

const csvMediaType = "text/csv";
const mediaTypes = [csvMediaType, "application/x-ndjson"];

const broken = ({ cause }: UploadBroken): ApiProblem =>
  refusedBody(
    cause instanceof BodyRefused ? cause : new BodyRefused("broken", importLimits.bodyBytes),
  );

/** Of the body there is more to come that nobody wants. */
const endedFor = ({ importId, why }: UploadEnded): ApiProblem =>
  fail("unauthorized", `${why} What was placed before is in /v1/imports/${importId}.`, {
    headers: { "www-authenticate": 'Bearer realm="allot"', connection: "close" },
  });

/** Null: the mapping says it. */
const encodingOf = (charset: string | null): Effect.Effect<ImportEncoding | null, ApiProblem> => {
  if (charset === null) return Effect.succeed(null);
  const encoding = encodingNamed(charset);
  return encoding === null
    ? Effect.fail(
      fail("unsupported-media-type", `The charset must be one of ${charsets.join(", ")}.`),
    )
    : Effect.succeed(encoding);
};

/** The job that a kept response tells of. */
const importIdOf = (headers: Readonly<Record<string, string>>): string =>
  (headers["location"] ?? "").replace("/v1/imports/", "");

export const startImport = route({
  method: "POST",
  path: "/v1/imports/orders",
  operationId: "importOrders",
  summary: "Import orders from CSV or NDJSON",
  description:
    "The body is read and its orders are placed as it arrives, however large it is. The answer comes when " +
    "all of it was taken in; the job under `Location` then shows the rest of the way and a result for each " +
    "row. A row that is wrong rejects its whole order and no other one. Orders that the channel has already " +
    "are reported as duplicates, so a file can be imported again at any time. Up to " +
    `${importLimits.concurrentOrders} orders are placed at once: the last units of a SKU do not have to go ` +
    "to the first of them in the file. When its key is revoked, the upload ends, and no further order is " +
    "placed.\n\n" +
    "CSV has a heading and one row for each order line. Rows of one order have its external id and may stand " +
    `apart, by up to ${importLimits.windowRows} rows: an order is placed whole or not at all. Without a mapping ` +
    "its columns are named as a mapping's fields are. NDJSON has a whole order in each line, as in " +
    "`POST /v1/orders`, or with a mapping one order line, or an order with its lines in an array.\n\n" +
    "The text is in the encoding of the byte order mark, else of the media type's `charset`, else of the " +
    `mapping, else in UTF-8. Charsets: ${
      charsets.join(", ")
    }. Lines end with CR, LF or both, and a first line ` +
    "`sep=;` tells the delimiter.",
  tags: [importsTag],
  permission: "imports:write",
  scopes: { channel: "narrowed", location: "refused" },
  headers: {
    "Content-Encoding":
      `How the body is compressed, where it is: ${contentEncodings.join(" or ")}. ` +
      "Uncompressed it may have as many bytes as any other.",
  },
  query: Schema.Struct({
    channel: Schema.optionalKey(Identifier),
    mapping: Schema.optionalKey(
      described(
        Identifier,
        "The name of a mapping: of a saved one, or else of a ready one, such as `shopify`",
      ),
    ),
  }),
  body: streamBody({ mediaTypes, maxBytes: importLimits.bodyBytes }),
  responses: {
    202: {
      description: "The import: the whole body was taken in",
      schema: Import,
      headers: { location: "Where the job is" },
    },
  },
  problems: ["invalid-request", "malformed-request", "unavailable", "overloaded"],
  handler: (request) =>
    Effect.gen(function* () {
      const imports = yield* Imports;
      const { query, body, by, session } = request;
      const ended = (yield* Authenticator).ended(by, session);
      const channel = yield* narrowed(by.scope.channel, query.channel, "channel");
      const encoding = yield* encodingOf(body.charset);
      const answer = yield* command(
        request,
        (context) =>
          imports.start({
            stream: body.stream,
            format: body.mediaType === csvMediaType ? "csv" : "ndjson",
            mediaType: body.mediaType,
            encoding,
            channel: channel ?? null,
            mapping: query.mapping ?? null,
            ended,
          }, context),
        (job: ImportJob) => json(202, importView(job), { location: `/v1/imports/${job.id}` }),
      );
      if (answer.headers["idempotent-replayed"] !== undefined && request.idempotency) {
        const importId = importIdOf(answer.headers);
        yield* Effect.raceFirst(
          imports.checkRepeat(importId, request.idempotency.key, body.stream),
          Effect.flatMap(ended, (why) => Effect.fail(new UploadEnded({ importId, why }))),
        );
      }
      return answer;
    }).pipe(Effect.catchTags({
      NotFound: (failure) =>
        Effect.fail(
          failure.what === "mapping"
            ? invalidParameter("mapping", `there is no mapping ${failure.id}`)
            : failure,
        ),
      ChannelMissing: () =>
        Effect.fail(invalidParameter("channel", "is required: rows do not name their channel")),
      UnreadableImport: ({ detail }) => Effect.fail(fail("invalid-request", detail)),
      UploadBroken: (failure) => Effect.fail(broken(failure)),
      UploadEnded: (failure) => Effect.fail(endedFor(failure)),
    })),
});

export const listImports = route({
  method: "GET",
  path: "/v1/imports",
  operationId: "listImports",
  summary: "Imports, newest first",
  description: "A page may be short, or even empty, and still have a next one.",
  tags: [importsTag],
  permission: "imports:read",
  scopes: { channel: "narrowed", location: "refused" },
  query: Schema.Struct({
    ...pageParameters,
    channel: Schema.optionalKey(someIds(textLimits.id)),
    ...updatedParameters,
  }),
  responses: { 200: { description: "A page of imports", schema: pageOf(Import) } },
  handler: Effect.fnUntraced(function* (request) {
    const imports = yield* Imports;
    const { query, by } = request;
    const channel = yield* narrowedIds(by.scope.channel, idsIn(query.channel), "channel");
    const isUpdated = updatedWithin(query);
    const [after] = (yield* decodeCursor(query, 1)) ?? [];
    const { data, next } = yield* imports.jobs({
      ...{ channel, isUpdated, after },
      limit: pageSize(query),
    });
    const rows = data.map((job) => importView(job));
    return page(request, rows, next === null ? null : encodeCursor([next]));
  }),
});

const ImportParameters = Schema.Struct({ importId: Identifier });

export const getImport = route({
  method: "GET",
  path: "/v1/imports/{importId}",
  operationId: "getImport",
  summary: "An import: how far it is and what became of its rows",
  tags: [importsTag],
  permission: "imports:read",
  scopes: { channel: "narrowed", location: "refused" },
  params: ImportParameters,
  responses: {
    200: {
      description: "The import",
      schema: ImportWithResults,
      headers: { etag: "Its version" },
    },
  },
  problems: ["not-found"],
  handler: ({ params, by }) =>
    Effect.gen(function* () {
      const imports = yield* Imports;
      const job = yield* imports.job(params.importId, by);
      const isSmall = job.summary.rows.total <= importLimits.inlineResults;
      const results = isSmall
        ? (yield* imports.results(job, {
          from: { page: 0, row: 0 },
          limit: importLimits.inlineResults,
        })).data
        : undefined;
      // A job that nobody writes any more changes by the clock alone, and its version does not.
      const tag = job.status === "interrupted" ? { etag: `"${job.version}-interrupted"` } : {};
      return versioned(200, importView(job, results), job.version, tag);
    }),
});

export const listResults = route({
  method: "GET",
  path: "/v1/imports/{importId}/results",
  operationId: "listImportResults",
  summary: "What became of each row, in the order of the file",
  description:
    "A page of one outcome may be short or even empty and still have a next one: as many rows are looked " +
    "at for one answer as the engine allows.",
  tags: [importsTag],
  permission: "imports:read",
  scopes: { channel: "narrowed", location: "refused" },
  params: ImportParameters,
  query: Schema.Struct({
    ...pageParameters,
    outcome: Schema.optionalKey(someOf(RowOutcome)),
  }),
  responses: { 200: { description: "A page of results", schema: pageOf(ImportRowResult) } },
  problems: ["not-found"],
  handler: (request) =>
    Effect.gen(function* () {
      const imports = yield* Imports;
      const { params, query, by } = request;
      const cursor = (yield* decodeCursor(query, 2)) ?? ["0", "0"];
      const [first = 0, row = 0] = cursor.map(Number);
      if (!Number.isSafeInteger(first) || !Number.isSafeInteger(row) || first < 0 || row < 0) {
        return yield* invalidParameter("cursor", "is not a cursor of this list");
      }
      const job = yield* imports.job(params.importId, by);
      const { data, next } = yield* imports.results(job, {
        from: { page: first, row },
        limit: pageSize(query),
        outcome: query.outcome,
      });
      return page(
        request,
        data,
        next === null ? null : encodeCursor([String(next.page), String(next.row)]),
      );
    }),
});

/** Paths of one word after `/v1/imports/` come before the path of one import. */
export const importRoutes = [
  startImport,
  listImports,
  ...importMappingRoutes,
  getImport,
  listResults,
];
