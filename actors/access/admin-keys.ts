/**
 * Admin keys: the one of the settings, of which there is one at a time, and that which a store without keys
 * gets. The last one stays, or nobody could make another.
 */
import { Data, Effect, Equal } from "effect";
import type { ApiKey } from "../../src/access/access.ts";
import { accessKeys } from "../../src/access/keys.ts";
import { accessLimits } from "../../src/access/limits.ts";
import { apiKeys } from "../../src/access/references.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import type { Mutation, Store, StoreError } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import type { CommandContext, CommandFailure, NotFound } from "../command/command.ts";
import type { AddFailure, RemoveFailure } from "../reference/change.ts";
import type { References } from "../reference/references.ts";

/** It is the only key that may make others. Nothing was done. */
export class LastAdminKey extends Data.TaggedError("LastAdminKey")<{ readonly keyId: string }> {}

/** It is the settings' own: they replace it, and find it by its name. Nothing was done. */
export class GivenKey extends Data.TaggedError("GivenKey")<{ readonly keyId: string }> {}

/** The effect of a start on keys of administrators. */
export interface Bootstrapped {
  /** The key that was made here and now, because the store had none: shown this once. */
  readonly made: string | null;
  /** Why the key of the settings lets nobody in; null when it does, and when there is none. */
  readonly refused: string | null;
}

const nothing: Bootstrapped = { made: null, refused: null };

export interface AdminKeyParts {
  readonly store: Store["Service"];
  readonly references: References["Service"];
  readonly hashOf: (secret: string) => string;
  readonly newSecret: () => string;
  /** Makes an admin key, unless its id or its hash is there; says whether it did. */
  readonly addAdmin: (
    name: string,
    secret: string,
    id?: string,
  ) => Effect.Effect<boolean, CommandFailure>;
}

/** Its id is fixed, so that of two processes that start on an empty store only one makes it. */
const firstKeyId = "key_first";

const givenName = "Given by the settings";

const wasGiven = ({ name, createdBy }: ApiKey): boolean =>
  name === givenName && createdBy === systemPrincipal.id;

/** A narrowed key makes no others. */
const makesOthers = ({ role, scope }: ApiKey): boolean =>
  role === "admin" && scope.channel === undefined && scope.locationId === undefined;

/** All keys. There is room for those of the settings however many others there are. */
export const allKeys = (
  references: References["Service"],
): Effect.Effect<readonly ApiKey[], StoreError> =>
  references.page(apiKeys, { after: null, limit: accessLimits.keys + accessLimits.givenKeys });

const leavesItsHash = ({ id, hash }: ApiKey): readonly Mutation[] => [
  { type: "set", key: accessKeys.revokedKeyHash(hash), value: encodeJson({ keyId: id }) },
];

/** Fails when nobody else could make keys. */
const notTheLast = (
  references: References["Service"],
  key: ApiKey,
): Effect.Effect<void, LastAdminKey | StoreError> =>
  !makesOthers(key) ? Effect.void : Effect.flatMap(
    allKeys(references),
    (all) =>
      all.some((other) => other.id !== key.id && makesOthers(other))
        ? Effect.void
        : Effect.fail(new LastAdminKey({ keyId: key.id })),
  );

/** Gives a key another name, role or scope; its secret stays. */
export const change = (
  references: References["Service"],
  keyId: string,
  key: Pick<ApiKey, "name" | "role" | "scope">,
  context: CommandContext<ApiKey>,
): Effect.Effect<ApiKey, NotFound | AddFailure | LastAdminKey | GivenKey> =>
  references.replace<ApiKey, LastAdminKey | GivenKey>(apiKeys, keyId, context, {
    make: (before, at) => {
      const after = { ...before, ...key };
      return Equal.equals(after, before) ? before : { ...after, updatedAt: at };
    },
    check: (before, after) =>
      wasGiven(before)
        ? Effect.fail(new GivenKey({ keyId }))
        : makesOthers(after)
        ? Effect.void
        : notTheLast(references, before),
  });

/** Ends a key for good: it lets nobody in any more, even when the settings give it again. */
export const revoke = (
  references: References["Service"],
  keyId: string,
  context: CommandContext<ApiKey>,
): Effect.Effect<ApiKey, RemoveFailure | LastAdminKey> =>
  references.remove<ApiKey, LastAdminKey>(apiKeys, keyId, context, {
    check: (key) => notTheLast(references, key),
    leaves: leavesItsHash,
  });

/** Revokes the keys that the settings gave before. */
const replaceOthers = Effect.fnUntraced(function* (
  references: References["Service"],
  hash: string,
): Effect.fn.Return<void, RemoveFailure> {
  const others = (yield* allKeys(references)).filter((key) => wasGiven(key) && key.hash !== hash);
  for (const { id } of others) {
    yield* revoke(references, id, { by: systemPrincipal }).pipe(
      Effect.andThen(
        Effect.logInfo(`The admin key of the settings replaces ${id}, which was given before`),
      ),
      // Another process was faster, or gives another key at the same time.
      Effect.catchTags({ NotFound: () => Effect.void, LastAdminKey: () => Effect.void }),
    );
  }
});

const give = Effect.fnUntraced(function* (
  { store, references, hashOf, addAdmin }: AdminKeyParts,
  secret: string,
): Effect.fn.Return<Bootstrapped, RemoveFailure> {
  const hash = hashOf(secret);
  const revoked = yield* store.get(accessKeys.revokedKeyHash(hash));
  if (revoked.value !== null) {
    return { made: null, refused: "it was revoked, or replaced by another one" };
  }
  if (!(yield* addAdmin(givenName, secret))) {
    const known = (yield* allKeys(references)).find((key) => key.hash === hash);
    if (known !== undefined && !makesOthers(known)) {
      return { made: null, refused: `it is the key ${known.id}, which is no admin's` };
    }
  }
  yield* replaceOthers(references, hash);
  return nothing;
});

/** First thing of a start. */
export const bootstrap = Effect.fnUntraced(function* (
  parts: AdminKeyParts,
  given: string | undefined,
): Effect.fn.Return<Bootstrapped, RemoveFailure> {
  if (given !== undefined) return yield* give(parts, given);
  const some = yield* parts.references.page(apiKeys, { after: null, limit: 1 });
  if (some.length > 0) return nothing;
  const made = parts.newSecret();
  return (yield* parts.addAdmin("Made at the first start", made, firstKeyId))
    ? { made, refused: null }
    : nothing;
});
