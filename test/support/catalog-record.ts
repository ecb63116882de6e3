/** Log records of saved references, for tests that need some record. */
import type { CatalogRecord } from "../../src/catalog/record.ts";

export const catalogRecord = (record: Omit<CatalogRecord, "kind">): CatalogRecord => ({
  kind: "catalog",
  ...record,
});
