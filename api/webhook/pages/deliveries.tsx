/** All webhook endpoints: how each does, and a form that makes one. */
import { textLimits } from "../../../src/kernel/limits.ts";
import { outboxOfLane } from "../../../src/outbound/place.ts";
import { webhookLanes } from "../../../src/webhook/outbox.ts";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Card,
  Empty,
  Field,
  Live,
  Refusal,
  Said,
  Select,
  Table,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { saidDone } from "../../dashboard/action-form.tsx";
import { getStatus } from "../../status/pages/operations.ts";
import type { ShownStatus } from "../../status/shown.ts";
import type { WebhookView } from "../views.ts";
import { createWebhook, listWebhooks, type NewSecret } from "./operations.ts";
import { LaneCells, Secret, StatusCell } from "./parts.tsx";

export const page = { title: "Deliveries", section: "Deliveries" };

const Endpoints = (
  { visit, endpoints }: { readonly visit: Visit; readonly endpoints: readonly WebhookView[] },
) => (
  <Card title="Endpoints">
    {endpoints.length === 0 ? <Empty>Nobody is told of events yet.</Empty> : (
      <Table
        label="Endpoints"
        head={[
          { text: "Endpoint" },
          { text: "Status" },
          { text: "Events", wide: true },
          { text: "Waiting", number: true },
          { text: "Failed", number: true },
          { text: "Behind", number: true },
        ]}
      >
        {endpoints.map((each) => (
          <tr>
            <td>
              <a href={path("deliveries", each.id)}>{each.description || each.url}</a>
            </td>
            <StatusCell lane={each} />
            <td class="wide">{each.types.join(", ")}</td>
            <LaneCells lane={each} visit={visit} />
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

type OtherLane = NonNullable<ShownStatus["lanes"]>[number];

/** What leaves by other ways: stock feeds, messages to customers. */
const OtherLanes = (
  { visit, lanes }: { readonly visit: Visit; readonly lanes: readonly OtherLane[] },
) => (
  <Card title="Other lanes">
    <Table
      label="Other lanes"
      head={[
        { text: "Lane" },
        { text: "Status" },
        { text: "Waiting", number: true },
        { text: "Failed", number: true },
        { text: "Behind", number: true },
      ]}
    >
      {lanes.map((each) => (
        <tr>
          <td class="code">{each.name}</td>
          <StatusCell lane={each} />
          <LaneCells lane={each} visit={visit} />
        </tr>
      ))}
    </Table>
  </Card>
);

const Make = ({ visit }: { readonly visit: Visit }) => (
  <details class="act" id="act-make">
    <summary>Make an endpoint…</summary>
    <ActionForm visit={visit} action="/deliveries" label="Make" tone="main">
      <Field label="URL" name="url" required hint="https, and on the public internet" />
      <Field
        label="Events"
        name="types"
        value="order.*"
        required
        hint="Types such as order.shipped, or beginnings such as order.*, with commas between them"
      />
      <Select
        label="Bodies have"
        name="include"
        choices={[
          { value: "", text: "The event" },
          { value: "order", text: "The event and the order" },
        ]}
      />
      <Field label="Description" name="description" maxLength={textLimits.description} />
    </ActionForm>
  </details>
);

const endpointIn = (fields: FormFields) => {
  const include = field(fields, "include");
  return {
    url: field(fields, "url"),
    types: field(fields, "types").split(",").map((type) => type.trim())
      .filter((type) => type !== ""),
    include: include === "" ? [] : [include],
    description: field(fields, "description"),
  };
};

const listPage = async (c: PageContext, message: Notice, made?: NewSecret) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(listWebhooks, { query: { limit: "200" } });
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const status = await visit.calls.ask(getStatus);
  const lanes = (status.ok ? status.value.lanes ?? [] : [])
    .filter(({ name }) => outboxOfLane(name) !== webhookLanes.name);
  return show(
    c,
    { ...page, live: {} },
    <>
      <Said message={message} />
      {made === undefined ? null : <Secret secret={made.secret} />}
      <Live id="endpoints" url="/deliveries" on="beats">
        <Endpoints visit={visit} endpoints={told.value.data} />
        {lanes.length === 0 ? null : <OtherLanes visit={visit} lanes={lanes} />}
      </Live>
      {visit.calls.may(createWebhook) ? <Make visit={visit} /> : null}
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = { remove: "The endpoint is removed." };

export const deliveriesPages = (app: Dashboard): void => {
  app.get("/deliveries", (c) => listPage(c, { done: saidDone(c, done) }));

  // No redirect: the secret is in this answer and nowhere else.
  app.post("/deliveries", async (c) => {
    const fields = c.get("fields");
    const told = await c.get("visit").calls.ask(createWebhook, {
      json: endpointIn(fields),
      idempotencyKey: field(fields, "once") || undefined,
    });
    return told.ok
      ? await listPage(c, { done: "The endpoint is made." }, told.value)
      : await listPage(c, { refused: told });
  });
};
