/** Routing of kits: each location gives whole ones, and lines that share goods count together. */
import { type AvailableThere, type KitComponent, wholeUnits } from "../catalog/kit.ts";
import type { Claim, RouteDemand, RoutedLine, RoutingProblem, RoutingRule } from "./route.ts";

/** Adds the goods of so many kits. */
export const addNeeds = (
  units: Map<string, number>,
  components: readonly KitComponent[],
  kits: number,
): void => {
  for (const { sku, quantity } of components) {
    units.set(sku, (units.get(sku) ?? 0) + quantity * kits);
  }
};

/** Takes whole kits out of what is at a location, and says how many; `pool` has what was looked at already. */
export const takeKits = (
  components: readonly KitComponent[],
  wanted: number,
  pool: Map<string, number>,
  left: AvailableThere,
): number => {
  const there: AvailableThere = (sku) => pool.get(sku) ?? left(sku);
  const kits = Math.min(wanted, wholeUnits(components, there));
  if (kits > 0) {
    for (const { sku, quantity } of components) pool.set(sku, there(sku) - kits * quantity);
  }
  return kits;
};

const isUnboundKit = ({ components, method, locationId }: RouteDemand): boolean =>
  components !== undefined && method === "ship" && locationId === undefined;

const nothing: readonly Claim[] = [];

/** What one rule has left of the units of each location that it looked at. */
const makePools = (): (locationId: string) => Map<string, number> => {
  const pools = new Map<string, Map<string, number>>();
  return (locationId) => {
    const pool = pools.get(locationId) ?? new Map<string, number>();
    pools.set(locationId, pool);
    return pool;
  };
};

/**
 * Kits of which no location has all, or not beside the rest of the order: each from as few locations as have
 * whole ones. Those that the fewest locations have choose first, since the others can go elsewhere.
 */
export const kitsByLocation: RoutingRule = ({ open, locations, left }) => {
  if (!open.some(isUnboundKit)) return nothing;
  const poolOf = makePools();
  const wholeAt = (id: string, { components = [], quantity }: RouteDemand): number => {
    const pool = poolOf(id);
    return Math.min(quantity, wholeUnits(components, (sku) => pool.get(sku) ?? left(id, sku)));
  };
  const having = (demand: RouteDemand) =>
    locations.map(({ id }) => ({ id, kits: wholeAt(id, demand) })).filter(({ kits }) => kits > 0);
  const demands = open.filter(isUnboundKit)
    .map((demand) => ({ demand, places: having(demand).length }))
    .sort((a, b) => a.places - b.places);
  const used = new Set<string>();
  const claims: Claim[] = [];
  for (const { demand } of demands) {
    const { components = [] } = demand;
    const mostFirst = having(demand).sort((a, b) =>
      b.kits - a.kits || Number(used.has(b.id)) - Number(used.has(a.id))
    );
    let missing = demand.quantity;
    for (const { id } of mostFirst) {
      if (missing === 0) break;
      const kits = takeKits(components, missing, poolOf(id), (sku) => left(id, sku));
      missing -= kits;
      used.add(id);
      claims.push({ demand, locationId: id, quantity: kits });
    }
  }
  return claims;
};

/** A part that was wanted by itself, and once more with kits that are begun now, is one line. */
export const eachPartOnce = (lines: readonly RoutedLine[]): readonly RoutedLine[] => {
  const byId = new Map<string, RoutedLine>();
  for (const line of lines) {
    const { quantity = 0 } = byId.get(line.lineId) ?? {};
    byId.set(line.lineId, { ...line, quantity: quantity + line.quantity });
  }
  return [...byId.values()];
};

const isApart = (demand: RouteDemand): boolean =>
  demand.separately === true && isUnboundKit(demand);

/** Units of one SKU at a location, which a rule has left. */
interface Place {
  readonly id: string;
  units: number;
}

/** Of each SKU, the places that have any: looked at once, however many kits have it. */
const makePlaces = (
  { locations, left }: Pick<RoutingProblem, "locations" | "left">,
): (sku: string) => readonly Place[] => {
  const bySku = new Map<string, readonly Place[]>();
  return (sku) => {
    let places = bySku.get(sku);
    if (places === undefined) {
      places = locations.map(({ id }): Place => ({ id, units: left(id, sku) }))
        .filter(({ units }) => units > 0);
      bySku.set(sku, places);
    }
    return places;
  };
};

/** A place that ships other parts already, else the one that has most; ties go to the preferred one. */
const bestOf = (places: readonly Place[], used: ReadonlySet<string>): Place | undefined => {
  let best: Place | undefined;
  for (const place of places) {
    if (place.units === 0) continue;
    const isBetter = best === undefined ||
      (used.has(place.id) === used.has(best.id) ? place.units > best.units : used.has(place.id));
    if (isBetter) best = place;
  }
  return best;
};

/**
 * Kits that ship separately and of which no location has whole ones: each component from as few locations as have
 * it, for as many kits as all components together make.
 */
export const partsFromAnywhere: RoutingRule = (problem) => {
  if (!problem.open.some(isApart)) return nothing;
  const placesOf = makePlaces(problem);
  const everywhere: AvailableThere = (sku) =>
    placesOf(sku).reduce((sum, { units }) => sum + units, 0);
  const claims: Claim[] = [];
  for (const demand of problem.open.filter(isApart)) {
    const { components = [] } = demand;
    const kits = Math.min(demand.quantity, wholeUnits(components, everywhere));
    if (kits === 0) continue;
    const used = new Set<string>();
    let first = kits;
    for (const [component, { sku, quantity }] of components.entries()) {
      const places = placesOf(sku);
      for (let missing = kits * quantity; missing > 0;) {
        const place = bestOf(places, used);
        if (place === undefined) break;
        const units = Math.min(missing, place.units);
        missing -= units;
        place.units -= units;
        used.add(place.id);
        claims.push({ demand, locationId: place.id, quantity: first, part: { component, units } });
        first = 0;
      }
    }
  }
  return claims;
};
