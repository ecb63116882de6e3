/**
 * Which location fulfills which lines. Routing is an ordered list of rules: each looks at the open units and
 * claims a part of them. A new rule (cost, capacity, promised time) takes its place in the list.
 */
import type { KitComponent } from "../catalog/kit.ts";
import { fewestCovering } from "../routing/cover.ts";
import { partIdOf } from "./parts.ts";
import {
  addNeeds,
  eachPartOnce,
  kitsByLocation,
  partsFromAnywhere,
  takeKits,
} from "./route-kits.ts";
import type {
  Destination,
  FulfillmentMethod,
  LineId,
  LineQuantity,
  RoutingLocation,
} from "./order.ts";

/** Units of a line that want a place. */
export interface RouteDemand {
  readonly lineId: LineId;
  readonly sku: string;
  readonly quantity: number;
  readonly method: FulfillmentMethod;
  /** The only location that will do. */
  readonly locationId?: string | undefined;
  /** Of a kit: the goods of one unit, all of which must be there. */
  readonly components?: readonly KitComponent[] | undefined;
  /** The goods of one unit may come from several locations, where none has whole kits. */
  readonly separately?: true | undefined;
}

export interface RoutedLine extends LineQuantity {
  readonly sku: string;
}

/** The lines that one location fulfills by one method. */
export interface RouteAllocation {
  /** Null for digital delivery. */
  readonly locationId: string | null;
  readonly method: FulfillmentMethod;
  readonly lines: readonly RoutedLine[];
}

export interface Route {
  readonly allocations: readonly RouteAllocation[];
  /** Units that nobody has, by line. */
  readonly unfilled: readonly LineQuantity[];
  /** Kits whose parts come from several locations, by line. Absent without any. */
  readonly begun?: readonly LineQuantity[];
}

export interface RouteOptions {
  readonly excludedLocationIds?: ReadonlySet<string> | undefined;
}

/** Some units of a demand for a location. */
export interface Claim {
  readonly demand: RouteDemand;
  readonly locationId: string | null;
  /** Of parts of kits: the kits, with the first claim of a demand, and 0 with its others. */
  readonly quantity: number;
  readonly part?: { readonly component: number; readonly units: number };
}

/** The state of a route between two rules. */
export interface RoutingProblem {
  /** Demands that no earlier rule has claimed. */
  readonly open: readonly RouteDemand[];
  /** Locations that may be used, the preferred first. */
  readonly locations: readonly RoutingLocation[];
  /** Units that may still be claimed, never below zero. */
  readonly left: (locationId: string, sku: string) => number;
}

/** Claims must stay within the open units and the units left. */
export type RoutingRule = (problem: RoutingProblem) => readonly Claim[];

const radians = Math.PI / 180;

/** A place on the unit sphere. */
type Point = readonly [x: number, y: number, z: number];

const pointOf = (latitude: number, longitude: number): Point => {
  const across = Math.cos(latitude * radians);
  return [
    across * Math.cos(longitude * radians),
    across * Math.sin(longitude * radians),
    Math.sin(latitude * radians),
  ];
};

/** The square of the way through the sphere: grows with the great-circle distance, and is enough to compare. */
const remoteness = ([x, y, z]: Point, [toX, toY, toZ]: Point): number =>
  (x - toX) ** 2 + (y - toY) ** 2 + (z - toZ) ** 2;

/** Farther than the other side of the sphere. */
const unknownRemoteness = 5;

interface LocationPoint {
  readonly location: RoutingLocation;
  /** Null where the coordinates are not known. */
  readonly point: Point | null;
}

/** Every order is routed among the same locations: their points are worked out once for each list. */
const points = new WeakMap<readonly RoutingLocation[], readonly LocationPoint[]>();

const pointsOf = (locations: readonly RoutingLocation[]): readonly LocationPoint[] => {
  let found = points.get(locations);
  if (found === undefined) {
    found = locations.map((location) => ({
      location,
      point: location.latitude === undefined || location.longitude === undefined
        ? null
        : pointOf(location.latitude, location.longitude),
    }));
    points.set(locations, found);
  }
  return found;
};

/**
 * Nearest first when the destination's coordinates are known, those without coordinates last; else in the
 * order of the list. Equally near ones keep the order of the list.
 */
export const byPreference = (
  locations: readonly RoutingLocation[],
  destination: Destination | undefined,
): readonly RoutingLocation[] => {
  const latitude = destination?.latitude;
  const longitude = destination?.longitude;
  if (latitude === undefined || longitude === undefined || locations.length < 2) return locations;
  const from = pointOf(latitude, longitude);
  const ranked = pointsOf(locations).map(({ location, point }) => ({
    location,
    remoteness: point === null ? unknownRemoteness : remoteness(from, point),
  }));
  return ranked.sort((a, b) => a.remoteness - b.remoteness).map(({ location }) => location);
};

/** The locations that orders are sent to, once for each list. */
const activeLists = new WeakMap<readonly RoutingLocation[], readonly RoutingLocation[]>();

const activeOf = (locations: readonly RoutingLocation[]): readonly RoutingLocation[] => {
  let active = activeLists.get(locations);
  if (active === undefined) {
    active = locations.filter((location) => location.active);
    activeLists.set(locations, active);
  }
  return active;
};

/** Demands that any location may fill. */
const unbound = (open: readonly RouteDemand[]): readonly RouteDemand[] =>
  open.filter((demand) => demand.method === "ship" && demand.locationId === undefined);

/** The same without kits. */
const unboundGoods = (open: readonly RouteDemand[]): readonly RouteDemand[] =>
  open.filter((demand) =>
    demand.method === "ship" && demand.locationId === undefined && demand.components === undefined
  );

/** Two lines of the same SKU count together, and so do goods of kits. */
const unitsBySku = (demands: readonly RouteDemand[]): Map<string, number> => {
  const units = new Map<string, number>();
  for (const { sku, quantity, components } of demands) {
    if (components !== undefined) addNeeds(units, components, quantity);
    else units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  return units;
};

const digitalNeedsNoPlace: RoutingRule = ({ open }) =>
  open.filter((demand) => demand.method === "digital")
    .map((demand) => ({ demand, locationId: null, quantity: demand.quantity }));

const chosenLocationBinds: RoutingRule = ({ open, locations, left }) => {
  const bound = open.filter((demand) => demand.locationId !== undefined);
  if (bound.length === 0) return [];
  const usable = new Set(locations.map(({ id }) => id));
  const pools = new Map<string, Map<string, number>>();
  const claims: Claim[] = [];
  for (const demand of bound) {
    const locationId = demand.locationId;
    if (locationId === undefined || !usable.has(locationId)) continue;
    const pool = pools.get(locationId) ?? new Map<string, number>();
    pools.set(locationId, pool);
    if (demand.components !== undefined) {
      const kits = takeKits(
        demand.components,
        demand.quantity,
        pool,
        (sku) => left(locationId, sku),
      );
      if (kits > 0) claims.push({ demand, locationId, quantity: kits });
      continue;
    }
    const there = pool.get(demand.sku) ?? left(locationId, demand.sku);
    const quantity = Math.min(there, demand.quantity);
    pool.set(demand.sku, there - quantity);
    if (quantity > 0) claims.push({ demand, locationId, quantity });
  }
  return claims;
};

const nearestWithAll: RoutingRule = ({ open, locations, left }) => {
  const demands = unbound(open);
  if (demands.length === 0) return [];
  const wanted = [...unitsBySku(demands)];
  const location = locations.find(({ id }) =>
    wanted.every(([sku, units]) => left(id, sku) >= units)
  );
  if (location === undefined) return [];
  return demands.map((demand) => ({
    demand,
    locationId: location.id,
    quantity: demand.quantity,
  }));
};

/** All available units, from as few locations as have them; lines are split only if they must. */
const fewestLocations: RoutingRule = ({ open, locations, left }) => {
  const demands = unboundGoods(open);
  if (demands.length === 0) return [];
  const wanted = [...unitsBySku(demands)];
  const places: { readonly id: string; readonly units: number[] }[] = [];
  for (const { id } of locations) {
    const units = wanted.map(([sku, needed]) => Math.min(needed, left(id, sku)));
    if (units.some((there) => there > 0)) places.push({ id, units });
  }
  const have = places.map(({ units }) => units);
  const target = wanted.map(([, needed], sku) => {
    let there = 0;
    for (const units of have) there += units[sku] ?? 0;
    return Math.min(needed, there);
  });
  const chosen: typeof places = [];
  for (const place of fewestCovering(have, target)) {
    const found = places[place];
    if (found !== undefined) chosen.push(found);
  }

  const skuIndex = new Map(wanted.map(([sku], index) => [sku, index]));
  const claims: Claim[] = [];
  for (const demand of demands) {
    const sku = skuIndex.get(demand.sku) ?? -1;
    const whole = chosen.filter(({ units }) => (units[sku] ?? 0) >= demand.quantity).slice(0, 1);
    let missing = demand.quantity;
    for (const { id, units } of whole.length > 0 ? whole : chosen) {
      const quantity = Math.min(missing, units[sku] ?? 0);
      if (quantity === 0) continue;
      units[sku] = (units[sku] ?? 0) - quantity;
      missing -= quantity;
      claims.push({ demand, locationId: id, quantity });
      if (missing === 0) break;
    }
  }
  return claims;
};

/** In this order: the next rule no longer sees the units that a rule claims. */
const routingRules: readonly RoutingRule[] = [
  digitalNeedsNoPlace,
  chosenLocationBinds,
  nearestWithAll,
  kitsByLocation,
  fewestLocations,
  partsFromAnywhere,
];

type AllocationGroup = RouteAllocation & { readonly lines: RoutedLine[] };

/** Claims of one location by one method become one allocation, in the order of their first claims. */
const allocationsOf = (claims: readonly Claim[]): readonly RouteAllocation[] => {
  const groups: AllocationGroup[] = [];
  let last: AllocationGroup | undefined;
  for (const { demand, locationId, quantity, part } of claims) {
    const { method, lineId, sku } = demand;
    const isIts = (group: AllocationGroup) =>
      group.locationId === locationId && group.method === method;
    let group = last !== undefined && isIts(last) ? last : groups.find(isIts);
    if (group === undefined) {
      group = { locationId, method, lines: [] };
      groups.push(group);
    }
    last = group;
    if (part === undefined) group.lines.push({ lineId, sku, quantity });
    else {
      const { component, units } = part;
      const partSku = demand.components?.[component]?.sku ?? sku;
      group.lines.push({ lineId: partIdOf(lineId, component), sku: partSku, quantity: units });
    }
  }
  return groups;
};

/** Whether the claims, one for each demand, leave nothing open. */
const areAll = (claims: readonly Claim[], open: readonly RouteDemand[]): boolean =>
  claims.length === open.length &&
  claims.every(({ demand, quantity }, i) => demand === open[i] && quantity === demand.quantity);

/**
 * Places for the demands: a pure function of its arguments. `available` is asked for active, not excluded
 * locations only, and may be negative. Line ids must not repeat.
 */
export const route = (
  demands: readonly RouteDemand[],
  locations: readonly RoutingLocation[],
  available: (locationId: string, sku: string) => number,
  destination: Destination | undefined,
  options: RouteOptions = {},
): Route => {
  const excluded = options.excludedLocationIds;
  const active = activeOf(locations);
  const usable = byPreference(
    excluded === undefined || excluded.size === 0
      ? active
      : active.filter(({ id }) => !excluded.has(id)),
    destination,
  );
  const claims: Claim[] = [];
  const taken = new Map<string, Map<string, number>>();
  const left = (locationId: string, sku: string): number => {
    const units = available(locationId, sku);
    return Math.max(0, taken.size === 0 ? units : units - (taken.get(locationId)?.get(sku) ?? 0));
  };

  let open = demands;
  for (const rule of routingRules) {
    if (open.length === 0) break;
    const made = rule({ open, locations: usable, left });
    if (made.length === 0) continue;
    if (claims.length === 0 && areAll(made, open)) {
      return { allocations: allocationsOf(made), unfilled: [] };
    }
    const claimed = new Map<LineId, number>();
    for (const claim of made) {
      const { demand: { lineId, sku, components }, locationId, quantity, part } = claim;
      claims.push(claim);
      claimed.set(lineId, (claimed.get(lineId) ?? 0) + quantity);
      if (locationId === null) continue;
      const there = taken.get(locationId) ?? new Map<string, number>();
      taken.set(locationId, there);
      if (components === undefined) there.set(sku, (there.get(sku) ?? 0) + quantity);
      else if (part === undefined) addNeeds(there, components, quantity);
      else {
        const partSku = components[part.component]?.sku ?? sku;
        there.set(partSku, (there.get(partSku) ?? 0) + part.units);
      }
    }
    open = open.flatMap((demand) => {
      const quantity = demand.quantity - (claimed.get(demand.lineId) ?? 0);
      return quantity > 0 ? [{ ...demand, quantity }] : [];
    });
  }
  const allocations = allocationsOf(claims);
  const unfilled = open.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const begun = claims.filter(({ part, quantity }) => part !== undefined && quantity > 0);
  return begun.length === 0 ? { allocations, unfilled } : {
    allocations: allocations.map((each) => ({ ...each, lines: eachPartOnce(each.lines) })),
    unfilled,
    begun: begun.map(({ demand: { lineId }, quantity }) => ({ lineId, quantity })),
  };
};
