/** Stock as a balance: units of a SKU at a location, behind the location's fence. */
import { type Balance, type BalanceDeltas, inBalance } from "../subject/balance.ts";
import { unspecifiedPlace } from "./buckets.ts";
import {
  applyDelta,
  availabilityTaken,
  availableUnits,
  changesNothing,
  emptyRow,
  isSound,
  type StockDelta,
  type StockField,
  stockFields,
  type StockRow,
  sumByRow,
  unspecifiedUnits,
} from "./stock.ts";

const invariants: Readonly<Record<string, string>> = {
  reserved: "reserved-is-allocated",
  claimed: "claimed-is-claims",
};

export const stockBalance: Balance<StockRow, StockDelta> = {
  name: "stock",
  partitionPrefix: "location:",
  family: "stock",
  spaceOf: (delta) => delta.locationId,
  rowOf: (delta) => delta.sku,
  empty: emptyRow,
  apply: applyDelta,
  isSound,
  available: availableUnits,
  taken: availabilityTaken,
  merge: (deltas) => {
    const sums = sumByRow(deltas);
    return sums.some(changesNothing) ? sums.filter((delta) => !changesNothing(delta)) : sums;
  },
  fields: stockFields,
  named: {
    within: "unavailable",
    invariant: "buckets-sum",
    of: ({ buckets }) => buckets,
  },
  field: (row, name) =>
    name === unspecifiedPlace ? unspecifiedUnits(row) : row[name as StockField] ?? 0,
  change: (delta, name) => delta[name as StockField] ?? 0,
  overdrawn: ({ onHand, reserved, unavailable, claimed = 0, buckets = {} }) => {
    if (Math.min(onHand, reserved, unavailable, claimed) < 0) return "A count is below zero.";
    const promised = reserved + claimed + unavailable;
    if (promised > onHand) return `${promised} of ${onHand} units are promised or set aside.`;
    const inBuckets = Object.values(buckets);
    if (Math.min(0, ...inBuckets) < 0) return "A bucket has less than nothing.";
    const left = inBuckets.reduce((units, each) => units - each, unavailable);
    return left < 0 ? `${-left} more units are in buckets than are set aside.` : null;
  },
  invariantOf: (field) => invariants[field] ?? "units-conserved",
  rowsName: "stockRows",
  measuresOf: ({ onHand, reserved }) => ({ unitsOnHand: onHand, unitsReserved: reserved }),
  malformed: (row, locationId, sku) => {
    if (row.locationId !== locationId || row.sku !== sku) {
      return "The row names another location or SKU than its key.";
    }
    const wrong = stockFields.filter((field) =>
      !Number.isSafeInteger(field === "claimed" ? row.claimed ?? 0 : row[field])
    );
    if (wrong.length > 0) return `Not whole numbers: ${wrong.join(", ")}.`;
    const isCounted = (units: number) => Number.isSafeInteger(units) && units !== 0;
    return Object.values(row.buckets ?? {}).every(isCounted)
      ? null
      : "A bucket has no whole number of units.";
  },
};

/** Deltas of stock, as units of work bring them. */
export const inStock = (deltas: readonly StockDelta[]): readonly BalanceDeltas[] =>
  inBalance(stockBalance, deltas);
