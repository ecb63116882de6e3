/** The lots that people name in adjustments and counts. */
import { countedLots, countedSerials, type LotAsk } from "../../src/lot/change.ts";
import type { Adjustment, Count } from "./inventory.ts";
import type { LotsOfChange } from "./lots-of-change.ts";

const noLots: readonly LotAsk[] = [];

/** Undefined where no lot is named: most changes are of items that have none. */
export const lotsOfAdjustment = (
  changes: Adjustment["changes"],
): LotsOfChange | undefined => {
  const isNamed = ({ lotId, serials }: Adjustment["changes"][number]) =>
    lotId !== undefined || serials !== undefined;
  if (!changes.some(isNamed)) return undefined;
  return (sku) =>
    changes.flatMap((change, n): readonly LotAsk[] => {
      if (change.sku !== sku || !isNamed(change)) return noLots;
      const { lotId, expiresAt, serials, delta, unavailable = 0 } = change;
      const pointer = `/changes/${n}`;
      return [{ pointer, sku, lotId, expiresAt, serials, onHand: delta, setAside: unavailable }];
    });
};

export const lotsOfCount = (counts: Count["counts"]): LotsOfChange | undefined => {
  if (counts.every(({ lots, serials }) => lots === undefined && serials === undefined)) {
    return undefined;
  }
  return (sku, known) => {
    const index = counts.findIndex((each) => each.sku === sku);
    const { lots, serials } = counts[index] ?? {};
    const pointer = `/counts/${index}`;
    return serials !== undefined
      ? countedSerials(pointer, sku, known, serials)
      : lots !== undefined
      ? countedLots(pointer, sku, known, lots)
      : noLots;
  };
};
