/** The dashboard's pages of calendars and carriers. */
import type { SubjectPages } from "../../dashboard/subject.ts";

export const pages: SubjectPages = { navigation: [], pages: () => {} };
