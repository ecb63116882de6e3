/** Which of a place's sources each line gets its units from, once it is known how many it gets there. */
import { stockSource } from "./atp.ts";
import { pegsFor } from "./peg.ts";
import type { Draw, Share, ShipDay, Units, UnitsBySku } from "./promise-parts.ts";

/** Whether a line's units are in time when they leave a place on a day. */
export type IsInTime = (place: number, shipBy: ShipDay, neededAtMs: number) => boolean;

/** Units that were not drawn yet. */
type Left = { units: Units; left: number }[];

/** Those with a date before those without, the nearest date first; of these, who has them earlier. */
const shareOrder = (one: Share, other: Share): number => {
  const [first, second] = [one.demand.neededAtMs, other.demand.neededAtMs];
  if (first !== second) return first < second ? -1 : 1;
  return one.day === other.day ? one.demand.line - other.demand.line : one.day < other.day ? -1 : 1;
};

const draw = (share: Share, from: Left[number], quantity: number): Draw => {
  from.left -= quantity;
  const { source, fromMs, shipBy } = from.units;
  return { demand: share.demand, place: share.place, source, fromMs, shipBy, quantity };
};

/** The earliest units that are left. */
const earliest = (share: Share, left: Left): readonly Draw[] => {
  const draws: Draw[] = [];
  let wanted = share.units;
  for (const each of left) {
    const quantity = Math.min(wanted, each.left);
    if (quantity === 0) continue;
    draws.push(draw(share, each, quantity));
    wanted -= quantity;
  }
  return draws;
};

/** What is on the shelf, and then supply as an order would be promised it. */
const byDate = (share: Share, left: Left, isInTime: IsInTime): readonly Draw[] => {
  const { place, demand: { neededAtMs } } = share;
  const stock = left.filter(({ units }) => units.source === stockSource);
  const draws = [...earliest(share, stock)];
  const drawn = draws.reduce((sum, { quantity }) => sum + quantity, 0);
  const inTime = left.filter(({ units }) => isInTime(place, units.shipBy, neededAtMs));
  const supplies = new Map(left.map((each) => [each.units.source, each]));
  const { pegs } = pegsFor({
    quantity: share.units - drawn,
    neededAtMs: inTime.at(-1)?.units.fromMs ?? -1,
    offers: left.map(({ units, left: free }) => ({
      supplyId: units.source,
      locationId: String(place),
      availableMs: units.fromMs,
      free,
    })),
  });
  for (const { supplyId, quantity } of pegs) {
    const supply = supplies.get(supplyId);
    if (supply !== undefined) draws.push(draw(share, supply, quantity));
  }
  return draws;
};

/**
 * Draws for all shares. Of a place's units no later ones are drawn than by the days of its shares, but for a line
 * with a date: it may wait for it where each line leaves by itself.
 */
export const drawsOf = (
  shares: readonly Share[],
  units: UnitsBySku,
  mayWait: boolean,
  isInTime: IsInTime,
): readonly Draw[] => {
  const draws: Draw[] = [];
  const groups = Map.groupBy(shares, ({ demand, place }) => JSON.stringify([demand.sku, place]));
  for (const own of groups.values()) {
    const [first] = own;
    if (first === undefined) continue;
    const lastDay = own.reduce((last, { day }) => day > last ? day : last, first.day);
    const left: Left = (units.get(first.demand.sku)?.[first.place] ?? [])
      .map((each) => ({ units: each, left: each.left }));
    const soon = left.filter((each) => each.units.shipBy.date <= lastDay);
    for (const share of own.toSorted(shareOrder)) {
      const { neededAtMs } = share.demand;
      if (neededAtMs === Number.POSITIVE_INFINITY) {
        draws.push(...earliest(share, soon));
        continue;
      }
      const inTime = (each: Left[number]): boolean =>
        isInTime(first.place, each.units.shipBy, neededAtMs);
      const usable = mayWait
        ? left.filter((each) => each.units.shipBy.date <= lastDay || inTime(each))
        : soon;
      draws.push(...byDate(share, usable, isInTime));
    }
  }
  return draws;
};
