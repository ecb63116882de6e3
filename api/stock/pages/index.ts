/** What the dashboard shows of stock. */
import type { Subjects } from "../../../src/subject/subject.ts";
import type { Store } from "../../../src/store/store.ts";
import type { SubjectPages } from "../../dashboard/subject.ts";
import { inventoryPages } from "./inventory.tsx";
import { listStock } from "./operations.ts";
import { stockRowPages } from "./stock-row.tsx";

export const pages: SubjectPages<Store | Subjects> = {
  navigation: [{ name: "Inventory", href: "/inventory", needs: listStock }],
  pages: (app, run) => {
    inventoryPages(app);
    stockRowPages(app, run);
  },
};
