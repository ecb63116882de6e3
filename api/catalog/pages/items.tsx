/** Items: all of them by SKU, and each to be made or changed. */
import { backorderRules, type Item } from "../../../src/catalog/catalog.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { lotLimits } from "../../../src/lot/limits.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import type { ApiPage } from "../../dashboard/calls.ts";
import { csvDownload } from "../../dashboard/csv.tsx";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  ActionForm,
  Card,
  Empty,
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
import { KitCard, KitFields, kitIn } from "./kits.tsx";
import { getItem, listItems, saveItem } from "./operations.ts";
import { onItsVersion, onNothing } from "./versions.ts";

const ItemFields = ({ of }: { readonly of?: Item }) => (
  <>
    <Field label="Name" name="name" value={of?.name} required maxLength={textLimits.name} />
    <Field
      label="Weight in grams"
      name="weightGrams"
      type="number"
      minimum={0}
      value={of?.weightGrams?.toString()}
    />
    <Select
      label="Backorders"
      name="backorder"
      value={of?.backorder}
      all="As each order asks"
      choices={backorderRules.map((rule) => ({ value: rule, text: words(rule) }))}
    />
    <Select
      label="Delivered digitally"
      name="digital"
      value={String(of?.digital ?? false)}
      choices={[{ value: "false", text: "No" }, {
        value: "true",
        text: "Yes: without stock or shipment",
      }]}
    />
    <KitFields of={of} />
    <Select
      label="Units are told apart"
      name="tracking"
      value={of?.tracking}
      all="No"
      choices={[
        { value: "lot", text: "By lots, which may expire" },
        { value: "serial", text: "Each by its serial" },
      ]}
    />
    <Field
      label="Days for which lots must still be good"
      name="minRemainingDays"
      type="number"
      minimum={0}
      maximum={lotLimits.remainingDays}
      value={of?.minRemainingDays?.toString()}
    />
  </>
);

const itemIn = (fields: FormFields) => {
  const weight = field(fields, "weightGrams");
  const backorder = field(fields, "backorder");
  const tracking = field(fields, "tracking");
  const remaining = field(fields, "minRemainingDays");
  return {
    name: field(fields, "name"),
    ...(weight === "" ? {} : { weightGrams: Number(weight) }),
    ...(backorder === "" ? {} : { backorder }),
    digital: field(fields, "digital") === "true",
    ...kitIn(fields),
    ...(tracking === "" ? {} : { tracking }),
    ...(remaining === "" ? {} : { minRemainingDays: Number(remaining) }),
  };
};

const Find = ({ sku, missed }: { readonly sku: string | undefined; readonly missed: boolean }) => (
  <form method="get" action="/items" class="filters card" role="search" aria-label="Items">
    <Field label="Find a SKU" name="sku" type="search" value={sku} maxLength={textLimits.sku} />
    <button type="submit" class="main">Open</button>
    {missed ? <p class="message bad" role="alert">There is no item {sku}.</p> : null}
  </form>
);

const New = ({ visit }: { readonly visit: Visit }) => (
  <FoldedForm
    opens="New item…"
    id="act-new"
    visit={visit}
    action="/items"
    label="Make the item"
    tone="main"
  >
    <Field label="SKU" name="sku" id="new-sku" required maxLength={textLimits.sku} />
    <ItemFields />
  </FoldedForm>
);

const Found = ({ page, query }: {
  readonly page: ApiPage<Item>;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="All items">
    <ExportLink target="/items.csv" query={query} />
    {page.data.length === 0 ? <Empty>There is no item yet.</Empty> : (
      <Table
        label="Items, by SKU"
        head={[
          { text: "SKU" },
          { text: "Name" },
          { text: "Weight in grams", number: true, wide: true },
          { text: "Backorders", wide: true },
          { text: "Digital", wide: true },
        ]}
      >
        {page.data.map(({ sku, name, weightGrams, backorder, digital }) => (
          <tr>
            <td>
              <a href={path("items", sku)}>{sku}</a>{" "}
              <a href={path("inventory", sku)} class="muted" aria-label={`Stock of ${sku}`}>
                Stock
              </a>
            </td>
            <td>{name}</td>
            <td class="number wide">{weightGrams ?? "–"}</td>
            <td class="wide">
              {backorder === undefined ? "As each order asks" : words(backorder)}
            </td>
            <td class="wide">{digital ? "Yes" : "No"}</td>
          </tr>
        ))}
      </Table>
    )}
    <Pager target="/items" query={query} next={page.nextCursor} begin="First" go="Next" />
  </section>
);

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const { sku, ...query } = given(c, ["sku", "cursor"]);
  if (sku !== undefined && message.refused === undefined) {
    const found = await visit.calls.ask(getItem, { params: { sku } });
    if (found.ok) return c.redirect(path("items", sku), 303);
  }
  const told = await visit.calls.ask(listItems, {
    query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
  });
  return show(
    c,
    { title: "Items", section: "Items" },
    <>
      <Said message={message} />
      <Find sku={sku} missed={sku !== undefined} />
      {visit.calls.may(saveItem) ? <New visit={visit} /> : null}
      {told.ok ? <Found page={told.value} query={query} /> : <Refusal refused={told} />}
    </>,
    message.refused?.status ?? (told.ok ? 200 : told.status),
  );
};

const skuOf = (c: PageContext) => c.req.param("sku") ?? "";

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getItem, { params: { sku: skuOf(c) } });
  const page = { title: "Item", section: "Items" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { sku, name, version, updatedAt, kit } = told.value;
  return show(
    c,
    { ...page, title: name },
    <>
      <Said message={message} />
      <p class="row">
        <code>{sku}</code>
        <span class="muted">
          Saved <When at={updatedAt} visit={visit} />
        </span>
        <a href={path("inventory", sku)}>Its stock</a>
        <a href={`/orders?${new URLSearchParams({ in: "sku", q: sku })}`}>Its orders</a>
      </p>
      {kit === undefined ? null : <KitCard kit={kit} visit={visit} />}
      {visit.calls.may(saveItem)
        ? (
          <Card title="Change it">
            <ActionForm visit={visit} action={path("items", sku)} label="Save" tone="main">
              <input type="hidden" name="version" value={String(version)} />
              <ItemFields of={told.value} />
            </ActionForm>
          </Card>
        )
        : null}
    </>,
    message.refused?.status ?? 200,
  );
};

const done = { made: "The item is made.", saved: "The item is saved." };

export const itemPages = (app: Dashboard): void => {
  app.get("/items", (c) => listPage(c, { done: saidDone(c, done) }));

  app.get("/items.csv", (c) =>
    csvDownload<Item>(c, {
      name: "items",
      section: "Items",
      heading: ["sku", "name", "weightGrams", "backorder", "digital"],
      cells: ({ sku, name, weightGrams, backorder, digital }) => [
        ...[sku, name, weightGrams, backorder],
        String(digital),
      ],
      page: (query) => c.get("visit").calls.ask(listItems, { query }),
    }));

  onPost(app, {
    path: "/items",
    operation: saveItem,
    params: (c) => ({ sku: field(c.get("fields"), "sku") }),
    body: itemIn,
    standsOn: onNothing,
    back: () => "/items",
    done: "made",
    again: (c, refused) => listPage(c, { refused }),
  });

  app.get("/items/:sku", (c) => onePage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/items/:sku",
    operation: saveItem,
    params: (c) => ({ sku: skuOf(c) }),
    body: itemIn,
    standsOn: onItsVersion,
    back: (c) => path("items", skuOf(c)),
    done: "saved",
    again: (c, refused) => onePage(c, { refused }),
  });
};
