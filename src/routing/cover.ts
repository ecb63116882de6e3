/**
 * The fewest places that together have everything: the set multicover problem, which is NP-hard. Small
 * cases are searched exactly; beyond a bound the greedy answer stands.
 */
import { routingLimits } from "./limits.ts";

/** Units by place and SKU. Places stand in order of preference. */
export type UnitsByPlace = readonly (readonly number[])[];

const unitsAt = (have: UnitsByPlace, place: number, sku: number): number => have[place]?.[sku] ?? 0;

const covers = (
  have: UnitsByPlace,
  target: readonly number[],
  places: readonly number[],
): boolean =>
  target.every((units, sku) => {
    let sum = 0;
    for (const place of places) sum += unitsAt(have, place, sku);
    return sum >= units;
  });

/** Takes the place that fills the most open units, until all are filled; ties go to the preferred place. */
const greedily = (have: UnitsByPlace, target: readonly number[]): readonly number[] => {
  const open = [...target];
  const chosen: number[] = [];
  for (let round = 0; round < have.length; round++) {
    let best = -1;
    let bestUnits = 0;
    for (let place = 0; place < have.length; place++) {
      if (chosen.includes(place)) continue;
      let units = 0;
      for (let sku = 0; sku < open.length; sku++) {
        units += Math.min(open[sku] ?? 0, unitsAt(have, place, sku));
      }
      if (units > bestUnits) {
        best = place;
        bestUnits = units;
      }
    }
    if (best < 0) break;
    chosen.push(best);
    for (let sku = 0; sku < open.length; sku++) {
      open[sku] = Math.max(0, (open[sku] ?? 0) - unitsAt(have, best, sku));
    }
  }
  return chosen.sort((a, b) => a - b);
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
    // Too large to search: at least drop places that later choices made superfluous, the least preferred
    // first.
    const places = greedy.reduceRight<readonly number[]>((kept, place) => {
      const without = kept.filter((other) => other !== place);
      return covers(have, target, without) ? without : kept;
    }, greedy);
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
