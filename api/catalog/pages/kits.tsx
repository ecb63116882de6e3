/** The recipe of a kit: as fields of its item, and with what its goods make at each location. */
import type { StockLevel } from "../../../actors/stock/inventory.ts";
import type { Item } from "../../../src/catalog/catalog.ts";
import { type Kit, kitShipping, kitUnits } from "../../../src/catalog/kit.ts";
import { catalogLimits } from "../../../src/catalog/limits.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { SessionApi } from "../../dashboard/calls.ts";
import { Card, Select, Table, TextArea } from "../../dashboard/parts.tsx";
import { field, type FormFields, path, type Visit } from "../../dashboard/visit.ts";
import { listStock } from "./operations.ts";

const shippingWords = {
  together: "Together: all of a unit from one location",
  separately: "Separately: its parts may come from several locations",
} as const;

export const KitFields = ({ of }: { readonly of?: Item | undefined }) => (
  <>
    <TextArea
      label="Made of, if it is a kit"
      name="components"
      id={`components-${of?.sku ?? "new"}`}
      rows={3}
      maxLength={catalogLimits.kitParts * (textLimits.sku + 10)}
      value={of?.kit?.components.map(({ sku, quantity }) => `${quantity} ${sku}`).join("\n")}
      hint="A line for each component: units in one kit, a space, and the SKU"
    />
    <Select
      label="A kit is sent"
      name="ship"
      value={of?.kit?.ship ?? "together"}
      choices={kitShipping.map((ship) => ({ value: ship, text: shippingWords[ship] }))}
    />
  </>
);

/** "2 MUG" on each line; what is not a number is no quantity, and refused as such. */
export const kitIn = (fields: FormFields) => {
  const lines = field(fields, "components").split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 0) return {};
  const components = lines.map((line) => {
    const [, quantity = "1", sku = line] = /^(\d+)\s+(?:[x×]\s+)?(.+)$/.exec(line) ?? [];
    return { sku, quantity: Number(quantity) };
  });
  return { kit: { components, ship: field(fields, "ship") } };
};

/** What is available of each part at each location, as far as a page of them tells. */
const levelsOf = async (
  calls: SessionApi,
  { parts }: Kit,
): Promise<readonly StockLevel[] | null> => {
  const told = await Promise.all(
    parts.map(({ sku }) => calls.ask(listStock, { query: { sku, limit: "200" } })),
  );
  return told.every((each) => each.ok)
    ? told.flatMap((each) => each.ok ? each.value.data : [])
    : null;
};

export const KitCard = async ({ kit, visit }: { readonly kit: Kit; readonly visit: Visit }) => {
  const levels = visit.calls.may(listStock) ? await levelsOf(visit.calls, kit) : null;
  const there = Map.groupBy(levels ?? [], ({ locationId }) => locationId);
  const at = [...there.values()].map((rows) => (sku: string) =>
    rows.find((row) => row.sku === sku)?.available ?? 0
  );
  const everywhere = (sku: string) =>
    at.reduce((sum, available) => sum + Math.max(0, available(sku)), 0);
  const { number } = visit.format;
  return (
    <Card title="Kit">
      {levels === null ? null : (
        <p>
          Available:{" "}
          <b class="number" data-kit-available>{number(kitUnits(kit.parts, kit.ship, at))}</b>
        </p>
      )}
      <p class="muted">{shippingWords[kit.ship]}</p>
      <Table
        label="Goods of one kit"
        head={[
          { text: "SKU" },
          { text: "In one kit", number: true },
          ...(levels === null ? [] : [{ text: "Available", number: true }]),
        ]}
      >
        {kit.parts.map(({ sku, quantity }) => (
          <tr>
            <td>
              <a href={path("items", sku)}>{sku}</a>
            </td>
            <td class="number">{number(quantity)}</td>
            {levels === null ? null : <td class="number">{number(everywhere(sku))}</td>}
          </tr>
        ))}
      </Table>
    </Card>
  );
};
