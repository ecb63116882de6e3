/**
 * Finds the holders of API keys. The store has hashes only. Keys that were seen lately are kept in memory
 * until the log tells that a key was made or revoked.
 */
import { createHash } from "node:crypto";
import { Context, Effect, Layer } from "effect";
import { nanoid } from "nanoid";
import type { ApiKey } from "../../src/access/access.ts";
import { accessKeys } from "../../src/access/keys.ts";
import { accessLimits } from "../../src/access/limits.ts";
import { apiKeys } from "../../src/access/references.ts";
import type { Instant } from "../../src/kernel/instant.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { type Principal, systemPrincipal } from "../../src/kernel/principal.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { KeyAuthority } from "../command/key-authority.ts";
import type { AlreadyThere, CommandContext, NotFound } from "../command/command.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { AddFailure, RemoveFailure } from "../reference/change.ts";
import { RecentMap } from "../reference/memory.ts";
import { References } from "../reference/references.ts";
import {
  allKeys,
  bootstrap,
  type Bootstrapped,
  change,
  type GivenKey,
  type LastAdminKey,
  revoke,
} from "./admin-keys.ts";
import { Faces } from "./faces.ts";
import { endSession, hasEnded } from "./sessions.ts";
import { Watch } from "./watch.ts";

export { type Bootstrapped, GivenKey, LastAdminKey } from "./admin-keys.ts";

export interface CreatedKey {
  readonly apiKey: ApiKey;
  /** The key itself: shown this once, never stored. */
  readonly secret: string;
}

type KeyFor = Pick<ApiKey, "name" | "role" | "scope">;

/** Making, listing, changing and revoking keys. */
interface KeyAdministration {
  /** The response that `context.idempotency.respond` makes is stored, so it must leave out the secret. */
  readonly createKey: (
    key: KeyFor,
    context: CommandContext<CreatedKey>,
  ) => Effect.Effect<CreatedKey, Exclude<AddFailure, AlreadyThere>>;
  readonly listKeys: Effect.Effect<readonly ApiKey[], StoreError>;
  readonly changeKey: (
    keyId: string,
    key: KeyFor,
    context: CommandContext<ApiKey>,
  ) => Effect.Effect<ApiKey, NotFound | AddFailure | LastAdminKey | GivenKey>;
  readonly revokeKey: (
    keyId: string,
    context: CommandContext<ApiKey>,
  ) => Effect.Effect<ApiKey, RemoveFailure | LastAdminKey>;
  /**
   * Lets in the admin key of the settings, in place of the one that was given before, or makes one when the
   * store has no keys at all.
   */
  readonly bootstrap: (given: string | undefined) => Effect.Effect<Bootstrapped, RemoveFailure>;
}

export class Access
  extends Context.Service<Access, KeyAuthority<ApiKey> & KeyAdministration>()("allot/Access") {
  static readonly layer = Layer.effect(
    Access,
    Effect.suspend(() => makeAccess),
  );
}

/** A key has 256 random bits, or the operator chooses it: a fast hash is enough. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

const secretPrefix = "allot_";
const secretPattern = new RegExp(`^${secretPrefix}[\\w-]{${accessLimits.secretRandomCharacters}}$`);

const newSecret = (): string => secretPrefix + nanoid(accessLimits.secretRandomCharacters);

const keyOf = (
  id: string,
  { name, role, scope }: KeyFor,
  hash: string,
  createdAt: Instant,
  by: Principal,
): ApiKey => ({ id, name, role, scope, hash, createdAt, createdBy: by.id });

const makeAccess = Effect.gen(function* () {
  const store = yield* Store;
  const ledger = yield* Ledger;
  const references = yield* References;
  const reader = yield* BatchReader;
  const identifiers = yield* Identifiers;
  const faces = new Faces();
  /** Hashes of secrets that are known to be right: each request brings a secret. */
  const hashes = new RecentMap<string>(accessLimits.cachedPrincipals);
  const find = (keyId: string) => references.find(apiKeys, keyId);
  const watch = new Watch({ store, find });
  references.onForget(apiKeys, (keyId) => {
    faces.forget(keyId);
    watch.changed(keyId);
  });

  const lookUp = Effect.fnUntraced(function* (hash: string) {
    const { age } = faces;
    const { value } = yield* reader.get(accessKeys.apiKeyHash(hash));
    const apiKey = value === null
      ? null
      : yield* references.find(apiKeys, decodeJson<{ readonly keyId: string }>(value).keyId);
    const principal: Principal | null = apiKey === null || apiKey.hash !== hash
      ? null
      : { id: apiKey.id, role: apiKey.role, scope: apiKey.scope };
    faces.remember(hash, principal, age);
    return principal;
  });

  const cached = (secret: string): Principal | undefined => {
    const hash = hashes.get(secret);
    if (hash !== undefined) return faces.principal(hash);
    if (secret.length > requestLimits.secretLength) return undefined;
    const computed = hashOf(secret);
    const known = faces.principal(computed);
    if (known !== undefined) hashes.set(secret, computed);
    return known;
  };

  const authenticate = (secret: string): Effect.Effect<Principal | null, StoreError> => {
    if (secret.length > requestLimits.secretLength) return Effect.succeed(null);
    const hash = hashOf(secret);
    const known = faces.of(hash);
    return known === undefined ? lookUp(hash) : Effect.succeed(known);
  };

  const newKeyId = (at: Instant): string =>
    `key_${Date.parse(at).toString(36)}${identifiers.orderTail()}`;

  const createKey: Access["Service"]["createKey"] = (key, { idempotency, ...context }) => {
    const secret = newSecret();
    const hash = hashOf(secret);
    const made = references.add(
      apiKeys,
      (at) => keyOf(newKeyId(at), key, hash, at, context.by),
      {
        ...context,
        idempotency: idempotency && {
          claim: idempotency.claim,
          respond: (apiKey) => idempotency.respond({ apiKey, secret }),
        },
      },
    );
    return Effect.catchTag(
      made,
      "AlreadyThere",
      // Neither a new id nor a new secret can be.
      (error) => Effect.die(error),
    ).pipe(Effect.map((apiKey): CreatedKey => ({ apiKey, secret })));
  };

  /** Makes an admin key, unless its id or its hash is there; says whether it did. */
  const addAdmin = (name: string, secret: string, id?: string) => {
    const key: KeyFor = { name, role: "admin", scope: {} };
    const hash = hashOf(secret);
    const added = references.add(
      apiKeys,
      (at) => keyOf(id ?? newKeyId(at), key, hash, at, systemPrincipal),
      { by: systemPrincipal },
      // A store that is full of keys still lets in the operator.
      { beyondLimit: true },
    );
    return Effect.catchTags(Effect.as(added, true), {
      AlreadyThere: () => Effect.succeed(false),
      LimitReached: (error) => Effect.die(error),
    });
  };

  return Access.of({
    authenticate: (secret) => Effect.suspend(() => authenticate(secret)),
    cached,
    isMadeHere: (secret) => secretPattern.test(secret),
    find,
    createKey: (key, context) => Effect.suspend(() => createKey(key, context)),
    listKeys: allKeys(references),
    changeKey: (keyId, key, context) => change(references, keyId, key, context),
    revokeKey: (keyId, context) => revoke(references, keyId, context),
    bootstrap: (given) => bootstrap({ store, references, hashOf, newSecret, addAdmin }, given),
    changes: () => faces.age,
    whyNot: watch.whyNot,
    ended: watch.ended,
    hasEnded: (session) => hasEnded(store, session),
    endSession: (session) => endSession(ledger, session),
  });
});
