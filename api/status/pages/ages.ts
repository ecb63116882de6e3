/** How long the longest waiting fulfillment order of a location waits: a look that no route has. */
import { findOldestOpenAt } from "../../../actors/order/oldest.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import type { Waiting } from "../../../src/order/status-sections.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Run } from "../../dashboard/subject.ts";

/** The longest waiting fulfillment order of locations. */
export type Ages = ReadonlyMap<string, Waiting | null>;

type AgeOf = (locationId: string, nowMs: number) => Promise<Waiting | null>;

/** An answer is believed for a moment: many pages ask at once when something has changed. */
export const makeAges = (run: Run<Store>): AgeOf => {
  const ages = new Map<string, { readonly atMs: number; readonly age: Promise<Waiting | null> }>();
  return (locationId, nowMs) => {
    const known = ages.get(locationId);
    if (known !== undefined && nowMs - known.atMs < dashboardLimits.ageMs) return known.age;
    if (ages.size >= dashboardLimits.locations) ages.clear();
    const age = run(findOldestOpenAt(locationId, nowMs));
    ages.set(locationId, { atMs: nowMs, age });
    return age;
  };
};
