/** The operations about imports that pages ask for, and what they answer. */
import type { ImportJob, RowResult, summaryView } from "../../../src/import/job.ts";
import type { ImportMapping } from "../../../src/import/mapping.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as mappings from "../import-mappings.ts";
import * as imports from "../imports.ts";

export type ImportView = Omit<ImportJob, "summary" | "by" | "resultPages" | "bodyHash"> & {
  readonly summary: ReturnType<typeof summaryView>;
  readonly createdBy: string;
  readonly results?: readonly RowResult[];
};

export const importOrders = operation<ImportView>(imports.startImport);
export const listImports = operation<ApiPage<ImportView>>(imports.listImports);
export const getImport = operation<ImportView>(imports.getImport);
export const listImportResults = operation<ApiPage<RowResult>>(imports.listResults);
export const listImportMappings = operation<ApiPage<ImportMapping>>(mappings.listMappings);
export const getImportMapping = operation<ImportMapping>(mappings.getMapping);
export const saveImportMapping = operation<ImportMapping>(mappings.saveMapping);
