/** Locations: all of them, and each to be made or changed. */
import type { Calendar } from "../../../src/calendar/calendar.ts";
import { neverOpenText, zoneOf } from "../../../src/calendar/dates.ts";
import { calendarLimits } from "../../../src/calendar/limits.ts";
import { dateRules } from "../../../src/calendar/rules.ts";
import { type Location, locationTypes } from "../../../src/catalog/catalog.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { Address } from "../../../src/kernel/vocabulary.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import type { ApiPage } from "../../dashboard/calls.ts";
import { csvDownload } from "../../dashboard/csv.tsx";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  ActionForm,
  Card,
  type Choice,
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
import { calendarChoices } from "./choices.ts";
import { getCalendar, getLocation, listLocations, saveLocation } from "./operations.ts";
import { onItsVersion, onNothing } from "./versions.ts";

/** In the order in which people write them. */
const addressFields = [
  ["company", "Company", textLimits.name],
  ["line1", "Address", textLimits.addressLine],
  ["line2", "Address, second line", textLimits.addressLine],
  ["postalCode", "Postal code", textLimits.id],
  ["city", "City", textLimits.name],
  ["region", "Region", textLimits.name],
  ["phone", "Phone", textLimits.id],
] as const;

const yesOrNo = [{ value: "true", text: "Yes" }, {
  value: "false",
  text: "No: it ships what it has, and gets no new orders",
}];

/** What dates of a location rest on; what is left empty is as if it were not asked. */
const DateFields = ({ of, calendars }: LocationFieldsProps) => (
  <>
    <Field
      label="Time zone"
      name="timeZone"
      value={of?.timeZone}
      maxLength={textLimits.timeZone}
      hint="Such as Europe/Amsterdam; UTC when empty"
    />
    <Select
      label="Calendar"
      name="calendarId"
      value={of?.calendarId}
      all="None: it works every day"
      choices={calendars}
    />
    <Field
      label="Cut-off"
      name="cutOff"
      type="time"
      value={of?.cutOff}
      hint="From then on, an order is one of the next working day"
    />
    <Field
      label="Handling days"
      name="handlingDays"
      type="number"
      minimum={0}
      maximum={calendarLimits.handlingDays}
      value={of?.handlingDays?.toString()}
      hint="Working days until an order leaves"
    />
    <Field
      label="Receiving days"
      name="receivingDays"
      type="number"
      minimum={0}
      maximum={calendarLimits.receivingDays}
      value={of?.receivingDays?.toString()}
      hint="Working days until units that arrive can leave"
    />
  </>
);

interface LocationFieldsProps {
  readonly of?: Location;
  readonly calendars: readonly Choice[];
}

const LocationFields = ({ of, calendars }: LocationFieldsProps) => (
  <>
    <Field label="Name" name="name" value={of?.name} required maxLength={textLimits.name} />
    <Select
      label="Type"
      name="type"
      value={of?.type}
      choices={locationTypes.map((type) => ({ value: type, text: words(type) }))}
    />
    <Field
      label="Country"
      name="country"
      value={of?.address.country}
      required
      maxLength={2}
      hint="Two letters, such as NL"
    />
    {addressFields.map(([name, label, maxLength]) => (
      <Field label={label} name={name} value={of?.address[name]} maxLength={maxLength} />
    ))}
    <Field
      label="Latitude"
      name="latitude"
      value={of?.latitude?.toString()}
      hint="With the longitude, orders go to the nearest location"
    />
    <Field label="Longitude" name="longitude" value={of?.longitude?.toString()} />
    <Select
      label="Gets new orders"
      name="active"
      value={String(of?.active ?? true)}
      choices={yesOrNo}
    />
    <DateFields {...(of === undefined ? {} : { of })} calendars={calendars} />
  </>
);

/** A number as it was typed, for the API to judge; absent where nothing was. */
const numberIn = (fields: FormFields, name: string) => {
  const text = field(fields, name);
  return text === "" ? {} : { [name]: Number(text) };
};

const textIn = (fields: FormFields, name: string) => {
  const text = field(fields, name);
  return text === "" ? {} : { [name]: text };
};

/** What the form does not ask for stays as it is. */
const addressIn = (fields: FormFields, before: Address | undefined) => {
  const typed = new Map<string, unknown>(Object.entries(before ?? {}));
  for (const [name] of addressFields) {
    const text = field(fields, name);
    if (text === "") typed.delete(name);
    else typed.set(name, text);
  }
  return { ...Object.fromEntries(typed), country: field(fields, "country") };
};

const locationIn = (fields: FormFields, before: Location | undefined) => ({
  name: field(fields, "name"),
  type: field(fields, "type"),
  address: addressIn(fields, before?.address),
  ...numberIn(fields, "latitude"),
  ...numberIn(fields, "longitude"),
  active: field(fields, "active") === "true",
  ...textIn(fields, "timeZone"),
  ...textIn(fields, "calendarId"),
  ...textIn(fields, "cutOff"),
  ...numberIn(fields, "handlingDays"),
  ...numberIn(fields, "receivingDays"),
});

const Found = ({ page, query }: {
  readonly page: ApiPage<Location>;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="All locations">
    <ExportLink target="/locations.csv" query={query} />
    {page.data.length === 0 ? <Empty>There is no location yet: make the first.</Empty> : (
      <Table
        label="Locations, by id"
        head={[
          { text: "Name" },
          { text: "Id", wide: true },
          { text: "Type", wide: true },
          { text: "Where" },
          { text: "Gets new orders" },
        ]}
      >
        {page.data.map(({ id, name, type, address, active }) => (
          <tr>
            <td>
              <a href={path("locations", id)}>{name}</a>
            </td>
            <td class="wide code">{id}</td>
            <td class="wide">{words(type)}</td>
            <td>{[address.city, address.country].filter(Boolean).join(", ")}</td>
            <td>
              {active ? "Yes" : <span class="badge warn">No</span>}
            </td>
          </tr>
        ))}
      </Table>
    )}
    <Pager target="/locations" query={query} next={page.nextCursor} begin="First" go="Next" />
  </section>
);

const New = ({ visit, calendars }: {
  readonly visit: Visit;
  readonly calendars: readonly Choice[];
}) => (
  <FoldedForm
    opens="New location…"
    id="act-new"
    visit={visit}
    action="/locations"
    label="Make the location"
    tone="main"
  >
    <Field
      label="Id"
      name="id"
      required
      maxLength={textLimits.id}
      hint="A short name for links and files, such as amsterdam; it never changes"
    />
    <LocationFields calendars={calendars} />
  </FoldedForm>
);

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const query = given(c, ["cursor"]);
  const told = await visit.calls.ask(listLocations, {
    query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
  });
  const calendars = visit.calls.may(saveLocation) ? await calendarChoices(visit.calls) : null;
  return show(
    c,
    { title: "Locations", section: "Locations" },
    <>
      <Said message={message} />
      {calendars === null ? null : <New visit={visit} calendars={calendars} />}
      {told.ok ? <Found page={told.value} query={query} /> : <Refusal refused={told} />}
    </>,
    message.refused?.status ?? (told.ok ? 200 : told.status),
  );
};

/** The calendar of a location; null where it has none. */
const calendarOf = async ({ calls }: Visit, calendarId: string | undefined) => {
  if (calendarId === undefined) return null;
  const told = await calls.ask(getCalendar, { params: { calendarId } });
  return told.ok ? told.value : null;
};

/** By when an order of now leaves, so that one sees what the settings mean. */
const Dates = ({ of, calendar, visit }: {
  readonly of: Location;
  readonly calendar: Calendar | null;
  readonly visit: Visit;
}) => {
  const calendars = calendar === null ? [] : [calendar];
  const rules = dateRules({ locations: [of], calendars, carriers: [] });
  const shipBy = rules.shipBy(of.id, visit.nowMs);
  const never = rules.neverOpen(of.id, visit.nowMs);
  return (
    <Card title="Dates">
      <dl class="facts">
        <dt>Time zone</dt>
        <dd>{zoneOf(of)}</dd>
        <dt>Working days</dt>
        <dd>
          {calendar === null
            ? "every day"
            : <a href={path("calendars", calendar.id)}>{calendar.name ?? calendar.id}</a>}
        </dd>
        <dt>An order of now leaves by</dt>
        <dd>
          {never === null ? null : neverOpenText(never)}
          {shipBy === null ? null : (
            <>
              {shipBy.date} (<When at={shipBy.at} visit={visit} />)
            </>
          )}
        </dd>
      </dl>
    </Card>
  );
};

const idOf = (c: PageContext) => c.req.param("locationId") ?? "";

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getLocation, { params: { locationId: idOf(c) } });
  const page = { title: "Location", section: "Locations" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { id, name, version, updatedAt, calendarId } = told.value;
  const calendars = visit.calls.may(saveLocation)
    ? await calendarChoices(visit.calls, calendarId)
    : null;
  return show(
    c,
    { ...page, title: name },
    <>
      <Said message={message} />
      <p class="row">
        <code>{id}</code>
        <span class="muted">
          Saved <When at={updatedAt} visit={visit} />
        </span>
        <a href={path("fulfillment", id)}>Its fulfillment</a>
        <a href={`/inventory?${new URLSearchParams({ locationId: id })}`}>Its stock</a>
      </p>
      <Dates of={told.value} calendar={await calendarOf(visit, calendarId)} visit={visit} />
      {calendars === null ? null : (
        <Card title="Change it">
          <ActionForm visit={visit} action={path("locations", id)} label="Save" tone="main">
            <input type="hidden" name="version" value={String(version)} />
            <LocationFields of={told.value} calendars={calendars} />
          </ActionForm>
        </Card>
      )}
    </>,
    message.refused?.status ?? 200,
  );
};

const done = { made: "The location is made.", saved: "The location is saved." };

export const locationPages = (app: Dashboard): void => {
  app.get("/locations", (c) => listPage(c, { done: saidDone(c, done) }));

  app.get("/locations.csv", (c) =>
    csvDownload<Location>(
      c,
      {
        name: "locations",
        section: "Locations",
        heading: ["id", "name", "type", "country", "city", "latitude", "longitude", "active"],
        cells: ({ id, name, type, address, latitude, longitude, active }) => [
          ...[id, name, type, address.country, address.city, latitude, longitude],
          String(active),
        ],
        page: (query) => c.get("visit").calls.ask(listLocations, { query }),
      },
    ));

  onPost(app, {
    path: "/locations",
    operation: saveLocation,
    params: (c) => ({ locationId: field(c.get("fields"), "id") }),
    body: (fields) => locationIn(fields, undefined),
    standsOn: onNothing,
    back: () => "/locations",
    done: "made",
    again: (c, refused) => listPage(c, { refused }),
  });

  app.get("/locations/:locationId", (c) => onePage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/locations/:locationId",
    operation: saveLocation,
    params: (c) => ({ locationId: idOf(c) }),
    body: async (fields, c) => {
      const told = await c.get("visit").calls.ask(getLocation, {
        params: { locationId: idOf(c) },
      });
      return locationIn(fields, told.ok ? told.value : undefined);
    },
    standsOn: onItsVersion,
    back: (c) => path("locations", idOf(c)),
    done: "saved",
    again: (c, refused) => onePage(c, { refused }),
  });
};
