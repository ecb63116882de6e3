/**
 * Keys and who holds them. The store has hashes only; what was seen lately is kept in memory until the log
 * tells that a key was made or revoked.
 */
import { accessKeys } from "../../src/access/keys.ts";
import { catalogPartition } from "../../src/catalog/keys.ts";
import { createHash } from "node:crypto";
import { Clock, Context, Effect, Layer, Semaphore } from "effect";
import { nanoid } from "nanoid";
import { type ApiKey } from "../../src/access/access.ts";
import {
  type Principal,
  type Role,
  type Scope,
  systemPrincipal,
} from "../../src/kernel/principal.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { accessLimits } from "../../src/kernel/limits.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { below } from "../../src/kernel/key.ts";
import { accessRecord, isAccessRecord } from "../../src/access/record.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import { followRecords } from "../log/follow-records.ts";
import {
  type CommandContext,
  type CommandFailure,
  LimitReached,
  NotFound,
} from "../aggregate/command.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Ledger } from "../ledger/ledger.ts";
import { RecentMap } from "../reference/memory.ts";
import { retryConflicts } from "../aggregate/retry-conflicts.ts";
import type { Conflict, Unit } from "../ledger/unit.ts";

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
    key: { readonly name: string; readonly role: Role; readonly scope: Scope },
    context: CommandContext<CreatedKey>,
  ) => Effect.Effect<CreatedKey, LimitReached | CommandFailure>;
  /** The key with this id; null when there is none (any more). */
  readonly find: (keyId: string) => Effect.Effect<ApiKey | null, StoreError>;
  readonly listKeys: Effect.Effect<readonly ApiKey[], StoreError>;
  readonly revokeKey: (
    keyId: string,
    context: CommandContext<ApiKey>,
  ) => Effect.Effect<ApiKey, NotFound | CommandFailure>;
  /**
   * First start: stores the given admin key, or makes one when the store has no keys at all. Returns the
   * secret only when it was made here and now.
   */
  readonly bootstrap: (
    given: string | undefined,
  ) => Effect.Effect<string | null, CommandFailure>;
  readonly forget: (keyId: string) => void;
}>()("allot/Access") {
  static readonly layer = Layer.effect(
    Access,
    Effect.suspend(() => makeAccess),
  );
}

/** A key has 256 random bits or is chosen by whoever runs the engine: a fast hash is enough. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

const newSecret = (): string => `allot_${nanoid(accessLimits.secretRandomCharacters)}`;

/** Its id is fixed, so that of two processes that start on an empty store only one makes it. */
const firstKeyId = "key_first";

const makeAccess = Effect.gen(function* () {
  const store = yield* Store;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;
  const identifiers = yield* Identifiers;
  /** Fences tell processes apart, not fibers: one change at a time in this process. */
  const writing = yield* Semaphore.make(1);
  const principals = new RecentMap<Principal>(accessLimits.cachedPrincipals);
  /** Of secrets that are known to be right: each request brings one. */
  const hashes = new RecentMap<string>(accessLimits.cachedPrincipals);
  const strangers = new RecentMap<true>(accessLimits.cachedStrangers);
  /** Counts what was forgotten: a read that began before must not be remembered. */
  let forgotten = 0;

  const forget = (keyId: string): void => {
    forgotten++;
    strangers.clear();
    for (const [hash, principal] of [...principals]) {
      if (principal.id === keyId) principals.delete(hash);
    }
  };

  const forgetAll = (): void => {
    forgotten++;
    strangers.clear();
    principals.clear();
  };

  yield* followRecords("access", (record) => {
    if (isAccessRecord(record)) forget(record.keyId);
  }, forgetAll);

  const readKey = Effect.fnUntraced(function* (keyId: string) {
    const { value } = yield* reader.get(accessKeys.apiKey(keyId));
    return value === null ? null : decodeJson<ApiKey>(value);
  });

  const lookUp = Effect.fnUntraced(function* (hash: string) {
    const before = forgotten;
    const { value } = yield* reader.get(accessKeys.apiKeyHash(hash));
    const apiKey = value === null
      ? null
      : yield* readKey(decodeJson<{ readonly keyId: string }>(value).keyId);
    const principal: Principal | null = apiKey === null || apiKey.hash !== hash
      ? null
      : { id: apiKey.id, role: apiKey.role, scope: apiKey.scope };
    if (before === forgotten) {
      if (principal === null) strangers.set(hash, true);
      else principals.set(hash, principal);
    }
    return principal;
  });

  const cached = (secret: string): Principal | undefined => {
    const hash = hashes.get(secret);
    if (hash !== undefined) return principals.get(hash);
    if (secret.length > accessLimits.secretLength) return undefined;
    const computed = hashOf(secret);
    const known = principals.get(computed);
    if (known !== undefined) hashes.set(secret, computed);
    return known;
  };

  const authenticate = (secret: string): Effect.Effect<Principal | null, StoreError> => {
    if (secret.length > accessLimits.secretLength) return Effect.succeed(null);
    const hash = hashOf(secret);
    const known = principals.get(hash);
    if (known !== undefined) return Effect.succeed(known);
    return strangers.get(hash) === undefined ? lookUp(hash) : Effect.succeed(null);
  };

  const listKeys = Effect.map(
    store.list({ ...below(["api_key"]), limit: accessLimits.keys }),
    (entries) => entries.flatMap(({ value }) => value === null ? [] : [decodeJson<ApiKey>(value)]),
  );

  const unitOf = (
    apiKey: ApiKey,
    type: "key.created" | "key.revoked",
    by: string,
    at: string,
    rest: Pick<Unit, "reads"> & Partial<Pick<Unit, "writes">>,
  ): Unit => ({
    partitions: [],
    stock: [],
    reads: rest.reads,
    writes: [
      ...(type === "key.revoked"
        ? [
          { type: "delete", key: accessKeys.apiKey(apiKey.id) },
          { type: "delete", key: accessKeys.apiKeyHash(apiKey.hash) },
        ] as const
        : [
          { type: "set", key: accessKeys.apiKey(apiKey.id), value: encodeJson(apiKey) },
          {
            type: "set",
            key: accessKeys.apiKeyHash(apiKey.hash),
            value: encodeJson({ keyId: apiKey.id }),
          },
        ] as const),
      ...(rest.writes ?? []),
    ],
    records: [accessRecord({ type, at, by, keyId: apiKey.id })],
  });

  /** Stores a key unless its id or its hash is there; says whether it was stored. */
  const addKey = Effect.fnUntraced(function* <Result>(
    id: string,
    secret: string,
    key: KeyFor,
    context: CommandContext<Result>,
    resultOf: (apiKey: ApiKey) => Result,
  ) {
    const partition = catalogPartition;
    const generation = yield* ledger.generation(partition);
    const hash = hashOf(secret);
    const entries = yield* store.getMany([accessKeys.apiKey(id), accessKeys.apiKeyHash(hash)]);
    if (entries.some(({ value }) => value !== null)) return null;
    const at = instantOf(yield* Clock.currentTimeMillis);
    const { name, role, scope } = key;
    const by = context.by.id;
    const apiKey: ApiKey = { id, name, role, scope, hash, createdAt: at, createdBy: by };
    const result = resultOf(apiKey);
    const { idempotency } = context;
    yield* ledger.submit(unitOf(apiKey, "key.created", by, at, {
      reads: [
        ...entries.map(({ key, versionstamp }) => ({ partition, key, versionstamp, generation })),
        ...(idempotency === undefined ? [] : [idempotency.claim.read]),
      ],
      writes: idempotency === undefined ? [] : idempotency.claim.write(idempotency.respond(result)),
    }));
    forget(id);
    return result;
  });

  const newKeyId = Effect.map(
    Clock.currentTimeMillis,
    (nowMs) => `key_${nowMs.toString(36)}${identifiers.orderTail()}`,
  );

  const createKey = Effect.fnUntraced(function* (key: KeyFor, context: CommandContext<CreatedKey>) {
    const { length } = yield* listKeys;
    if (length >= accessLimits.keys) {
      return yield* new LimitReached({ what: "keys", limit: accessLimits.keys });
    }
    const secret = newSecret();
    const created = yield* addKey(
      yield* newKeyId,
      secret,
      key,
      context,
      (apiKey): CreatedKey => ({ apiKey, secret }),
    );
    return created ?? (yield* Effect.die(new Error("A new key is already there.")));
  });

  const revokeKey = Effect.fnUntraced(function* (keyId: string, context: CommandContext<ApiKey>) {
    const partition = catalogPartition;
    const generation = yield* ledger.generation(partition);
    const key = accessKeys.apiKey(keyId);
    const { value, versionstamp } = yield* store.get(key);
    if (value === null) return yield* new NotFound({ what: "key", id: keyId });
    const apiKey = decodeJson<ApiKey>(value);
    const at = instantOf(yield* Clock.currentTimeMillis);
    const { idempotency } = context;
    yield* ledger.submit(unitOf(apiKey, "key.revoked", context.by.id, at, {
      reads: [
        { partition, key, versionstamp, generation },
        ...(idempotency === undefined ? [] : [idempotency.claim.read]),
      ],
      writes: idempotency === undefined ? [] : idempotency.claim.write(idempotency.respond(apiKey)),
    }));
    forget(keyId);
    return apiKey;
  });

  const bootstrap = Effect.fnUntraced(function* (given: string | undefined) {
    const context = { by: systemPrincipal };
    const admin = (name: string): KeyFor => ({ name, role: "admin", scope: {} });
    if (given !== undefined) {
      yield* addKey(yield* newKeyId, given, admin("Given by the settings"), context, () => true);
      return null;
    }
    const some = yield* store.list({ ...below(["api_key"]), limit: 1 });
    if (some.length > 0) return null;
    const secret = newSecret();
    const stored = yield* addKey(
      firstKeyId,
      secret,
      admin("Made at the first start"),
      context,
      () => true,
    );
    return stored === null ? null : secret;
  });

  const oneByOne = <A, E>(change: Effect.Effect<A, E | Conflict>) =>
    writing.withPermit(retryConflicts(change));

  return Access.of({
    authenticate: (secret) => Effect.suspend(() => authenticate(secret)),
    cached,
    find: readKey,
    createKey: (key, context) => oneByOne(createKey(key, context)),
    listKeys,
    revokeKey: (keyId, context) => oneByOne(revokeKey(keyId, context)),
    bootstrap: (given) => oneByOne(bootstrap(given)),
    forget,
  });
});
