/** Import mappings, as a reference. */
import { Schema } from "effect";
import { importLimits } from "./limits.ts";
import {
  reference,
  referenceRecords,
  savedFields,
  sharedReferencePartition,
} from "../subject/reference.ts";
import { type ImportMapping, mappingParts } from "./mapping.ts";

export const importMappings = reference<ImportMapping>({
  name: "mapping",
  family: "import_mapping",
  idOf: ({ name }) => name,
  schema: Schema.Struct({ name: Schema.String, ...mappingParts, ...savedFields }),
  partition: sharedReferencePartition,
  limit: null,
  memory: { type: "recent", capacity: importLimits.cachedMappings },
  records: referenceRecords("mapping", "catalog"),
});
