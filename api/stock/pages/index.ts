/** The dashboard's pages of stock. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { inventoryPages } from "./inventory.tsx";
import { listStock } from "./operations.ts";
import { stockRowPages } from "./stock-row.tsx";

export const pages: SubjectPages = {
  navigation: [{ name: "Inventory", href: "/inventory", needs: listStock }],
  pages: (app) => {
    inventoryPages(app);
    stockRowPages(app);
  },
};
