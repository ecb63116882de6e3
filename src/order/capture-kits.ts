/** Kits of lines that come to an order: each line keeps what its goods are now. */
import type { Item } from "../catalog/catalog.ts";
import type { Kit } from "../catalog/kit.ts";
import { orderLimits } from "./limits.ts";
import type { OrderLine } from "./order.ts";

/** The line of a kit. A digital line has nothing on shelves. */
export const withKit = (line: OrderLine, { parts, ship }: Kit): OrderLine =>
  line.method === "digital" ? line : {
    ...line,
    components: parts,
    ...(ship === "separately" ? { shipsSeparately: true } : {}),
  };

/** The line with the goods of the line that it is more of; without one, with those of its item now. */
export const withKitOf = (
  line: OrderLine,
  base: OrderLine | undefined,
  item: Pick<Item, "kit"> | null,
): OrderLine => {
  if (base === undefined) return item?.kit === undefined ? line : withKit(line, item.kit);
  return base.components === undefined || line.method === "digital" ? line : {
    ...line,
    components: base.components,
    ...(base.shipsSeparately === true ? { shipsSeparately: true } : {}),
  };
};

export const tooManyComponents = (lines: readonly OrderLine[]): boolean => {
  let components = 0;
  for (const line of lines) {
    if (line.components !== undefined) components += line.components.length;
  }
  return components > orderLimits.components;
};
