/** One stock feed: how it does, which SKUs it has not taken, and what may be done about it. */
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Card,
  Empty,
  Live,
  Refusal,
  Said,
  Table,
  When,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { EndpointStatus } from "../../webhook/pages/parts.tsx";
import type { FeedDetails, FeedView } from "../views.ts";
import { FeedFields, feedIn, page } from "./feeds.tsx";
import { getStockFeed, removeStockFeed, resyncStockFeed, saveStockFeed } from "./operations.ts";

const Resync = (
  { visit, resync }: {
    readonly visit: Visit;
    readonly resync: NonNullable<FeedView["resync"]>;
  },
) => (
  <>
    {resync.endedAt === null ? "Under way, so far " : (
      <>
        <When at={resync.endedAt} visit={visit} />
        {", "}
      </>
    )}
    {visit.format.number(resync.skus)} SKUs, {visit.format.number(resync.differed)} differed
  </>
);

const Facts = ({ visit, feed }: { readonly visit: Visit; readonly feed: FeedView }) => (
  <Card title={feed.description || feed.id} more={<EndpointStatus {...feed} />}>
    {feed.reason === undefined ? null : <p class="message warn">{feed.reason}</p>}
    <dl class="facts">
      <dt>URL</dt>
      <dd class="code">{feed.url}</dd>
      <dt>Locations</dt>
      <dd>{feed.locationIds.join(", ")}</dd>
      <dt>Units kept back</dt>
      <dd>{visit.format.number(feed.buffer)}</dd>
      <dt>Waiting</dt>
      <dd>{visit.format.number(feed.waiting)} SKUs</dd>
      <dt>Behind</dt>
      <dd>{visit.format.number(Math.round(feed.secondsBehind))} s</dd>
      <dt>Last success</dt>
      <dd>
        {feed.lastSuccessAt === null ? "never" : <When at={feed.lastSuccessAt} visit={visit} />}
      </dd>
      {feed.failingSince === undefined ? null : (
        <>
          <dt>Nobody answers</dt>
          <dd>
            <When at={feed.failingSince} visit={visit} />
          </dd>
        </>
      )}
      {feed.resync === null ? null : (
        <>
          <dt>All SKUs</dt>
          <dd>
            <Resync visit={visit} resync={feed.resync} />
          </dd>
        </>
      )}
    </dl>
  </Card>
);

const Troubles = ({ visit, feed }: { readonly visit: Visit; readonly feed: FeedDetails }) => (
  <Card title="Not taken">
    {feed.troubles.length === 0 ? <Empty>It has taken everything.</Empty> : (
      <Table
        label="SKUs that were not taken"
        head={[
          { text: "SKU" },
          { text: "Reason" },
          { text: "Attempts", number: true },
          { text: "Next" },
        ]}
      >
        {feed.troubles.map(({ sku, reason, attempts, nextAt }) => (
          <tr>
            <td class="code">{sku}</td>
            <td>{reason}</td>
            <td class="number">{visit.format.number(attempts)}</td>
            <td>
              <When at={nextAt} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

const Actions = ({ visit, feed }: { readonly visit: Visit; readonly feed: FeedView }) => {
  const to = (action: string) => path("stock-feeds", feed.id, action);
  const isDisabled = feed.status === "disabled";
  return (
    <div class="actions">
      {isDisabled
        ? null
        : <ActionForm visit={visit} action={to("resync")} label="Tell of all SKUs" />}
      <details class="act" id="act-save">
        <summary>{isDisabled ? "Enable…" : "Change…"}</summary>
        <ActionForm visit={visit} action={to("save")} label="Save" tone="main">
          <FeedFields feed={feed} />
        </ActionForm>
      </details>
      <details class="act" id="act-remove">
        <summary>Remove…</summary>
        <p class="hint">It is told nothing more.</p>
        <ActionForm visit={visit} action={to("remove")} label="Remove" tone="danger" />
      </details>
    </div>
  );
};

const idOf = (c: PageContext): string => c.req.param("id") ?? "";
const own = (c: PageContext): string => path("stock-feeds", idOf(c));

const feedPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getStockFeed, { params: { stockFeedId: idOf(c) } });
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  return show(
    c,
    { ...page, live: {} },
    <>
      <Said message={message} />
      <Live id="feed" url={own(c)} on="beats" calm>
        <Facts visit={visit} feed={told.value} />
        <Troubles visit={visit} feed={told.value} />
      </Live>
      <Actions visit={visit} feed={told.value} />
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = {
  save: "The feed is saved: it is told of all SKUs.",
  resync: "It is told of all SKUs.",
};

export const feedPages = (app: Dashboard): void => {
  app.get("/stock-feeds/:id", (c) => feedPage(c, { done: saidDone(c, done) }));

  const onAction = (action: Pick<Parameters<typeof onPost>[1], "operation" | "body" | "done">) =>
    onPost(app, {
      path: `/stock-feeds/:id/${action.done}`,
      params: (c) => ({ stockFeedId: idOf(c) }),
      back: own,
      again: (c, refused) => feedPage(c, { refused }),
      ...action,
    });
  onAction({ operation: saveStockFeed, body: (fields) => feedIn(fields, true), done: "save" });
  onAction({ operation: resyncStockFeed, body: () => ({}), done: "resync" });
  onPost(app, {
    path: "/stock-feeds/:id/remove",
    operation: removeStockFeed,
    params: (c) => ({ stockFeedId: idOf(c) }),
    body: () => ({}),
    back: () => "/stock-feeds",
    done: "remove",
    again: (c, refused) => feedPage(c, { refused }),
  });
};
