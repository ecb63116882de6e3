/**
 * Units that are on their way to a location, as a balance: a row for each supply, behind the fence of the
 * location that it goes to. They are promised as stock is, and no more of them than are expected.
 */
import { countedBalance } from "../subject/counted-balance.ts";

const invariants: Readonly<Record<string, string>> = {
  expected: "supply-is-open",
  reserved: "promised-is-pegged",
  claimed: "claimed-is-claims",
};

/** Rows are named by the supply: the id of a line of a purchase order, or of a transfer. */
export const supplyBalance = countedBalance({
  name: "supply",
  partitionPrefix: "location:",
  family: "supply_row",
  fields: { expected: 1, reserved: -1, claimed: -1 },
  isSound: ({ expected, reserved, claimed }) =>
    reserved >= 0 && claimed >= 0 && reserved + claimed <= expected,
  invariantOf: (field) => invariants[field] ?? "supply-is-open",
});

/** The row of a supply with other numbers. */
export const supplyDelta = supplyBalance.delta;
