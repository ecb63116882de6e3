/** All messages to customers: their templates by language, and what they are like on each channel. */
import { textLimits } from "../../../src/kernel/limits.ts";
import { messageLimits } from "../../../src/message/limits.ts";
import { messageOutboxName } from "../../../src/message/outbox.ts";
import type { StatusSnapshot } from "../../../src/status/snapshot.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Badge,
  Card,
  Count,
  Empty,
  Field,
  FoldedForm,
  Refusal,
  Said,
  Select,
  Table,
  type Tones,
  words,
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
import { messageStyles } from "./assets.ts";
import {
  type ChannelView,
  getStatus,
  listChannels,
  listTemplates,
  removeChannel,
  saveChannel,
  saveTemplate,
  type TemplatesView,
} from "./operations.ts";

type ShownLane = NonNullable<StatusSnapshot["lanes"]>[number];

export const page = { title: "Messages", section: "Messages" };

const laneTones: Tones = { active: "good", failing: "bad", paused: "bad", disabled: "warn" };

/** How the sending goes, as the status has it. */
const Sending = (
  { visit, lane }: { readonly visit: Visit; readonly lane: ShownLane | undefined },
) =>
  lane === undefined
    ? (
      <p class="message warn">
        No messages are sent from here: no mail server is set (ALLOT_SMTP_URL), or another process
        sends them.
      </p>
    )
    : (
      <Card title="Sending" more={<Badge status={lane.status} tones={laneTones} />}>
        {lane.reason === undefined ? null : <p class="message warn">{lane.reason}</p>}
        <dl class="facts">
          <dt>Waiting</dt>
          <dd>
            <Count of={lane.waiting} visit={visit} />
          </dd>
          <dt>Behind</dt>
          <dd>{visit.format.number(Math.round(lane.secondsBehind))} s</dd>
        </dl>
      </Card>
    );

const Kinds = ({ kinds, data }: TemplatesView) => (
  <Card title="Templates">
    <p class="hint">
      Customers get these by mail, in the language of their order, of its channel, or in English.
    </p>
    <Table
      label="Templates"
      head={[{ text: "Message" }, { text: "Sent when" }, { text: "Languages" }]}
    >
      {kinds.map(({ name, description }) => (
        <tr>
          <td>{words(name)}</td>
          <td>{description}</td>
          <td>
            <ul class="languages">
              {data.filter(({ kind }) => kind === name).map(({ language, source }) => (
                <li>
                  <a
                    href={path("messages", name, language)}
                    aria-label={`${words(name)} in ${language}`}
                  >
                    {language}
                  </a>
                  {source === "saved" ? <Badge status="own" tones={{ own: "busy" }} /> : null}
                </li>
              ))}
            </ul>
          </td>
        </tr>
      ))}
    </Table>
  </Card>
);

const Another = ({ kinds }: Pick<TemplatesView, "kinds">) => (
  <details class="act" id="act-another">
    <summary>Write in another language…</summary>
    <form method="get" action="/messages/open" class="action">
      <Select
        label="Message"
        name="kind"
        choices={kinds.map(({ name }) => ({ value: name, text: words(name) }))}
      />
      <Field
        label="Language"
        name="language"
        required
        maxLength={messageLimits.languageLength}
        hint="Such as fr, or de-AT"
      />
      <button type="submit">Open</button>
    </form>
  </details>
);

const told: Readonly<Record<string, "good" | "warn">> = { told: "good", not_told: "warn" };

const Channels = (
  { visit, channels }: { readonly visit: Visit; readonly channels: readonly ChannelView[] },
) => (
  <Card title="Channels">
    <p class="hint">
      A channel without a row of its own is told in English by the sender of the settings;
      marketplaces, such as amazon and ebay, are not told.
    </p>
    {channels.length === 0 ? <Empty>No channel has settings of its own.</Empty> : (
      <Table
        label="Channels"
        head={[
          { text: "Channel" },
          { text: "Customers" },
          { text: "Sender" },
          { text: "Shop", wide: true },
          { text: "Language" },
          { text: "Time zone", wide: true },
          ...(visit.calls.may(removeChannel) ? [{ text: "" }] : []),
        ]}
      >
        {channels.map((each) => (
          <tr>
            <td>{each.channel}</td>
            <td>
              <Badge status={each.enabled ? "told" : "not_told"} tones={told} />
            </td>
            <td>{each.from ?? "–"}</td>
            <td class="wide">{each.shopName ?? "–"}</td>
            <td>{each.language ?? "–"}</td>
            <td class="wide">{each.timeZone ?? "–"}</td>
            {visit.calls.may(removeChannel)
              ? (
                <td>
                  <ActionForm
                    visit={visit}
                    action="/messages/channels/remove"
                    label="Remove"
                    name={each.channel}
                  >
                    <input type="hidden" name="channel" value={each.channel} />
                  </ActionForm>
                </td>
              )
              : null}
          </tr>
        ))}
      </Table>
    )}
    {visit.calls.may(saveChannel)
      ? (
        <FoldedForm
          visit={visit}
          action="/messages/channels"
          label="Save"
          tone="main"
          opens="Set a channel…"
          id="act-channel"
        >
          <Field label="Channel" name="channel" required maxLength={textLimits.id} />
          <Select
            label="Customers"
            name="enabled"
            choices={[{ value: "true", text: "Are told" }, {
              value: "false",
              text: "Are not told",
            }]}
          />
          <Field
            label="Sender"
            name="from"
            maxLength={messageLimits.fromLength}
            hint="Such as Shop <orders@shop.example>"
          />
          <Field label="Shop" name="shopName" maxLength={messageLimits.shopNameLength} />
          <Field
            label="Language"
            name="language"
            id="channel-language"
            maxLength={messageLimits.languageLength}
            hint="Of orders that name none"
          />
          <Field
            label="Time zone"
            name="timeZone"
            maxLength={textLimits.timeZone}
            hint="Such as Europe/Berlin"
          />
        </FoldedForm>
      )
      : null}
  </Card>
);

const channelIn = (fields: FormFields) => {
  const given = (name: string) => {
    const value = field(fields, name);
    return value === "" ? {} : { [name]: value };
  };
  return {
    enabled: field(fields, "enabled") !== "false",
    ...given("from"),
    ...given("shopName"),
    ...given("language"),
    ...given("timeZone"),
  };
};

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const [templates, channels, status] = await Promise.all([
    visit.calls.ask(listTemplates),
    visit.calls.ask(listChannels, { query: { limit: "200" } }),
    visit.calls.ask(getStatus),
  ]);
  if (!templates.ok) return show(c, page, <Refusal refused={templates} />, templates.status);
  return show(
    c,
    { ...page, styles: messageStyles },
    <>
      <Said message={message} />
      {status.ok && status.value.lanes !== undefined
        ? (
          <Sending
            visit={visit}
            lane={status.value.lanes.find(({ name }) => name === messageOutboxName)}
          />
        )
        : null}
      <Kinds {...templates.value} />
      {visit.calls.may(saveTemplate) ? <Another kinds={templates.value.kinds} /> : null}
      {channels.ok
        ? <Channels visit={visit} channels={channels.value.data} />
        : <Refusal refused={channels} />}
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = {
  channel: "The channel is set.",
  unset: "The channel has no settings of its own any more.",
  removed: "The template is taken back.",
};

export const messagesPages = (app: Dashboard): void => {
  const again = (c: PageContext, refused: NonNullable<Notice["refused"]>) =>
    listPage(c, { refused });
  const channelOf = (c: PageContext) => ({ channel: field(c.get("fields"), "channel") });

  app.get("/messages", (c) => listPage(c, { done: saidDone(c, done) }));

  app.get("/messages/open", (c) =>
    c.redirect(
      path("messages", c.req.query("kind")?.trim() ?? "", c.req.query("language")?.trim() ?? ""),
      303,
    ));

  onPost(app, {
    path: "/messages/channels",
    operation: saveChannel,
    params: channelOf,
    body: channelIn,
    back: () => "/messages",
    done: "channel",
    again,
  });
  onPost(app, {
    path: "/messages/channels/remove",
    operation: removeChannel,
    params: channelOf,
    body: () => ({}),
    back: () => "/messages",
    done: "unset",
    again,
  });
};
