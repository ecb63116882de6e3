/**
 * The subjects of the API: one line each. What is served, described, and shown in the dashboard is derived
 * from this list.
 */
import { keyRoutes } from "./access/keys.ts";
import { adminRoutes } from "./admin/admin.ts";
import { pages as adminPages } from "./admin/pages/index.ts";
import { catalogRoutes } from "./catalog/catalog.ts";
import type { SubjectPages } from "./dashboard/subject.ts";
import type { RouteDefinition } from "./http/registry.ts";
import { importRoutes } from "./import/imports.ts";
import { pages as importPages } from "./import/pages/index.ts";
import { fulfillmentRoutes } from "./order/fulfillment.ts";
import { orderRoutes } from "./order/orders.ts";
import { pages as orderPages } from "./order/pages/index.ts";
import { pages as statusPages } from "./status/pages/index.ts";
import { statusRoutes } from "./status/status.ts";
import { inventoryRoutes } from "./stock/inventory.ts";
import { pages as stockPages } from "./stock/pages/index.ts";

export interface ApiSubject<out Services = never> {
  readonly name: string;
  /** With their tags, problems and actions. */
  readonly routes: readonly RouteDefinition<Services>[];
  readonly pages?: SubjectPages;
}

const list = [
  { name: "order", routes: [...orderRoutes, ...fulfillmentRoutes], pages: orderPages },
  { name: "stock", routes: inventoryRoutes, pages: stockPages },
  { name: "catalog", routes: catalogRoutes },
  { name: "import", routes: importRoutes, pages: importPages },
  { name: "status", routes: statusRoutes, pages: statusPages },
  { name: "access", routes: keyRoutes },
  { name: "admin", routes: adminRoutes, pages: adminPages },
] as const satisfies readonly ApiSubject<unknown>[];

type ServicesOfSubject<Subject> = Subject extends ApiSubject<infer Services> ? Services : never;

/** The services that the routes of all subjects need. */
export type SubjectServices = ServicesOfSubject<(typeof list)[number]>;

export const apiSubjects: readonly ApiSubject<SubjectServices>[] = list;
