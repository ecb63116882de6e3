/** The operations on orders that pages ask for, and their answers. */
import type { OrderStatus } from "../../../src/order/order.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import type { SuggestedLots } from "../../lot/pages/lots.tsx";
import * as edits from "../edits.ts";
import * as fulfillment from "../fulfillment.ts";
import * as orders from "../orders.ts";
import * as returns from "../returns.ts";
import type { ReturnView } from "../return-schemas.ts";
import type { paymentView, refundView } from "../payment-views.ts";
import * as payments from "../payments.ts";
import * as shipments from "../shipments.ts";
import type { exceptionView, fulfillmentOrderView, orderView, shipmentView } from "../views.ts";

export type OrderView = ReturnType<typeof orderView>;
export type FulfillmentOrderView = ReturnType<typeof fulfillmentOrderView> & {
  /** Only where one is asked for that is to be picked, and has lines of tracked items. */
  readonly suggestedLots?: readonly SuggestedLots[];
};
export type ShipmentView = ReturnType<typeof shipmentView>;
export type ExceptionView = ReturnType<typeof exceptionView>;

export type PaymentView = ReturnType<typeof paymentView>;
export type RefundPreviewOf = ReturnType<typeof refundView>;

export interface EventView {
  readonly position: string;
  readonly type: string;
  readonly at: string;
  readonly by: string;
  readonly orderId: string;
  readonly version: number;
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly [detail: string]: unknown;
}

export const listOrders = operation<ApiPage<OrderView>>(orders.listOrders);
export const getOrder = operation<OrderView>(orders.getOrder);
export const previewCancel = operation<OrderView>(orders.previewCancel);
export const listOrderEvents = operation<ApiPage<EventView>>(orders.listOrderEvents);
export const listFulfillmentOrders = operation<ApiPage<FulfillmentOrderView>>(
  fulfillment.listFulfillmentOrders,
);
export const getFulfillmentOrder = operation<FulfillmentOrderView>(fulfillment.getFulfillmentOrder);
export const listReturns = operation<ApiPage<ReturnView>>(returns.listReturns);
export const getReturn = operation<ReturnView>(returns.getReturn);
export const previewReturn = operation<OrderView>(returns.previewReturn);
export const requestReturn = operation<ReturnView>(returns.requestReturn);
export const getShipment = operation<ShipmentView>(shipments.getShipment);
export const listDeliveryExceptions = operation<ApiPage<ExceptionView>>(
  shipments.listDeliveryExceptions,
);
export const listPayments = operation<ApiPage<PaymentView>>(payments.listPayments);
export const editOrder = operation<OrderView>(edits.editOrder);
export const previewRefund = operation<RefundPreviewOf>(payments.previewRefund);
export const refundOrder = operation<OrderView>(payments.refundOrder);
