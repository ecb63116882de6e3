/** The work that needs attention: orders that stand still, and the work that waits at each location. */
import { openFulfillmentStatuses } from "../../../src/order/status.ts";
import { type LongestWaiting } from "../../../src/order/status-sections.ts";
import type { Names } from "../../catalog/pages/names.tsx";
import type { ShownStatus } from "../shown.ts";
import { Card, Count, Empty, Table, When, words } from "../../dashboard/parts.tsx";
import { path, type Visit, withQuery } from "../../dashboard/visit.ts";
import type { Ages } from "./ages.ts";

const Longest = ({ visit, found }: { readonly visit: Visit; readonly found: LongestWaiting }) => (
  <>
    the oldest from{" "}
    <a
      href={found.id.startsWith("ful_")
        ? path("fulfillment-orders", found.id)
        : path("orders", found.id)}
    >
      <When at={found.since} visit={visit} />
    </a>
  </>
);

/** Most engines are told of no payments. */
const paymentRows = (count: number) =>
  count === 0 ? [] : [{
    name: "Payments",
    count,
    tone: "bad",
    href: "/payments",
    means: "wait for somebody who looks after them",
    found: undefined,
  }];

/** Each kind of waiting: the number, the one to look at first, and the meaning. */
export const Attention = (
  { visit, status }: { readonly visit: Visit; readonly status: ShownStatus },
) => {
  const { orders, oldest, fulfillmentOrders, shipments, payments } = status;
  const of = (name: string) => orders?.byStatus[name] ?? 0;
  const rows = [
    {
      name: "Held",
      count: of("held"),
      tone: "bad",
      href: withQuery("/orders", { status: "held" }),
      means: "stand still until somebody releases them",
      found: oldest?.held,
    },
    {
      name: "Backordered",
      count: of("backordered"),
      tone: "warn",
      href: withQuery("/orders", { status: "backordered" }),
      means: "wait for stock",
      found: oldest?.backordered,
    },
    {
      name: "Partially allocated",
      count: of("partially_allocated"),
      tone: "warn",
      href: withQuery("/orders", { status: "partially_allocated" }),
      means: "wait for the rest of their stock",
      found: undefined,
    },
    {
      name: "Not yet accepted",
      count: fulfillmentOrders?.byStatus["open"] ?? 0,
      tone: "",
      href: "/fulfillment",
      means: "wait for a location to begin",
      found: oldest?.openFulfillmentOrder,
    },
    {
      name: "Delivery exceptions",
      count: shipments?.exception ?? 0,
      tone: "bad",
      href: "/exceptions",
      means: "are shipments that the carrier could not deliver as planned",
      found: undefined,
    },
    ...paymentRows(payments?.attention ?? 0),
  ];
  return (
    <Card title="Needs attention">
      <ul class="attention">
        {rows.map(({ name, count, tone, href, means, found }) => (
          <li class={count > 0 ? tone : "none"}>
            <b>{visit.format.number(count)}</b>
            <span>
              <a href={href}>{name}</a>
              <span class="muted">
                {" "}
                {means}
                {found === undefined || found === null ? null : (
                  <>
                    ; <Longest visit={visit} found={found} />
                  </>
                )}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
};

/** Open fulfillment orders by location: how many in each step, and the age of the oldest. */
export const OpenWork = ({ visit, status, ages, places }: {
  readonly visit: Visit;
  readonly status: ShownStatus;
  readonly ages: Ages;
  readonly places: Names;
}) => {
  const rows = (status.fulfillmentOrders?.byLocation ?? []).filter(({ open }) => open > 0);
  return (
    <Card title="Open fulfillment orders">
      {rows.length === 0 ? <Empty>Nothing waits at any location.</Empty> : (
        <Table
          label="Open fulfillment orders by location"
          head={[
            { text: "Location" },
            { text: "Oldest" },
            { text: "All", number: true },
            ...openFulfillmentStatuses.map((name) => ({
              text: words(name),
              number: true,
              wide: true,
            })),
          ]}
        >
          {rows.map(({ locationId, open, byStatus }) => {
            const oldest = ages.get(locationId ?? "");
            return (
              <tr>
                <td>
                  {locationId === null ? "Digital" : (
                    <a href={path("fulfillment", locationId)}>
                      {places.get(locationId) ?? locationId}
                    </a>
                  )}
                </td>
                <td>
                  {oldest === undefined || oldest === null
                    ? "–"
                    : (
                      <a href={path("fulfillment-orders", oldest.id)}>
                        <When at={oldest.since} visit={visit} />
                      </a>
                    )}
                </td>
                <td class="number">
                  <b>{visit.format.number(open)}</b>
                </td>
                {openFulfillmentStatuses.map((name) => (
                  <td class="number wide">
                    <Count of={byStatus[name] ?? 0} visit={visit} />
                  </td>
                ))}
              </tr>
            );
          })}
        </Table>
      )}
    </Card>
  );
};
