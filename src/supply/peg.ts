/** Which dated supplies a waiting line is promised: the latest that still makes its date, so that the urgent find some. */

/** Units of a supply that nobody is promised yet, from the moment they can be shipped. */
export interface SupplyOffer {
  readonly supplyId: string;
  readonly locationId: string;
  readonly availableMs: number;
  readonly free: number;
}

export interface PegRequest {
  readonly quantity: number;
  /** When the units have to be there; absent: as early as possible. */
  readonly neededAtMs?: number | undefined;
  readonly offers: readonly SupplyOffer[];
}

/** Units of a supply that one line is promised. */
export interface Peg {
  readonly supplyId: string;
  readonly locationId: string;
  readonly quantity: number;
}

export interface Pegging {
  /** At most one for each supply, in the order in which they were taken. */
  readonly pegs: readonly Peg[];
  /** Units that no supply has. */
  readonly unpegged: number;
}

/** Ids decide between supplies of one moment: the same offers make the same pegs, whatever their order. */
const byMoment = (one: SupplyOffer, other: SupplyOffer): number =>
  one.availableMs - other.availableMs || (one.supplyId < other.supplyId ? -1 : 1);

/**
 * Offers in the order in which they are taken. Earliest first for everybody would leave nothing for somebody
 * who comes tomorrow and needs it soon.
 */
const inOrderOfTaking = (
  offers: readonly SupplyOffer[],
  neededAtMs: number | undefined,
): readonly SupplyOffer[] => {
  const sorted = offers.toSorted(byMoment);
  if (neededAtMs === undefined) return sorted;
  const firstLate = sorted.findIndex(({ availableMs }) => availableMs > neededAtMs);
  if (firstLate < 0) return sorted.reverse();
  return [...sorted.slice(0, firstLate).reverse(), ...sorted.slice(firstLate)];
};

/** A supply's id must not stand twice among the offers. */
export const pegsFor = ({ quantity, neededAtMs, offers }: PegRequest): Pegging => {
  const pegs: Peg[] = [];
  let unpegged = quantity;
  for (const { supplyId, locationId, free } of inOrderOfTaking(offers, neededAtMs)) {
    if (unpegged === 0) break;
    const units = Math.min(free, unpegged);
    if (units <= 0) continue;
    pegs.push({ supplyId, locationId, quantity: units });
    unpegged -= units;
  }
  return { pegs, unpegged };
};
