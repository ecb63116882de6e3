/** The problems of stock, and which failures become them. */
import { Schema } from "effect";
import type { BelowZeroAvailable, CountMismatch } from "../../actors/stock/inventory.ts";
import type { LotsRefused } from "../../actors/lot/lots.ts";
import type { BelowZero } from "../../src/stock/change.ts";
import { always, type Failures } from "../http/failures.ts";
import { lotFailures } from "../lot/problems.ts";
import { problem, type ProblemType } from "../http/problems.ts";

export const belowZeroAvailable: ProblemType = {
  name: "below-zero-available",
  status: 409,
  title: "Less would be left than is reserved",
  meaning: "Orders are promised more than there would be. Nothing was changed, in any of the rows.",
  remedy: "Take less, or first reject or cancel what is promised.",
  errorMembers: {
    sku: Schema.optionalKey(Schema.String),
    requested: Schema.optionalKey(Schema.Int),
    available: Schema.optionalKey(Schema.Int),
    promised: Schema.optionalKey(
      Schema.Int.annotate({ description: "Units that are promised to orders" }),
    ),
    setAside: Schema.optionalKey(
      Schema.Int.annotate({ description: "Units that are unavailable" }),
    ),
    excess: Schema.optionalKey(
      Schema.Int.annotate({
        description:
          "Of these together, the units that must be freed before the change can be made",
      }),
    ),
    bucket: Schema.optionalKey(
      Schema.String.annotate({
        description: "The bucket that has too few, or `unspecified` for unavailable units in none",
      }),
    ),
  },
};

export const countMismatch: ProblemType = {
  name: "count-mismatch",
  status: 409,
  title: "The count expected something else",
  meaning: "Units came or went since `expected` was read. Nothing was changed, in any of the rows.",
  remedy: "Read the stock again, and count again where it moved.",
  errorMembers: {
    sku: Schema.optionalKey(Schema.String),
    expected: Schema.optionalKey(Schema.Int),
    actual: Schema.optionalKey(Schema.Int),
  },
};

const are = (units: number): string => units === 1 ? "1 is" : `${units} are`;

/** The units that are in the way of a change, and the way to free them. */
const inTheWay = (shortage: BelowZero): string => {
  const { sku, requested, available, promised, setAside, excess, bucket } = shortage;
  if (bucket !== undefined) {
    return `${requested} of ${sku} asked for out of ${bucket}, and ${are(available)} there`;
  }
  if (promised === undefined || setAside === undefined || excess === undefined) {
    return `${requested} of ${sku} asked for, ${available} available`;
  }
  const first = `${excess} must be`;
  if (promised === 0 && setAside === 0) {
    return `${requested} of ${sku} asked for, and ${are(available)} on hand`;
  }
  if (promised === 0) return `${are(setAside)} set aside; ${first} made available first`;
  return setAside === 0
    ? `${are(promised)} promised to orders; ${first} rejected or cancelled first`
    : `${
      are(promised)
    } promised to orders and ${setAside} set aside; ${first} rejected, cancelled ` +
      "or made available first";
};

/** What is in the way where it is one thing; of several, each has its own detail. */
const onlyOne = ([first, ...others]: readonly BelowZero[]): string =>
  first === undefined || others.length > 0 ? "" : ` Of ${first.sku}, ${inTheWay(first)}.`;

export const stockFailures: Failures<BelowZeroAvailable | CountMismatch | LotsRefused> = {
  ...lotFailures,
  BelowZeroAvailable: {
    decided: always,
    problem: ({ locationId, shortages }) =>
      problem(
        belowZeroAvailable,
        `Location ${locationId} would have less than it has promised.${onlyOne(shortages)}`,
        { errors: shortages.map((each) => ({ ...each, detail: inTheWay(each) })) },
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
