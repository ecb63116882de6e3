/** The operations on the catalog, and on the calendars that it names, that pages ask for, and their answers. */
import type { StockLevel } from "../../../actors/stock/levels.ts";
import type { Calendar } from "../../../src/calendar/calendar.ts";
import type { Item, Location } from "../../../src/catalog/catalog.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as calendar from "../../calendar/calendars.ts";
import * as inventory from "../../stock/inventory.ts";
import * as catalog from "../catalog.ts";

export const listLocations = operation<ApiPage<Location>>(catalog.listLocations);
export const getLocation = operation<Location>(catalog.getLocation);
export const saveLocation = operation<Location>(catalog.saveLocation);
export const listItems = operation<ApiPage<Item>>(catalog.listItems);
export const getItem = operation<Item>(catalog.getItem);
export const saveItem = operation<Item>(catalog.saveItem);
export const listCalendars = operation<ApiPage<Calendar>>(calendar.listCalendars);
export const getCalendar = operation<Calendar>(calendar.getCalendar);
/** What is available of a kit's goods. */
export const listStock = operation<ApiPage<StockLevel>>(inventory.listStock);
