/** First expired, first out: the lots that somebody should take units of. Pure. */
import { epochMsOf, type Instant } from "../kernel/instant.ts";
import { dueMsOf, type LotName, type LotUnits, nameOfLot } from "./lot.ts";

/** A lot at a location, as it is now. */
export interface LotStock extends LotName {
  readonly onHand: number;
  readonly picked: number;
  readonly setAside: number;
}

/** Units of a lot that may be picked. */
export const freeUnits = ({ onHand, picked, setAside }: LotStock): number =>
  onHand - picked - setAside;

/** What expires first comes first, then what does not expire, and last what nobody knows the lot of. */
export const byExpiry = (one: LotName, other: LotName): number => {
  const isKnown = Number(one.lotId === "") - Number(other.lotId === "");
  if (isKnown !== 0) return isKnown;
  const [due, otherDue] = [dueMsOf(one), dueMsOf(other)];
  return due !== otherDue
    ? due < otherDue ? -1 : 1
    : one.lotId < other.lotId
    ? -1
    : Number(one.lotId > other.lotId);
};

export interface ChosenLots {
  readonly lots: readonly LotUnits[];
  /** Units for which no lot is good. */
  readonly missing: number;
}

/** Lots for so many units, of those that are good for as long as the item asks. */
export const chooseLots = (
  lots: readonly LotStock[],
  wanted: number,
  { now, minRemainingDays = 0 }: {
    readonly now: Instant;
    readonly minRemainingDays?: number | undefined;
  },
): ChosenLots => {
  const nowMs = epochMsOf(now);
  const chosen: LotUnits[] = [];
  let missing = wanted;
  for (const lot of lots.toSorted(byExpiry)) {
    if (missing === 0) break;
    const quantity = Math.min(missing, freeUnits(lot));
    if (quantity <= 0 || dueMsOf(lot, minRemainingDays) <= nowMs) continue;
    chosen.push({ ...nameOfLot(lot), quantity });
    missing -= quantity;
  }
  return { lots: chosen, missing };
};
