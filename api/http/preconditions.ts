/** Preconditions of saving a thing under an id that the client chooses. */
import { Effect } from "effect";
import type { PreconditionFailed } from "../../actors/aggregate/command.ts";
import type { ApiRequest } from "./registry.ts";

/**
 * The version that a save stands on: that of `If-Match`, or none for `If-None-Match: *` (RFC 9110 section
 * 13.1.2), which saves only what is not there yet. `If-Match: *` wants that there is something.
 */
export const standingOn = <Failure>(
  { headers, ifMatch }: Pick<ApiRequest<unknown, unknown, unknown>, "headers" | "ifMatch">,
  existing: Effect.Effect<unknown, Failure>,
): Effect.Effect<string | undefined, Failure | PreconditionFailed> => {
  if (headers.get("if-none-match")?.trim() === "*") return Effect.succeed("nothing");
  return ifMatch === "*" ? Effect.as(existing, undefined) : Effect.succeed(ifMatch);
};
