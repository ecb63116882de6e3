/** Ids of orders, of their fulfillment orders, shipments, payments, invoices and returns. */
import { idKind, partIdKind } from "../kernel/ids.ts";

export const orderIds = idKind("ord");
export const fulfillmentOrderIds = partIdKind(orderIds, "ful");
export const shipmentIds = partIdKind(orderIds, "shp");
export const returnIds = partIdKind(orderIds, "ret");
export const paymentIds = partIdKind(orderIds, "pay");
/** What is asked of a provider; the provider knows it by this id. */
export const transactionIds = partIdKind(orderIds, "trx");
export const invoiceIds = partIdKind(orderIds, "inv");
export const creditMemoIds = partIdKind(orderIds, "cre");

export const shelfOfOrderId = orderIds.shelfOf;
export const idsFrom = orderIds.from;
/** The id of an order's n-th fulfillment order; n counts from 1. */
export const fulfillmentOrderIdOf = fulfillmentOrderIds.of;
/** The id of an order's n-th shipment; n counts from 1. */
export const shipmentIdOf = shipmentIds.of;
/** The order that a fulfillment order belongs to; null when the id is malformed. */
export const orderIdOfFulfillmentOrder = fulfillmentOrderIds.ownerOf;
/** The order that a shipment belongs to; null when the id is malformed. */
export const orderIdOfShipment = shipmentIds.ownerOf;
/** The id of an order's n-th return; n counts from 1. */
export const returnIdOf = returnIds.of;
/** The order that a return belongs to; null when the id is malformed. */
export const orderIdOfReturn = returnIds.ownerOf;
/** The id of an order's n-th payment; n counts from 1. */
export const paymentIdOf = paymentIds.of;
/** The id of an order's n-th transaction, whichever payment it is of; n counts from 1. */
export const transactionIdOf = transactionIds.of;
/** The id of an order's n-th invoice; n counts from 1. */
export const invoiceIdOf = invoiceIds.of;
/** The id of an order's n-th credit memo; n counts from 1. */
export const creditMemoIdOf = creditMemoIds.of;
/** The order that a payment belongs to; null when the id is malformed. */
export const orderIdOfPayment = paymentIds.ownerOf;
/** The order that an invoice belongs to; null when the id is malformed. */
export const orderIdOfInvoice = invoiceIds.ownerOf;
/** The order that a credit memo belongs to; null when the id is malformed. */
export const orderIdOfCreditMemo = creditMemoIds.ownerOf;
/** The order that a transaction belongs to; null when the id is malformed. */
export const orderIdOfTransaction = transactionIds.ownerOf;
