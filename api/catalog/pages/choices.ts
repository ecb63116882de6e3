/** Locations to choose from. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import type { SessionApi } from "../../dashboard/calls.ts";
import type { Choice } from "../../dashboard/parts.tsx";
import { listLocations } from "./operations.ts";

/** The first of them by id; a store with more has its pages addressed by location anyway. */
export const locationChoices = async (calls: SessionApi): Promise<readonly Choice[]> => {
  const told = await calls.ask(listLocations, {
    query: { limit: String(dashboardLimits.locations) },
  });
  if (!told.ok) return [];
  return told.value.data.map(({ id, name }) => ({
    value: id,
    text: name === id ? id : `${name} (${id})`,
  }));
};
