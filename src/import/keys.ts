/** Keys of import jobs. */
import type { Key } from "../kernel/key.ts";

export const importKeys = {
  /** ImportJob, and its results in pages. */
  job: (importId: string): Key => ["import_job", importId],
  results: (importId: string, page: number): Key => ["import_results", importId, page],
} as const;
