/**
 * Kits in orders. A line of a kit counts whole kits and knows of what goods they were made when it came; stock
 * rows, and what waits for stock, are those goods'. Orders without kits pay one look at each line.
 */
import type { KitComponent } from "../catalog/kit.ts";
import type { LineId, Order, OrderLine } from "./order.ts";
import { componentIndexOf, isPartId, lineIdOf } from "./parts.ts";

/** The goods of one unit of each line that is a kit, by line; null where no line is one. */
export type Kits = ReadonlyMap<LineId, readonly KitComponent[]> | null;

export const kitsOf = ({ lines }: Pick<Order, "lines">): Kits => {
  for (const { components } of lines) {
    if (components === undefined) continue;
    const kits = new Map<LineId, readonly KitComponent[]>();
    for (const line of lines) {
      if (line.components !== undefined) kits.set(line.id, line.components);
    }
    return kits;
  }
  return null;
};

interface LineUnits {
  readonly lineId: LineId;
  readonly sku: string;
  readonly quantity: number;
}

/** The same units as goods on shelves: units of kits are those of their components. */
export const asGoods = <Units extends LineUnits>(
  kits: Kits,
  units: readonly Units[],
): readonly Units[] =>
  kits === null
    ? units
    : units.flatMap((each) =>
      kits.get(each.lineId)?.map(({ sku, quantity }) => ({
        ...each,
        sku,
        quantity: each.quantity * quantity,
      })) ?? [each]
    );

/** The SKUs of a line's stock rows. */
export const skusOf = ({ sku, components }: Pick<OrderLine, "sku" | "components">) =>
  components === undefined ? [sku] : components.map((component) => component.sku);

/** The stock rows of lines at a location. */
export const rowsOf = (
  kits: ReadonlyMap<LineId, readonly KitComponent[]>,
  lines: readonly { readonly lineId: LineId }[],
): number => lines.reduce((rows, { lineId }) => rows + (kits.get(lineId)?.length ?? 1), 0);

type Lines = Pick<Order, "lines">;

/** Line ids are "1" to "n". */
const lineOf = ({ lines }: Lines, id: LineId) => lines[Number(lineIdOf(id)) - 1];

/** The component that a part is of. */
export const componentOf = (order: Lines, partId: LineId): KitComponent | undefined =>
  lineOf(order, partId)?.components?.[componentIndexOf(partId)];

/** The SKU of a line or of a part of it. */
export const skuOf = (order: Lines, id: LineId): string =>
  (isPartId(id) ? componentOf(order, id) : lineOf(order, id))?.sku ?? "";
