/** The problems of returns. */
import { Schema } from "effect";
import type { OrderRejection } from "../../src/order/order.ts";
import type { NotReturnableLine } from "../../src/order/return.ts";
import { NotReturnableReason } from "../../src/order/vocabulary.ts";
import { type Problem, problem, type ProblemType } from "../http/problems.ts";

export const notReturnable: ProblemType = {
  name: "not-returnable",
  status: 409,
  title: "This cannot be returned",
  meaning:
    "Fewer units of a line may be returned than are asked for: they were not shipped, are being " +
    "returned already, or the policy of the channel does not take them back. Nothing was done.",
  remedy:
    "Ask for as many as are `eligible`. What only the policy forbids may be taken all the same " +
    "with an `overrideReason`, by keys whose role may give one.",
  members: {
    lines: Schema.optionalKey(
      Schema.Array(
        Schema.Struct({
          lineId: Schema.String,
          reason: NotReturnableReason,
          eligible: Schema.Int,
        }).annotate({ identifier: "NotReturnableLine" }),
      ).annotate({ description: "Of `not-returnable`" }),
    ),
  },
};

export const notSetAside: ProblemType = {
  name: "not-set-aside",
  status: 409,
  title: "Returned units are set aside no more",
  meaning:
    "Received units are unavailable until they are inspected, and somebody has made fewer units " +
    "unavailable by an adjustment. Nothing was done.",
  remedy: "Count the shelf, and set the units aside there by an adjustment; then inspect them.",
  members: {
    sku: Schema.optionalKey(Schema.String),
    locationId: Schema.optionalKey(Schema.String),
    requested: Schema.optionalKey(Schema.Int),
    setAside: Schema.optionalKey(
      Schema.Int.annotate({ description: "Units that are unavailable" }),
    ),
  },
};

type ReturnRejection = Extract<
  OrderRejection,
  { readonly _tag: "UnknownReturn" | "NotReturnable" | "NotSetAside" }
>;

const why: Readonly<Record<NotReturnableLine["reason"], string>> = {
  "more-than-left": "no more of it is left to return",
  "window-over": "the time for returning it is over",
  "final-sale": "its sale is final",
  "digital": "digital goods do not come back",
};

export const returnProblem = (rejection: ReturnRejection): Problem => {
  switch (rejection._tag) {
    case "UnknownReturn":
      return problem("not-found", `There is no return ${rejection.returnId}.`);
    case "NotReturnable": {
      const { lines } = rejection;
      const detail = lines.slice(0, 5).map(({ lineId, reason, eligible }) =>
        `Of line ${lineId} ${eligible} units may be returned: ${why[reason]}.`
      ).join(" ");
      return problem(notReturnable, detail, { extensions: { lines } });
    }
    case "NotSetAside": {
      const { _tag, ...extensions } = rejection;
      const { sku, locationId, requested, setAside } = extensions;
      return problem(
        notSetAside,
        `Of ${sku} ${setAside} units are set aside at ${locationId}, and ${requested} are to be moved.`,
        { extensions },
      );
    }
  }
};
