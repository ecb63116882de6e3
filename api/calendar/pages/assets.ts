/** Styles of the pages of calendars and carriers, as text. */
import { styleAsset } from "../../dashboard/assets.ts";
import style from "./calendars.css" with { type: "text" };

export const calendarStyles = [styleAsset("calendars.css", style)];
