/** The slice of the UCI Online Retail data that imports are accepted by, and the mapping that reads it. */
import type { ImportMappingBody } from "../../src/import/mapping.ts";

export const retailMapping: ImportMappingBody = {
  fields: {
    externalId: { column: "InvoiceNo" },
    sku: { column: "StockCode" },
    quantity: { column: "Quantity" },
    unitPrice: { column: "UnitPrice" },
    currency: { constant: "GBP" },
    placedAt: { column: "InvoiceDate" },
    customerId: { column: "CustomerID" },
    country: { column: "Country" },
  },
  dateFormat: "M/D/YY H:mm",
  credits: { negativeQuantity: true, externalIdPrefix: "C" },
};

const path = new URL("../data/files/online-retail.csv", import.meta.url);

export const readRetail = (): Promise<string> => Deno.readTextFile(path);
