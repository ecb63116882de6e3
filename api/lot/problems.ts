/** The problems of lots and serials, and which failures become them. */
import { Schema } from "effect";
import type { LotsRefused } from "../../actors/lot/lots.ts";
import type { LotFault } from "../../src/lot/change.ts";
import type { LotRejection } from "../../src/lot/naming.ts";
import type { Failures } from "../http/failures.ts";
import { type Problem, problem, type ProblemType } from "../http/problems.ts";

export const lotExpired: ProblemType = {
  name: "lot-expired",
  status: 409,
  title: "The lot has expired",
  meaning: "Units of a lot whose date is over are not picked. Nothing was done.",
  remedy: "Pick another lot: the fulfillment order suggests some in `suggestedLots`.",
  members: {
    lotId: Schema.optionalKey(Schema.String),
    expiresAt: Schema.optionalKey(Schema.String),
  },
};

export const lotShort: ProblemType = {
  name: "lot-short",
  status: 409,
  title: "The lot has too few units",
  meaning:
    "A lot, or all lots that are good for long enough, have fewer units that are neither picked nor set " +
    "aside. Nothing was done.",
  remedy:
    "Name the lots that the units are of; what is on the shelf and in no lot, an adjustment says.",
  errorMembers: { lotId: Schema.optionalKey(Schema.String) },
};

export const serialExists: ProblemType = {
  name: "serial-exists",
  status: 409,
  title: "The serial is somewhere else",
  meaning:
    "A serial is of one unit, which is in one place: it is in stock already, was picked for somebody, or " +
    "has left. Nothing was done.",
  remedy: "Read the unit's number again, and look the serial up to see where it should be.",
  members: { serial: Schema.optionalKey(Schema.String) },
};

const nameOf = (lotId: string): string => lotId === "" ? "no known lot" : `lot ${lotId}`;

const whereabouts = {
  "elsewhere": "in stock at another location",
  "picked": "picked already",
  "gone": "with a customer",
} as const;

/** The problem of a pick. */
export const lotProblem = (rejection: LotRejection): Problem => {
  switch (rejection._tag) {
    case "LotsUnnamed":
      return problem(lotShort, "The lots of its units are not known.");
    case "LotExpired": {
      const { sku, lotId, expiresAt } = rejection;
      return problem(lotExpired, `Lot ${lotId} of ${sku} expired at ${expiresAt}.`, {
        extensions: { lotId, expiresAt },
      });
    }
    case "LotShort": {
      const { sku, lotId, requested, available } = rejection;
      const which = lotId === undefined ? "its good lots" : nameOf(lotId);
      return problem(
        lotShort,
        `${requested} of ${sku} wanted, and ${which} has ${available} to pick.`,
      );
    }
    case "SerialExists": {
      const { sku, serial, state } = rejection;
      return problem(serialExists, `Serial ${serial} of ${sku} is ${whereabouts[state]}.`, {
        extensions: { serial },
      });
    }
  }
};

const faultDetail = (fault: LotFault): string => {
  switch (fault.type) {
    case "invalid":
      return fault.detail;
    case "short": {
      const { sku, lotId, requested, available } = fault;
      return `${requested} of ${sku} of ${nameOf(lotId)} asked for, and ${available} are there`;
    }
    case "serial":
      return `Serial ${fault.serial} of ${fault.sku} is ${fault.state}`;
  }
};

/** The one that is told where a change has faults of several kinds. */
const typeOf = (faults: readonly LotFault[]): ProblemType | "invalid-request" =>
  faults.some(({ type }) => type === "invalid")
    ? "invalid-request"
    : faults.some(({ type }) => type === "serial")
    ? serialExists
    : lotShort;

export const lotFailures: Failures<LotsRefused> = {
  LotsRefused: {
    decided: ({ faults }) => faults.every(({ type }) => type !== "invalid"),
    problem: ({ faults }) => {
      const [first] = faults;
      const detail = first === undefined || faults.length > 1
        ? "The change does not fit the lots that are there."
        : `${faultDetail(first)}.`.replace(/\.\.$/, ".");
      return problem(typeOf(faults), detail, {
        errors: faults.map((fault) => ({
          pointer: fault.pointer,
          detail: faultDetail(fault),
          ...(fault.type === "short" ? { lotId: fault.lotId } : {}),
        })),
      });
    },
  },
};
