/**
 * When which units can leave from where, without taking them: a plan of shipments for some lines, out of what may
 * be promised. A pure function of its arguments.
 */
import type { Instant } from "../kernel/instant.ts";
import { epochMsOf, instantOf } from "../kernel/instant.ts";
import type { FulfillmentMethod } from "../order/order.ts";
import type { Promisable } from "./atp.ts";
import { promiseLimits } from "./limits.ts";
import { earliestChoice, oneDayChoice } from "./promise-days.ts";
import { drawsOf } from "./promise-draws.ts";
import type { Demand, Draw, ShipDay, Units, UnitsBySku } from "./promise-parts.ts";

/**
 * Each unit as early as it can be; all on one day, the earliest on which all are there; or in as few shipments as
 * can be, and these as early as they can be.
 */
export const promiseModes = ["earliest", "together", "fewest"] as const;
export type PromiseMode = (typeof promiseModes)[number];

/** A day of delivery, with whatever else is known of it. */
export interface DeliveryDay {
  readonly date: string;
}

/** More time never makes a day earlier. */
export interface PromiseDates<Delivery extends DeliveryDay = DeliveryDay> {
  /** When something leaves that may leave from a moment on; null where the location never works. */
  shipBy(locationId: string, fromMs: number): ShipDay | null;
  /** When it is delivered; null where that is not known. */
  deliverBy(locationId: string, shipped: string): Delivery | null;
}

export interface PromiseLine {
  readonly sku: string;
  readonly quantity: number;
  readonly method: FulfillmentMethod;
  /** The only location that will do. */
  readonly locationId?: string | undefined;
  readonly neededAt?: Instant | undefined;
}

export interface PromiseProblem<Delivery extends DeliveryDay = DeliveryDay> {
  readonly lines: readonly PromiseLine[];
  readonly mode: PromiseMode;
  readonly nowMs: number;
  /** Locations that may be used, the preferred first. */
  readonly locationIds: readonly string[];
  readonly promisable: (locationId: string, sku: string) => Promisable;
  readonly dates: PromiseDates<Delivery>;
}

export interface PromisedLine {
  /** Its place among the lines that were asked for, from 0. */
  readonly line: number;
  readonly sku: string;
  readonly quantity: number;
}

export interface PromisedSupply {
  /** The id of a supply, or `stock`. */
  readonly supplyId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface PromisedShipment<Delivery extends DeliveryDay = DeliveryDay> {
  /** Null for digital delivery. */
  readonly locationId: string | null;
  readonly method: FulfillmentMethod;
  readonly lines: readonly PromisedLine[];
  readonly supply: readonly PromisedSupply[];
  readonly shipBy: ShipDay;
  readonly deliverBy: Delivery | null;
}

/** Why a promise is not what was asked for. */
export type PromiseReason =
  | {
    readonly code: "short";
    readonly sku: string;
    readonly requested: number;
    readonly promised: number;
  }
  | { readonly code: "location_not_usable"; readonly line: number; readonly locationId: string }
  | { readonly code: "location_closed"; readonly locationId: string }
  | { readonly code: "late"; readonly line: number; readonly quantity: number };

export interface PromisePlan<Delivery extends DeliveryDay = DeliveryDay> {
  readonly shipments: readonly PromisedShipment<Delivery>[];
  readonly complete: boolean;
  /** When the last of it leaves; null when it is not complete. */
  readonly completeAt: Instant | null;
  /** `bounded`: the search was ended, and fewer shipments may be possible. */
  readonly method: "exact" | "bounded";
  readonly reasons: readonly PromiseReason[];
}

const inOrder = (one: string, other: string): number => one === other ? 0 : one < other ? -1 : 1;

const dayMs = 24 * 3_600_000;

const noDate = Number.POSITIVE_INFINITY;

/** Those who need it first come first; then in the order in which they were asked for. */
const demandsOf = ({ lines, locationIds }: PromiseProblem): readonly Demand[] => {
  const places = new Map(locationIds.map((id, place) => [id, place]));
  const demands = lines.flatMap(({ sku, quantity, method, locationId, neededAt }, line) => {
    const place = locationId === undefined ? null : places.get(locationId);
    if (method === "digital" || place === undefined) return [];
    const neededAtMs = neededAt === undefined ? noDate : epochMsOf(neededAt);
    return [{ line, sku, quantity, method, place, neededAtMs }];
  });
  return demands.sort((one, other) => {
    if (one.neededAtMs === other.neededAtMs) return one.line - other.line;
    return one.neededAtMs < other.neededAtMs ? -1 : 1;
  });
};

/** Whether something that leaves then is in time. A day of delivery counts as a day of UTC does. */
const isInTime = (
  { dates }: PromiseProblem,
  locationId: string,
  shipBy: ShipDay,
  neededAtMs: number,
): boolean => {
  if (neededAtMs === noDate) return true;
  const delivered = dates.deliverBy(locationId, shipBy.date);
  const neededAt = instantOf(neededAtMs);
  return delivered === null
    ? shipBy.at <= neededAt
    : delivered.date <= neededAt.slice(0, delivered.date.length);
};

/** The units of a SKU at a place that can be of use, the earliest first. */
const unitsAt = (
  problem: PromiseProblem,
  place: number,
  sku: string,
  wanted: number,
  latestNeedMs: number,
): readonly Units[] => {
  const locationId = problem.locationIds[place] ?? "";
  const units: Units[] = [];
  let sum = 0;
  for (const { source, fromMs, units: left } of problem.promisable(locationId, sku)) {
    // Later units are of use only to those who can wait for them.
    if (sum >= wanted && fromMs > latestNeedMs) break;
    const shipBy = problem.dates.shipBy(locationId, fromMs);
    if (shipBy === null) break;
    units.push({ source, fromMs, shipBy, left });
    sum += left;
  }
  return units;
};

/** The units of each SKU by place: what phases take from. */
const unitsOf = (problem: PromiseProblem, demands: readonly Demand[]): UnitsBySku => {
  const bySku = new Map<string, readonly (readonly Units[])[]>();
  for (const [sku, some] of Map.groupBy(demands, (each) => each.sku)) {
    const wanted = some.reduce((sum, { quantity }) => sum + quantity, 0);
    const latestNeedMs = some.reduce(
      (latest, { neededAtMs }) => neededAtMs === noDate ? latest : Math.max(latest, neededAtMs),
      Number.NEGATIVE_INFINITY,
    );
    bySku.set(
      sku,
      problem.locationIds.map((_, place) => unitsAt(problem, place, sku, wanted, latestNeedMs)),
    );
  }
  return bySku;
};

/** The first day of a location, not before a day, on which something leaves that may leave from a moment on. */
const shipDayFrom = (
  { dates }: PromiseProblem,
  locationId: string,
  fromMs: number,
  own: ShipDay,
  day: ShipDay,
): ShipDay => {
  // More time never makes a day earlier: halve the days that it may wait.
  const waited = (days: number) => dates.shipBy(locationId, fromMs + days * dayMs) ?? own;
  let enough = Math.ceil(Math.max(0, epochMsOf(day.at) - fromMs) / dayMs) + 1;
  if (own.date >= day.date) return own;
  for (let tooFew = 0; enough - tooFew > 1;) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (waited(middle).date >= day.date) enough = middle;
    else tooFew = middle;
  }
  return waited(enough);
};

/** Draws of one shipment. */
interface Parcel {
  readonly place: number;
  readonly method: FulfillmentMethod;
  readonly draws: Draw[];
}

const laterOf = (one: ShipDay, other: ShipDay): ShipDay => one.at < other.at ? other : one;

const lastDay = ([first, ...others]: readonly ShipDay[]): ShipDay | undefined =>
  first === undefined ? undefined : others.reduce(laterOf, first);

const firstLine = ({ draws }: Parcel): number =>
  Math.min(...draws.map(({ demand: { line } }) => line));

/** Draws that leave one place together: of one day where each leaves as early as it can. */
const parcelsOf = (draws: readonly Draw[], mode: PromiseMode): readonly Parcel[] => {
  const parcels = new Map<string, Parcel>();
  for (const draw of draws) {
    const { place, demand: { method }, shipBy: { date } } = draw;
    const name = JSON.stringify([place, method, mode === "earliest" ? date : ""]);
    const parcel = parcels.get(name);
    if (parcel === undefined) parcels.set(name, { place, method, draws: [draw] });
    else parcel.draws.push(draw);
  }
  return [...parcels.values()].sort((one, other) =>
    one.place - other.place || firstLine(one) - firstLine(other)
  );
};

/** One entry for each name, in the order of their first. */
const summed = <Entry extends { readonly quantity: number }>(
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string,
): readonly Entry[] => {
  const sums = new Map<string, Entry>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const quantity = entry.quantity + (sums.get(name)?.quantity ?? 0);
    sums.set(name, { ...entry, quantity });
  }
  return [...sums.values()];
};

const promisedLine = ({ demand: { line, sku }, quantity }: Draw): PromisedLine => ({
  line,
  sku,
  quantity,
});

const shipmentsOf = <Delivery extends DeliveryDay>(
  problem: PromiseProblem<Delivery>,
  draws: readonly Draw[],
): readonly PromisedShipment<Delivery>[] => {
  const { mode, dates, locationIds } = problem;
  const all = lastDay(draws.map(({ shipBy }) => shipBy));
  return parcelsOf(draws, mode).map(({ place, method, draws: own }) => {
    const locationId = locationIds[place] ?? "";
    const last = own.reduce((one, other) => one.shipBy.at < other.shipBy.at ? other : one);
    const shipBy = mode === "together" && all !== undefined
      ? shipDayFrom(problem, locationId, last.fromMs, last.shipBy, all)
      : last.shipBy;
    return {
      locationId,
      method,
      lines: summed(own.map(promisedLine), ({ line }) => String(line))
        .toSorted((one, other) => one.line - other.line),
      supply: summed(
        own.map(({ source, demand: { sku }, quantity }) => ({ supplyId: source, sku, quantity })),
        ({ supplyId, sku }) => JSON.stringify([supplyId, sku]),
      ),
      shipBy,
      deliverBy: method === "ship" ? dates.deliverBy(locationId, shipBy.date) : null,
    };
  }).sort((one, other) => inOrder(one.shipBy.at, other.shipBy.at));
};

/** What is delivered at once, and takes nothing from anywhere. */
const digitalOf = ({ lines, nowMs }: PromiseProblem): readonly PromisedShipment<never>[] => {
  const digital = lines.flatMap(({ method, sku, quantity }, line) =>
    method === "digital" ? [{ line, sku, quantity }] : []
  );
  if (digital.length === 0) return [];
  const at = instantOf(nowMs);
  const shipBy = { date: at.slice(0, at.indexOf("T")), at };
  const parts = { lines: digital, supply: [], shipBy, deliverBy: null };
  return [{ locationId: null, method: "digital", ...parts }];
};

/** SKUs of which fewer units are promised than were asked for. */
const shortOf = (
  { lines }: PromiseProblem,
  shipments: readonly PromisedShipment[],
): readonly PromiseReason[] => {
  const units = new Map<string, { requested: number; promised: number }>();
  for (const { sku, quantity } of lines) {
    const sums = units.get(sku) ?? { requested: 0, promised: 0 };
    units.set(sku, { ...sums, requested: sums.requested + quantity });
  }
  for (const { sku, quantity } of shipments.flatMap((each) => each.lines)) {
    const sums = units.get(sku);
    if (sums !== undefined) sums.promised += quantity;
  }
  return [...units].flatMap(([sku, { requested, promised }]) =>
    promised < requested ? [{ code: "short", sku, requested, promised }] : []
  );
};

const reasonsOf = (
  problem: PromiseProblem,
  shipments: readonly PromisedShipment[],
): readonly PromiseReason[] => {
  const { lines, locationIds, nowMs, dates } = problem;
  const usable = new Set(locationIds);
  const unusable = lines.flatMap(({ method, locationId }, line): readonly PromiseReason[] =>
    method === "digital" || locationId === undefined || usable.has(locationId)
      ? []
      : [{ code: "location_not_usable", line, locationId }]
  );
  const short = shortOf(problem, shipments);
  const closed = short.length === 0 ? [] : locationIds.flatMap(
    (locationId): readonly PromiseReason[] =>
      dates.shipBy(locationId, nowMs) === null ? [{ code: "location_closed", locationId }] : [],
  );
  const late = shipments.flatMap(({ locationId, shipBy, lines: promised }) =>
    promised.flatMap(({ line, quantity }): readonly PromiseReason[] => {
      const neededAt = lines[line]?.neededAt;
      if (neededAt === undefined || locationId === null) return [];
      return isInTime(problem, locationId, shipBy, epochMsOf(neededAt))
        ? []
        : [{ code: "late", line, quantity }];
    })
  );
  return [...short, ...unusable, ...closed, ...late];
};

export const promiseOf = <Delivery extends DeliveryDay>(
  problem: PromiseProblem<Delivery>,
): PromisePlan<Delivery> => {
  const { mode, locationIds } = problem;
  const demands = demandsOf(problem);
  const units = unitsOf(problem, demands);
  const budget = { steps: promiseLimits.searchSteps };
  const { shares, exact } = mode === "earliest"
    ? earliestChoice(demands, units, budget)
    : oneDayChoice(demands, units, mode === "fewest", budget);
  const draws = drawsOf(
    shares,
    units,
    mode === "earliest",
    (place, shipBy, neededAtMs) => isInTime(problem, locationIds[place] ?? "", shipBy, neededAtMs),
  );
  const shipments = [...digitalOf(problem), ...shipmentsOf(problem, draws)];
  const reasons = reasonsOf(problem, shipments);
  const complete = !reasons.some(({ code }) => code === "short");
  const completeAt = lastDay(shipments.map(({ shipBy }) => shipBy))?.at ?? null;
  return {
    shipments,
    complete,
    completeAt: complete ? completeAt : null,
    method: exact ? "exact" : "bounded",
    reasons,
  };
};
