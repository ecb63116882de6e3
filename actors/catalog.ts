import { Context, type Effect } from "effect";
import type { Item, Location } from "../src/catalog/catalog.ts";
import type { ImportMapping } from "../src/import/mapping.ts";
import type { StoreError } from "../src/store/store.ts";
import type { CommandContext, CommandFailure, NotFound, PreconditionFailed } from "./command.ts";

type Saved = "createdAt" | "updatedAt" | "version";

export interface SaveResult<A> {
  readonly created: boolean;
  readonly value: A;
}

/** Locations, items and import mappings: read often, changed seldom, so kept in memory. */
export class Catalog extends Context.Service<Catalog, {
  readonly saveLocation: (
    location: Omit<Location, Saved>,
    context: CommandContext<SaveResult<Location>>,
  ) => Effect.Effect<SaveResult<Location>, PreconditionFailed | CommandFailure>;
  readonly location: (id: string) => Effect.Effect<Location, NotFound | StoreError>;
  /** All locations, by id. Memory after the first call; changes of other processes come within a second. */
  readonly locations: Effect.Effect<readonly Location[], StoreError>;
  readonly saveItem: (
    item: Omit<Item, Saved>,
    context: CommandContext<SaveResult<Item>>,
  ) => Effect.Effect<SaveResult<Item>, PreconditionFailed | CommandFailure>;
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
    mapping: ImportMapping,
    context: CommandContext<SaveResult<ImportMapping>>,
  ) => Effect.Effect<SaveResult<ImportMapping>, CommandFailure>;
  readonly mapping: (name: string) => Effect.Effect<ImportMapping, NotFound | StoreError>;
  /** Drops what another process changed. Called by the log's reader. */
  readonly forget: (kind: "location" | "item" | "mapping", id: string) => void;
}>()("allot/Catalog") {}
