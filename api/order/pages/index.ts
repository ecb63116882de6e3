/** The dashboard's pages of orders. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { fulfillmentCsv } from "./fulfillment-csv.ts";
import { queuePages } from "./fulfillment.tsx";
import { exceptionsPath } from "./exceptions.tsx";
import {
  listDeliveryExceptions,
  listFulfillmentOrders,
  listOrders,
  listPayments,
  listReturns,
} from "./operations.ts";
import { orderPages } from "./order.tsx";
import { orderListPages } from "./orders.tsx";
import { paperPages } from "./papers.tsx";
import { returnPages } from "./return.tsx";
import { returnListPages, returnsPath } from "./returns.tsx";
import { paymentPages, paymentsPath } from "./payments.tsx";
import { shipmentPages } from "./shipment.tsx";
import { workPages } from "./work.tsx";
import { stationScripts, stationStyles } from "./assets.ts";

export const pages: SubjectPages = {
  navigation: [
    { name: "Orders", href: "/orders", needs: listOrders },
    { name: "Fulfillment", href: "/fulfillment", needs: listFulfillmentOrders },
    { name: "Returns", href: returnsPath, needs: listReturns },
    { name: "Exceptions", href: exceptionsPath, needs: listDeliveryExceptions },
    { name: "Payments", href: paymentsPath, needs: listPayments },
  ],
  pages: (app) => {
    orderListPages(app);
    orderPages(app);
    queuePages(app);
    workPages(app);
    paperPages(app);
    fulfillmentCsv(app);
    shipmentPages(app);
    returnListPages(app);
    returnPages(app);
    paymentPages(app);
  },
  assets: [...stationScripts, ...stationStyles],
};
