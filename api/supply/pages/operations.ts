/** The operations about supply that pages ask for, and what they answer. */
import type { EventEnvelope } from "../../../src/subject/event.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import type { BackorderView } from "../../order/backorders.ts";
import type { SupplyImport } from "../import.ts";
import type { Availability } from "../promise-schemas.ts";
import { purchaseOrderActions } from "../purchase-order-actions.ts";
import type { PurchaseOrderView } from "../purchase-order-schemas.ts";
import { transferActions } from "../transfer-actions.ts";
import type { TransferView } from "../transfer-schemas.ts";

export type PurchaseOrderShown = typeof PurchaseOrderView.Type;
export type TransferShown = typeof TransferView.Type;
export type ImportShown = typeof SupplyImport.Type;
export type AvailabilityShown = typeof Availability.Type;
export type BackorderShown = typeof BackorderView.Type;

const named = <Value>(operationId: string) => operation<Value>({ operationId });

export const listPurchaseOrders = named<ApiPage<PurchaseOrderShown>>("listPurchaseOrders");
export const getPurchaseOrder = named<PurchaseOrderShown>("getPurchaseOrder");
export const listPurchaseOrderEvents = named<ApiPage<EventEnvelope>>("listPurchaseOrderEvents");
export const importPurchaseOrders = named<ImportShown>("importPurchaseOrders");
export const changePurchaseOrder = operation<PurchaseOrderShown>(purchaseOrderActions.change);
export const receivePurchaseOrder = operation<PurchaseOrderShown>(purchaseOrderActions.receipts);

export const listTransfers = named<ApiPage<TransferShown>>("listTransfers");
export const getTransfer = named<TransferShown>("getTransfer");
export const listTransferEvents = named<ApiPage<EventEnvelope>>("listTransferEvents");
export const importTransfers = named<ImportShown>("importTransfers");
export const changeTransfer = operation<TransferShown>(transferActions.change);
export const receiveTransfer = operation<TransferShown>(transferActions.receipts);
export const cancelTransfer = operation<TransferShown>(transferActions.cancel);

export const getAvailability = named<AvailabilityShown>("getAvailability");
export const listBackorders = named<ApiPage<BackorderShown>>("listBackorders");
