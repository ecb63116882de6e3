/** Every route that the app serves. */
import { adminRoutes } from "./admin.ts";
import { catalogRoutes } from "./catalog.ts";
import { fulfillmentRoutes } from "./fulfillment.ts";
import { importRoutes } from "./imports.ts";
import { inventoryRoutes } from "./inventory.ts";
import { keyRoutes } from "./keys.ts";
import { orderRoutes } from "./orders.ts";
import type { RouteDefinition } from "./registry.ts";
import { statusRoutes } from "./status.ts";
import { descriptionRoutes, systemRoutes } from "./system.ts";

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
