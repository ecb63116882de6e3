/** Imports: a file, how to read it, and what became of its rows. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { importLimits } from "../../../src/import/limits.ts";
import type { ImportFormat } from "../../../src/import/reader.ts";
import type { SessionApi } from "../../dashboard/calls.ts";
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
  type FormFields,
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
import { readyMapping, readyMappings } from "../../../src/import/ready-mappings.ts";
import { draftIn, mappingIn, readingIn } from "./mapping-fields.ts";
import { MappingForm } from "./mapping-form.tsx";
import { type Preview, previewOf } from "./preview.ts";
import { StatusBadge } from "./status-badge.tsx";

/** Saved ones, and those of known exports that nobody has saved in another form. */
const mappingChoices = async (calls: SessionApi): Promise<readonly Choice[]> => {
  const told = await calls.ask(listImportMappings, { query: { limit: "200" } });
  if (!told.ok) return [];
  const saved = told.value.data.map(({ name }) => ({ value: name, text: name }));
  const ready = readyMappings.filter(({ name }) => saved.every(({ value }) => value !== name));
  return [
    ...saved,
    ...ready.map(({ name, description }) => ({ value: name, text: description })),
  ];
};

/** Null where there is none of that name. */
const mappingNamed = async (calls: SessionApi, name: string) => {
  const told = await calls.ask(getImportMapping, { params: { name } });
  if (told.ok) return { mapping: told.value };
  const ready = told.status === 404 ? readyMapping(name) : null;
  return ready === null ? { refused: told } : { mapping: ready.mapping };
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
          CSV has a heading and a row for each order line; NDJSON has an order in each line. How it
          is written is guessed, and can be changed below.
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
    <p class="muted" id="reading" data-encoding={preview.guess.encoding}>
      Read in {preview.guess.encoding}.
    </p>
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
    const form = c.req.query("form");
    const fields: FormFields = new Map(new URLSearchParams(form));
    const told = name === null ? { mapping: null } : await mappingNamed(visit.calls, name);
    if ("refused" in told) return c.html(<Refusal refused={told.refused} />, 422);
    const draft = form === undefined ? null : draftIn(fields);
    const preview = previewOf({
      bytes,
      whole: c.req.query("whole") === "true",
      format: formatOf(c),
      channel: textOf(c, "channel"),
      mapping: draft ?? told.mapping,
      reading: readingIn(fields),
    });
    return c.html(
      <Previewed
        visit={visit}
        preview={preview}
        mapping={draft === null ? name : "This mapping"}
      />,
    );
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
        charset: textOf(c, "encoding"),
        stream: engine.bodies.streamed(c.req.raw, importLimits.bodyBytes),
      },
    });
    if (!told.ok) return c.html(<Refusal refused={told} />, told.status as 422);
    c.header("location", path("imports", told.value.id));
    return c.body(null, 201);
  });
};
