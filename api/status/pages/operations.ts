/** The operations on the status that pages ask for, and their answers. */
import type { ApiPage } from "../../dashboard/calls.ts";
import type { ShownStatus } from "../shown.ts";
import { operation } from "../../http/in-process.ts";
import * as fulfillment from "../../order/fulfillment.ts";
import * as status from "../status.ts";

export const getStatus = operation<ShownStatus>(status.getStatus);

/** The part of a fulfillment order that the overview shows. */
interface WaitingFulfillmentOrder {
  readonly id: string;
  readonly createdAt: string;
}

export const listWaiting = operation<ApiPage<WaitingFulfillmentOrder>>(
  fulfillment.listFulfillmentOrders,
);
