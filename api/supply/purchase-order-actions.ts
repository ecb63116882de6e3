/** The actions on a purchase order. */
import { textLimits } from "../../src/kernel/limits.ts";
import type { PurchaseOrderCommand } from "../../src/supply/purchase-order.ts";
import type { Action } from "../http/actions.ts";
import { normalizedIn } from "../http/times.ts";
import { overReceiptProblem } from "./problems.ts";
import { ChangeRequest, ReasonRequest, ReceiveRequest } from "./purchase-order-schemas.ts";

const reasonField = {
  ...{ name: "reason", label: "Reason", required: false, maxLength: textLimits.reason },
};

const action = <Body>(
  definition: Action<Body, PurchaseOrderCommand>,
): Action<Body, PurchaseOrderCommand> => definition;

/** Dates in the engine's one form; a line that has none, nor the request, has an empty one. */
const changeOf = (
  { lines = [], add = [], expectedAt, overReceiptPercent }: typeof ChangeRequest.Type,
) => ({
  type: "change" as const,
  lines: lines.map(({ lineId, quantity, expectedAt: own }) => ({
    ...{ lineId, quantity, expectedAt: normalizedIn(own) },
  })),
  add: add.map(({ sku, quantity, expectedAt: own }) => ({
    ...{ sku, quantity, expectedAt: normalizedIn(own ?? expectedAt) ?? "" },
  })),
  expectedAt: normalizedIn(expectedAt),
  overReceiptPercent,
});

export const purchaseOrderActions = {
  change: action({
    operationId: "changePurchaseOrder",
    summary: "Change quantities and dates, or add lines",
    permission: "supply:write",
    body: ChangeRequest,
    command: changeOf,
    says: { button: "Change it", done: "Changed." },
  }),
  receipts: action({
    operationId: "receivePurchaseOrder",
    summary: "Goods have come: they are on hand now",
    description:
      "There may be several receipts. Units that orders are promised go to them; units beyond those ordered, as " +
      "far as `overReceiptPercent` allows for them, are plain stock.",
    permission: "supply:write",
    problems: [overReceiptProblem, "conflict"],
    body: ReceiveRequest,
    command: ({ reference, lines }: typeof ReceiveRequest.Type) => ({
      ...{ type: "receive", reference },
      lines: lines?.map(({ lineId, quantity, rejected = 0, bucket }) => ({
        ...{ lineId, quantity, rejected },
        ...(bucket === undefined ? {} : { bucket }),
      })),
    }),
    says: { button: "All received", tone: "main", done: "Received." },
  }),
  close: action({
    operationId: "closePurchaseOrder",
    summary: "Give up what has not come",
    permission: "supply:write",
    body: ReasonRequest,
    command: ({ reason }: typeof ReasonRequest.Type) => ({ type: "close", reason }),
    says: {
      ...{ opens: "Close…", button: "Close it", tone: "danger", done: "Closed." },
      fields: [reasonField],
    },
  }),
  cancel: action({
    operationId: "cancelPurchaseOrder",
    summary: "Give up all of it, before anything has come",
    permission: "supply:write",
    body: ReasonRequest,
    command: ({ reason }: typeof ReasonRequest.Type) => ({ type: "cancel", reason }),
    says: {
      ...{ opens: "Cancel…", button: "Cancel it", tone: "danger", done: "Cancelled." },
      fields: [reasonField],
    },
  }),
} as const;
