/** Files of purchase orders and of transfers: each document of a file is made, or told why it is not. */
import { hash } from "node:crypto";
import { Effect, Result, Schema, SchemaParser } from "effect";
import type { CommandContext } from "../../actors/command/command.ts";
import type { Made, SupplyState } from "../../actors/supply/supply.ts";
import { createTextReader, encodingNamed } from "../../src/import/encoding.ts";
import { sheetLimits } from "../../src/import/limits.ts";
import {
  readSupplyFile,
  type SupplyColumns,
  type SupplyGroup,
} from "../../src/import/supply-file.ts";
import { detailsOfIssue } from "../../src/kernel/issues.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { command, json, kept } from "../http/answer.ts";
import { BodyRefused } from "../http/bodies.ts";
import { refusedBody } from "../http/body.ts";
import { problemOf, type Tagged, withGeneral } from "../http/failures.ts";
import { type ApiProblem, fail } from "../http/problems.ts";
import { route, streamBody, type StreamedBody } from "../http/registry.ts";
import { count } from "../http/schemas.ts";
import { supplyFailures } from "./problems.ts";
import { supplyTag } from "./tag.ts";

const outcomes = ["created", "repeated", "rejected"] as const;

const ImportedDocument = Schema.Struct({
  externalId: Schema.NullOr(Schema.String),
  rows: Schema.Array(Schema.Int).annotate({
    description: "Lines of the file on which its rows begin; 1 is the heading",
  }),
  outcome: Schema.Literals(outcomes).annotate({
    identifier: "SupplyImportOutcome",
    description: "`repeated`: the same was made before",
  }),
  id: Schema.optionalKey(Schema.String),
  problem: Schema.optionalKey(
    Schema.String.annotate({ description: "The name of the problem type that it met" }),
  ),
  detail: Schema.optionalKey(Schema.String),
  errors: Schema.optionalKey(Schema.Array(
    Schema.Struct({
      line: Schema.optionalKey(Schema.Int),
      column: Schema.optionalKey(Schema.String),
      pointer: Schema.optionalKey(Schema.String),
      detail: Schema.String,
    }).annotate({ identifier: "SupplyImportError" }),
  )),
}).annotate({ identifier: "ImportedSupplyDocument" });

export const SupplyImport = Schema.Struct({
  created: count,
  repeated: count,
  rejected: count,
  data: Schema.Array(ImportedDocument),
}).annotate({ identifier: "SupplyImport" });

type Imported = typeof ImportedDocument.Type;

const textOf = ({ stream, charset }: StreamedBody): Effect.Effect<string, ApiProblem> =>
  Effect.tryPromise({
    try: async () => {
      const reader = createTextReader(encodingNamed(charset ?? "utf-8") ?? "utf-8");
      let text = "";
      for await (const chunk of stream) text += reader.push(chunk);
      return text + reader.end();
    },
    catch: (error) =>
      refusedBody(
        error instanceof BodyRefused ? error : new BodyRefused("broken", sheetLimits.bodyBytes),
      ),
  });

const table = withGeneral(supplyFailures);

const rejected = (
  { externalId, rows }: SupplyGroup,
  problem: string,
  detail: string,
  errors: Imported["errors"] = [],
): Imported => ({
  ...{ externalId, rows, outcome: "rejected", problem, detail },
  ...(errors.length === 0 ? {} : { errors: errors.slice(0, sheetLimits.errorsPerDocument) }),
});

const counted = (data: readonly Imported[]) => {
  const sum = (outcome: Imported["outcome"]) =>
    data.filter((each) => each.outcome === outcome).length;
  return { created: sum("created"), repeated: sum("repeated"), rejected: sum("rejected"), data };
};

/** What a kind of document must say for its files to be read. */
interface ImportApi<Body, S extends SupplyState, Services> {
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly what: string;
  readonly columns: SupplyColumns;
  /** Of a request that makes one. */
  readonly body: Schema.Decoder<Body>;
  readonly make: (
    body: Body,
    by: Principal,
  ) => Effect.Effect<Made<S>, Tagged, Services>;
}

export const importRoute = <Body, S extends SupplyState, Services>(
  { path, operationId, summary, what, columns, body, make }: ImportApi<Body, S, Services>,
) => {
  const decode = SchemaParser.decodeUnknownResult(body, {
    errors: "all",
    onExcessProperty: "error",
  });

  const makeGroup = Effect.fnUntraced(function* (group: SupplyGroup, by: Principal) {
    const { externalId, rows, faults, candidate } = group;
    if (faults.length > 0) {
      return rejected(group, "invalid-request", "Some of its rows cannot be read.", faults);
    }
    const decoded = decode(candidate);
    if (Result.isFailure(decoded)) {
      const errors = detailsOfIssue(decoded.failure);
      return rejected(group, "invalid-request", "It is not as it must be.", errors);
    }
    const made = yield* Effect.result(make(decoded.success, by));
    if (Result.isFailure(made)) {
      const problem = problemOf(table, made.failure);
      return rejected(
        group,
        problem?.type.name ?? "internal-error",
        problem?.detail ?? "Something went wrong.",
      );
    }
    const { created, document: { state } } = made.success;
    const outcome = created ? "created" : "repeated";
    return { externalId, rows, outcome, id: state.id } satisfies Imported;
  });

  return route({
    method: "POST",
    path,
    operationId,
    summary,
    description:
      `CSV with a heading, and one row for each line. Columns: ${
        [...columns.document, ...columns.line].join(", ")
      }; a ${what}'s rows have its externalId, and may stand apart. Each ${what} is made or rejected as a ` +
      "whole, and none for another's sake. Those that were made before are repeated, so a file can be " +
      `imported again at any time. At most ${sheetLimits.rows} rows and ${sheetLimits.documents} ` +
      "documents.",
    tags: [supplyTag],
    permission: "supply:write",
    scopes: { channel: "refused", location: "narrowed" },
    body: streamBody({ mediaTypes: ["text/csv"], maxBytes: sheetLimits.bodyBytes }),
    responses: { 200: { description: "What became of each document", schema: SupplyImport } },
    problems: ["invalid-request", "malformed-request"],
    handler: Effect.fnUntraced(function* (request) {
      const text = yield* textOf(request.body);
      const groups = readSupplyFile(text, columns);
      if (Result.isFailure(groups)) return yield* fail("invalid-request", groups.failure);
      return yield* command(
        request,
        (context: CommandContext<typeof SupplyImport.Type>) =>
          Effect.flatMap(
            Effect.forEach(groups.success, (group) => makeGroup(group, request.by), {
              concurrency: sheetLimits.concurrentDocuments,
            }),
            (data) => kept(counted(data), context),
          ),
        (imported) => json(200, imported),
        { digest: hash("sha256", text, "base64url") },
      );
    }),
  });
};
