/** What a key may do by its role and see by its scope. */
import { Effect } from "effect";
import { NotFound } from "../../actors/aggregate/command.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { FulfillmentOrder, Order } from "../../src/order/order.ts";
import { isAllowed } from "../permissions.ts";
import { ApiProblem, fail } from "./problems.ts";
import type { RouteDefinition } from "./registry.ts";

/** Why the key may not use this route at all; null when it may. */
export const refusal = (
  { permission, scopes }: Pick<RouteDefinition, "permission" | "scopes">,
  { role, scope }: Principal,
): string | null => {
  if (permission === "public") return null;
  if (!isAllowed(role, permission)) return `The role ${role} does not have ${permission}.`;
  if (scope.channel !== undefined && scopes?.channel === "refused") {
    return "A key of one channel may not do this.";
  }
  if (scope.locationId !== undefined && scopes?.location === "refused") {
    return "A key of one location may not do this.";
  }
  return null;
};

export const seesFulfillmentOrder = (
  { scope }: Principal,
  order: Pick<Order, "channel">,
  { locationId }: Pick<FulfillmentOrder, "locationId">,
): boolean =>
  (scope.channel === undefined || scope.channel === order.channel) &&
  (scope.locationId === undefined || scope.locationId === locationId);

/** A key of a location sees the orders of which it fulfills a part. */
export const seesOrder = (
  { scope }: Principal,
  order: Pick<Order, "channel" | "fulfillmentOrders">,
): boolean =>
  (scope.channel === undefined || scope.channel === order.channel) &&
  (scope.locationId === undefined ||
    order.fulfillmentOrders.some(({ locationId }) => locationId === scope.locationId));

/** The order when the key may see it; else it is as if there were none. */
export const visible = <Document extends { readonly order: Order }>(
  by: Principal,
  document: Document,
): Effect.Effect<Document, NotFound> =>
  seesOrder(by, document.order)
    ? Effect.succeed(document)
    : Effect.fail(new NotFound({ what: "order", id: document.order.id }));

/**
 * A scope's value where the request may name one: what the scope says, when the request agrees or does not
 * say; 403 when the request asks for another's.
 */
export const narrowed = (
  scope: string | undefined,
  asked: string | undefined,
  what: "channel" | "location",
): Effect.Effect<string | undefined, ApiProblem> =>
  scope === undefined || asked === undefined || scope === asked
    ? Effect.succeed(scope ?? asked)
    : Effect.fail(fail("forbidden", `The key is for the ${what} ${scope}, not for ${asked}.`));
