/** The problems of purchase orders and transfers, and which failures become them. */
import { Schema } from "effect";
import type { Refused } from "../../actors/command/command.ts";
import type { SupplyExists } from "../../actors/supply/supply.ts";
import type { SupplyRejection } from "../../src/supply/facts.ts";
import { always, type Failures } from "../http/failures.ts";
import { type Problem, problem, type ProblemType } from "../http/problems.ts";
import { illegalTransition, insufficientStock } from "../order/problems.ts";

export const overReceiptProblem: ProblemType = {
  name: "over-receipt",
  status: 409,
  title: "More has come than was to come",
  meaning:
    "With what was received before, a line would have more units than may come of it. Nothing of the receipt " +
    "was done.",
  remedy:
    "Count again; or, where more is welcome, change the line or what may come beyond it first.",
  members: {
    lineId: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `over-receipt`: the line" }),
    ),
    sku: Schema.optionalKey(Schema.String),
    expected: Schema.optionalKey(
      Schema.Int.annotate({ description: "Units that were to come of the line" }),
    ),
    received: Schema.optionalKey(Schema.Int.annotate({ description: "Units that came before" })),
    quantity: Schema.optionalKey(Schema.Int.annotate({ description: "Units that came now" })),
    most: Schema.optionalKey(Schema.Int.annotate({ description: "Units that may come in all" })),
  },
};

export const supplyExists: ProblemType = {
  name: "supply-exists",
  status: 409,
  title: "There is another one with this external id",
  meaning:
    "A supplier, or a channel, has one purchase order or transfer of each external id, and the one that is " +
    "there has other content.",
  remedy:
    "Read the one of `id`. The same sent again is answered with 200; another needs another id.",
  members: {
    id: Schema.optionalKey(
      Schema.String.annotate({ description: "Of `supply-exists`: the one that is there" }),
    ),
    externalId: Schema.optionalKey(Schema.String),
  },
};

const rejectionProblem = (rejection: SupplyRejection): Problem => {
  const { detail } = rejection;
  switch (rejection._tag) {
    case "OverReceipt": {
      const { lineId, sku, expected, received, quantity, most } = rejection;
      return problem(overReceiptProblem, detail, {
        extensions: { lineId, sku, expected, received, quantity, most },
      });
    }
    case "InsufficientStock":
      return problem(insufficientStock, detail, {
        extensions: { shortages: rejection.shortages },
      });
    case "IllegalTransition":
      return problem(illegalTransition, detail, {
        extensions: { action: rejection.action, currentStatus: rejection.status },
      });
    case "UnknownLocation":
      return problem("not-found", detail);
    case "InvalidCommand":
      return problem("invalid-request", detail, {
        errors: [{ pointer: rejection.pointer, detail }],
      });
    case "ReferenceTaken":
    case "StaleMoves":
      return problem("conflict", detail);
  }
};

const undecided: ReadonlySet<SupplyRejection["_tag"]> = new Set(
  ["InvalidCommand", "UnknownLocation", "StaleMoves"] as const,
);

export const supplyFailures: Failures<SupplyExists | Refused<SupplyRejection>> = {
  SupplyExists: {
    decided: always,
    problem: ({ what, id, externalId }) =>
      problem(
        supplyExists,
        `There is a ${what.replaceAll("_", " ")} ${externalId} already, with other content.`,
        { extensions: { id, externalId } },
      ),
  },
  Refused: {
    decided: ({ rejection }) => !undecided.has(rejection._tag),
    problem: ({ rejection }) => rejectionProblem(rejection),
  },
};
