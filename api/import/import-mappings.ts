/** Mappings: which column of an imported file is which part of an order. */
import { Schema } from "effect";
import { type ImportMapping, ImportMappingBody } from "../../src/import/mapping.ts";
import { importMappings } from "../../src/import/references.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import { time } from "../http/schemas.ts";
import { importsTag } from "./tag.ts";

const ImportMappingView = Schema.Struct({
  name: Identifier,
  ...ImportMappingBody.fields,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "ImportMapping" });

const mappingApi: ReferenceApi<ImportMapping, ImportMappingBody> = {
  path: "/v1/imports/mappings",
  parameter: "name",
  id: Identifier,
  body: ImportMappingBody.annotate({ identifier: "ImportMappingRequest" }),
  schema: ImportMappingView,
  document: (name, body) => ({ ...body, name }),
  tags: [importsTag],
  read: "imports:read",
  write: "imports:write",
};

export const saveMapping = saveRoute(importMappings, mappingApi, {
  operationId: "saveImportMapping",
  summary: "Make or change a mapping: which column of a file is which part of an order",
  description:
    'Each field is `{"column": "..."}` or `{"constant": "..."}`. A column is named by its heading in CSV and ' +
    "by a path with dots in NDJSON. `dateFormat` is `iso`, `unix`, `unixMs` or text of the tokens YYYY YY MM M " +
    "MMM DD D HH H hh h A mm m ss s SSS Z, such as `M/D/YY H:mm`.",
});

export const listMappings = listRoute(importMappings, mappingApi, {
  operationId: "listImportMappings",
  summary: "Mappings, by name",
});

export const getMapping = getRoute(importMappings, mappingApi, {
  operationId: "getImportMapping",
  summary: "A mapping",
});

export const importMappingRoutes = [saveMapping, listMappings, getMapping];
