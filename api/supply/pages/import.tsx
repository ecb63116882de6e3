/** A form that makes documents of a CSV file, and what became of each. */
import { ActionForm, Card, Refusal, Table, TextArea } from "../../dashboard/parts.tsx";
import { show } from "../../dashboard/layout.tsx";
import { type Dashboard, type PageContext, path, type Visit } from "../../dashboard/visit.ts";
import type { Operation, Reply } from "../../http/in-process.ts";
import { importScripts } from "./assets.ts";
import type { ImportShown } from "./operations.ts";

/** Larger files go to the API itself. */
const mostCharacters = 200_000;

export interface ImportPages {
  /** The path of the list; documents stand below it. */
  readonly target: string;
  readonly section: string;
  readonly title: string;
  readonly operation: Operation<ImportShown>;
  readonly heading: string;
}

const Result = ({ told, target }: { readonly told: ImportShown; readonly target: string }) => (
  <Card title="What became of it">
    <p class={`message ${told.rejected === 0 ? "good" : "bad"}`} role="status">
      {told.created} made, {told.repeated} there before, {told.rejected} rejected
    </p>
    <Table
      label="Documents of the file"
      head={[{ text: "Document" }, { text: "Rows" }, { text: "Outcome" }, { text: "Why" }]}
    >
      {told.data.map(({ externalId, rows, outcome, id, detail, errors = [] }) => (
        <tr>
          <td>
            {id === undefined ? externalId ?? "–" : <a href={target + path(id)}>{externalId}</a>}
          </td>
          <td>{rows.join(", ")}</td>
          <td>{outcome}</td>
          <td>
            {[
              detail ?? "",
              ...errors.map(({ line, column, pointer, detail }) =>
                [line === undefined ? "" : `row ${line}`, column ?? pointer ?? "", detail]
                  .filter((text) => text !== "").join(" ")
              ),
            ].filter((text) =>
              text !== ""
            ).join("; ")}
          </td>
        </tr>
      ))}
    </Table>
  </Card>
);

const Form = ({ visit, pages }: { readonly visit: Visit; readonly pages: ImportPages }) => (
  <Card title="File">
    <div class="field">
      <label for="supply-file">CSV file: its text is shown below before it is sent</label>
      <input id="supply-file" type="file" accept=".csv,text/csv" />
    </div>
    <ActionForm visit={visit} action={`${pages.target}/import`} label="Import" tone="main">
      <TextArea
        label="CSV"
        name="csv"
        id="supply-csv"
        rows={10}
        required
        maxLength={mostCharacters}
        hint={`One row for each line, below the heading ${pages.heading}`}
      />
    </ActionForm>
  </Card>
);

const importPage = (
  c: PageContext,
  pages: ImportPages,
  told?: Reply<ImportShown>,
) => {
  const visit = c.get("visit");
  return show(
    c,
    { title: pages.title, section: pages.section, scripts: importScripts },
    <>
      <div class="row">
        <a href={pages.target} class="back">{pages.section}</a>
      </div>
      {told === undefined
        ? null
        : told.ok
        ? <Result told={told.value} target={pages.target} />
        : <Refusal refused={told} />}
      <Form visit={visit} pages={pages} />
    </>,
    told === undefined || told.ok ? 200 : told.status,
  );
};

export const importPages = (app: Dashboard, pages: ImportPages): void => {
  app.get(`${pages.target}/import`, (c) => importPage(c, pages));
  app.post(`${pages.target}/import`, async (c) => {
    const bytes = new TextEncoder().encode(c.get("fields").get("csv") ?? "");
    const told = await c.get("visit").calls.ask(pages.operation, {
      stream: {
        ...{ mediaType: "text/csv", charset: "utf-8" },
        stream: new Blob([bytes]).stream(),
      },
    });
    return importPage(c, pages, told);
  });
};
