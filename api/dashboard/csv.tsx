/** Lists as CSV: asked for page by page, as whoever downloads them would see them, and written as they are read. */
import type { Reply } from "../http/in-process.ts";
import type { ApiPage } from "./calls.ts";
import { show } from "./layout.tsx";
import { dashboardLimits } from "./limits.ts";
import { Refusal } from "./parts.tsx";
import type { PageContext } from "./visit.ts";

/**
 * Where a spreadsheet would see a formula, in full-width characters as well: at the beginning of a cell, and
 * behind whatever it may take for the end of one. Where a semicolon is that, quotes around the cell are none.
 */
const formula = /(?<=^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r])/g;

/** A number stays one; absent is empty. */
export type Cell = string | number | undefined;

/**
 * A cell of CSV (RFC 4180). What a spreadsheet would run as a formula has an apostrophe before it (OWASP, CSV
 * injection): cells hold what somebody else said.
 */
const cellText = (cell: Cell): string => {
  if (typeof cell !== "string") return cell === undefined ? "" : String(cell);
  const safe = cell.replace(formula, "'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const csvLine = (cells: readonly Cell[]): string => cells.map(cellText).join(",") + "\r\n";

/** Says that a file is UTF-8 to spreadsheets that would take it for something older. */
const byteOrderMark = "\ufeff";

export interface CsvList<Row> {
  /** Of the file. */
  readonly name: string;
  /** The section of the dashboard in which a refusal is told. */
  readonly section: string;
  readonly heading: readonly string[];
  readonly cells: (row: Row) => readonly Cell[];
  /** A page of the list. */
  readonly page: (
    query: { readonly limit: string; readonly cursor?: string },
  ) => Promise<Reply<ApiPage<Row>>>;
}

const limit = String(dashboardLimits.rowsPerExportPage);

/**
 * The whole list, however long, a page of it in memory at a time; the next is asked for when this one was
 * taken. Where the first is refused, a page says so; a later refusal breaks the file off, so that nobody takes
 * it for whole.
 */
export const csvDownload = async <Row,>(
  c: PageContext,
  list: CsvList<Row>,
): Promise<Response> => {
  const { section } = list;
  const first = await list.page({ limit });
  if (!first.ok) {
    return show(c, { title: section, section }, <Refusal refused={first} />, first.status);
  }
  const encoder = new TextEncoder();
  let told: Reply<ApiPage<Row>> = first;
  let rows = 0;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) =>
      controller.enqueue(encoder.encode(byteOrderMark + csvLine(list.heading))),
    pull: async (controller) => {
      if (!told.ok) return controller.error(new Error(told.problem.detail));
      const { data, nextCursor } = told.value;
      controller.enqueue(encoder.encode(data.map((row) => csvLine(list.cells(row))).join("")));
      rows += data.length;
      if (nextCursor === null) return controller.close();
      if (rows >= dashboardLimits.exportRows) {
        return controller.error(new Error(`A file holds ${dashboardLimits.exportRows} rows.`));
      }
      told = await list.page({ limit, cursor: nextCursor });
    },
  }, { highWaterMark: 0 });
  c.header("content-type", "text/csv; charset=utf-8");
  c.header("content-disposition", `attachment; filename="${list.name}.csv"`);
  return c.body(body);
};
