/**
 * The fewest places that together have everything: the set multicover problem, which is NP-hard. Small
 * cases are searched exactly; beyond a bound the greedy answer stands.
 */
import { routingLimits } from "./limits.ts";

/** Units by place and SKU. Places stand in order of preference. */
export type UnitsByPlace = readonly (readonly number[])[];

const unitsAt = (have: UnitsByPlace, place: number, sku: number): number => have[place]?.[sku] ?? 0;

interface Offer {
  readonly place: number;
  /** Open units that it would fill. */
  readonly units: number;
}

/** Ties go to the preferred place. */
const isBetter = (one: Offer, other: Offer): boolean =>
  one.units > other.units || one.units === other.units && one.place < other.place;

/** Offers stand worst first. */
const insert = (offers: Offer[], offer: Offer): void => {
  let first = 0;
  for (let end = offers.length; first < end;) {
    const middle = (first + end) >> 1;
    const other = offers[middle];
    if (other !== undefined && isBetter(offer, other)) first = middle + 1;
    else end = middle;
  }
  offers.splice(first, 0, offer);
};

/**
 * Takes the place that fills the most open units, until all are filled; ties go to the preferred place. What a
 * place would fill only becomes less: one that is still the best when it is weighed again is the best of all.
 */
const greedily = (have: UnitsByPlace, target: readonly number[]): readonly number[] => {
  const open = [...target];
  const offerOf = (place: number): Offer => {
    let units = 0;
    for (let sku = 0; sku < open.length; sku++) {
      units += Math.min(open[sku] ?? 0, unitsAt(have, place, sku));
    }
    return { place, units };
  };
  const offers = have.map((_, place) => offerOf(place)).filter(({ units }) => units > 0)
    .sort((one, other) => isBetter(one, other) ? 1 : -1);
  const chosen: number[] = [];
  for (let before = offers.pop(); before !== undefined; before = offers.pop()) {
    const offer = offerOf(before.place);
    if (offer.units === 0) continue;
    const next = offers.at(-1);
    if (next !== undefined && isBetter(next, offer)) {
      insert(offers, offer);
      continue;
    }
    chosen.push(offer.place);
    for (let sku = 0; sku < open.length; sku++) {
      open[sku] = Math.max(0, (open[sku] ?? 0) - unitsAt(have, offer.place, sku));
    }
  }
  return chosen.sort((a, b) => a - b);
};

/** Drops places that later choices made superfluous, the least preferred first. */
const withoutSuperfluous = (
  have: UnitsByPlace,
  target: readonly number[],
  places: readonly number[],
): readonly number[] => {
  const spare = target.map((units, sku) =>
    places.reduce((sum, place) => sum + unitsAt(have, place, sku), 0 - units)
  );
  return places.toReversed().filter((place) => {
    if (spare.some((units, sku) => units < unitsAt(have, place, sku))) return true;
    for (let sku = 0; sku < spare.length; sku++) {
      spare[sku] = (spare[sku] ?? 0) - unitsAt(have, place, sku);
    }
    return false;
  }).reverse();
};

/** Steps that are left, for several searches together: each takes from them. */
export interface SearchBudget {
  steps: number;
}

/** The first choice of exactly `size` places, in order of preference; null: none, undefined: gave up. */
const searchOfSize = (
  have: UnitsByPlace,
  target: readonly number[],
  mostFrom: UnitsByPlace,
  size: number,
  budget: SearchBudget,
): readonly number[] | null | undefined => {
  const chosen: number[] = [];
  const descend = (first: number, open: readonly number[]): boolean | undefined => {
    const rest = size - chosen.length - 1;
    for (let place = first; place < have.length - rest; place++) {
      budget.steps -= target.length;
      if (budget.steps < 0) return undefined;
      const stillOpen = open.map((units, sku) => Math.max(0, units - unitsAt(have, place, sku)));
      // The remaining places must be able to hold the rest, even if each were the best one for each SKU.
      const possible = stillOpen.every((units, sku) =>
        units <= rest * unitsAt(mostFrom, place + 1, sku)
      );
      if (!possible) continue;
      chosen.push(place);
      if (rest === 0) return true;
      const found = descend(place + 1, stillOpen);
      if (found !== false) return found;
      chosen.pop();
    }
    return false;
  };
  const found = descend(0, target);
  return found === undefined ? undefined : found ? chosen : null;
};

export interface Cover {
  /** In order of preference. */
  readonly places: readonly number[];
  /** Whether it is certain that no fewer would do. */
  readonly exact: boolean;
}

/**
 * The fewest places whose units together reach the target; all places together must reach it. Among
 * choices of the same size the one that comes first in the order of preference.
 */
export const coverOf = (
  have: UnitsByPlace,
  target: readonly number[],
  budget: SearchBudget,
): Cover => {
  if (target.every((units) => units === 0)) return { places: [], exact: true };
  const greedy = greedily(have, target);
  if (have.length * target.length > budget.steps) {
    // Too large to search.
    const places = withoutSuperfluous(have, target, greedy);
    return { places, exact: places.length === 1 };
  }
  const mostFrom: number[][] = new Array(have.length + 1);
  mostFrom[have.length] = target.map(() => 0);
  for (let place = have.length - 1; place >= 0; place--) {
    mostFrom[place] = target.map((_, sku) =>
      Math.max(unitsAt(have, place, sku), mostFrom[place + 1]?.[sku] ?? 0)
    );
  }
  for (let size = 1; size <= greedy.length; size++) {
    const found = searchOfSize(have, target, mostFrom, size, budget);
    if (found === undefined) return { places: greedy, exact: false };
    if (found !== null) return { places: found, exact: true };
  }
  return { places: greedy, exact: true };
};

export const fewestCovering = (
  have: UnitsByPlace,
  target: readonly number[],
  searchSteps: number = routingLimits.searchSteps,
): readonly number[] => coverOf(have, target, { steps: searchSteps }).places;
