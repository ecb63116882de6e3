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

const path = new URL("../../../shared/data/online-retail.csv", import.meta.url);

/** The file's text; null, said loudly, when the data is not there. */
export const readRetail = async (): Promise<string | null> => {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(
      "\n!!!! ../shared/data/online-retail.csv IS ABSENT: this test has checked NOTHING of it. !!!!\n",
    );
    return null;
  }
};
