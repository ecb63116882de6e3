/** Ids of orders, of their fulfillment orders and of their shipments. */
import { idKind, partIdKind } from "../kernel/ids.ts";

export const orderIds = idKind("ord");
export const fulfillmentOrderIds = partIdKind(orderIds, "ful");
export const shipmentIds = partIdKind(orderIds, "shp");

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
