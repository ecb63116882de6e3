/** The problems of stock, and which failures become them. */
import { Schema } from "effect";
import type { BelowZeroAvailable, CountMismatch } from "../../actors/stock/inventory.ts";
import { always, type Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";

export const belowZeroAvailable: ProblemType = {
  name: "below-zero-available",
  status: 409,
  title: "Less would be left than is reserved",
  errorMembers: {
    sku: Schema.optionalKey(Schema.String),
    requested: Schema.optionalKey(Schema.Int),
    available: Schema.optionalKey(Schema.Int),
  },
};

export const countMismatch: ProblemType = {
  name: "count-mismatch",
  status: 409,
  title: "The count expected something else",
  errorMembers: {
    sku: Schema.optionalKey(Schema.String),
    expected: Schema.optionalKey(Schema.Int),
    actual: Schema.optionalKey(Schema.Int),
  },
};

export const stockFailures: Failures<BelowZeroAvailable | CountMismatch> = {
  BelowZeroAvailable: {
    decided: always,
    problem: ({ locationId, shortages }) =>
      problem(
        belowZeroAvailable,
        `Location ${locationId} would have less than it has promised.`,
        {
          errors: shortages.map(({ pointer, sku, requested, available }) => ({
            pointer,
            detail: `${requested} of ${sku} asked for, ${available} available`,
            sku,
            requested,
            available,
          })),
        },
      ),
  },
  CountMismatch: {
    decided: always,
    problem: ({ locationId, mismatches }) =>
      problem(countMismatch, `Location ${locationId} has other quantities than expected.`, {
        errors: mismatches.map(({ pointer, sku, expected, actual }) => ({
          pointer,
          detail: `expected ${expected} of ${sku}, there are ${actual}`,
          sku,
          expected,
          actual,
        })),
      }),
  },
};
