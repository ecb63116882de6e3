/** Query parameters that take several values, apart by commas: a list has what is of any of them. */
import { Effect, Schema } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { anyText } from "../../src/kernel/vocabulary.ts";
import { isBlank, trimmed, visiblePattern } from "../../src/kernel/white-space.ts";
import { ApiProblem, fail } from "./problems.ts";

const some = Schema.isMinLength(1);
const few = Schema.isMaxLength(requestLimits.severalValues);

/** Some of these words. */
export const someOf = <Word extends Schema.Codec<string>>(word: Word) =>
  Schema.Array(word).check(some, few)
    .annotate({ description: "One or several, apart by commas" });

/** Something to be seen, and no comma: of what has one, this is how a part of it looks. */
export const listedPattern = `^[^,]*${visiblePattern.slice(0, -1)},][^,]*$`;

const isListed = Schema.makeFilter(
  (value: string) => !isBlank(value) || "must have something to be seen between its commas",
  { toJsonSchema: () => ({ minLength: 1, pattern: listedPattern }) },
);

/** Some ids, or a single one that has commas: `idsIn` makes both of them. */
export const someIds = (mostCharacters: number) =>
  Schema.Array(
    anyText(mostCharacters).check(isListed).annotate({ identifier: `Listed${mostCharacters}` }),
  ).check(some, few)
    .annotate({ description: "One or several, apart by commas" });

/** Nothing says that an id has no commas, so the whole text is looked for as well; it is the first. */
export const idsIn = (values: readonly string[] | undefined): readonly string[] | undefined =>
  values === undefined ? undefined : [...new Set([values.join(","), ...values].map(trimmed))];

/**
 * A scope's value where the request may name some: the scope's own, when the request names no other; 403 when
 * it does.
 */
export const narrowedIds = (
  scope: string | undefined,
  asked: readonly string[] | undefined,
  what: "channel" | "location",
): Effect.Effect<readonly string[] | undefined, ApiProblem> => {
  if (scope === undefined || asked === undefined) {
    return Effect.succeed(scope === undefined ? asked : [scope]);
  }
  const [whole, ...values] = asked;
  const isOwn = whole === scope || values.length > 0 && values.every((value) => value === scope);
  return isOwn
    ? Effect.succeed([scope])
    : Effect.fail(fail("forbidden", `The key is for the ${what} ${scope}, not for ${whole}.`));
};
