/** Carriers: all of them, and each to be made or changed, with the days that its services are under way. */
import type { Carrier } from "../../../src/calendar/carrier.ts";
import { calendarLimits } from "../../../src/calendar/limits.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { calendarChoices } from "../../catalog/pages/choices.ts";
import { onItsVersion, onNothing } from "../../catalog/pages/versions.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import type { ApiPage } from "../../dashboard/calls.ts";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  ActionForm,
  Card,
  type Choice,
  Empty,
  Field,
  FoldedForm,
  Pager,
  Refusal,
  Said,
  Select,
  Table,
  TextArea,
  When,
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

import { calendarStyles } from "./assets.ts";
import { getCarrier, listCarriers, saveCarrier } from "./operations.ts";
import { servicesIn, typedServices } from "./typed.ts";

const CarrierFields = ({ of, calendars }: {
  readonly of?: Carrier;
  readonly calendars: readonly Choice[];
}) => (
  <>
    <Field label="Name" name="name" value={of?.name} required maxLength={textLimits.name} />
    <Select
      label="Calendar"
      name="calendarId"
      value={of?.calendarId}
      all="None: it works every day"
      choices={calendars}
    />
    <TextArea
      id={`services-${of?.id ?? "new"}`}
      label="Days under way"
      name="services"
      value={of === undefined ? undefined : typedServices(of.services)}
      rows={10}
      maxLength={calendarLimits.typedCharacters}
      hint={"A line each, such as standard, DE, 27, 2: service, country, beginning of the postal " +
        "code, working days. The first service is used where an order asks for none"}
    />
  </>
);

const carrierIn = (fields: FormFields) => {
  const calendarId = field(fields, "calendarId");
  return {
    name: field(fields, "name"),
    ...(calendarId === "" ? {} : { calendarId }),
    services: servicesIn(field(fields, "services")),
  };
};

const Services = ({ of: { services } }: { readonly of: Carrier }) => (
  <Card title="Days under way">
    {services.length === 0 ? <Empty>It has no service yet.</Empty> : (
      <Table
        label="Working days under way"
        head={[
          { text: "Service" },
          { text: "Country" },
          { text: "Postal code" },
          { text: "Days", number: true },
        ]}
      >
        {services.flatMap(({ service, transit }) =>
          transit.map(({ country, postalPrefix, days }) => (
            <tr>
              <td>{service}</td>
              <td>{country ?? <span class="muted">any</span>}</td>
              <td>
                {postalPrefix === undefined ? <span class="muted">any</span> : `${postalPrefix}…`}
              </td>
              <td class="number">{days}</td>
            </tr>
          ))
        )}
      </Table>
    )}
  </Card>
);

const Found = ({ page, query }: {
  readonly page: ApiPage<Carrier>;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="All carriers">
    {page.data.length === 0
      ? <Empty>There is no carrier: nothing is said about days of delivery.</Empty>
      : (
        <Table
          label="Carriers, by id"
          head={[
            { text: "Carrier" },
            { text: "Id", wide: true },
            { text: "Services" },
            { text: "Calendar", wide: true },
          ]}
        >
          {page.data.map(({ id, name, services, calendarId }) => (
            <tr>
              <td>
                <a href={path("carriers", id)}>{name}</a>
              </td>
              <td class="wide code">{id}</td>
              <td>{services.map(({ service }) => service).join(", ")}</td>
              <td class="wide">
                {calendarId === undefined
                  ? "every day"
                  : <a href={path("calendars", calendarId)}>{calendarId}</a>}
              </td>
            </tr>
          ))}
        </Table>
      )}
    <Pager target="/carriers" query={query} next={page.nextCursor} begin="First" go="Next" />
  </section>
);

const New = ({ visit, calendars }: {
  readonly visit: Visit;
  readonly calendars: readonly Choice[];
}) => (
  <div class="dates">
    <FoldedForm
      opens="New carrier…"
      id="act-new"
      visit={visit}
      action="/carriers"
      label="Make the carrier"
      tone="main"
    >
      <Field
        label="Id"
        name="id"
        required
        maxLength={textLimits.id}
        hint="A short name, such as dhl; it never changes"
      />
      <CarrierFields calendars={calendars} />
    </FoldedForm>
  </div>
);

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const query = given(c, ["cursor"]);
  const told = await visit.calls.ask(listCarriers, {
    query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
  });
  const calendars = visit.calls.may(saveCarrier) ? await calendarChoices(visit.calls) : null;
  return show(
    c,
    { title: "Carriers", section: "Carriers", styles: calendarStyles },
    <>
      <Said message={message} />
      {calendars === null ? null : <New visit={visit} calendars={calendars} />}
      {told.ok ? <Found page={told.value} query={query} /> : <Refusal refused={told} />}
    </>,
    message.refused?.status ?? (told.ok ? 200 : told.status),
  );
};

const idOf = (c: PageContext) => c.req.param("carrierId") ?? "";

const Change = ({ visit, of, calendars }: {
  readonly visit: Visit;
  readonly of: Carrier;
  readonly calendars: readonly Choice[];
}) => (
  <div class="dates">
    <Card title="Change it">
      {typedServices(of.services).length > calendarLimits.typedCharacters
        ? <Empty>It has too many rows for a form: it is changed by the API.</Empty>
        : (
          <ActionForm visit={visit} action={path("carriers", of.id)} label="Save" tone="main">
            <input type="hidden" name="version" value={String(of.version)} />
            <CarrierFields of={of} calendars={calendars} />
          </ActionForm>
        )}
    </Card>
  </div>
);

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getCarrier, { params: { carrierId: idOf(c) } });
  const page = { title: "Carrier", section: "Carriers", styles: calendarStyles };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { id, name, calendarId, updatedAt } = told.value;
  const calendars = visit.calls.may(saveCarrier)
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
        {calendarId === undefined
          ? null
          : <a href={path("calendars", calendarId)}>Its working days</a>}
      </p>
      <Services of={told.value} />
      {calendars === null ? null : <Change visit={visit} of={told.value} calendars={calendars} />}
    </>,
    message.refused?.status ?? 200,
  );
};

const done = { made: "The carrier is made.", saved: "The carrier is saved." };

export const carrierPages = (app: Dashboard): void => {
  app.get("/carriers", (c) => listPage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/carriers",
    operation: saveCarrier,
    params: (c) => ({ carrierId: field(c.get("fields"), "id") }),
    body: carrierIn,
    standsOn: onNothing,
    back: () => "/carriers",
    done: "made",
    again: (c, refused) => listPage(c, { refused }),
  });

  app.get("/carriers/:carrierId", (c) => onePage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/carriers/:carrierId",
    operation: saveCarrier,
    params: (c) => ({ carrierId: idOf(c) }),
    body: carrierIn,
    standsOn: onItsVersion,
    back: (c) => path("carriers", idOf(c)),
    done: "saved",
    again: (c, refused) => onePage(c, { refused }),
  });
};
