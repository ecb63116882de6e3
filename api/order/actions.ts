/** What may be asked of an order. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { Reason } from "../../src/kernel/vocabulary.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import type { Action, ActionField, Actions, Nothing } from "../http/actions.ts";
import { insufficientStock } from "./problems.ts";
import { SomeLines } from "./some-lines.ts";

/** For the compiler: the command gets what the body's schema makes. */
const action = <Body = Nothing>(
  definition: Action<Body, OrderCommand>,
): Action<Body, OrderCommand> => definition;

/** The dashboard asks for it even where the API does not insist. */
export const reason: ActionField = {
  name: "reason",
  label: "Reason",
  required: true,
  maxLength: textLimits.reason,
};

export const orderActions = {
  cancel: action({
    operationId: "cancelOrder",
    summary: "Cancel an order or some of its units",
    permission: "orders:cancel",
    body: Schema.Struct({ reason: Reason, lines: SomeLines }).annotate({
      identifier: "CancelRequest",
    }),
    command: ({ reason, lines }) => ({ type: "cancel", reason, lines }),
    says: {
      opens: "Cancel…",
      button: "Cancel the whole order",
      tone: "danger",
      fields: [reason],
      done: "The order is cancelled.",
    },
  }),
  hold: action({
    operationId: "holdOrder",
    summary: "Hold an order until it is released",
    permission: "orders:hold",
    body: Schema.Struct({ reason: Reason }).annotate({ identifier: "HoldRequest" }),
    command: ({ reason }) => ({ type: "hold", reason }),
    says: {
      opens: "Hold…",
      button: "Hold the order",
      fields: [reason],
      done: "The order is held.",
    },
  }),
  release: action({
    operationId: "releaseOrder",
    summary: "Release a held order",
    permission: "orders:hold",
    body: Schema.Struct({ reason: Schema.optionalKey(Reason) }).annotate({
      identifier: "ReleaseRequest",
    }),
    problems: [insufficientStock],
    command: ({ reason }) => ({ type: "release", reason }),
    says: {
      opens: "Release…",
      button: "Release the order",
      tone: "main",
      fields: [reason],
      done: "The order is released.",
    },
  }),
} as const satisfies Actions<OrderCommand>;
