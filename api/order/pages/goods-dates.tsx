/** By when goods leave and arrive, where their location counts days. */
import { type GoodsDates, isDated } from "../../../src/order/goods-dates.ts";
import { When } from "../../dashboard/parts.tsx";
import type { Visit } from "../../dashboard/visit.ts";

interface DatesProps {
  readonly of: { readonly [Name in keyof GoodsDates]: GoodsDates[Name] | undefined };
  readonly visit: Visit;
}

/** The day at the location, and how far away its cut-off is. */
export const ShipBy = ({ of: { shipBy }, visit }: DatesProps) =>
  shipBy === undefined ? null : (
    <span data-ship-by={shipBy.date}>
      {shipBy.date} (<When at={shipBy.at} visit={visit} />)
    </span>
  );

/** Both, among other facts. */
export const DateFacts = ({ of, visit }: DatesProps) => (
  <>
    {of.shipBy === undefined ? null : (
      <>
        <dt>Ship by</dt>
        <dd>
          <ShipBy of={of} visit={visit} />
        </dd>
      </>
    )}
    {of.deliverBy === undefined ? null : (
      <>
        <dt>Deliver by</dt>
        <dd data-deliver-by={of.deliverBy}>{of.deliverBy}</dd>
      </>
    )}
  </>
);

/** Columns of a table of goods, where any of them has dates. */
export const datesHead = (among: readonly GoodsDates[]) =>
  among.some(isDated) ? [{ text: "Ship by" }, { text: "Deliver by" }] : [];

export const DateCells = (
  { of, among, visit }: DatesProps & { readonly among: readonly GoodsDates[] },
) =>
  among.some(isDated)
    ? (
      <>
        <td>
          <ShipBy of={of} visit={visit} />
        </td>
        <td>{of.deliverBy}</td>
      </>
    )
    : null;
