/** Locations and calendars to choose from. */
import { requestLimits } from "../../../src/kernel/limits.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import type { SessionApi } from "../../dashboard/calls.ts";
import type { Choice } from "../../dashboard/parts.tsx";
import { listCalendars, listLocations } from "./operations.ts";

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

/** The first calendars by id, and the one that is chosen, which must not get lost when a form is saved. */
export const calendarChoices = async (
  calls: SessionApi,
  chosen?: string,
): Promise<readonly Choice[]> => {
  const told = await calls.ask(listCalendars, {
    query: { limit: String(requestLimits.pageSize) },
  });
  const choices = (told.ok ? told.value.data : []).map(({ id, name }) => ({
    value: id,
    text: name === undefined || name === id ? id : `${name} (${id})`,
  }));
  return chosen === undefined || choices.some(({ value }) => value === chosen)
    ? choices
    : [...choices, { value: chosen, text: chosen }];
};
