/** The actions on a transfer, and which of its ends takes them. */
import { textLimits } from "../../src/kernel/limits.ts";
import type { TransferCommand } from "../../src/supply/transfer.ts";
import type { Action } from "../http/actions.ts";
import { normalized, normalizedIn } from "../http/times.ts";
import { overReceiptProblem } from "./problems.ts";
import {
  CancelTransferRequest,
  ChangeTransferRequest,
  CloseTransferRequest,
  ReceiveTransferRequest,
  ShipTransferRequest,
} from "./transfer-schemas.ts";

const action = <Body>(
  definition: Action<Body, TransferCommand>,
): Action<Body, TransferCommand> => definition;

const reasonField = {
  ...{ name: "reason", label: "Reason", required: false, maxLength: textLimits.reason },
};

export const transferActions = {
  ship: action({
    operationId: "shipTransfer",
    summary: "Units have left the source",
    description: "They are on hand there no more, and expected at the target.",
    permission: "supply:write",
    problems: ["conflict"],
    body: ShipTransferRequest,
    command: ({ reference, expectedAt, lines }: typeof ShipTransferRequest.Type) => ({
      ...{ type: "ship", reference, lines, expectedAt: normalizedIn(expectedAt) },
    }),
    says: { button: "All shipped", tone: "main", done: "Shipped." },
  }),
  change: action({
    operationId: "changeTransfer",
    summary: "It is expected at another time",
    permission: "supply:write",
    body: ChangeTransferRequest,
    command: ({ expectedAt }: typeof ChangeTransferRequest.Type) => ({
      ...{ type: "change", expectedAt: normalized(expectedAt) },
    }),
    says: { button: "Change it", done: "Changed." },
  }),
  receipts: action({
    operationId: "receiveTransfer",
    summary: "Units have come to the target, or will not",
    description:
      "There may be several receipts. Units that orders are promised go to them; lost units are expected no more.",
    permission: "supply:write",
    problems: [overReceiptProblem, "conflict"],
    body: ReceiveTransferRequest,
    command: ({ reference, lines }: typeof ReceiveTransferRequest.Type) => ({
      ...{ type: "receive", reference },
      lines: lines?.map(({ lineId, quantity = 0, damaged = 0, lost = 0, bucket }) => ({
        ...{ lineId, quantity, damaged, lost },
        ...(bucket === undefined ? {} : { bucket }),
      })),
    }),
    says: { button: "All received", tone: "main", done: "Received." },
  }),
  close: action({
    operationId: "closeTransfer",
    summary: "What is on its way is lost; what has not left stays",
    permission: "supply:write",
    body: CloseTransferRequest,
    command: ({ reason }: typeof CloseTransferRequest.Type) => ({ type: "close", reason }),
    says: {
      ...{ opens: "Close…", button: "Close it", tone: "danger", done: "Closed." },
      fields: [reasonField],
    },
  }),
  cancel: action({
    operationId: "cancelTransfer",
    summary: "What has not left stays; what is on its way goes back, or is lost",
    permission: "supply:write",
    body: CancelTransferRequest,
    command: ({ rest = "return", reason }: typeof CancelTransferRequest.Type) => ({
      ...{ type: "cancel", rest, reason },
    }),
    says: {
      ...{ opens: "Cancel…", button: "Cancel it", tone: "danger", done: "Cancelled." },
      fields: [reasonField],
    },
  }),
} as const;

/** The end whose location a key must be of, where it is of one; `either` where both may. */
export const actingEnd = (
  command: TransferCommand,
): "from" | "to" | "either" => {
  switch (command.type) {
    case "request":
    case "ship":
    case "cancel":
      return "from";
    case "receive":
    case "close":
      return "to";
    case "change":
    case "settle":
      return "either";
  }
};
