/** One webhook endpoint: what it is told, what waits and what failed, and what may be done about it. */
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Badge,
  Card,
  Empty,
  Field,
  Live,
  Refusal,
  Said,
  Select,
  Table,
  type Tones,
  When,
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
import type { Operation } from "../../http/in-process.ts";
import type { WebhookView } from "../views.ts";
import { page } from "./deliveries.tsx";
import {
  type DeliveryRow,
  disableWebhook,
  dismissDeliveries,
  enableWebhook,
  getWebhook,
  listDeliveries,
  type NewSecret,
  redeliverWebhook,
  removeWebhook,
  rotateWebhookSecret,
  testWebhook,
} from "./operations.ts";
import { EndpointStatus, Secret } from "./parts.tsx";

const shownRows = "20";

const tones: Tones = { delivered: "good", not_delivered: "bad", waiting: "warn", failed: "bad" };

const Facts = ({ visit, endpoint }: { readonly visit: Visit; readonly endpoint: WebhookView }) => (
  <Card title={endpoint.description || endpoint.url} more={<EndpointStatus {...endpoint} />}>
    {endpoint.reason === undefined ? null : <p class="message warn">{endpoint.reason}</p>}
    <dl class="facts">
      <dt>URL</dt>
      <dd class="code">{endpoint.url}</dd>
      <dt>Events</dt>
      <dd>{endpoint.types.join(", ")}</dd>
      <dt>Waiting</dt>
      <dd>{visit.format.number(endpoint.waiting)}</dd>
      <dt>Failed for good</dt>
      <dd>{visit.format.number(endpoint.failed)}</dd>
      <dt>Behind</dt>
      <dd>{visit.format.number(Math.round(endpoint.secondsBehind))} s</dd>
      {endpoint.failingSince === undefined ? null : (
        <>
          <dt>Nobody answers</dt>
          <dd>
            <When at={endpoint.failingSince} visit={visit} />
          </dd>
        </>
      )}
    </dl>
  </Card>
);

const Rows = ({ visit, title, empty, rows, action }: {
  readonly visit: Visit;
  readonly title: string;
  readonly empty: string;
  readonly rows: readonly DeliveryRow[];
  /** What may be done with each: where its form is sent, and the words of its button. */
  readonly action?: readonly { readonly to: string; readonly label: string }[];
}) => (
  <Card title={title}>
    {rows.length === 0 ? <Empty>{empty}</Empty> : (
      <Table
        label={title}
        head={[
          { text: "Event" },
          { text: "Order", wide: true },
          { text: "Outcome" },
          { text: "Attempt", number: true },
          { text: "When" },
          ...(action === undefined ? [] : [{ text: "" }]),
        ]}
      >
        {rows.map((row) => (
          <tr>
            <td class="code">{row.eventId}</td>
            <td class="wide">
              {row.orderId === null
                ? null
                : <a href={path("orders", row.orderId)} class="code">{row.orderId}</a>}
            </td>
            <td>
              <Badge status={row.outcome} tones={tones} />
              {row.reason === undefined ? null : <p class="hint">{row.reason}</p>}
            </td>
            <td class="number">{visit.format.number(row.attempt)}</td>
            <td>
              {row.nextAt !== undefined
                ? <When at={row.nextAt} visit={visit} />
                : row.at === null
                ? null
                : <When at={row.at} visit={visit} />}
            </td>
            {action === undefined ? null : (
              <td>
                {action.map(({ to, label }) => (
                  <ActionForm visit={visit} action={to} label={label}>
                    <input type="hidden" name="eventId" value={row.eventId} />
                  </ActionForm>
                ))}
              </td>
            )}
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

const Actions = (
  { visit, endpoint }: { readonly visit: Visit; readonly endpoint: WebhookView },
) => {
  const to = (action: string) => path("deliveries", endpoint.id, action);
  return (
    <div class="actions">
      {endpoint.status === "disabled"
        ? (
          <details class="act" id="act-enable">
            <summary>Enable…</summary>
            <ActionForm visit={visit} action={to("enable")} label="Enable" tone="main">
              <Select
                label="Events since it was disabled"
                name="resume"
                choices={[
                  { value: "where_it_stopped", text: "Are sent now" },
                  { value: "now", text: "Are left out" },
                ]}
              />
            </ActionForm>
          </details>
        )
        : (
          <>
            <ActionForm visit={visit} action={to("test")} label="Send a test" />
            <details class="act" id="act-disable">
              <summary>Disable…</summary>
              <ActionForm visit={visit} action={to("disable")} label="Disable" tone="danger">
                <Field label="Reason" name="reason" id="disable-reason" />
              </ActionForm>
            </details>
          </>
        )}
      <details class="act" id="act-rotate">
        <summary>New secret…</summary>
        <p class="hint">The secret of now signs beside the new one for a day.</p>
        <ActionForm visit={visit} action={to("rotate")} label="Make a new secret" />
      </details>
      <details class="act" id="act-remove">
        <summary>Remove…</summary>
        <p class="hint">What was to be sent is forgotten.</p>
        <ActionForm visit={visit} action={to("remove")} label="Remove" tone="danger" />
      </details>
    </div>
  );
};

const idOf = (c: PageContext): string => c.req.param("id") ?? "";
const own = (c: PageContext): string => path("deliveries", idOf(c));

const endpointPage = async (c: PageContext, message: Notice, made?: NewSecret) => {
  const visit = c.get("visit");
  const params = { webhookId: idOf(c) };
  const told = await visit.calls.ask(getWebhook, { params });
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const rowsOf = async (query: Readonly<Record<string, string>>) => {
    const rows = await visit.calls.ask(listDeliveries, {
      params,
      query: { limit: shownRows, ...query },
    });
    return rows.ok ? rows.value.data : [];
  };
  const again = { to: `${own(c)}/redeliver`, label: "Send again" };
  return show(
    c,
    { ...page, live: {} },
    <>
      <Said message={message} />
      {made === undefined ? null : <Secret secret={made.secret} />}
      <Live id="endpoint" url={own(c)} on="beats" calm>
        <Facts visit={visit} endpoint={told.value} />
        <Rows
          visit={visit}
          title="Failed for good"
          empty="Nothing has failed for good."
          rows={await rowsOf({ outcome: "failed" })}
          action={[again, { to: `${own(c)}/dismiss`, label: "Dismiss" }]}
        />
        <Rows
          visit={visit}
          title="Waiting"
          empty="Nothing waits for another attempt."
          rows={await rowsOf({ outcome: "waiting" })}
          action={[again]}
        />
        <Rows
          visit={visit}
          title="Last attempts"
          empty="Nothing was sent yet."
          rows={await rowsOf({})}
        />
      </Live>
      <Actions visit={visit} endpoint={told.value} />
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = {
  test: "A test is on its way: it comes among the last attempts.",
  enable: "The endpoint is enabled.",
  disable: "The endpoint is disabled.",
  redeliver: "It is sent again.",
  dismiss: "It is dismissed.",
};

const eventIds = (fields: FormFields) => ({ eventIds: [field(fields, "eventId")] });

export const endpointPages = (app: Dashboard): void => {
  app.get("/deliveries/:id", (c) => endpointPage(c, { done: saidDone(c, done) }));

  const onAction = (
    name: keyof typeof done,
    operation: Operation,
    body: (fields: FormFields) => object,
  ) =>
    onPost(app, {
      path: `/deliveries/:id/${name}`,
      operation,
      params: (c) => ({ webhookId: idOf(c) }),
      body,
      back: own,
      done: name,
      again: (c, refused) => endpointPage(c, { refused }),
    });
  onAction("test", testWebhook, () => ({}));
  onAction("enable", enableWebhook, (fields) => ({ resume: field(fields, "resume") }));
  onAction("disable", disableWebhook, (fields) => ({ reason: field(fields, "reason") }));
  onAction("redeliver", redeliverWebhook, eventIds);
  onAction("dismiss", dismissDeliveries, eventIds);
  onPost(app, {
    path: "/deliveries/:id/remove",
    operation: removeWebhook,
    params: (c) => ({ webhookId: idOf(c) }),
    body: () => ({}),
    back: () => "/deliveries",
    done: "remove",
    again: (c, refused) => endpointPage(c, { refused }),
  });

  // No redirect: the secret is in this answer and nowhere else.
  app.post("/deliveries/:id/rotate", async (c) => {
    const told = await c.get("visit").calls.ask(rotateWebhookSecret, {
      params: { webhookId: idOf(c) },
      json: {},
      idempotencyKey: field(c.get("fields"), "once") || undefined,
    });
    return told.ok
      ? await endpointPage(c, { done: "There is a new secret." }, told.value)
      : await endpointPage(c, { refused: told });
  });
};
