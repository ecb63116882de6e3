/** One import: how far it is, and what became of its rows. */
import { orderOutcomes, rowOutcomes, type RowResult } from "../../../src/import/job.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { csvDownload } from "../../dashboard/csv.tsx";
import { show } from "../../dashboard/layout.tsx";
import { Amount, Card, Empty, Refusal, Table, When, words } from "../../dashboard/parts.tsx";
import { type Dashboard, given, path, type Visit, withQuery } from "../../dashboard/visit.ts";
import { getImport, type ImportView, listImportResults } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";

const Progress = ({ visit, job }: { readonly visit: Visit; readonly job: ImportView }) => (
  <div
    id="job"
    class="stack"
    {...(job.status === "running"
      ? {
        "hx-get": path("imports", job.id),
        "hx-trigger": "every 1s",
        "hx-select": "#job",
        "hx-swap": "outerMorph",
      }
      : {})}
  >
    <p class="row">
      <span id="job-status">
        <StatusBadge status={job.status} />
      </span>
      <span>{job.uploaded ? "The whole file was taken in." : "The file is still coming in."}</span>
      {job.detail === undefined ? null : <span>{job.detail}</span>}
      <span class="muted">
        Begun <When at={job.createdAt} visit={visit} />
      </span>
    </p>
    {job.status === "running" ? <progress aria-label="The import is running"></progress> : null}
    <ul class="tiles">
      {orderOutcomes.map((outcome) => (
        <li
          class={`tile ${outcome === "rejected" && job.summary.orders.rejected > 0 ? "bad" : ""}`}
        >
          <b data-orders={outcome}>{visit.format.number(job.summary.orders[outcome])}</b>
          <span>Orders {outcome}</span>
        </li>
      ))}
      <li class="tile">
        <b data-rows="total">{visit.format.number(job.summary.rows.total)}</b>
        <span>Rows</span>
      </li>
      <li class="tile">
        <b data-units="reserved">{visit.format.number(job.summary.unitsReserved)}</b>
        <span>Units reserved of {visit.format.number(job.summary.units)}</span>
      </li>
      {job.summary.amounts.map((amount) => (
        <li class="tile">
          <b>
            <Amount of={amount} visit={visit} />
          </b>
          <span>Goods</span>
        </li>
      ))}
    </ul>
  </div>
);

const reasonOf = ({ detail, errors }: RowResult): string =>
  [
    detail ?? "",
    ...(errors ?? []).map((error) =>
      `${error.column ?? error.pointer ?? ""} ${error.detail}`.trim()
    ),
  ].filter((text) => text !== "").join(" ");

const Rows = ({ visit, rows }: { readonly visit: Visit; readonly rows: readonly RowResult[] }) => (
  <Table
    label="Rows"
    head={[{ text: "Line", number: true }, { text: "Order" }, { text: "What became of it" }, {
      text: "Why",
    }]}
  >
    {rows.map((row) => (
      <tr>
        <td class="number">{visit.format.number(row.line)}</td>
        <td>
          {row.orderId === undefined
            ? row.externalId ?? "?"
            : <a href={path("orders", row.orderId)}>{row.externalId}</a>}
        </td>
        <td>
          <StatusBadge status={row.outcome} />
        </td>
        <td>{reasonOf(row)}</td>
      </tr>
    ))}
  </Table>
);

export const importJobPages = (app: Dashboard): void => {
  app.get("/imports/:importId", async (c) => {
    const visit = c.get("visit");
    const params = { importId: c.req.param("importId") };
    const filters = given(c, ["outcome", "cursor"]);
    const [told, results] = await Promise.all([
      visit.calls.ask(getImport, { params }),
      visit.calls.ask(listImportResults, {
        params,
        query: {
          outcome: "rejected",
          ...filters,
          limit: String(dashboardLimits.rowsPerPage),
        },
      }),
    ]);
    const page = { title: "Import", section: "Imports" };
    if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
    const target = path("imports", params.importId);
    const outcome = filters["outcome"] ?? "rejected";
    return show(
      c,
      { ...page, title: `Import ${params.importId}` },
      <>
        <Progress visit={visit} job={told.value} />
        <nav class="row" aria-label="Rows by what became of them">
          {rowOutcomes.map((each) => (
            <a
              href={withQuery(target, { outcome: each })}
              aria-current={each === outcome ? "true" : undefined}
            >
              {words(each)}
            </a>
          ))}
          <a href={path("imports", params.importId, "rejected.csv")} download>
            Download the rejected rows
          </a>
        </nav>
        <Card title={`Rows: ${outcome}`}>
          {!results.ok
            ? <Refusal refused={results} />
            : results.value.data.length === 0
            ? <Empty>None.</Empty>
            : <Rows visit={visit} rows={results.value.data} />}
          {results.ok && results.value.nextCursor !== null
            ? (
              <a href={withQuery(target, { outcome, cursor: results.value.nextCursor })}>
                Further rows
              </a>
            )
            : null}
        </Card>
      </>,
    );
  });

  app.get("/imports/:importId/rejected.csv", (c) => {
    const { calls } = c.get("visit");
    const params = { importId: c.req.param("importId") };
    return csvDownload<RowResult>(c, {
      name: "rejected",
      section: "Imports",
      heading: ["line", "externalId", "problem", "reason"],
      cells: (row) => [row.line, row.externalId ?? undefined, row.problem, reasonOf(row)],
      page: (query) =>
        calls.ask(listImportResults, { params, query: { outcome: "rejected", ...query } }),
    });
  });
};
