/** The catalog beyond its references: items of SKUs that nobody has described, and many items at once. */
import { Context, Effect, Layer } from "effect";
import { defaultItem, type Item } from "../../src/catalog/catalog.ts";
import { items } from "../../src/catalog/references.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { CommandFailure } from "../command/command.ts";
import { References } from "../reference/references.ts";

export class Catalog extends Context.Service<Catalog, {
  /** Makes default items of those SKUs that nobody has described. */
  readonly describe: (
    skus: readonly string[],
    by: string,
  ) => Effect.Effect<void, CommandFailure>;
  /** The items of these SKUs; null where nobody described the SKU. */
  readonly items: (
    skus: readonly string[],
  ) => Effect.Effect<ReadonlyMap<string, Item | null>, StoreError>;
  /** The items by memory alone, without an effect: null unless all of them are there. */
  readonly cachedItems: (skus: readonly string[]) => ReadonlyMap<string, Item | null> | null;
}>()("allot/Catalog") {
  static readonly layer = Layer.effect(
    Catalog,
    Effect.suspend(() => makeCatalog),
  );
}

const makeCatalog = Effect.gen(function* () {
  const references = yield* References;
  const knownItem = references.known(items);

  const cachedItems: Catalog["Service"]["cachedItems"] = (skus) => {
    const found = new Map<string, Item | null>();
    for (const sku of skus) {
      const item = knownItem(sku);
      if (item === undefined) return null;
      found.set(sku, item);
    }
    return found;
  };

  return Catalog.of({
    describe: (skus, by) => {
      const unknown = [...new Set(skus)].filter((sku) => (knownItem(sku) ?? null) === null);
      return unknown.length === 0
        ? Effect.void
        : Effect.catchTags(references.addMissing(items, unknown, defaultItem, by), {
          // There may be as many items as there are, and nothing but its SKU finds one.
          LimitReached: (error) => Effect.die(error),
          AlreadyThere: (error) => Effect.die(error),
        });
    },
    items: Effect.fnUntraced(function* (skus) {
      const found = yield* Effect.forEach(
        skus,
        (sku) => references.find(items, sku),
        { concurrency: "unbounded" },
      );
      return new Map(skus.map((sku, index) => [sku, found[index] ?? null]));
    }),
    cachedItems,
  });
});
