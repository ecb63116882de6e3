/**
 * Locations, items and import mappings: read often, changed seldom, so kept in memory. What another process
 * changes is forgotten here when its log entry arrives.
 */
import { catalogKeys, catalogPartition } from "../../src/catalog/keys.ts";
import { importKeys } from "../../src/import/keys.ts";
import { Clock, Context, Effect, Equal, Layer, Semaphore } from "effect";
import { defaultItem, type Item, type Location } from "../../src/catalog/catalog.ts";
import type { ImportMapping } from "../../src/import/mapping.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { below } from "../../src/kernel/key.ts";
import { type CatalogRecord, catalogRecord, isCatalogRecord } from "../../src/catalog/record.ts";
import { isStockRecord } from "../../src/stock/record.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { type Key } from "../../src/kernel/key.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { packValue, unpackValue } from "../../src/store/values.ts";
import { followRecords } from "../log/follow-records.ts";
import {
  type CommandContext,
  type CommandFailure,
  LimitReached,
  NotFound,
  PreconditionFailed,
} from "../aggregate/command.ts";
import { Ledger } from "../ledger/ledger.ts";
import { makeMemory } from "../reference/memory.ts";
import { retryConflicts } from "../aggregate/retry-conflicts.ts";

type Saved = "createdAt" | "updatedAt" | "version";

export interface SaveResult<A> {
  readonly created: boolean;
  readonly value: A;
}

export type CatalogKind = "location" | "item" | "mapping";

export class Catalog extends Context.Service<Catalog, {
  readonly saveLocation: (
    location: Omit<Location, Saved>,
    context: CommandContext<SaveResult<Location>>,
  ) => Effect.Effect<SaveResult<Location>, LimitReached | PreconditionFailed | CommandFailure>;
  readonly location: (id: string) => Effect.Effect<Location, NotFound | StoreError>;
  /** All locations, by id. Memory after the first call; changes of other processes come within a second. */
  readonly locations: Effect.Effect<readonly Location[], StoreError>;
  readonly saveItem: (
    item: Omit<Item, Saved>,
    context: CommandContext<SaveResult<Item>>,
  ) => Effect.Effect<SaveResult<Item>, PreconditionFailed | CommandFailure>;
  /** Makes default items of those SKUs that nobody has described. */
  readonly describe: (
    skus: readonly string[],
    by: string,
  ) => Effect.Effect<void, CommandFailure>;
  readonly item: (sku: string) => Effect.Effect<Item, NotFound | StoreError>;
  /** The items of these SKUs; null where nobody described the SKU. */
  readonly items: (
    skus: readonly string[],
  ) => Effect.Effect<ReadonlyMap<string, Item | null>, StoreError>;
  /** What of `items` is in memory, with no effect to run: null unless all of them are. */
  readonly cachedItems: (skus: readonly string[]) => ReadonlyMap<string, Item | null> | null;
  /** The list in memory, if it is there. */
  readonly cachedLocations: () => readonly Location[] | null;
  readonly saveMapping: (
    mapping: Omit<ImportMapping, Saved>,
    context: CommandContext<SaveResult<ImportMapping>>,
  ) => Effect.Effect<SaveResult<ImportMapping>, PreconditionFailed | CommandFailure>;
  readonly mapping: (name: string) => Effect.Effect<ImportMapping, NotFound | StoreError>;
  /** Drops what another process changed. */
  readonly forget: (kind: CatalogKind, id: string) => void;
}>()("allot/Catalog") {
  static readonly layer = Layer.effect(
    Catalog,
    Effect.suspend(() => makeCatalog),
  );
}

const kinds: Readonly<Record<CatalogRecord["type"], CatalogKind>> = {
  "location.saved": "location",
  "item.saved": "item",
  "mapping.saved": "mapping",
};

/** Under its name the memory of the whole list of locations, which is read and forgotten as one. */
const allLocations = "all";

const makeCatalog = Effect.gen(function* () {
  const store = yield* Store;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;
  /** Fences tell processes apart, not fibers: one change at a time in this process. */
  const writing = yield* Semaphore.make(1);

  const read = <A>(key: Key): Effect.Effect<A | null, StoreError> =>
    Effect.map(reader.get(key), ({ value }) => value === null ? null : unpackValue<A>(value));

  const locationMemory = makeMemory<readonly Location[]>({
    capacity: 2,
    load: () =>
      Effect.map(
        store.list({ ...below(["location"]), limit: actorLimits.locations }),
        (entries) =>
          entries.flatMap(({ value }) => value === null ? [] : [unpackValue<Location>(value)]),
      ),
  });
  const itemMemory = makeMemory<Item | null>({
    capacity: actorLimits.cachedItems,
    load: (sku) => read<Item>(catalogKeys.item(sku)),
  });
  const mappingMemory = makeMemory<ImportMapping | null>({
    capacity: actorLimits.cachedMappings,
    load: (name) => read<ImportMapping>(importKeys.mapping(name)),
  });

  const forget = (kind: CatalogKind, id: string): void => {
    if (kind === "location") locationMemory.forget(allLocations);
    else if (kind === "item") itemMemory.forget(id);
    else mappingMemory.forget(id);
  };

  const onRecord = (record: LogRecord): void => {
    if (isCatalogRecord(record)) forget(kinds[record.type], record.id);
    if (!isStockRecord(record)) return;
    // The first stock of an unknown SKU describes it.
    for (const { sku } of record.stock) {
      if (itemMemory.known(sku) === null) itemMemory.forget(sku);
    }
  };

  yield* followRecords("catalog", onRecord, () => {
    for (const memory of [locationMemory, itemMemory, mappingMemory]) memory.forgetAll();
  });

  /**
   * Reads what is there, makes what shall be there out of it, and commits that. `make` answers null when
   * nothing would change.
   */
  const save = <A, E>(options: {
    readonly key: Key;
    readonly type: CatalogRecord["type"];
    readonly id: string;
    readonly context: CommandContext<SaveResult<A>>;
    readonly make: (existing: A | null, nowMs: number) => Effect.Effect<A | null, E>;
  }): Effect.Effect<SaveResult<A>, E | CommandFailure> => {
    const { key, type, id, context } = options;
    const once = Effect.gen(function* () {
      const generation = yield* ledger.generation(catalogPartition);
      const entry = yield* store.get(key);
      const existing = entry.value === null ? null : unpackValue<A>(entry.value);
      const nowMs = yield* Clock.currentTimeMillis;
      const made = yield* options.make(existing, nowMs);
      const { idempotency } = context;
      const unchanged = existing !== null && made === null ? existing : null;
      const value = made ?? unchanged;
      // Without an existing value there is always something to make.
      if (value === null) return yield* Effect.die(new Error(`Nothing to save as ${type} ${id}.`));
      const result: SaveResult<A> = { created: existing === null, value };
      if (unchanged !== null && idempotency === undefined) return result;
      yield* ledger.submit({
        reads: [
          { partition: catalogPartition, key, versionstamp: entry.versionstamp, generation },
          ...(idempotency === undefined ? [] : [idempotency.claim.read]),
        ],
        partitions: [],
        stock: [],
        writes: [
          ...(unchanged === null ? [{ type: "set", key, value: packValue(value) } as const] : []),
          ...(idempotency === undefined
            ? []
            : idempotency.claim.write(idempotency.respond(result))),
        ],
        records: unchanged !== null ? [] : [
          catalogRecord({ type, at: instantOf(nowMs), by: context.by.id, id }),
        ],
      });
      forget(kinds[type], id);
      return result;
    });
    return writing.withPermit(retryConflicts(once));
  };

  const notFound = (what: NotFound["what"], id: string) => <A>(value: A | null | undefined) =>
    value === null || value === undefined
      ? Effect.fail(new NotFound({ what, id }))
      : Effect.succeed(value);

  const locations = locationMemory.get(allLocations);

  /** A new location must be one of those that every process can know. */
  const hasRoom = Effect.flatMap(
    store.list({ ...below(["location"]), limit: actorLimits.locations }),
    (entries) =>
      entries.length < actorLimits.locations ? Effect.void : Effect.fail(
        new LimitReached({ what: "locations", limit: actorLimits.locations }),
      ),
  );

  const cachedItems: Catalog["Service"]["cachedItems"] = (skus) => {
    const items = new Map<string, Item | null>();
    for (const sku of skus) {
      const item = itemMemory.known(sku);
      if (item === undefined) return null;
      items.set(sku, item);
    }
    return items;
  };

  /** In the turn of all changes of the catalog: an item that is being saved is not overwritten by a default. */
  const describeMissing = Effect.fnUntraced(function* (skus: readonly string[], by: string) {
    const generation = yield* ledger.generation(catalogPartition);
    const entries = yield* store.getMany(skus.map(catalogKeys.item));
    const missing = skus.filter((_, index) => entries[index]?.versionstamp === null);
    const at = instantOf(yield* Clock.currentTimeMillis);
    if (missing.length > 0) {
      yield* ledger.submit({
        reads: missing.map((sku) => ({
          partition: catalogPartition,
          key: catalogKeys.item(sku),
          versionstamp: null,
          generation,
        })),
        partitions: [],
        stock: [],
        writes: missing.map((sku) => ({
          type: "set",
          key: catalogKeys.item(sku),
          value: packValue(defaultItem(sku, at)),
        })),
        records: missing.map((id) => ({ kind: "catalog", type: "item.saved", at, by, id })),
      });
    }
    for (const sku of skus) forget("item", sku);
  });

  const describe: Catalog["Service"]["describe"] = (skus, by) => {
    const known = cachedItems(skus);
    const unknown = [...new Set(skus)].filter((sku) => (known?.get(sku) ?? null) === null);
    return unknown.length === 0
      ? Effect.void
      : writing.withPermit(retryConflicts(describeMissing(unknown, by)));
  };

  return Catalog.of({
    saveLocation: (location, context) =>
      save<Location, LimitReached | PreconditionFailed | StoreError>({
        key: catalogKeys.location(location.id),
        type: "location.saved",
        id: location.id,
        context,
        make: Effect.fnUntraced(function* (existing, nowMs) {
          if (existing === null) yield* hasRoom;
          return yield* nextVersion(location, existing, context.ifMatch, nowMs);
        }),
      }),
    location: (id) =>
      Effect.flatMap(
        locations,
        (all) => notFound("location", id)(all.find((location) => location.id === id)),
      ),
    locations,
    saveItem: (item, context) =>
      save<Item, PreconditionFailed>({
        key: catalogKeys.item(item.sku),
        type: "item.saved",
        id: item.sku,
        context,
        make: (existing, nowMs) => nextVersion(item, existing, context.ifMatch, nowMs),
      }),
    item: (sku) => Effect.flatMap(itemMemory.get(sku), notFound("item", sku)),
    items: Effect.fnUntraced(function* (skus) {
      const found = yield* Effect.forEach(skus, itemMemory.get, { concurrency: "unbounded" });
      return new Map(skus.map((sku, index) => [sku, found[index] ?? null]));
    }),
    cachedItems,
    describe,
    cachedLocations: () => locationMemory.known(allLocations) ?? null,
    saveMapping: (mapping, context) =>
      save<ImportMapping, PreconditionFailed>({
        key: importKeys.mapping(mapping.name),
        type: "mapping.saved",
        id: mapping.name,
        context,
        make: (existing, nowMs) => nextVersion(mapping, existing, context.ifMatch, nowMs),
      }),
    mapping: (name) => Effect.flatMap(mappingMemory.get(name), notFound("mapping", name)),
    forget,
  });
});

/** Compared as they are stored: what JSON does not tell apart is the same. */
const isSame = (left: unknown, right: unknown): boolean =>
  Equal.equals(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)));

/** The version after `existing`; null when it would say the same as `existing`. */
const nextVersion = <A extends Pick<Location, Saved>>(
  described: Omit<A, Saved>,
  existing: A | null,
  ifMatch: string | undefined,
  nowMs: number,
): Effect.Effect<A & Pick<Location, Saved> | null, PreconditionFailed> => {
  const actual = existing === null ? "nothing" : String(existing.version);
  if (ifMatch !== undefined && ifMatch !== actual) {
    return Effect.fail(new PreconditionFailed({ expected: ifMatch, actual }));
  }
  const now = instantOf(nowMs);
  const saved = { createdAt: now, updatedAt: now, version: 1 };
  if (existing === null) return Effect.succeed({ ...described, ...saved } as A);
  const { createdAt, updatedAt, version } = existing;
  if (isSame({ ...described, createdAt, updatedAt, version }, existing)) {
    return Effect.succeed(null);
  }
  return Effect.succeed({ ...described, createdAt, updatedAt: now, version: version + 1 } as A);
};
