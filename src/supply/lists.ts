/** In which lists purchase orders and transfers stand. */
import type { Dimension } from "../subject/dimension.ts";
import type { ListEntry } from "../subject/state.ts";

/** SKUs are many, and each is in few documents: their lists share pages. */
const sharedLists = 64;

export const purchaseOrderLists = {
  status: { name: "purchase_order_status" },
  location: { name: "purchase_order_location" },
  supplier: { name: "purchase_order_supplier", sharedLists },
  sku: { name: "purchase_order_sku", sharedLists },
} as const satisfies Readonly<Record<string, Dimension>>;

export const transferLists = {
  status: { name: "transfer_status" },
  /** Both ends of it. */
  location: { name: "transfer_location" },
  from: { name: "transfer_from" },
  to: { name: "transfer_to" },
  sku: { name: "transfer_sku", sharedLists },
} as const satisfies Readonly<Record<string, Dimension>>;

export const supplyDimensions: readonly Dimension[] = [
  ...Object.values(purchaseOrderLists),
  ...Object.values(transferLists),
];

export const inList = ({ name }: Dimension, value: string): ListEntry => [name, value];

export const skuLists = (
  dimension: Dimension,
  lines: readonly { readonly sku: string }[],
): readonly ListEntry[] =>
  [...new Set(lines.map(({ sku }) => sku))].map((sku) => inList(dimension, sku));
