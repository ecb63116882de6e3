/** The dashboard's pages of purchase orders and transfers. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { availabilityScripts, importScripts, receivingScripts } from "./assets.ts";
import { listPurchaseOrders, listTransfers } from "./operations.ts";
import { purchaseOrderPages } from "./purchase-order.tsx";
import { purchaseOrderListPages, purchaseOrdersPath } from "./purchase-orders.tsx";
import { skuPages } from "./sku.tsx";
import { transferPages } from "./transfer.tsx";
import { transferListPages, transfersPath } from "./transfers.tsx";

export const pages: SubjectPages = {
  navigation: [
    { name: "Purchase orders", href: purchaseOrdersPath, needs: listPurchaseOrders },
    { name: "Transfers", href: transfersPath, needs: listTransfers },
  ],
  pages: (app) => {
    purchaseOrderListPages(app);
    purchaseOrderPages(app);
    transferListPages(app);
    transferPages(app);
    skuPages(app);
  },
  assets: [...receivingScripts, ...importScripts, ...availabilityScripts],
};
