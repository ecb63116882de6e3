/** Channels with settings: all of them, and each to be made or changed. */
import type { Channel } from "../../../src/channel/channel.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { onItsVersion, onNothing } from "../../catalog/pages/versions.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import type { ApiPage } from "../../dashboard/calls.ts";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  ActionForm,
  Card,
  Empty,
  Field,
  FoldedForm,
  Pager,
  Refusal,
  Said,
  Table,
  When,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  given,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { bufferText, ChannelFields, channelIn } from "./fields.tsx";
import { getChannel, listChannels, saveChannel } from "./operations.ts";

const section = "Channels";

const servedText = ({ locationIds, excludeLocationIds }: Channel): string =>
  locationIds !== undefined
    ? locationIds.join(", ")
    : excludeLocationIds !== undefined
    ? `All but ${excludeLocationIds.join(", ")}`
    : "All";

const Found = ({ visit, page, query }: {
  readonly visit: Visit;
  readonly page: ApiPage<Channel>;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <Card title="Channels with settings">
    {page.data.length === 0
      ? <Empty>None: each sells of all locations, to the last unit.</Empty>
      : (
        <Table
          label="Channels, by name"
          head={[
            { text: "Channel" },
            { text: "Served by" },
            { text: "Kept back" },
            { text: "SKUs of their own", number: true, wide: true },
            { text: "Saved", wide: true },
          ]}
        >
          {page.data.map((each) => (
            <tr>
              <td>
                <a href={path("channels", each.id)}>{each.id}</a>
              </td>
              <td>{servedText(each)}</td>
              <td>{bufferText(each.buffer) || "nothing"}</td>
              <td class="wide number">{visit.format.number((each.buffers ?? []).length)}</td>
              <td class="wide">
                <When at={each.updatedAt} visit={visit} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    <Pager target="/channels" query={query} next={page.nextCursor} begin="First" go="Next" />
  </Card>
);

const New = ({ visit }: { readonly visit: Visit }) => (
  <FoldedForm
    opens="Settings for a channel…"
    id="act-new"
    visit={visit}
    action="/channels"
    label="Save"
    tone="main"
  >
    <Field
      label="Channel"
      name="id"
      required
      maxLength={textLimits.id}
      hint="As its orders name it"
    />
    <ChannelFields />
  </FoldedForm>
);

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const query = given(c, ["cursor"]);
  const told = await visit.calls.ask(listChannels, {
    query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
  });
  return show(
    c,
    { title: section, section },
    <>
      <Said message={message} />
      {visit.calls.may(saveChannel) ? <New visit={visit} /> : null}
      {told.ok
        ? <Found visit={visit} page={told.value} query={query} />
        : <Refusal refused={told} />}
    </>,
    message.refused?.status ?? (told.ok ? 200 : told.status),
  );
};

const channelOf = (c: PageContext): string => c.req.param("channel") ?? "";

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getChannel, { params: { channel: channelOf(c) } });
  if (!told.ok) {
    return show(c, { title: section, section }, <Refusal refused={told} />, told.status);
  }
  const { id, version, updatedAt } = told.value;
  return show(
    c,
    { title: id, section },
    <>
      <Said message={message} />
      <p class="row">
        <span class="muted">
          Saved <When at={updatedAt} visit={visit} />
        </span>
        <a href={`/orders?${new URLSearchParams({ channel: id })}`}>Its orders</a>
      </p>
      {visit.calls.may(saveChannel)
        ? (
          <Card title="Change it">
            <ActionForm visit={visit} action={path("channels", id)} label="Save" tone="main">
              <input type="hidden" name="version" value={String(version)} />
              <ChannelFields of={told.value} />
            </ActionForm>
          </Card>
        )
        : (
          <dl class="facts">
            <dt>Served by</dt>
            <dd>{servedText(told.value)}</dd>
            <dt>Kept back</dt>
            <dd>{bufferText(told.value.buffer) || "nothing"}</dd>
          </dl>
        )}
      <p class="hint">
        What is kept back is a margin: what several processes sell at the same moment may go into
        it.
      </p>
    </>,
    message.refused?.status ?? 200,
  );
};

const done = { made: "The settings are saved.", saved: "The settings are saved." };

export const channelPages = (app: Dashboard): void => {
  app.get("/channels", (c) => listPage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/channels",
    operation: saveChannel,
    params: (c) => ({ channel: field(c.get("fields"), "id") }),
    body: channelIn,
    standsOn: onNothing,
    back: () => "/channels",
    done: "made",
    again: (c, refused) => listPage(c, { refused }),
  });

  app.get("/channels/:channel", (c) => onePage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/channels/:channel",
    operation: saveChannel,
    params: (c) => ({ channel: channelOf(c) }),
    body: channelIn,
    standsOn: onItsVersion,
    back: (c) => path("channels", channelOf(c)),
    done: "saved",
    again: (c, refused) => onePage(c, { refused }),
  });
};
