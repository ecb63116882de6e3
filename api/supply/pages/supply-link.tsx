/** The way from a supply to the purchase order, or the transfer, that it is a line of. */
import { purchaseOrderLineIds, transferLineIds } from "../../../src/supply/ids.ts";
import { path, type Visit } from "../../dashboard/visit.ts";
import { getPurchaseOrder, getTransfer } from "./operations.ts";

const documents = [
  {
    ids: purchaseOrderLineIds,
    folder: "purchase-orders",
    needs: getPurchaseOrder,
    name: "Purchase order",
  },
  { ids: transferLineIds, folder: "transfers", needs: getTransfer, name: "Transfer" },
] as const;

/** Words alone for whoever may not open it. */
export const SupplyLink = (
  { supplyId, text, visit }: {
    readonly supplyId: string;
    /** Instead of the kind of the document. */
    readonly text?: string | undefined;
    readonly visit: Visit;
  },
) => {
  for (const { ids, folder, needs, name } of documents) {
    const id = ids.ownerOf(supplyId);
    if (id === null) continue;
    const words = text ?? name;
    return visit.calls.may(needs) ? <a href={path(folder, id)}>{words}</a> : <>{words}</>;
  }
  return <code>{supplyId}</code>;
};
