/** Imports: a file, how to read it, and what became of its rows. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { importLimits } from "../../../src/import/limits.ts";
import type { ImportFormat } from "../../../src/import/reader.ts";
import type { Calls } from "../../dashboard/calls.ts";
import { declaredLength } from "../../http/body.ts";
import { show } from "../../dashboard/layout.tsx";
import {
  Card,
  type Choice,
  Empty,
  Field,
  Refusal,
  Select,
  Table,
  When,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import {
  getImportMapping,
  importOrders,
  type ImportView,
  listImportMappings,
  listImports,
  saveImportMapping,
} from "./operations.ts";
import { importScripts } from "./assets.ts";
import { MappingForm, mappingIn } from "./mapping-form.tsx";
import { type Preview, previewOf } from "./preview.ts";
import { StatusBadge } from "./status-badge.tsx";

const mappingChoices = async (calls: Calls): Promise<readonly Choice[]> => {
  const told = await calls.ask(listImportMappings, { query: { limit: "200" } });
  return told.ok ? told.value.data.map(({ name }) => ({ value: name, text: name })) : [];
};

const Start = (
  { visit, mappings }: { readonly visit: Visit; readonly mappings: readonly Choice[] },
) => (
  <Card title="Import orders">
    <form id="import" class="stack" method="post" action="/imports" data-csrf={visit.csrf}>
      <div class="drop" id="drop">
        <label for="import-file">CSV or NDJSON file: choose one, or drop it here</label>
        <input id="import-file" type="file" accept=".csv,.ndjson,.jsonl,text/csv" required />
        <p class="hint">
          CSV has a heading and a row for each order line; NDJSON has an order in each line.
        </p>
      </div>
      <div class="row">
        <Field
          label="Channel"
          name="channel"
          id="import-channel"
          value={visit.by.scope.channel}
          hint="Needed unless each NDJSON row says its own"
        />
        <Select
          label="Mapping"
          name="mapping"
          id="import-mapping"
          all="None: columns are named as Allot names them"
          choices={mappings}
        />
      </div>
      <div id="import-said" aria-live="polite"></div>
      <progress id="import-progress" max="1" value="0" hidden aria-label="Sent of the file">
      </progress>
      <button type="submit" class="main">Import</button>
    </form>
    <div id="preview" class="stack" aria-live="polite"></div>
    <div id="making"></div>
  </Card>
);

const Recent = (
  { visit, jobs }: { readonly visit: Visit; readonly jobs: readonly ImportView[] },
) => (
  <Card title="Last imports">
    {jobs.length === 0 ? <Empty>None yet.</Empty> : (
      <Table
        label="Last imports"
        head={[
          { text: "Import" },
          { text: "Status" },
          { text: "Channel" },
          { text: "Created", number: true },
          { text: "Rejected", number: true },
          { text: "Started" },
        ]}
      >
        {jobs.map((job) => (
          <tr>
            <td>
              <a href={path("imports", job.id)} class="code">{job.id}</a>
            </td>
            <td>
              <StatusBadge status={job.status} />
            </td>
            <td>{job.channel ?? "Of the rows"}</td>
            <td class="number">{visit.format.number(job.summary.orders.created)}</td>
            <td class="number">{visit.format.number(job.summary.orders.rejected)}</td>
            <td>
              <When at={job.createdAt} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

const Previewed = ({ visit, preview, mapping }: {
  readonly visit: Visit;
  readonly preview: Preview;
  readonly mapping: string | null;
}) => (
  <>
    {preview.problem === null ? null : <p class="message warn" role="status">{preview.problem}</p>}
    {preview.columns.length === 0 ? null : (
      <Table
        label="The first rows of the file"
        head={preview.columns.map((column) => ({ text: column }))}
      >
        {preview.rows.map((cells) => <tr>{cells.map((cell) => <td>{cell}</td>)}</tr>)}
      </Table>
    )}
    {preview.orders.length === 0 ? null : (
      <Table
        label={mapping === null ? "What becomes of it" : `What ${mapping} makes of it`}
        head={[{ text: "Line", number: true }, { text: "Order" }, { text: "What becomes of it" }]}
      >
        {preview.orders.map(({ line, externalId, lines, problems }) => (
          <tr>
            <td class="number">{visit.format.number(line)}</td>
            <td>{externalId}</td>
            <td>{lines === null ? problems.join("; ") : lines.join(", ")}</td>
          </tr>
        ))}
      </Table>
    )}
    {visit.calls.may(saveImportMapping) && preview.columns.length > 0
      ? <MappingForm visit={visit} preview={preview} />
      : null}
  </>
);

const formatOf = (c: PageContext): ImportFormat =>
  c.req.query("format") === "ndjson" ? "ndjson" : "csv";

const mediaTypes = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;

const textOf = (c: PageContext, name: string): string | null => {
  const value = c.req.query(name)?.trim() ?? "";
  return value === "" ? null : value;
};

const startPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const [mappings, told] = await Promise.all([
    mappingChoices(visit.calls),
    visit.calls.ask(listImports, { query: { limit: String(dashboardLimits.importsShown) } }),
  ]);
  return show(
    c,
    { title: "Imports", section: "Imports", scripts: importScripts },
    <>
      {visit.calls.may(importOrders) ? <Start visit={visit} mappings={mappings} /> : null}
      {told.ok ? <Recent visit={visit} jobs={told.value.data} /> : <Refusal refused={told} />}
    </>,
  );
};

export const importPages = (app: Dashboard): void => {
  app.get("/imports", startPage);

  /** The body is the beginning of the file. */
  app.post("/imports/preview", async (c) => {
    const visit = c.get("visit");
    const request = c.req.raw;
    const length = declaredLength(request);
    const { previewBytes } = dashboardLimits;
    const bytes = await visit.engine.bodies.whole(request, length, previewBytes, visit.by.id);
    const name = textOf(c, "mapping");
    const told = name === null
      ? null
      : await visit.calls.ask(getImportMapping, { params: { name } });
    if (told !== null && !told.ok) return c.html(<Refusal refused={told} />, 422);
    const preview = previewOf({
      bytes,
      whole: c.req.query("whole") === "true",
      format: formatOf(c),
      channel: textOf(c, "channel"),
      mapping: told?.value ?? null,
    });
    return c.html(<Previewed visit={visit} preview={preview} mapping={name} />);
  });

  app.post("/imports/mappings", async (c) => {
    const { calls } = c.get("visit");
    const fields = c.get("fields");
    const name = field(fields, "name");
    const told = await calls.ask(saveImportMapping, {
      params: { name },
      json: mappingIn(fields),
    });
    return told.ok
      ? c.html(
        <p class="message good" role="status" data-saved-mapping={name}>
          The mapping {name} is saved.
        </p>,
      )
      : c.html(<Refusal refused={told} />);
  });

  /** The body is the file, read as it arrives. */
  app.post("/imports/upload", async (c) => {
    const { calls, engine } = c.get("visit");
    const length = Number(c.req.header("content-length") ?? "NaN");
    if (!(length <= importLimits.bodyBytes)) {
      return c.html(<p class="message bad" role="alert">The file is empty or too large.</p>, 413);
    }
    const channel = textOf(c, "channel");
    const mapping = textOf(c, "mapping");
    const told = await calls.ask(importOrders, {
      query: {
        ...(channel === null ? {} : { channel }),
        ...(mapping === null ? {} : { mapping }),
      },
      stream: {
        mediaType: mediaTypes[formatOf(c)],
        charset: null,
        stream: engine.bodies.streamed(c.req.raw, importLimits.bodyBytes),
      },
    });
    if (!told.ok) return c.html(<Refusal refused={told} />, told.status as 422);
    c.header("location", path("imports", told.value.id));
    return c.body(null, 201);
  });
};
