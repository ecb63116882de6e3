/** The dashboard's pages of stock feeds. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { feedPages } from "./feed.tsx";
import { feedListPages } from "./feeds.tsx";
import { listStockFeeds } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [{ name: "Stock feeds", href: "/stock-feeds", needs: listStockFeeds }],
  pages: (app) => {
    feedListPages(app);
    feedPages(app);
  },
};
