/**
 * Lots and serials as balances. The row of a lot counts its units at a location, behind the location's fence.
 * The row of a serial says whether its unit is somewhere in stock, or with a customer: it is once, in one place.
 */
import { type BalanceDeltas, inBalance, noDeltas } from "../subject/balance.ts";
import type { BalanceSum } from "../subject/balance-sum.ts";
import { countedBalance, type CountedFields } from "../subject/counted-balance.ts";
import { type LotName, lotOfRow, lotRow } from "./lot.ts";

export type LotField = "onHand" | "picked" | "setAside";
export type LotCounts = CountedFields<LotField>;
export type SerialField = "there" | "gone";

/**
 * `picked` units are for orders, and still on hand. `setAside` are those of a known lot among the units of the
 * SKU that are unavailable.
 */
export const lotBalance = countedBalance({
  name: "lot",
  partitionPrefix: "location:",
  family: "lot",
  fields: { onHand: 1, picked: -1, setAside: -1 },
  isSound: ({ onHand, picked, setAside }) =>
    picked >= 0 && setAside >= 0 && picked + setAside <= onHand,
  invariantOf: () => "lots-sum",
});

/**
 * Of each SKU with lots at a location: how often units of no known lot were entered or taken, and how many units
 * its lots have set aside. What rests on the number of units of no known lot, which no row has, rests on
 * `changes`: nothing else makes them fewer.
 */
export const lotTotalBalance = countedBalance({
  name: "lot_total",
  partitionPrefix: "location:",
  family: "lot_total",
  fields: { changes: 0, setAside: 0 },
  isSound: ({ changes, setAside }) => changes >= 0 && setAside >= 0,
  invariantOf: () => "lots-sum",
});

export type LotTotal = CountedFields<"changes" | "setAside">;

const serials = countedBalance({
  name: "serial",
  partitionPrefix: "serial:",
  family: "serial",
  fields: { there: 0, gone: 0 },
  isSound: ({ there, gone }) => there >= 0 && gone >= 0 && there + gone <= 1,
  invariantOf: () => "serial-once",
});

export const serialBalance: typeof serials = {
  ...serials,
  overdrawn: ({ there, gone }) =>
    there < 0 || gone < 0
      ? "The unit is fewer than no times somewhere."
      : there + gone > 1
      ? `The unit is in ${there + gone} places.`
      : null,
};

/**
 * All serials stand behind one fence: a fence for each SKU would be more than a store checks in the commit that
 * ships many of them.
 */
export const serialSpace = "all";

export const lotDelta = (
  locationId: string,
  sku: string,
  lot: LotName,
  change: Partial<Readonly<Record<LotField, number>>>,
): LotCounts => lotBalance.delta(locationId, lotRow(sku, lot), change);

/** The row of a serial: also that of the lot that it is. */
export const serialRow = (sku: string, serial: string): string =>
  lotRow(sku, { lotId: serial, serial: true });

export const serialDelta = (
  sku: string,
  serial: string,
  change: Partial<Readonly<Record<SerialField, number>>>,
): CountedFields<SerialField> => serialBalance.delta(serialSpace, serialRow(sku, serial), change);

/** Changes of lots and of serials, as units of work bring them: one for each row. */
export const inLots = (
  lots: readonly LotCounts[],
  units: readonly CountedFields<SerialField>[] = [],
  totals: readonly LotTotal[] = [],
): readonly BalanceDeltas[] =>
  lots.length === 0 && units.length === 0 && totals.length === 0 ? noDeltas : [
    ...inBalance(lotBalance, lotBalance.merge(lots)),
    ...inBalance(serialBalance, serialBalance.merge(units)),
    ...inBalance(lotTotalBalance, lotTotalBalance.merge(totals)),
  ];

/** The changes of lots among changes of balances. */
export const lotDeltasIn = (changes: readonly BalanceDeltas[]): readonly LotCounts[] =>
  changes.flatMap(({ balance, deltas }) =>
    balance === lotBalance.name ? deltas as readonly LotCounts[] : []
  );

/** The numbers of a stock row's change that lots are parts of. */
interface StockUnits {
  readonly locationId: string;
  readonly sku: string;
  readonly onHand: number;
  readonly unavailable: number;
}

const group = (locationId: string, sku: string): string => JSON.stringify([locationId, sku]);

/** Lots are parts of the stock: of what may be promised, and of what is set aside. The rest is of no known lot. */
const partOfStock = (
  stock: string,
  ofStock: (units: StockUnits) => number,
  ofLot: (counts: LotCounts) => number,
): BalanceSum => ({
  invariant: "lots-sum",
  of: (balance, delta) => {
    if (balance === stock) {
      const units = delta as StockUnits;
      return { group: group(units.locationId, units.sku), units: ofStock(units) };
    }
    if (balance !== lotBalance.name) return null;
    const counts = delta as LotCounts;
    return { group: group(counts.space, lotOfRow(counts.row).sku), units: -ofLot(counts) };
  },
  isSound: (units) => units >= 0,
});

/** A serial is in stock as often as the lots that it is have units. */
const serialOnce: BalanceSum = {
  invariant: "serial-once",
  of: (balance, delta) => {
    if (balance === serialBalance.name) {
      const { row, there } = delta as CountedFields<SerialField>;
      return { group: row, units: there };
    }
    if (balance !== lotBalance.name) return null;
    const { row, onHand } = delta as LotCounts;
    return lotOfRow(row).serial === true ? { group: row, units: -onHand } : null;
  },
  isSound: (units) => units === 0,
};

/** The total of what lots have set aside is that of the lots. */
const asideOfLots: BalanceSum = {
  invariant: "lots-sum",
  of: (balance, delta) => {
    if (balance === lotTotalBalance.name) {
      const { space, row, setAside } = delta as LotTotal;
      return { group: group(space, row), units: setAside };
    }
    if (balance !== lotBalance.name) return null;
    const { space, row, setAside } = delta as LotCounts;
    return { group: group(space, lotOfRow(row).sku), units: -setAside };
  },
  isSound: (units) => units === 0,
};

/** What holds over rows of several balances, at every position of the log. `stock` is the name of that balance. */
export const lotSums = (stock: string): readonly BalanceSum[] => [
  partOfStock(
    stock,
    ({ onHand, unavailable }) => onHand - unavailable,
    ({ onHand, setAside }) => onHand - setAside,
  ),
  partOfStock(stock, ({ unavailable }) => unavailable, ({ setAside }) => setAside),
  asideOfLots,
  serialOnce,
];
