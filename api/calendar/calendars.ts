/** Calendars, and carriers as far as days under way need them. */
import type { Calendar as CalendarOf, Hours } from "../../src/calendar/calendar.ts";
import type { Carrier as CarrierOf } from "../../src/calendar/carrier.ts";
import { calendars, carriers } from "../../src/calendar/references.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { Described } from "../../src/subject/reference.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import type { Tag } from "../http/registry.ts";
import { requireCalendar } from "./known.ts";
import { Calendar, CalendarRequest, Carrier, CarrierRequest } from "./schemas.ts";

const calendarsTag: Tag = {
  name: "Calendars",
  description: "Working days of locations and carriers, and how long carriers are under way",
};

/** Hours are pairs: the schema says so, and its type does not. */
type Paired<Part> = Part extends readonly (readonly string[])[] ? readonly Hours[]
  : Part extends readonly (infer Entry)[] ? readonly Paired<Entry>[]
  : Part extends object ? { [Member in keyof Part]: Paired<Part[Member]> }
  : Part;

const calendarApi: ReferenceApi<CalendarOf, typeof CalendarRequest.Type> = {
  path: "/v1/calendars",
  parameter: "calendarId",
  id: Identifier,
  body: CalendarRequest,
  schema: Calendar,
  document: (id, body) =>
    ({ exceptions: [], ...body as Paired<typeof body>, id }) satisfies Described<CalendarOf>,
  tags: [calendarsTag],
  read: "calendars:read",
  write: "calendars:write",
};

const carrierApi: ReferenceApi<CarrierOf, typeof CarrierRequest.Type> = {
  path: "/v1/carriers",
  parameter: "carrierId",
  id: Identifier,
  body: CarrierRequest,
  schema: Carrier,
  check: requireCalendar,
  document: (id, body) => ({ services: [], ...body, id }),
  tags: [calendarsTag],
  read: "carriers:read",
  write: "carriers:write",
};

export const saveCalendar = saveRoute(calendars, calendarApi, {
  operationId: "saveCalendar",
  summary: "Make or change a calendar",
  description:
    "Dates that are promised from now on follow it; those that were promised stay as they are.",
});

export const listCalendars = listRoute(calendars, calendarApi, {
  operationId: "listCalendars",
  summary: "Calendars, by id",
});

export const getCalendar = getRoute(calendars, calendarApi, {
  operationId: "getCalendar",
  summary: "A calendar",
});

export const saveCarrier = saveRoute(carriers, carrierApi, {
  operationId: "saveCarrier",
  summary: "Make or change a carrier",
});

export const listCarriers = listRoute(carriers, carrierApi, {
  operationId: "listCarriers",
  summary: "Carriers, by id",
});

export const getCarrier = getRoute(carriers, carrierApi, {
  operationId: "getCarrier",
  summary: "A carrier",
});

export const calendarRoutes = [
  saveCalendar,
  listCalendars,
  getCalendar,
  saveCarrier,
  listCarriers,
  getCarrier,
];
