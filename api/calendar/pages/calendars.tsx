/** Calendars: all of them, and each to be made or changed. */
import { type Calendar, type CalendarException, weekdays } from "../../../src/calendar/calendar.ts";
import { calendarLimits } from "../../../src/calendar/limits.ts";
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
import { getCalendar, listCalendars, saveCalendar } from "./operations.ts";
import { exceptionsIn, hoursIn, typedException, typedHours } from "./typed.ts";

const dayNames = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
} as const;

const CalendarFields = ({ of }: { readonly of?: Calendar }) => (
  <>
    <Field label="Name" name="name" value={of?.name} maxLength={textLimits.name} />
    {weekdays.map((day) => (
      <Field
        label={dayNames[day]}
        name={day}
        value={typedHours(of?.week[day])}
        {...(day === "mon"
          ? { hint: "Such as 09:00-12:30, 13:00-17:00; empty: no working day" }
          : {})}
      />
    ))}
    <TextArea
      id={`exceptions-${of?.id ?? "new"}`}
      label="Other days"
      name="exceptions"
      value={(of?.exceptions ?? []).map(typedException).join("\n")}
      rows={8}
      maxLength={calendarLimits.typedCharacters}
      hint="A line each: 2026-12-25 closed, 2026-12-24 09:00-12:00, or 2026-12-19 open"
    />
  </>
);

const calendarIn = (fields: FormFields) => {
  const name = field(fields, "name");
  const hours = weekdays.map((day) => [day, hoursIn(field(fields, day))] as const);
  return {
    ...(name === "" ? {} : { name }),
    week: Object.fromEntries(hours.filter(([, each]) => each.length > 0)),
    exceptions: exceptionsIn(field(fields, "exceptions")),
  };
};

const Week = ({ of: { week } }: { readonly of: Calendar }) => (
  <Card title="Its week">
    <Table label="Hours of each weekday" head={[{ text: "Day" }, { text: "Hours" }]}>
      {weekdays.map((day) => (
        <tr>
          <td>{dayNames[day]}</td>
          <td>{typedHours(week[day]) || <span class="muted">closed</span>}</td>
        </tr>
      ))}
    </Table>
  </Card>
);

const dayOf = (date: string) =>
  dayNames[weekdays[Temporal.PlainDate.from(date).dayOfWeek - 1] ?? "mon"];

const said = ({ open, hours = [] }: CalendarException): string =>
  hours.length > 0 ? typedHours(hours) : open === true ? "open" : "closed";

const Exceptions = ({ of: { exceptions } }: { readonly of: Calendar }) => (
  <Card title="Other days">
    {exceptions.length === 0 ? <Empty>All days are as the week is.</Empty> : (
      <Table
        label="Days that are not as the week is"
        head={[{ text: "Date" }, { text: "Day" }, { text: "Hours" }]}
      >
        {exceptions.toSorted((one, other) => one.date < other.date ? -1 : 1).map((each) => (
          <tr>
            <td>{each.date}</td>
            <td>{dayOf(each.date)}</td>
            <td>{said(each)}</td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

const workdaysOf = ({ week }: Calendar): string =>
  weekdays.filter((day) => (week[day]?.length ?? 0) > 0)
    .map((day) => dayNames[day].slice(0, 3)).join(", ") || "none";

const Found = ({ page, query }: {
  readonly page: ApiPage<Calendar>;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="All calendars">
    {page.data.length === 0
      ? <Empty>There is no calendar: every day is a working day everywhere.</Empty>
      : (
        <Table
          label="Calendars, by id"
          head={[
            { text: "Calendar" },
            { text: "Id", wide: true },
            { text: "Working days" },
            { text: "Other days", number: true },
          ]}
        >
          {page.data.map((each) => (
            <tr>
              <td>
                <a href={path("calendars", each.id)}>{each.name ?? each.id}</a>
              </td>
              <td class="wide code">{each.id}</td>
              <td>{workdaysOf(each)}</td>
              <td class="number">{each.exceptions.length}</td>
            </tr>
          ))}
        </Table>
      )}
    <Pager target="/calendars" query={query} next={page.nextCursor} begin="First" go="Next" />
  </section>
);

const New = ({ visit }: { readonly visit: Visit }) => (
  <div class="dates">
    <FoldedForm
      opens="New calendar…"
      id="act-new"
      visit={visit}
      action="/calendars"
      label="Make the calendar"
      tone="main"
    >
      <Field
        label="Id"
        name="id"
        required
        maxLength={textLimits.id}
        hint="A short name that locations and carriers refer to; it never changes"
      />
      <CalendarFields />
    </FoldedForm>
  </div>
);

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const query = given(c, ["cursor"]);
  const told = await visit.calls.ask(listCalendars, {
    query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
  });
  return show(
    c,
    { title: "Calendars", section: "Calendars", styles: calendarStyles },
    <>
      <Said message={message} />
      {visit.calls.may(saveCalendar) ? <New visit={visit} /> : null}
      {told.ok ? <Found page={told.value} query={query} /> : <Refusal refused={told} />}
    </>,
    message.refused?.status ?? (told.ok ? 200 : told.status),
  );
};

const idOf = (c: PageContext) => c.req.param("calendarId") ?? "";

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getCalendar, { params: { calendarId: idOf(c) } });
  const page = { title: "Calendar", section: "Calendars", styles: calendarStyles };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { id, name, version, updatedAt } = told.value;
  return show(
    c,
    { ...page, title: name ?? id },
    <>
      <Said message={message} />
      <p class="row">
        <code>{id}</code>
        <span class="muted">
          Saved <When at={updatedAt} visit={visit} />
        </span>
      </p>
      <Week of={told.value} />
      <Exceptions of={told.value} />
      {visit.calls.may(saveCalendar)
        ? (
          <div class="dates">
            <Card title="Change it">
              <ActionForm visit={visit} action={path("calendars", id)} label="Save" tone="main">
                <input type="hidden" name="version" value={String(version)} />
                <CalendarFields of={told.value} />
              </ActionForm>
            </Card>
          </div>
        )
        : null}
    </>,
    message.refused?.status ?? 200,
  );
};

const done = { made: "The calendar is made.", saved: "The calendar is saved." };

export const calendarPages = (app: Dashboard): void => {
  app.get("/calendars", (c) => listPage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/calendars",
    operation: saveCalendar,
    params: (c) => ({ calendarId: field(c.get("fields"), "id") }),
    body: calendarIn,
    standsOn: onNothing,
    back: () => "/calendars",
    done: "made",
    again: (c, refused) => listPage(c, { refused }),
  });

  app.get("/calendars/:calendarId", (c) => onePage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: "/calendars/:calendarId",
    operation: saveCalendar,
    params: (c) => ({ calendarId: idOf(c) }),
    body: calendarIn,
    standsOn: onItsVersion,
    back: (c) => path("calendars", idOf(c)),
    done: "saved",
    again: (c, refused) => onePage(c, { refused }),
  });
};
