/** Items of an order in one cell, such as `SKU: A, Qty: 1|SKU: B, Qty: 2`. */
import { trimmed } from "../kernel/white-space.ts";
import { type ImportMappingBody, isOfItem } from "./mapping.ts";
import type { Cell } from "./sources.ts";

type Items = NonNullable<ImportMappingBody["items"]>;

/**
 * The values of an item by their names. A value may have the separator in it: what follows one and has no name is
 * a part of the value before.
 */
const valuesOf = (
  item: string,
  valueSeparator: string,
  nameSeparator: string,
): ReadonlyMap<string, string> => {
  const values = new Map<string, string>();
  let last: string | null = null;
  for (const part of item.split(valueSeparator)) {
    const at = part.indexOf(nameSeparator);
    if (at > 0) {
      last = trimmed(part.slice(0, at));
      values.set(last, part.slice(at + nameSeparator.length));
    } else if (last !== null) {
      values.set(last, `${values.get(last) ?? ""}${valueSeparator}${part}`);
    }
  }
  return values;
};

/** The names of the values in a cell of items, as far as it is one: by the usual separators. */
export const itemNames = (text: string): readonly string[] => {
  const [first = ""] = text.split("|");
  const values = valuesOf(first, ", ", ": ");
  return values.size < 2 ? [] : [...values.keys()];
};

/** The items of a cell, each as cells: what is named behind the items' column is its own. */
export const cellItems = (cell: Cell, items: Items): readonly Cell[] => {
  const { column, itemSeparator = "|", valueSeparator = ", ", nameSeparator = ": " } = items;
  const text = trimmed(cell(column) ?? "");
  if (text === "") return [];
  const start = column.length + 1;
  return text.split(itemSeparator).map((item): Cell => {
    const values = valuesOf(item, valueSeparator, nameSeparator);
    return (name) => isOfItem(column, name) ? values.get(name.slice(start)) : cell(name);
  });
};
