/** The dashboard's pages of orders. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { queuePages } from "./fulfillment.tsx";
import { listFulfillmentOrders, listOrders } from "./operations.ts";
import { orderPages } from "./order.tsx";
import { orderListPages } from "./orders.tsx";
import { paperPages } from "./papers.tsx";
import { workPages } from "./work.tsx";

export const pages: SubjectPages = {
  navigation: [
    { name: "Orders", href: "/orders", needs: listOrders },
    { name: "Fulfillment", href: "/fulfillment", needs: listFulfillmentOrders },
  ],
  pages: (app) => {
    orderListPages(app);
    orderPages(app);
    queuePages(app);
    workPages(app);
    paperPages(app);
  },
};
