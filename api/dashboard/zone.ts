/** The time zone of whoever looks at a page: their browser says it in a cookie, since no header does. */
import { getCookie } from "hono/cookie";
import { isTimeZone } from "../../src/kernel/local-day.ts";
import { dashboardLimits } from "./limits.ts";
import type { PageContext } from "./visit.ts";

const zoneCookie = "allot_zone";
const fallback = "UTC";

/** UTC as long as nothing, or nothing that is a zone, was said. */
export const zoneOf = (c: PageContext): string => {
  const zone = getCookie(c, zoneCookie) ?? "";
  return zone !== "" && zone.length <= dashboardLimits.zoneCharacters && isTimeZone(zone)
    ? zone
    : fallback;
};
