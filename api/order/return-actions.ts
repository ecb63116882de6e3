/** The actions on a return. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier, Reason, text } from "../../src/kernel/vocabulary.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import type { ReturnAction } from "../../src/order/return.ts";
import type { Action, ActionField, Actions, Nothing } from "../http/actions.ts";
import { reason } from "./actions.ts";
import { notReturnable, notSetAside } from "./return-problems.ts";
import {
  InspectedLineRequest,
  inspectedLines,
  mostInspected,
  UnexpectedGoods,
} from "./return-schemas.ts";
import { SomeLines } from "./some-lines.ts";

/** For the compiler: the command gets the body's decoded type. */
const action = <Body = Nothing>(
  definition: Action<Body, OrderCommand>,
): Action<Body, OrderCommand> => definition;

const shortText = (name: string, label: string): ActionField => ({
  ...{ name, label, required: false, maxLength: textLimits.id },
});

const placeField = shortText("locationId", "Location, if it is another");

export const returnActionTable = {
  "authorize": action({
    operationId: "authorizeReturn",
    summary: "The return may come; a claim is closed with it",
    permission: "returns:decide",
    body: Schema.Struct({
      locationId: Schema.optionalKey(
        Identifier.annotate({ description: "Where the goods are to go, if it is another" }),
      ),
    }).annotate({ identifier: "AuthorizeReturnRequest" }),
    command: ({ locationId }, returnId) => ({ type: "authorize-return", returnId, locationId }),
    says: {
      opens: "Authorize…",
      button: "Authorize it",
      tone: "main",
      fields: [placeField],
      done: "Authorized: it may come.",
    },
  }),
  "decline": action({
    operationId: "declineReturn",
    summary: "The return is not taken",
    permission: "returns:decide",
    body: Schema.Struct({ reason: Reason }).annotate({
      identifier: "DeclineReturnRequest",
      examples: [{ reason: "It was worn" }],
    }),
    command: ({ reason }, returnId) => ({ type: "decline-return", returnId, reason }),
    says: {
      opens: "Decline…",
      button: "Decline it",
      tone: "danger",
      fields: [reason],
      done: "Declined.",
    },
  }),
  "ship": action({
    operationId: "shipReturn",
    summary: "The goods are on their way back",
    permission: "returns:decide",
    body: Schema.Struct({
      carrier: Schema.optionalKey(text(textLimits.id)),
      trackingNumber: Schema.optionalKey(text(textLimits.id)),
    }).annotate({
      identifier: "ShipReturnRequest",
      examples: [{ carrier: "DHL", trackingNumber: "JD014600003830" }],
    }),
    command: ({ carrier, trackingNumber }, returnId) => ({
      ...{ type: "ship-return", returnId, carrier, trackingNumber },
    }),
    says: {
      opens: "On its way…",
      button: "It is on its way",
      fields: [shortText("carrier", "Carrier"), shortText("trackingNumber", "Tracking number")],
      done: "It is on its way.",
    },
  }),
  "receive": action({
    operationId: "receiveReturn",
    summary: "Goods have come: they are on hand, and unavailable until they are inspected",
    description:
      "Less may come than was announced: the rest is waited for until the return is closed. " +
      "More may come, and other lines of the order, up to what was shipped.",
    permission: "returns:receive",
    problems: [notReturnable],
    body: Schema.Struct({
      locationId: Schema.optionalKey(
        Identifier.annotate({
          description: "Where they have come to: where they were to go, when absent",
        }),
      ),
      lines: SomeLines,
      unexpected: UnexpectedGoods,
    }).annotate({
      identifier: "ReceiveReturnRequest",
      examples: [{ lines: [{ lineId: "1", quantity: 1 }] }],
      description: "With `unexpected` alone, none of the order's goods have come",
    }),
    command: ({ locationId, lines, unexpected }, returnId) => ({
      ...{ type: "receive-return", returnId, locationId, unexpected },
      lines: lines === undefined && unexpected !== undefined ? [] : lines,
    }),
    says: { button: "All received", tone: "main", done: "Received: now inspect it." },
  }),
  "inspect": action({
    operationId: "inspectReturn",
    summary: "Received units get their disposition, each once",
    description:
      "`restock` makes them available, `refurbish` and `quarantine` keep them unavailable, " +
      "`scrap` and `vendor` take them off hand. The last one closes the return.",
    permission: "returns:receive",
    problems: [notSetAside],
    body: Schema.Struct({
      lines: Schema.Array(InspectedLineRequest).check(
        Schema.isMinLength(1),
        Schema.isMaxLength(mostInspected),
      ),
    }).annotate({
      identifier: "InspectReturnRequest",
      examples: [{ lines: [{ lineId: "1", quantity: 1, disposition: "restock" }] }],
    }),
    command: ({ lines }, returnId) => ({
      ...{ type: "inspect-return", returnId, lines: inspectedLines(lines) },
    }),
    says: { opens: "Inspect…", button: "Inspected", tone: "main", done: "Inspected." },
  }),
  "close": action({
    operationId: "closeReturn",
    summary: "What has not come is waited for no more",
    permission: "returns:receive",
    command: (_, returnId) => ({ type: "close-return", returnId }),
    says: { button: "Nothing more comes", done: "The rest is waited for no more." },
  }),
  "cancel": action({
    operationId: "cancelReturn",
    summary: "The return will not come",
    permission: "returns:decide",
    body: Schema.Struct({ reason: Reason }).annotate({
      identifier: "CancelReturnRequest",
      examples: [{ reason: "The customer keeps it" }],
    }),
    command: ({ reason }, returnId) => ({ type: "cancel-return", returnId, reason }),
    says: {
      opens: "Cancel…",
      button: "Cancel the return",
      tone: "danger",
      fields: [reason],
      done: "The return is cancelled.",
    },
  }),
} as const satisfies Actions<OrderCommand> & Readonly<Record<ReturnAction, unknown>>;
