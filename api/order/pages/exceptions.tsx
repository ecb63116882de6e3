/** Shipments that the carrier cannot deliver as planned, each with what may be done about it. */
import { locationChoices } from "../../catalog/pages/choices.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { show } from "../../dashboard/layout.tsx";
import {
  Empty,
  Field,
  Live,
  Pager,
  Refusal,
  Said,
  Select,
  Table,
  When,
} from "../../dashboard/parts.tsx";
import {
  given,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import { type ExceptionView, listDeliveryExceptions } from "./operations.ts";
import { DeliveredForm, NoteForm, ReportForm, ReshipForm } from "./shipment-forms.tsx";

export const exceptionsPath = "/exceptions";

const Row = ({ each, visit }: { readonly each: ExceptionView; readonly visit: Visit }) => {
  const { shipment, externalId, reason, since } = each;
  const form = { shipment, visit, back: exceptionsPath };
  const note = shipment.notes.at(-1);
  return (
    <tr id={shipment.id} role="row">
      <td role="cell">
        <a href={path("shipments", shipment.id)}>{externalId}</a>
        <br />
        <span class="muted compact">
          {shipment.carrier}, <When at={since} visit={visit} />
        </span>
        <span class="code muted wide">{shipment.id}</span>
      </td>
      <td role="cell">
        {reason ?? "The carrier gives none"}
        {note === undefined ? null : (
          <p class="muted">
            {note.text} (<When at={note.at} visit={visit} />)
          </p>
        )}
      </td>
      <td role="cell" class="wide">
        {shipment.carrier}
        {shipment.trackingNumbers.map((number) => (
          <>
            <br />
            <span class="code">{number}</span>
          </>
        ))}
      </td>
      <td role="cell" class="wide">{shipment.locationId}</td>
      <td role="cell" class="wide">
        <When at={since} visit={visit} />
      </td>
      <td role="cell" class="below">
        <div class="actions">
          <DeliveredForm {...form} />
          <ReportForm {...form} />
          <ReshipForm {...form} />
          <NoteForm {...form} />
        </div>
      </td>
    </tr>
  );
};

export const exceptionsPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  // After a form that was refused the address is the form's.
  const filters = c.req.method === "GET" ? given(c, ["locationId", "carrier", "cursor"]) : {};
  const { locationId, carrier } = filters;
  const [told, locations] = await Promise.all([
    visit.calls.ask(listDeliveryExceptions, {
      query: { ...filters, limit: String(dashboardLimits.rowsPerPage) },
    }),
    locationChoices(visit.calls),
  ]);
  const page = {
    title: "Delivery exceptions",
    section: "Exceptions",
    live: locationId === undefined ? {} : { locationId },
  };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { data, nextCursor } = told.value;
  return show(
    c,
    page,
    <>
      <Said message={message} />
      <form method="get" action={exceptionsPath} class="filters card" aria-label="Exceptions">
        <Select
          label="Location"
          name="locationId"
          value={locationId}
          all="All"
          choices={locations}
        />
        <Field label="Carrier" name="carrier" value={carrier} />
        <button type="submit" class="main">Show</button>
        <a href={exceptionsPath}>Clear</a>
      </form>
      <Live id="exceptions" calm url={withQuery(exceptionsPath, filters)}>
        <section class="card" aria-label="Shipments">
          {data.length === 0 ? <Empty>All shipments are on their way as planned.</Empty> : (
            <Table
              label="Delivery exceptions, oldest orders first"
              stacked
              head={[
                { text: "Order" },
                { text: "Reason" },
                { text: "Carrier", wide: true },
                { text: "From", wide: true },
                { text: "Since", wide: true },
                { text: "Actions", wide: true },
              ]}
            >
              {data.map((each) => <Row each={each} visit={visit} />)}
            </Table>
          )}
          <Pager
            target={exceptionsPath}
            query={filters}
            next={nextCursor}
            begin="First"
            go="Next"
          />
        </section>
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};
