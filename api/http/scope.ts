/** The rights of a key: to act by its role, and to see by its scope. */
import { Effect } from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import { isAllowed } from "./permissions.ts";
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

/**
 * A scope's value where the request may name one: the scope's own, when the request agrees or names none; 403
 * when the request names another.
 */
export const narrowed = (
  scope: string | undefined,
  asked: string | undefined,
  what: "channel" | "location",
): Effect.Effect<string | undefined, ApiProblem> =>
  scope === undefined || asked === undefined || scope === asked
    ? Effect.succeed(scope ?? asked)
    : Effect.fail(fail("forbidden", `The key is for the ${what} ${scope}, not for ${asked}.`));
