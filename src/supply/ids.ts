/** Ids of purchase orders and transfers, of their lines, which are supplies, and of their receipts. */
import { idKind, partIdKind } from "../kernel/ids.ts";

export const purchaseOrderIds = idKind("po");
export const purchaseOrderLineIds = partIdKind(purchaseOrderIds, "pol");
export const purchaseOrderReceiptIds = partIdKind(purchaseOrderIds, "por");

export const transferIds = idKind("trf");
export const transferLineIds = partIdKind(transferIds, "trl");
export const transferReceiptIds = partIdKind(transferIds, "trr");
export const transferShipmentIds = partIdKind(transferIds, "trs");
