/** How long the longest waiting fulfillment order of a location waits: the first of its queue. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import type { Visit } from "../../dashboard/visit.ts";
import { listWaiting } from "./operations.ts";

export interface Longest {
  readonly id: string;
  readonly since: string;
}

/** The longest waiting fulfillment order of locations; null where none waits. */
export type Ages = ReadonlyMap<string, Longest | null>;

type AgeOf = (visit: Visit, locationId: string) => Promise<Longest | null>;

const look: AgeOf = async ({ calls }, locationId) => {
  const query = { locationId, queue: "true", limit: "1" };
  const told = await calls.ask(listWaiting, { query });
  // An age that cannot be told is not shown: the page has other numbers.
  const [first] = told.ok ? told.value.data : [];
  return first === undefined ? null : { id: first.id, since: first.createdAt };
};

/**
 * An answer is kept for a moment, for readers with the same view: many pages ask at once when something has
 * changed.
 */
export const makeAges = (): AgeOf => {
  const ages = new Map<string, { readonly atMs: number; readonly age: Promise<Longest | null> }>();
  return (visit, locationId) => {
    const { nowMs, by: { role, scope } } = visit;
    const name = JSON.stringify([role, scope.channel, scope.locationId, locationId]);
    const known = ages.get(name);
    if (known !== undefined && nowMs - known.atMs < dashboardLimits.ageMs) return known.age;
    if (ages.size >= dashboardLimits.cachedAges) ages.clear();
    const age = look(visit, locationId);
    ages.set(name, { atMs: nowMs, age });
    return age;
  };
};
