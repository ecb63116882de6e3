/** The actions on an order. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { Money, Reason } from "../../src/kernel/vocabulary.ts";
import { type Principal, roles } from "../../src/kernel/principal.ts";
import { codesOf, type HoldRight, holdRules } from "../../src/order/hold-codes.ts";
import { holdCodes, type OrderCommand } from "../../src/order/order.ts";
import { CancelCode, HoldCode } from "../../src/order/vocabulary.ts";
import type { Action, ActionField, Actions, Nothing } from "../http/actions.ts";
import { amountExceeded } from "./payment-problems.ts";
import { insufficientStock } from "./problems.ts";
import { SomeLines } from "./some-lines.ts";

/** For the compiler: the command gets the body's decoded type. */
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

export const codeField: ActionField = {
  name: "code",
  label: "Held for",
  required: false,
  maxLength: textLimits.id,
};

/** The table of holds as the documentation says it. */
const rightsOf = (right: HoldRight): string =>
  roles.flatMap((role) => {
    const codes = codesOf(role, right);
    if (codes.length === 0) return [];
    return [`${role}: ${codes.length === holdCodes.length ? "all" : codes.join(", ")}.`];
  }).join(" ");

const notForRole = (
  code: typeof HoldCode.Type,
  { role }: Principal,
  right: HoldRight,
): string | null => {
  const allowed = holdRules[code][right];
  if (allowed.includes(role)) return null;
  const verb = right === "placedBy" ? "place" : "release";
  return `The role ${role} may not ${verb} a hold for ${code}; ${allowed.join(", ")} may.`;
};

export const CancelRequest = Schema.Struct({
  reason: Reason,
  code: Schema.optionalKey(CancelCode),
  lines: SomeLines,
  fee: Schema.optionalKey(
    Money.annotate({
      description: "Kept of what is cancelled, and no more than that: it is owed, and invoiced",
    }),
  ),
  refundShipping: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Gives back what is owed for shipping, though units have left, or are going to",
    }),
  ),
}).annotate({
  identifier: "CancelRequest",
  examples: [{
    reason: "One is enough",
    code: "customer",
    lines: [{ lineId: "1", quantity: 1 }],
  }],
});

export const orderActions = {
  cancel: action({
    operationId: "cancelOrder",
    summary: "Cancel an order or some of its units",
    permission: "orders:cancel",
    description:
      "What was authorized for it is given up or never captured, what was captured is due to the customer, and " +
      "given back at once where the order's policy says so. Shipping is given back where nothing has left.",
    body: CancelRequest,
    problems: [amountExceeded],
    command: (body) => ({ type: "cancel", ...body }),
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
    description: "One hold for each code: a code that stands already gets the new reason. " +
      `Codes by role: ${rightsOf("placedBy")}`,
    permission: "orders:hold",
    body: Schema.Struct({ reason: Reason, code: Schema.optionalKey(HoldCode) }).annotate({
      identifier: "HoldRequest",
      examples: [{ reason: "The house number is missing", code: "address" }],
      description: "Without a code it is `manual`",
    }),
    refusal: ({ code = "manual" }, by) => notForRole(code, by, "placedBy"),
    command: ({ code, reason }) => ({ type: "hold", code, reason }),
    says: {
      opens: "Hold…",
      button: "Hold the order",
      fields: [codeField, reason],
      done: "The order is held.",
    },
  }),
  release: action({
    operationId: "releaseOrder",
    summary: "Release an order from its holds",
    description: "The others stay, and the order is held as long as one stands that blocks all. " +
      `Codes by role: ${rightsOf("releasedBy")}`,
    permission: "orders:hold",
    body: Schema.Struct({
      code: Schema.optionalKey(HoldCode),
      reason: Schema.optionalKey(Reason),
    }).annotate({
      identifier: "ReleaseRequest",
      examples: [{ code: "address", reason: "The customer called" }],
      description: "Without a code it releases all that the key may release",
    }),
    problems: [insufficientStock],
    refusal: ({ code }, by) => code === undefined ? null : notForRole(code, by, "releasedBy"),
    command: ({ code, reason }, _, { role }) => ({
      type: "release",
      codes: code === undefined ? codesOf(role, "releasedBy") : [code],
      reason,
    }),
    says: {
      opens: "Release…",
      button: "Release the order",
      tone: "main",
      fields: [codeField, reason],
      done: "The order is released.",
    },
  }),
} as const satisfies Actions<OrderCommand>;
