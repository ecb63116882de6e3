/**
 * Who holds which API key. The store has hashes only; what was seen lately is kept in memory until the log
 * tells that a key was made or revoked.
 */
import { createHash } from "node:crypto";
import { Context, Effect, Layer } from "effect";
import { nanoid } from "nanoid";
import type { ApiKey } from "../../src/access/access.ts";
import { accessKeys } from "../../src/access/keys.ts";
import { apiKeys } from "../../src/access/references.ts";
import type { Instant } from "../../src/kernel/instant.ts";
import { accessLimits } from "../../src/access/limits.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { type Principal, systemPrincipal } from "../../src/kernel/principal.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import type { StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { AlreadyThere, CommandContext, CommandFailure } from "../command/command.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import type { AddFailure, RemoveFailure } from "../reference/change.ts";
import { RecentMap } from "../reference/memory.ts";
import { References } from "../reference/references.ts";

export interface CreatedKey {
  readonly apiKey: ApiKey;
  /** The key itself: shown this once, never stored. */
  readonly secret: string;
}

type KeyFor = Pick<ApiKey, "name" | "role" | "scope">;

export class Access extends Context.Service<Access, {
  /** Who has this key; null when nobody. Answered from memory when the key was seen lately. */
  readonly authenticate: (secret: string) => Effect.Effect<Principal | null, StoreError>;
  /** The same without an effect: undefined when memory cannot tell. */
  readonly cached: (secret: string) => Principal | undefined;
  /** What `context.idempotency.respond` makes of it is stored, so it must leave out the secret. */
  readonly createKey: (
    key: KeyFor,
    context: CommandContext<CreatedKey>,
  ) => Effect.Effect<CreatedKey, Exclude<AddFailure, AlreadyThere>>;
  /** The key with this id; null when there is none (any more). */
  readonly find: (keyId: string) => Effect.Effect<ApiKey | null, StoreError>;
  readonly listKeys: Effect.Effect<readonly ApiKey[], StoreError>;
  readonly revokeKey: (
    keyId: string,
    context: CommandContext<ApiKey>,
  ) => Effect.Effect<ApiKey, RemoveFailure>;
  /**
   * First start: stores the given admin key, or makes one when the store has no keys at all. Returns the
   * secret only when it was made here and now.
   */
  readonly bootstrap: (
    given: string | undefined,
  ) => Effect.Effect<string | null, CommandFailure>;
}>()("allot/Access") {
  static readonly layer = Layer.effect(
    Access,
    Effect.suspend(() => makeAccess),
  );
}

/** A key has 256 random bits or is chosen by whoever runs the engine: a fast hash is enough. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

const newSecret = (): string => `allot_${nanoid(accessLimits.secretRandomCharacters)}`;

const keyOf = (
  id: string,
  { name, role, scope }: KeyFor,
  hash: string,
  createdAt: Instant,
  by: Principal,
): ApiKey => ({ id, name, role, scope, hash, createdAt, createdBy: by.id });

/** Its id is fixed, so that of two processes that start on an empty store only one makes it. */
const firstKeyId = "key_first";

/** Principals by their key's hash, and hashes that are nobody's, as far as memory knows. */
class Faces {
  readonly #principals = new RecentMap<Principal>(accessLimits.cachedPrincipals);
  readonly #strangers = new RecentMap<true>(accessLimits.cachedStrangers);
  /** Counts what was forgotten: a read that began before must not be remembered. */
  #forgotten = 0;

  /** Null is a stranger; undefined is not known. */
  of(hash: string): Principal | null | undefined {
    return this.#principals.get(hash) ??
      (this.#strangers.get(hash) === undefined ? undefined : null);
  }

  principal(hash: string): Principal | undefined {
    return this.#principals.get(hash);
  }

  /** To be given to `remember` with what is read from now on. */
  get age(): number {
    return this.#forgotten;
  }

  remember(hash: string, principal: Principal | null, age: number): void {
    if (age !== this.#forgotten) return;
    if (principal === null) this.#strangers.set(hash, true);
    else this.#principals.set(hash, principal);
  }

  /** Null: everybody. A key that was just made may be one that was a stranger's. */
  forget(keyId: string | null): void {
    this.#forgotten++;
    this.#strangers.clear();
    if (keyId === null) this.#principals.clear();
    for (const [hash, principal] of [...this.#principals]) {
      if (principal.id === keyId) this.#principals.delete(hash);
    }
  }
}

const makeAccess = Effect.gen(function* () {
  const references = yield* References;
  const reader = yield* BatchReader;
  const identifiers = yield* Identifiers;
  const faces = new Faces();
  /** Of secrets that are known to be right: each request brings one. */
  const hashes = new RecentMap<string>(accessLimits.cachedPrincipals);
  references.onForget(apiKeys, (keyId) => faces.forget(keyId));

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

  const page = (limit: number) => references.page(apiKeys, { after: null, limit });

  /** Makes an admin key, unless its id or its hash is there; says whether it did. */
  const addAdmin = (name: string, secret: string, id?: string) => {
    const key: KeyFor = { name, role: "admin", scope: {} };
    const hash = hashOf(secret);
    const added = references.add(
      apiKeys,
      (at) => keyOf(id ?? newKeyId(at), key, hash, at, systemPrincipal),
      { by: systemPrincipal },
      // Full of keys, a store still lets in whoever runs the engine.
      { beyondLimit: true },
    );
    return Effect.catchTags(Effect.as(added, true), {
      AlreadyThere: () => Effect.succeed(false),
      LimitReached: (error) => Effect.die(error),
    });
  };

  const bootstrap = Effect.fnUntraced(function* (given: string | undefined) {
    if (given !== undefined) {
      yield* addAdmin("Given by the settings", given);
      return null;
    }
    const some = yield* page(1);
    if (some.length > 0) return null;
    const secret = newSecret();
    return (yield* addAdmin("Made at the first start", secret, firstKeyId)) ? secret : null;
  });

  return Access.of({
    authenticate: (secret) => Effect.suspend(() => authenticate(secret)),
    cached,
    find: (keyId) => references.find(apiKeys, keyId),
    createKey: (key, context) => Effect.suspend(() => createKey(key, context)),
    listKeys: page(accessLimits.keys),
    revokeKey: (keyId, context) => references.remove(apiKeys, keyId, context),
    bootstrap,
  });
});
