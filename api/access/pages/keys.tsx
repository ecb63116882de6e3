/** API keys: who has one, made, changed and revoked. The secret of a new one is shown once. */
import { textLimits } from "../../../src/kernel/limits.ts";
import { roles } from "../../../src/kernel/principal.ts";
import { locationChoices } from "../../catalog/pages/choices.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import type { ApiPage } from "../../dashboard/calls.ts";
import { csvDownload } from "../../dashboard/csv.tsx";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { nameOf } from "../../dashboard/names.ts";
import {
  ActionForm,
  Card,
  type Choice,
  ExportLink,
  Field,
  FoldedForm,
  Pager,
  Refusal,
  Said,
  Select,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  given,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { changeKey, createKey, getKey, type KeyView, listKeys, revokeKey } from "./operations.ts";

const roleChoices = roles.map((role) => ({ value: role, text: words(role) }));

/** A location that is no choice any more stays one of this key. */
const withOwn = (locations: readonly Choice[], own: string | undefined): readonly Choice[] =>
  own === undefined || locations.some(({ value }) => value === own)
    ? locations
    : [...locations, { value: own, text: own }];

const KeyFields = ({ of, locations }: {
  readonly of?: KeyView;
  readonly locations: readonly Choice[];
}) => (
  <>
    <Field label="Name" name="name" value={of?.name} required maxLength={textLimits.name} />
    <Select label="Role" name="role" value={of?.role ?? "viewer"} choices={roleChoices} />
    <Field
      label="Only for the channel"
      name="channel"
      value={of?.scope.channel}
      maxLength={textLimits.id}
      hint="Empty: for all"
    />
    <Select
      label="Only for the location"
      name="locationId"
      value={of?.scope.locationId}
      all="All of them"
      choices={withOwn(locations, of?.scope.locationId)}
    />
  </>
);

const keyIn = (fields: FormFields) => {
  const [channel, locationId] = [field(fields, "channel"), field(fields, "locationId")];
  return {
    name: field(fields, "name"),
    role: field(fields, "role"),
    scope: {
      ...(channel === "" ? {} : { channel }),
      ...(locationId === "" ? {} : { locationId }),
    },
  };
};

const scopeText = ({ scope: { channel, locationId } }: KeyView): string =>
  [channel, locationId].filter((part) => part !== undefined).join(", ");

interface NamedKey extends KeyView {
  readonly makerName: string;
}

const named = (visit: Visit, keys: readonly KeyView[]): Promise<readonly NamedKey[]> =>
  Promise.all(
    keys.map(async (key) => ({ ...key, makerName: await nameOf(visit.calls, key.createdBy) })),
  );

const Found = ({ visit, keys, page, query }: {
  readonly visit: Visit;
  readonly keys: readonly NamedKey[];
  readonly page: ApiPage<KeyView>;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="All keys">
    <ExportLink target="/keys.csv" query={query} />
    <Table
      label="Keys, newest first"
      head={[
        { text: "Name" },
        { text: "Role" },
        { text: "Only for" },
        { text: "Made", wide: true },
        { text: "By", wide: true },
      ]}
    >
      {keys.map((key) => (
        <tr id={key.id}>
          <td>
            <a href={path("keys", key.id)}>{key.name}</a>
          </td>
          <td>{words(key.role)}</td>
          <td>{scopeText(key) || "–"}</td>
          <td class="wide">
            <When at={key.createdAt} visit={visit} />
          </td>
          <td class="wide">{key.makerName}</td>
        </tr>
      ))}
    </Table>
    <Pager target="/keys" query={query} next={page.nextCursor} />
  </section>
);

/** In no field and no address: nothing keeps it but whoever reads it now. */
const Secret = ({ name, secret }: { readonly name: string; readonly secret: string | null }) => (
  <div class="message good" role="status">
    {secret === null
      ? <p>The key {name} is made. It was shown already, and is shown only once.</p>
      : (
        <>
          <p>
            The key <strong>{name}</strong> is made. Copy it now: it is shown only this once.
          </p>
          <p>
            <code id="new-key" class="secret">{secret}</code>
          </p>
        </>
      )}
  </div>
);

const listPage = async (
  c: PageContext,
  message: Notice & { readonly made?: Parameters<typeof Secret>[0] },
) => {
  const visit = c.get("visit");
  const query = given(c, ["cursor"]);
  const [told, locations] = await Promise.all([
    visit.calls.ask(listKeys, {
      query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
    }),
    locationChoices(visit.calls),
  ]);
  const page = { title: "Keys", section: "Keys" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  return show(
    c,
    page,
    <>
      <Said message={message} />
      {message.made === undefined ? null : <Secret {...message.made} />}
      <FoldedForm
        opens="New key…"
        id="act-new"
        visit={visit}
        action="/keys"
        label="Make the key"
        tone="main"
      >
        <KeyFields locations={locations} />
      </FoldedForm>
      <Found
        visit={visit}
        keys={await named(visit, told.value.data)}
        page={told.value}
        query={query}
      />
    </>,
    message.refused?.status ?? 200,
  );
};

const idOf = (c: PageContext) => c.req.param("keyId") ?? "";

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const [told, locations] = await Promise.all([
    visit.calls.ask(getKey, { params: { keyId: idOf(c) } }),
    locationChoices(visit.calls),
  ]);
  const page = { title: "Key", section: "Keys" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const key = told.value;
  return show(
    c,
    { ...page, title: `Key ${key.name}` },
    <>
      <Said message={message} />
      <p class="row">
        <code>{key.id}</code>
        <span class="muted">
          Made <When at={key.createdAt} visit={visit} />
          {key.updatedAt === undefined ? null : (
            <>
              , changed <When at={key.updatedAt} visit={visit} />
            </>
          )}
        </span>
      </p>
      <Card title="Change it">
        <ActionForm visit={visit} action={path("keys", key.id)} label="Save" tone="main">
          <KeyFields of={key} locations={locations} />
        </ActionForm>
        <p class="hint">
          Its secret stays. What it has open by a role or scope that it has no more ends within a
          second.
        </p>
      </Card>
      <FoldedForm
        opens="Revoke…"
        id="act-revoke"
        visit={visit}
        action={path("keys", key.id, "revoke")}
        label={`Revoke ${key.name} for good`}
        tone="danger"
      />
    </>,
    message.refused?.status ?? 200,
  );
};

const done = { saved: "The key is changed.", revoked: "The key is revoked." };

export const keyPages = (app: Dashboard): void => {
  app.get("/keys", (c) => listPage(c, { done: saidDone(c, done) }));

  app.get("/keys.csv", (c) =>
    csvDownload<KeyView>(c, {
      name: "keys",
      section: "Keys",
      heading: ["id", "name", "role", "channel", "locationId", "createdAt", "createdBy"],
      cells: ({ id, name, role, scope, createdAt, createdBy }) => [
        ...[id, name, role, scope.channel, scope.locationId, createdAt, createdBy],
      ],
      page: (query) => c.get("visit").calls.ask(listKeys, { query }),
    }));

  // No redirect: the answer is the only place where the secret is.
  app.post("/keys", async (c) => {
    const fields = c.get("fields");
    const { sent, ...visit } = c.get("visit");
    const told = await visit.calls.ask(createKey, {
      json: keyIn(fields),
      idempotencyKey: field(fields, "once") || undefined,
    });
    if (!told.ok) {
      if (sent !== undefined) c.set("visit", { ...visit, sent: { ...sent, page: "/keys" } });
      return await listPage(c, { refused: told });
    }
    // What was typed is done with.
    c.set("visit", { ...visit, sent: { action: "", fields: new Map(), page: "/keys" } });
    return await listPage(c, { made: { name: told.value.name, secret: told.value.key } });
  });

  app.get("/keys/:keyId", (c) => onePage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/keys/:keyId",
    operation: changeKey,
    params: (c) => ({ keyId: idOf(c) }),
    body: keyIn,
    back: (c) => path("keys", idOf(c)),
    done: "saved",
    again: (c, refused) => onePage(c, { refused }),
  });

  onPost(app, {
    path: "/keys/:keyId/revoke",
    operation: revokeKey,
    params: (c) => ({ keyId: idOf(c) }),
    body: () => ({}),
    page: (c) => path("keys", idOf(c)),
    back: () => "/keys",
    done: "revoked",
    again: (c, refused) => onePage(c, { refused }),
  });
};
