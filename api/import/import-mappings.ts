/** Mappings: which column of an imported file is which part of an order. */
import { Effect, Schema } from "effect";
import {
  type ImportMapping,
  ImportMappingBody,
  mappingParts,
  withQuoting,
} from "../../src/import/mapping.ts";
import { readyMappings } from "../../src/import/ready-mappings.ts";
import { importMappings } from "../../src/import/references.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { json } from "../http/answer.ts";
import { route } from "../http/registry.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import { time } from "../http/schemas.ts";
import { importsTag } from "./tag.ts";

const ImportMappingView = Schema.Struct({
  name: Identifier,
  ...mappingParts,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "ImportMapping" });

const mappingApi: ReferenceApi<ImportMapping, ImportMappingBody> = {
  path: "/v1/imports/mappings",
  parameter: "name",
  id: Identifier,
  body: ImportMappingBody,
  schema: ImportMappingView,
  document: (name, body) => ({ ...withQuoting(body), name }),
  tags: [importsTag],
  read: "imports:read",
  write: "imports:write",
};

export const saveMapping = saveRoute(importMappings, mappingApi, {
  operationId: "saveImportMapping",
  summary: "Make or change a mapping: which column of a file is which part of an order",
  description:
    'Each field is `{"column": "..."}`, `{"columns": ["...", "..."]}`, which are joined, or ' +
    '`{"constant": "..."}`; `fallbacks` are asked where it is blank. A column is named by its heading in CSV ' +
    "and by a path with dots in NDJSON; of an order's lines in an array or a cell, named by `items`, by " +
    "`lines.sku`. `dateFormat` is `iso`, `unix`, `unixMs` or text of the tokens YYYY YY MM M MMM DD D HH H hh h A " +
    'mm m ss s SSS Z, such as `M/D/YY H:mm`. White space around cells, `="..."` around them and an apostrophe ' +
    "before a number are left out; so is the sign or code of the order's currency. What no file could be read " +
    "by is refused.",
});

export const listMappings = listRoute(importMappings, mappingApi, {
  operationId: "listImportMappings",
  summary: "Mappings, by name",
});

export const getMapping = getRoute(importMappings, mappingApi, {
  operationId: "getImportMapping",
  summary: "A mapping",
});

const ReadyMapping = Schema.Struct({
  name: Identifier,
  description: Schema.String.annotate({ description: "The export that it reads" }),
  mapping: Schema.Struct(mappingParts).annotate({ identifier: "ImportMappingParts" }),
}).annotate({ identifier: "ReadyImportMapping" });

export const listReadyMappings = route({
  method: "GET",
  path: "/v1/imports/ready-mappings",
  operationId: "listReadyImportMappings",
  summary: "Mappings of exports that are known",
  description:
    "An import takes them by their names as they are. To change one, save it under its name or another.",
  tags: [importsTag],
  permission: "imports:read",
  responses: {
    200: {
      description: "All of them",
      schema: Schema.Struct({ data: Schema.Array(ReadyMapping) }).annotate({
        identifier: "ReadyImportMappings",
      }),
    },
  },
  handler: () => Effect.succeed(json(200, { data: readyMappings })),
});

export const importMappingRoutes = [saveMapping, listMappings, getMapping, listReadyMappings];
