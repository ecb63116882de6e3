/** The dashboard's pages of calendars and carriers. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { calendarStyles } from "./assets.ts";
import { calendarPages } from "./calendars.tsx";
import { carrierPages } from "./carriers.tsx";
import { listCalendars, listCarriers } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [
    { name: "Calendars", href: "/calendars", needs: listCalendars },
    { name: "Carriers", href: "/carriers", needs: listCarriers },
  ],
  pages: (app) => {
    calendarPages(app);
    carrierPages(app);
  },
  assets: calendarStyles,
};
