/** Mappings: which column of an imported file is which part of an order. */
import { Effect, Schema } from "effect";
import { Catalog, type SaveResult } from "../../actors/catalog/catalog.ts";
import { PreconditionFailed } from "../../actors/aggregate/command.ts";
import { Imports } from "../../actors/import/imports.ts";
import { type ImportMapping, ImportMappingBody } from "../../src/import/mapping.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { command, versioned } from "../http/answer.ts";
import { type Cursor, decodeCursor, largePage, pageSize } from "../http/pages.ts";
import { standingOn } from "../http/preconditions.ts";
import { jsonBody, route } from "../http/registry.ts";
import { pageOf, pageParameters, time } from "../http/schemas.ts";
import { importsTag } from "./tag.ts";

const ImportMappingView = Schema.Struct({
  name: Identifier,
  ...ImportMappingBody.fields,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "ImportMapping" });

const MappingParameters = Schema.Struct({ name: Identifier });

export const saveMapping = route({
  method: "PUT",
  path: "/v1/imports/mappings/{name}",
  operationId: "saveImportMapping",
  summary: "Make or change a mapping: which column of a file is which part of an order",
  description:
    'Each field is `{"column": "..."}` or `{"constant": "..."}`. A column is named by its heading in CSV and ' +
    "by a path with dots in NDJSON. `dateFormat` is `iso`, `unix`, `unixMs` or text of the tokens YYYY YY MM M " +
    "MMM DD D HH H hh h A mm m ss s SSS Z, such as `M/D/YY H:mm`.",
  tags: [importsTag],
  permission: "imports:write",
  scopes: { channel: "refused", location: "refused" },
  headers: { "if-none-match": "`*` saves only what is not there yet" },
  params: MappingParameters,
  body: jsonBody(ImportMappingBody.annotate({ identifier: "ImportMappingRequest" })),
  responses: {
    200: {
      description: "The mapping as it is now",
      schema: ImportMappingView,
      headers: { etag: "Its version" },
    },
    201: {
      description: "The new mapping",
      schema: ImportMappingView,
      headers: { etag: "Its version" },
    },
  },
  problems: ["precondition-failed"],
  handler: Effect.fnUntraced(function* (request) {
    const catalog = yield* Catalog;
    const { name } = request.params;
    const existing = Effect.catchTag(
      catalog.mapping(name),
      "NotFound",
      () => Effect.fail(new PreconditionFailed({ expected: "any", actual: "nothing" })),
    );
    const ifMatch = yield* standingOn(request, existing);
    return yield* command(
      { ...request, ifMatch },
      (context) => catalog.saveMapping({ ...request.body, name }, context),
      ({ created, value }: SaveResult<ImportMapping>) =>
        versioned(created ? 201 : 200, value, value.version),
    );
  }),
});

export const getMapping = route({
  method: "GET",
  path: "/v1/imports/mappings/{name}",
  operationId: "getImportMapping",
  summary: "A mapping",
  tags: [importsTag],
  permission: "imports:read",
  params: MappingParameters,
  responses: {
    200: {
      description: "The mapping",
      schema: ImportMappingView,
      headers: { etag: "Its version" },
    },
  },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* ({ params }) {
    const catalog = yield* Catalog;
    const mapping = yield* catalog.mapping(params.name);
    return versioned(200, mapping, mapping.version);
  }),
});

export const listMappings = route({
  method: "GET",
  path: "/v1/imports/mappings",
  operationId: "listImportMappings",
  summary: "Mappings, by name",
  tags: [importsTag],
  permission: "imports:read",
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of mappings", schema: pageOf(ImportMappingView) } },
  handler: Effect.fnUntraced(function* (request) {
    const imports = yield* Imports;
    const read = Effect.fnUntraced(function* (limit: number, [after]: Cursor = []) {
      const found = yield* imports.mappings({ after: after ?? null, limit: limit + 1 });
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return { rows, next: found.length > limit && last !== undefined ? [last.name] : null };
    });
    return yield* largePage(request, {
      limit: pageSize(request.query),
      cursor: yield* decodeCursor(request.query, 1),
      read,
      after: ({ name }) => [name],
      view: (mapping) => mapping,
    });
  }),
});

export const importMappingRoutes = [saveMapping, listMappings, getMapping];
