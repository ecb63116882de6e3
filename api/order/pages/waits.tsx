/** What the lines of an order wait for: the supply that is promised, and when it is expected. */
import { type Names, Place } from "../../catalog/pages/names.tsx";
import { Card, Table, When } from "../../dashboard/parts.tsx";
import { path, type Visit } from "../../dashboard/visit.ts";
import { SupplyLink } from "../../supply/pages/supply-link.tsx";
import type { OrderView } from "./operations.ts";

type Line = OrderView["lines"][number];

/** Where promised units are to come to. */
export const promisedPlaces = ({ lines }: OrderView): readonly string[] =>
  lines.flatMap(({ promises = [] }) => promises.map(({ locationId }) => locationId));

const unpromised = ({ backordered = 0, promises = [] }: Line): number =>
  backordered - promises.reduce((sum, { quantity }) => sum + quantity, 0);

const why = ({ components }: Line): string =>
  components === undefined ? "Waits its turn: nothing is promised yet" : "Waits for all its goods";

export const Waits = ({ order, visit, places }: {
  readonly order: OrderView;
  readonly visit: Visit;
  readonly places: Names;
}) => {
  const waiting = order.lines.filter(({ backordered = 0 }) => backordered > 0);
  if (waiting.length === 0) return null;
  return (
    <Card title="What it waits for">
      <Table
        label="What it waits for"
        stacked
        head={[
          { text: "Item" },
          { text: "Units", number: true },
          { text: "Supply" },
          { text: "Expected" },
          { text: "At" },
        ]}
      >
        {waiting.map((line) => (
          <>
            {(line.promises ?? []).map(({ supplyId, locationId, quantity, expectedAt }) => (
              <tr role="row" data-promise={supplyId}>
                <td role="cell">
                  <a href={path("inventory", line.sku)}>{line.sku}</a>
                </td>
                <td role="cell" class="number">{visit.format.number(quantity)}</td>
                <td role="cell">
                  <SupplyLink supplyId={supplyId} visit={visit} />
                </td>
                <td role="cell">
                  <When at={expectedAt} visit={visit} />
                </td>
                <td role="cell">
                  <Place id={locationId} names={places} />
                </td>
              </tr>
            ))}
            {unpromised(line) === 0 ? null : (
              <tr role="row" data-unpromised={line.id}>
                <td role="cell">
                  <a href={path("inventory", line.sku)}>{line.sku}</a>
                </td>
                <td role="cell" class="number">{visit.format.number(unpromised(line))}</td>
                <td role="cell">{why(line)}</td>
                <td role="cell">–</td>
                <td role="cell">–</td>
              </tr>
            )}
          </>
        ))}
      </Table>
    </Card>
  );
};
