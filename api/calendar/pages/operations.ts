/** The operations on calendars and carriers that pages ask for, and their answers. */
import type { Calendar } from "../../../src/calendar/calendar.ts";
import type { Carrier } from "../../../src/calendar/carrier.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as calendars from "../calendars.ts";

export { getCalendar, listCalendars } from "../../catalog/pages/operations.ts";

export const saveCalendar = operation<Calendar>(calendars.saveCalendar);
export const listCarriers = operation<ApiPage<Carrier>>(calendars.listCarriers);
export const getCarrier = operation<Carrier>(calendars.getCarrier);
export const saveCarrier = operation<Carrier>(calendars.saveCarrier);
