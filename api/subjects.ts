/**
 * The subjects of the API: one line each. What is served, described, and shown in the dashboard is derived
 * from this list.
 */
import { keyRoutes } from "./access/keys.ts";
import { pages as accessPages } from "./access/pages/index.ts";
import { adminRoutes } from "./admin/admin.ts";
import { pages as adminPages } from "./admin/pages/index.ts";
import { calendarRoutes } from "./calendar/calendars.ts";
import { pages as calendarPages } from "./calendar/pages/index.ts";
import { catalogRoutes } from "./catalog/catalog.ts";
import { pages as catalogPages } from "./catalog/pages/index.ts";
import { channelRoutes } from "./channel/channels.ts";
import { pages as channelPages } from "./channel/pages/index.ts";
import type { SubjectPages } from "./dashboard/subject.ts";
import { eventRoutes } from "./event/events.ts";
import type { RouteDefinition } from "./http/registry.ts";
import { feedRoutes } from "./stock-feed/feeds.ts";
import { pages as feedPages } from "./stock-feed/pages/index.ts";
import { importRoutes } from "./import/imports.ts";
import { pages as importPages } from "./import/pages/index.ts";
import { lotRoutes } from "./lot/lots.ts";
import { pages as messagePages } from "./message/pages/index.ts";
import { messageRoutes } from "./message/routes.ts";
import { backorderRoutes } from "./order/backorders.ts";
import { editRoutes } from "./order/edits.ts";
import { invoiceRoutes } from "./order/invoices.ts";
import { fulfillmentRoutes } from "./order/fulfillment.ts";
import { returnRoutes } from "./order/returns.ts";
import { shipmentRoutes } from "./order/shipments.ts";
import { orderRoutes } from "./order/orders.ts";
import { providerRoutes } from "./payment/providers.ts";
import { paymentRoutes } from "./order/payments.ts";
import { pages as orderPages } from "./order/pages/index.ts";
import { pages as statusPages } from "./status/pages/index.ts";
import { statusRoutes } from "./status/status.ts";
import { pages as supplyPages } from "./supply/pages/index.ts";
import { purchaseOrderRoutes } from "./supply/purchase-orders.ts";
import { transferRoutes } from "./supply/transfers.ts";
import { pages as webhookPages } from "./webhook/pages/index.ts";
import { webhookRoutes } from "./webhook/routes.ts";
import { pages as reservationPages } from "./reservation/pages/index.ts";
import { reservationRoutes } from "./reservation/routes.ts";
import { inventoryRoutes } from "./stock/inventory.ts";
import { pages as stockPages } from "./stock/pages/index.ts";
import { availabilityRoutes } from "./supply/availability.ts";
import { promiseRoutes } from "./supply/promises.ts";

export interface ApiSubject<out Services = never> {
  readonly name: string;
  /** With their tags, problems and actions. */
  readonly routes: readonly RouteDefinition<Services>[];
  readonly pages?: SubjectPages;
}

const list = [
  {
    name: "order",
    routes: [
      ...orderRoutes,
      ...backorderRoutes,
      ...editRoutes,
      ...fulfillmentRoutes,
      ...shipmentRoutes,
      ...paymentRoutes,
      ...invoiceRoutes,
      ...returnRoutes,
    ],
    pages: orderPages,
  },
  { name: "payment", routes: providerRoutes },
  { name: "stock", routes: inventoryRoutes, pages: stockPages },
  {
    name: "supply",
    routes: [...purchaseOrderRoutes, ...transferRoutes, ...availabilityRoutes, ...promiseRoutes],
    pages: supplyPages,
  },
  { name: "catalog", routes: catalogRoutes, pages: catalogPages },
  { name: "calendar", routes: calendarRoutes, pages: calendarPages },
  { name: "import", routes: importRoutes, pages: importPages },
  { name: "message", routes: messageRoutes, pages: messagePages },
  { name: "status", routes: statusRoutes, pages: statusPages },
  { name: "event", routes: eventRoutes },
  { name: "webhook", routes: webhookRoutes, pages: webhookPages },
  { name: "channel", routes: channelRoutes, pages: channelPages },
  { name: "stock feed", routes: feedRoutes, pages: feedPages },
  { name: "reservation", routes: reservationRoutes, pages: reservationPages },
  { name: "access", routes: keyRoutes, pages: accessPages },
  { name: "lot", routes: lotRoutes },
  { name: "admin", routes: adminRoutes, pages: adminPages },
] as const satisfies readonly ApiSubject<unknown>[];

type ServicesOfSubject<Subject> = Subject extends ApiSubject<infer Services> ? Services : never;

/** The services that the routes of all subjects need. */
export type SubjectServices = ServicesOfSubject<(typeof list)[number]>;

export const apiSubjects: readonly ApiSubject<SubjectServices>[] = list;
