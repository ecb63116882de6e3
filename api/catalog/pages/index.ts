/** The dashboard's pages of locations and items. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { itemPages } from "./items.tsx";
import { locationPages } from "./locations.tsx";
import { listItems, listLocations } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [
    { name: "Locations", href: "/locations", needs: listLocations },
    { name: "Items", href: "/items", needs: listItems },
  ],
  pages: (app) => {
    locationPages(app);
    itemPages(app);
  },
};
