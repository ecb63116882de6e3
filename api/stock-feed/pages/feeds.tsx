/** All stock feeds: how each does, and a form that makes one. */
import { levelLimits } from "../../../src/stock-feed/limits.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Card,
  Count,
  Empty,
  Field,
  Live,
  Refusal,
  Said,
  Table,
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
import { BehindCell, Secret, StatusCell } from "../../webhook/pages/parts.tsx";
import type { FeedView } from "../views.ts";
import { listStockFeeds, type SavedFeedView, saveStockFeed } from "./operations.ts";

export const page = { title: "Stock feeds", section: "Stock feeds" };

const Feeds = (
  { visit, feeds }: { readonly visit: Visit; readonly feeds: readonly FeedView[] },
) => (
  <Card title="Stock feeds">
    {feeds.length === 0 ? <Empty>Nobody is told of stock yet.</Empty> : (
      <Table
        label="Stock feeds"
        head={[
          { text: "Feed" },
          { text: "Status" },
          { text: "Locations", wide: true },
          { text: "Waiting", number: true },
          { text: "Behind", number: true },
          { text: "Last success" },
        ]}
      >
        {feeds.map((each) => (
          <tr>
            <td>
              <a href={path("stock-feeds", each.id)}>{each.description || each.id}</a>
            </td>
            <StatusCell lane={each} />
            <td class="wide">{each.locationIds.join(", ")}</td>
            <td class="number">
              <Count of={each.waiting} visit={visit} />
            </td>
            <BehindCell lane={each} visit={visit} />
            <td>
              {each.lastSuccessAt === null
                ? "never"
                : <When at={each.lastSuccessAt} visit={visit} />}
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

/** The fields of a feed, as it is, or as a new one is by default. */
export const FeedFields = ({ feed }: { readonly feed?: FeedView }) => (
  <>
    <Field
      label="URL"
      name="url"
      value={feed?.url ?? ""}
      required
      maxLength={2000}
      hint="https, and on the public internet"
    />
    <Field
      label="Locations"
      name="locationIds"
      value={feed?.locationIds.join(", ") ?? ""}
      required
      maxLength={levelLimits.locations * textLimits.id}
      hint="Their ids, with commas between them: their units are one sum"
    />
    <Field
      label="Units kept back"
      name="buffer"
      type="number"
      minimum={0}
      maximum={levelLimits.buffer}
      value={String(feed?.buffer ?? 0)}
    />
    <Field
      label="Rises wait, milliseconds"
      name="minIntervalMs"
      type="number"
      minimum={0}
      maximum={levelLimits.mostMinIntervalMs}
      value={String(feed?.minIntervalMs ?? levelLimits.minIntervalMs)}
    />
    <Field
      label="SKUs of one request"
      name="batchSize"
      type="number"
      minimum={1}
      maximum={levelLimits.mostBatchSize}
      value={String(feed?.batchSize ?? levelLimits.batchSize)}
    />
    <Field
      label="Description"
      name="description"
      value={feed?.description ?? ""}
      maxLength={textLimits.description}
    />
  </>
);

const listed = (text: string): readonly string[] =>
  text.split(",").map((each) => each.trim()).filter((each) => each !== "");

/** The request that a form stands for. */
export const feedIn = (fields: FormFields, enabled: boolean) => ({
  url: field(fields, "url"),
  locationIds: listed(field(fields, "locationIds")),
  buffer: Number(field(fields, "buffer")),
  minIntervalMs: Number(field(fields, "minIntervalMs")),
  batchSize: Number(field(fields, "batchSize")),
  description: field(fields, "description"),
  enabled,
});

const Make = ({ visit }: { readonly visit: Visit }) => (
  <details class="act" id="act-make">
    <summary>Make a feed…</summary>
    <ActionForm visit={visit} action="/stock-feeds" label="Make" tone="main">
      <Field label="Id" name="id" required maxLength={textLimits.id} />
      <FeedFields />
    </ActionForm>
  </details>
);

const listPage = async (c: PageContext, message: Notice, made?: SavedFeedView) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(listStockFeeds, { query: { limit: "200" } });
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  return show(
    c,
    { ...page, live: {} },
    <>
      <Said message={message} />
      {made === undefined ? null : <Secret secret={made.secret} />}
      <Live id="feeds" url="/stock-feeds" on="beats">
        <Feeds visit={visit} feeds={told.value.data} />
      </Live>
      {visit.calls.may(saveStockFeed) ? <Make visit={visit} /> : null}
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = { remove: "The feed is removed." };

export const feedListPages = (app: Dashboard): void => {
  app.get("/stock-feeds", (c) => listPage(c, { done: saidDone(c, done) }));

  // No redirect: the secret is in this answer and nowhere else.
  app.post("/stock-feeds", async (c) => {
    const fields = c.get("fields");
    const told = await c.get("visit").calls.ask(saveStockFeed, {
      params: { stockFeedId: field(fields, "id") },
      json: feedIn(fields, true),
      headers: new Headers({ "if-none-match": "*" }),
    });
    return told.ok
      ? await listPage(c, { done: "The feed is made." }, told.value)
      : await listPage(c, { refused: told });
  });
};
