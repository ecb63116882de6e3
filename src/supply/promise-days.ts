/** By which day which places have the units of some lines, and which of them are used. */
import { promiseLimits } from "./limits.ts";
import { coverOf, type SearchBudget } from "../routing/cover.ts";
import type { Demand, Share, UnitsBySku } from "./promise-parts.ts";

/** Units of each SKU that a place has. */
interface Holding {
  readonly place: number;
  readonly units: number[];
}

/** Of places that have any, the preferred first. */
type Holdings = readonly Holding[];

/** Units that one place gives of each SKU. */
interface Gift {
  readonly place: number;
  readonly units: readonly number[];
}

/** The places that give what is wanted, of which those that are used anyway do not count. */
interface Spread {
  readonly gifts: readonly Gift[];
  readonly more: number;
  readonly exact: boolean;
}

export interface Choice {
  readonly shares: readonly Share[];
  /** Whether it is certain that no fewer shipments would do. */
  readonly exact: boolean;
}

const sumAt = (have: Holdings, sku: number): number => {
  let sum = 0;
  for (const { units } of have) sum += units[sku] ?? 0;
  return sum;
};

/** What is wanted, from places that are used anyway and else from as few as can be. */
const spread = (
  have: Holdings,
  wanted: readonly number[],
  used: ReadonlySet<number>,
  budget: SearchBudget,
): Spread => {
  const open = [...wanted];
  const gifts: Gift[] = [];
  const give = ({ place, units: there }: Holding): void => {
    const units = open.map((left, sku) => Math.min(left, there[sku] ?? 0));
    if (units.every((each) => each === 0)) return;
    for (const [sku, each] of units.entries()) open[sku] = (open[sku] ?? 0) - each;
    gifts.push({ place, units });
  };
  for (const each of have) if (used.has(each.place)) give(each);
  const before = gifts.length;
  if (open.every((left) => left === 0)) return { gifts, more: 0, exact: true };

  const others = have.filter(({ place, units }) =>
    !used.has(place) && open.some((left, sku) => Math.min(left, units[sku] ?? 0) > 0)
  );
  // Where there is no more than is wanted, there is nothing to choose.
  const isAll = open.every((left, sku) => sumAt(others, sku) <= left);
  const { places, exact } = isAll
    ? { places: others.keys(), exact: true }
    : coverOf(others.map(({ units }) => units), open, budget);
  for (const n of places) {
    const other = others[n];
    if (other !== undefined) give(other);
  }
  return { gifts, more: gifts.length - before, exact };
};

/** The lines, what is open of each, and their units as numbers by place and SKU. */
class Problem {
  readonly skus: readonly string[];
  readonly #index: ReadonlyMap<string, number>;
  /** In the order in which they are served. Those with a place of their own have no other choice: they go first. */
  readonly bound: readonly Demand[];
  readonly unbound: readonly Demand[];

  constructor(demands: readonly Demand[], private readonly units: UnitsBySku) {
    this.skus = [...units.keys()];
    this.#index = new Map(this.skus.map((sku, index) => [sku, index]));
    this.bound = demands.filter(({ place }) => place !== null);
    this.unbound = demands.filter(({ place }) => place === null);
  }

  skuOf({ sku }: Demand): number {
    return this.#index.get(sku) ?? -1;
  }

  /** All days on which units can leave, the earliest first. */
  days(): readonly string[] {
    const days = new Set<string>();
    this.#each((_, __, date) => days.add(date));
    return [...days].sort();
  }

  /** The units that can leave on each day, the earliest first. */
  byDay(): readonly (readonly [day: string, have: Holdings])[] {
    const days = new Map<string, Map<number, Holding>>();
    this.#each((place, sku, date, units) => {
      let day = days.get(date);
      if (day === undefined) days.set(date, day = new Map());
      this.#add(day, place, sku, units);
    });
    return [...days].sort(([one], [other]) => one < other ? -1 : 1)
      .map(([day, have]) => [day, inOrder(have)]);
  }

  /** The units that can leave until a day. */
  until(day: string): Holdings {
    const have = new Map<number, Holding>();
    this.#each((place, sku, date, units) => {
      if (date <= day) this.#add(have, place, sku, units);
    });
    return inOrder(have);
  }

  #add(have: Map<number, Holding>, place: number, sku: number, units: number): void {
    let own = have.get(place);
    if (own === undefined) have.set(place, own = { place, units: this.skus.map(() => 0) });
    own.units[sku] = (own.units[sku] ?? 0) + units;
  }

  #each(look: (place: number, sku: number, date: string, units: number) => void): void {
    for (const [sku, name] of this.skus.entries()) {
      for (const [place, some] of (this.units.get(name) ?? []).entries()) {
        for (const { shipBy, left } of some) look(place, sku, shipBy.date, left);
      }
    }
  }
}

const inOrder = (have: ReadonlyMap<number, Holding>): Holdings =>
  [...have.values()].sort((one, other) => one.place - other.place);

/** Units that each line still wants. */
class Open {
  readonly #left: Map<number, number>;

  constructor(demands: readonly Demand[]) {
    this.#left = new Map(demands.map(({ line, quantity }) => [line, quantity]));
  }

  of({ line }: Demand): number {
    return this.#left.get(line) ?? 0;
  }

  take(demand: Demand, units: number): void {
    this.#left.set(demand.line, this.of(demand) - units);
  }
}

/** Takes what is there for lines that have a place of their own. */
const takeBound = (problem: Problem, have: Holdings, open: Open, day: string): Share[] => {
  const shares: Share[] = [];
  if (problem.bound.length === 0) return shares;
  const byPlace = new Map(have.map(({ place, units }) => [place, units]));
  for (const demand of problem.bound) {
    const { place } = demand;
    const sku = problem.skuOf(demand);
    const there = place === null ? undefined : byPlace.get(place);
    if (there === undefined || place === null) continue;
    const units = Math.min(open.of(demand), there[sku] ?? 0);
    if (units === 0) continue;
    there[sku] = (there[sku] ?? 0) - units;
    open.take(demand, units);
    shares.push({ demand, place, day, units });
  }
  return shares;
};

/** Divides what places give among the lines, which are only split where they have to be. */
const divide = (problem: Problem, gifts: readonly Gift[], open: Open, day: string): Share[] => {
  const left = gifts.map(({ place, units }) => ({ place, units: [...units] }));
  const shares: Share[] = [];
  for (const demand of problem.unbound) {
    const sku = problem.skuOf(demand);
    let wanted = open.of(demand);
    const whole = left.find(({ units }) => (units[sku] ?? 0) >= wanted);
    for (const { place, units } of whole === undefined ? left : [whole]) {
      const taken = Math.min(wanted, units[sku] ?? 0);
      if (taken === 0) continue;
      units[sku] = (units[sku] ?? 0) - taken;
      wanted -= taken;
      open.take(demand, taken);
      shares.push({ demand, place, day, units: taken });
    }
  }
  return shares;
};

/** Units of each SKU that lines still want which any place will do for. */
const wantedOf = (problem: Problem, open: Open): number[] => {
  const wanted = problem.skus.map(() => 0);
  for (const demand of problem.unbound) {
    const sku = problem.skuOf(demand);
    wanted[sku] = (wanted[sku] ?? 0) + open.of(demand);
  }
  return wanted;
};

const noMoreThan = (wanted: readonly number[], have: Holdings): readonly number[] =>
  wanted.map((units, sku) => Math.min(units, sumAt(have, sku)));

/** Places from which something is shipped anyway. */
const shippingPlaces = (shares: readonly Share[]): ReadonlySet<number> =>
  new Set(shares.filter(({ demand }) => demand.method === "ship").map(({ place }) => place));

/** Each unit as early as it can be; on each day from as few places as can be. */
export const earliestChoice = (
  demands: readonly Demand[],
  units: UnitsBySku,
  budget: SearchBudget,
): Choice => {
  const problem = new Problem(demands, units);
  const open = new Open(demands);
  const shares: Share[] = [];
  let exact = true;
  // What is left of a day, nobody wanted: those who still do want none of it.
  for (const [day, have] of problem.byDay()) {
    if (demands.every((demand) => open.of(demand) === 0)) break;
    const bound = takeBound(problem, have, open, day);
    const wanted = noMoreThan(wantedOf(problem, open), have);
    const found = spread(have, wanted, shippingPlaces(bound), budget);
    shares.push(...bound, ...divide(problem, found.gifts, open, day));
    exact &&= found.exact;
    // Nobody wants an order in so many pieces.
    if (shares.length >= promiseLimits.parts) return { shares, exact: false };
  }
  return { shares, exact };
};

/** What can be had until a day: null when it is less than can be had ever. */
const choiceUntil = (
  problem: Problem,
  demands: readonly Demand[],
  ever: { readonly bound: number; readonly wanted: readonly number[] } | null,
  day: string,
  budget: SearchBudget | null,
) => {
  const have = problem.until(day);
  const open = new Open(demands);
  const bound = takeBound(problem, have, open, day);
  const boundUnits = bound.reduce((sum, share) => sum + share.units, 0);
  const wanted = noMoreThan(wantedOf(problem, open), have);
  const isLess = ever !== null &&
    (boundUnits < ever.bound || wanted.some((units, sku) => units < (ever.wanted[sku] ?? 0)));
  if (isLess) return null;
  const found = budget === null ? null : spread(have, wanted, shippingPlaces(bound), budget);
  return { bound, open, found, ever: { bound: boundUnits, wanted } };
};

/**
 * All that can be had, by the earliest day on which all of it is there; where it is to be in as few shipments as
 * can be, by the earliest on which so few places have it. Whoever has it on one day has it on each later one, so
 * halving finds the day.
 */
export const oneDayChoice = (
  demands: readonly Demand[],
  units: UnitsBySku,
  isFewest: boolean,
  budget: SearchBudget,
): Choice => {
  const problem = new Problem(demands, units);
  const days = problem.days();
  const last = days.at(-1);
  if (last === undefined) return { shares: [], exact: true };
  const most = choiceUntil(problem, demands, null, last, isFewest ? budget : null);
  if (most === null) return { shares: [], exact: true };
  const fewest = most.found?.more ?? Number.POSITIVE_INFINITY;
  let exact = most.found?.exact ?? true;

  const isEnough = (day: string): boolean => {
    const choice = choiceUntil(problem, demands, most.ever, day, isFewest ? budget : null);
    if (choice === null) return false;
    exact &&= choice.found?.exact ?? true;
    return (choice.found?.more ?? 0) <= fewest;
  };
  let first = 0;
  for (let end = days.length - 1; first < end;) {
    const middle = Math.floor((first + end) / 2);
    if (isEnough(days[middle] ?? last)) end = middle;
    else first = middle + 1;
  }
  const day = days[first] ?? last;
  const choice = choiceUntil(problem, demands, most.ever, day, budget);
  const found = choice?.found;
  if (choice === null || found === null || found === undefined) return { shares: [], exact: true };
  return {
    shares: [...choice.bound, ...divide(problem, found.gifts, choice.open, day)],
    exact: exact && found.exact,
  };
};
