/** The subject, as the machine knows it. */
import { paged } from "../subject/paged.ts";
import type { Subject } from "../subject/subject.ts";
import { type ImportJob, rowOutcomes, type RowResult } from "./job.ts";
import { importMappings } from "./references.ts";

/** What became of the rows stands in pages, and as sums in the job. */
const jobs = paged<ImportJob, readonly RowResult[]>({
  name: "import",
  plural: "imports",
  family: "import_job",
  pageFamily: "import_results",
  pagesOf: ({ resultPages }) => resultPages,
  faultOf: ({ summary }, pages) => {
    const rows = pages.flat();
    if (rows.length !== summary.rows.total) {
      return `it has results of ${rows.length} rows and counts ${summary.rows.total}.`;
    }
    for (const outcome of rowOutcomes) {
      const found = rows.filter((row) => row.outcome === outcome).length;
      // Jobs of earlier versions do not count what they did not know.
      const counted = summary.rows[outcome] ?? 0;
      if (found !== counted) {
        return `${found} rows are ${outcome}, it counts ${counted}.`;
      }
    }
    return null;
  },
});

export const imports: Subject = {
  name: "import",
  references: [importMappings],
  paged: [jobs],
};
