/**
 * Units of a SKU at a location that may be promised by a date (available to promise). What is needed later is not
 * sold now, so more time never means fewer units.
 */
import { promiseLimits } from "./limits.ts";

const dayMs = 24 * 3_600_000;

/** Goods on the shelf, where a supply's id would stand. */
export const stockSource = "stock";

/** Units on their way to a location. */
export interface DatedSupply {
  readonly supplyId: string;
  /** When they are due there. */
  readonly dueMs: number;
  /** When they can be shipped from there. */
  readonly availableMs: number;
  readonly expected: number;
  /** Of those expected, what is promised, or kept for somebody. */
  readonly promised: number;
}

/** Units that become more, or fewer, at a moment. */
export interface SupplyEvent {
  /** A supply's id, or `stock`. */
  readonly source: string;
  readonly atMs: number;
  readonly units: number;
}

/** Units of one source that may be promised from a moment on. */
export interface PromisableUnits {
  readonly source: string;
  readonly fromMs: number;
  readonly units: number;
}

/**
 * What may be promised in all, by source: at a moment it is the sum of what is there by then. Earliest first, and
 * stock before supplies of the same moment.
 */
export type Promisable = readonly PromisableUnits[];

const sourceOrder = (one: string, other: string): number =>
  one === other ? 0 : one === stockSource || other !== stockSource && one < other ? -1 : 1;

/** Of one moment, more comes before fewer: nobody waits within it. */
const eventOrder = (one: SupplyEvent, other: SupplyEvent): number =>
  one.atMs - other.atMs || other.units - one.units || sourceOrder(one.source, other.source);

/**
 * Takes what is needed from what comes last before it, so that the earlier units stay for those who want them
 * now; and what nothing before has, from what comes next. So `min` over all later moments of the units in all
 * is what is left by a moment.
 */
export const promisableOf = (events: readonly SupplyEvent[]): Promisable => {
  const left: { source: string; fromMs: number; units: number }[] = [];
  let owed = 0;
  for (const { source, atMs, units } of events.toSorted(eventOrder)) {
    const paid = Math.min(owed, Math.max(0, units));
    owed -= paid;
    if (units > paid) left.push({ source, fromMs: atMs, units: units - paid });
    if (units < 0) owed -= units;
    for (let last = left.at(-1); owed > 0 && last !== undefined; last = left.at(-1)) {
      const taken = Math.min(owed, last.units);
      last.units -= taken;
      owed -= taken;
      if (last.units === 0) left.pop();
    }
  }
  return left;
};

/** Whether supply that was due may still come: it counts for some days, and then not. */
export const isOverdue = ({ dueMs }: Pick<DatedSupply, "dueMs">, nowMs: number): boolean =>
  dueMs + promiseLimits.pastDueDays * dayMs < nowMs;

/** The first moment that is not looked at any more. */
export const horizonOf = (nowMs: number): number => nowMs + promiseLimits.horizonDays * dayMs;

/**
 * The events of a location's stock and supply. `available` may be below zero, where more is promised or kept back
 * than is there. Of overdue supply only what was promised of it counts: that is still to be found elsewhere.
 */
export const supplyEvents = (
  nowMs: number,
  available: number,
  supplies: readonly DatedSupply[],
): readonly SupplyEvent[] => {
  const endMs = horizonOf(nowMs);
  const events: SupplyEvent[] = [{ source: stockSource, atMs: nowMs, units: available }];
  for (const supply of supplies) {
    const { supplyId: source, availableMs, expected, promised } = supply;
    if (isOverdue(supply, nowMs)) events.push({ source, atMs: nowMs, units: 0 - promised });
    else if (availableMs < endMs) {
      events.push({ source, atMs: Math.max(nowMs, availableMs), units: expected - promised });
    }
  }
  return events;
};

/** Units that may be promised by a moment. */
export const promisableBy = (promisable: Promisable, atMs: number): number => {
  let sum = 0;
  for (const { fromMs, units } of promisable) {
    if (fromMs > atMs) break;
    sum += units;
  }
  return sum;
};

/**
 * What is left for somebody who may only promise a part of all units: the first ones stay where they are, those of
 * the last place first. `partOf` tells the part; more in all must not mean less of it.
 */
export const withoutKeptBack = (
  places: readonly Promisable[],
  partOf: (units: number) => number,
): readonly Promisable[] => {
  const all = places.flatMap((promisable, place) =>
    promisable.map((units) => ({ ...units, place }))
  );
  all.sort((one, other) => one.fromMs - other.fromMs || other.place - one.place);
  const left: PromisableUnits[][] = places.map(() => []);
  let sum = 0;
  let part = 0;
  for (const { place, source, fromMs, units } of all) {
    sum += units;
    const more = Math.min(units, Math.max(0, partOf(sum) - part));
    part += more;
    if (more > 0) left[place]?.push({ source, fromMs, units: more });
  }
  return left;
};

/** Units that may be promised from a moment on. */
export interface Step {
  readonly fromMs: number;
  readonly units: number;
}

/** The sum over places as steps, the first of them now; of each moment one. */
export const stepsOf = (places: readonly Promisable[], nowMs: number): readonly Step[] => {
  const rises = places.flat().toSorted((one, other) => one.fromMs - other.fromMs);
  const steps: { fromMs: number; units: number }[] = [{ fromMs: nowMs, units: 0 }];
  let sum = 0;
  for (const { fromMs, units } of rises) {
    sum += units;
    const last = steps.at(-1);
    if (last !== undefined && fromMs <= last.fromMs) last.units = sum;
    else steps.push({ fromMs, units: sum });
  }
  return steps;
};
