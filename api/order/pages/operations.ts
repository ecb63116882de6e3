/** The operations on orders that pages ask for, and their answers. */
import type { OrderStatus } from "../../../src/order/order.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as fulfillment from "../fulfillment.ts";
import * as orders from "../orders.ts";
import type { fulfillmentOrderView, orderView } from "../views.ts";

export type OrderView = ReturnType<typeof orderView>;
export type FulfillmentOrderView = ReturnType<typeof fulfillmentOrderView>;

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
export const listOrderEvents = operation<ApiPage<EventView>>(orders.listOrderEvents);
export const listFulfillmentOrders = operation<ApiPage<FulfillmentOrderView>>(
  fulfillment.listFulfillmentOrders,
);
export const getFulfillmentOrder = operation<FulfillmentOrderView>(fulfillment.getFulfillmentOrder);
