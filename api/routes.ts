/** Every route that the app serves. */
import { adminRoutes } from "./admin/admin.ts";
import { catalogRoutes } from "./catalog/catalog.ts";
import { fulfillmentRoutes } from "./order/fulfillment.ts";
import { importRoutes } from "./import/imports.ts";
import { inventoryRoutes } from "./stock/inventory.ts";
import { keyRoutes } from "./access/keys.ts";
import { orderRoutes } from "./order/orders.ts";
import type { RouteDefinition } from "./http/registry.ts";
import { statusRoutes } from "./status/status.ts";
import { descriptionRoutes, systemRoutes } from "./http/system.ts";

const described = [
  ...orderRoutes,
  ...fulfillmentRoutes,
  ...inventoryRoutes,
  ...catalogRoutes,
  ...importRoutes,
  ...keyRoutes,
  ...adminRoutes,
  ...statusRoutes,
  ...systemRoutes,
];

type ServicesOf<Route> = Route extends RouteDefinition<infer Services> ? Services : never;

/** What the handlers of all routes ask for. */
export type RouteServices = ServicesOf<(typeof described)[number]>;

export const routes: readonly RouteDefinition<RouteServices>[] = [
  ...described,
  ...descriptionRoutes(described),
];
