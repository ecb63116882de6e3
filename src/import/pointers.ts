/** Where the fields of a row stand in the order, and the columns behind places in the order. */
import { columnOf, type ImportFieldName, type ImportMappingBody } from "./mapping.ts";
import type { RowError } from "./job.ts";

const linePaths: Partial<Record<ImportFieldName, string>> = {
  sku: "sku",
  quantity: "quantity",
  unitPrice: "unitPrice",
  lineTotal: "unitPrice",
  discount: "discount",
  tax: "tax",
  method: "fulfillment/method",
  locationId: "fulfillment/locationId",
};

const orderPaths: Partial<Record<ImportFieldName, string>> = {
  externalId: "/externalId",
  currency: "/currency",
  placedAt: "/placedAt",
  onShortage: "/onShortage",
  customerId: "/customer/id",
  customerName: "/customer/name",
  customerEmail: "/customer/email",
  customerPhone: "/customer/phone",
  shippingService: "/shipping/service",
  shippingAmount: "/shipping/amount",
  lineShipping: "/shipping/amount",
  shippingDiscount: "/shipping/amount",
  country: "/shippingAddress/country",
  addressName: "/shippingAddress/name",
  company: "/shippingAddress/company",
  line1: "/shippingAddress/line1",
  line2: "/shippingAddress/line2",
  city: "/shippingAddress/city",
  region: "/shippingAddress/region",
  postalCode: "/shippingAddress/postalCode",
  phone: "/shippingAddress/phone",
  note: "/note",
};

/** Undefined for what is in no one place of the order; `index` is the place among its lines. */
const pointerOf = (field: ImportFieldName, index: number): string | undefined => {
  const path = linePaths[field];
  return path === undefined ? orderPaths[field] : `/lines/${index}/${path}`;
};

/** The column behind a pointer into the order, for whoever corrects the file. */
export const columnAt = (mapping: ImportMappingBody, pointer: string): string | null => {
  const line = /^\/lines\/\d+\/(.*)$/.exec(pointer);
  const [paths, path] = line === null ? [orderPaths, pointer] : [linePaths, line[1] ?? ""];
  for (const [field, start] of Object.entries(paths)) {
    if (path !== start && !path.startsWith(`${start}/`)) continue;
    const column = columnOf(mapping, field as ImportFieldName);
    if (column !== null) return column;
  }
  return null;
};

export const rowError = (
  error: {
    readonly field: ImportFieldName;
    readonly column: string | null;
    readonly detail: string;
  },
  index: number,
): RowError => {
  const pointer = pointerOf(error.field, index);
  return {
    ...(pointer === undefined ? {} : { pointer }),
    ...(error.column === null ? {} : { column: error.column }),
    detail: error.detail,
  };
};
