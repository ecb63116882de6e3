/** Reservations: who keeps which units until when, and each by itself. */
import type { Reservation } from "../../../src/reservation/reservation.ts";
import { reservationStatuses } from "../../../src/reservation/reservation.ts";
import { doneWords, OfferedAction, onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  Badge,
  Card,
  Empty,
  Field,
  Live,
  Pager,
  Refusal,
  Said,
  Select,
  Table,
  type Tones,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  given,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { reservationActions } from "../routes.ts";
import { getReservation, listReservations, releaseReservation } from "./operations.ts";

const section = "Reservations";
const tones: Tones = { active: "busy", converted: "good" };
const all = "all";

const unitsOf = ({ lines }: Reservation): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

const Filters = ({ filters }: { readonly filters: Readonly<Record<string, string>> }) => (
  <form
    method="get"
    action="/reservations"
    class="filters card"
    role="search"
    aria-label="Reservations"
  >
    <Select
      label="Status"
      name="status"
      value={filters["status"] ?? "active"}
      choices={[
        ...reservationStatuses.map((value) => ({ value, text: words(value) })),
        { value: all, text: "All" },
      ]}
    />
    <Field
      label="Channel"
      name="channel"
      value={filters["channel"]}
      maxLength={textLimits.id}
    />
    <button type="submit" class="main">Show</button>
  </form>
);

const Rows = ({ visit, page, filters }: {
  readonly visit: Visit;
  readonly page: ApiPage<Reservation>;
  readonly filters: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="Reservations">
    {page.data.length === 0 ? <Empty>There are no such reservations.</Empty> : (
      <Table
        label="Reservations"
        head={[
          { text: "Cart" },
          { text: "Channel", wide: true },
          { text: "Status" },
          { text: "Units", number: true },
          { text: "Until" },
        ]}
      >
        {page.data.map((each) => (
          <tr id={`row-${each.id}`}>
            <td>
              <a href={path("reservations", each.id)}>{each.externalId}</a>
            </td>
            <td class="wide">{each.channel}</td>
            <td>
              <Badge status={each.status} tones={tones} />
            </td>
            <td class="number">{visit.format.number(unitsOf(each))}</td>
            <td>
              <When at={each.expiresAt} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    )}
    <Pager target="/reservations" query={filters} next={page.nextCursor} />
  </section>
);

const listPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const filters = given(c, ["status", "channel", "cursor"]);
  const { status = "active", ...more } = filters;
  const told = await visit.calls.ask(listReservations, {
    query: status === all ? more : { ...more, status },
  });
  const page = { title: section, section };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  return show(
    c,
    { ...page, live: {} },
    <>
      <Filters filters={filters} />
      <Live id="rows" calm on="beats" url={withQuery("/reservations", filters)}>
        <Rows visit={visit} page={told.value} filters={filters} />
      </Live>
    </>,
  );
};

const Facts = ({ visit, of }: { readonly visit: Visit; readonly of: Reservation }) => (
  <Card title={`Cart ${of.externalId}`} more={<Badge status={of.status} tones={tones} />}>
    <dl class="facts">
      <dt>Channel</dt>
      <dd>{of.channel}</dd>
      <dt>Until</dt>
      <dd>
        <When at={of.expiresAt} visit={visit} />
      </dd>
      {of.orderId === undefined ? null : (
        <>
          <dt>Order</dt>
          <dd>
            <a href={path("orders", of.orderId)} class="code">{of.orderId}</a>
          </dd>
        </>
      )}
    </dl>
    <Table
      label="Where the units are kept"
      head={[{ text: "SKU" }, { text: "Location" }, { text: "Units", number: true }]}
    >
      {of.allocations.map(({ sku, locationId, quantity }) => (
        <tr>
          <td>
            <a href={path("inventory", locationId, sku)}>{sku}</a>
          </td>
          <td>{locationId}</td>
          <td class="number">{visit.format.number(quantity)}</td>
        </tr>
      ))}
    </Table>
  </Card>
);

const idOf = (c: PageContext): string => c.req.param("id") ?? "";
const own = (c: PageContext): string => path("reservations", idOf(c));

const onePage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getReservation, { params: { id: idOf(c) } });
  const page = { title: "Reservation", section };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const mayRelease = told.value.status === "active" && visit.calls.may(releaseReservation);
  return show(
    c,
    { ...page, live: {} },
    <>
      <Said message={message} />
      <Live id="reservation" url={own(c)} on="beats" calm>
        <Facts visit={visit} of={told.value} />
        {mayRelease
          ? (
            <div class="actions">
              <OfferedAction
                visit={visit}
                name="release"
                action={reservationActions.release}
                to={`${own(c)}/release`}
              />
            </div>
          )
          : null}
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

export const reservationPages = (app: Dashboard): void => {
  app.get("/reservations", listPage);
  app.get(
    "/reservations/:id",
    (c) => onePage(c, { done: saidDone(c, doneWords(reservationActions)) }),
  );
  onPost(app, {
    path: "/reservations/:id/release",
    operation: releaseReservation,
    params: (c) => ({ id: idOf(c) }),
    body: () => ({}),
    back: own,
    done: "release",
    again: (c, refused) => onePage(c, { refused }),
  });
};
