/**
 * Saving items that are kits, or are in kits: a recipe is taken apart once, and the kits that it is in are taken
 * apart anew in the same commit. So what an order freezes is read from one document.
 */
import { Effect, Result } from "effect";
import type { Item } from "../../src/catalog/catalog.ts";
import { catalogKeys } from "../../src/catalog/keys.ts";
import { isSameRecipe, type KitFault, kitOf, type KnownItem } from "../../src/catalog/kit.ts";
import { catalogLimits } from "../../src/catalog/limits.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { Described } from "../../src/subject/reference.ts";
import { InvalidDocument } from "../command/command.ts";
import type { Complete, Neighbors } from "../reference/references.ts";

const refuse = (...errors: readonly KitFault[]) => new InvalidDocument({ errors });

/** The kits that have an item in them, at any depth; those above them are found through them. */
const kitsAbove = Effect.fnUntraced(function* (
  sku: string,
  { linked }: Neighbors<Item>,
): Effect.fn.Return<ReadonlySet<string>, InvalidDocument | StoreError> {
  const { kitsAbove: most } = catalogLimits;
  const above = new Set<string>();
  const open = [sku];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const kit of yield* linked(catalogKeys.kitsWith(next), most + 1)) {
      if (kit === sku || above.has(kit)) continue;
      above.add(kit);
      open.push(kit);
    }
    if (above.size > most) {
      const detail = `${sku} is in more than ${most} kits: take it out of some before it changes.`;
      return yield* refuse({ pointer: "/kit", detail });
    }
  }
  return above;
});

const described = ({ createdAt: _, updatedAt: __, version: ___, ...item }: Item) => item;

/** The kits above an item as they are with it; the first that cannot be says why. */
const madeAnew = (
  changed: Described<Item>,
  above: ReadonlyMap<string, Item>,
  known: ReadonlyMap<string, Item>,
): Result.Result<readonly Described<Item>[], KitFault> => {
  const made = new Map<string, Described<Item>>([[changed.sku, changed]]);
  let fault: KitFault | undefined;
  // What a kit is made of comes before it: recipes have no circles, or they would not have been saved.
  const itemOf = (sku: string): KnownItem | undefined => {
    const item = above.get(sku);
    if (made.has(sku) || item?.kit === undefined) return made.get(sku) ?? known.get(sku);
    const kit = kitOf(item.kit, itemOf);
    if (Result.isFailure(kit)) {
      fault ??= { pointer: "/kit", detail: `In the kit ${sku}: ${kit.failure[0]?.detail}` };
      return undefined;
    }
    const next = { ...described(item), kit: kit.success };
    made.set(sku, next);
    return next;
  };
  for (const sku of above.keys()) itemOf(sku);
  made.delete(changed.sku);
  return fault === undefined ? Result.succeed([...made.values()]) : Result.fail(fault);
};

const byId = (found: readonly Item[]): ReadonlyMap<string, Item> =>
  new Map(found.map((item) => [item.sku, item]));

const componentsOf = ({ kit }: Pick<Item, "kit">): readonly string[] =>
  (kit?.components ?? []).map(({ sku }) => sku);

/** What of an item cannot be in a kit, or of one. */
const misfit = (
  { digital, tracking }: Pick<Item, "digital" | "tracking">,
  details: { readonly digital: string; readonly tracked: string },
): KitFault | null =>
  digital
    ? { pointer: "/digital", detail: details.digital }
    : tracking === undefined
    ? null
    : { pointer: "/tracking", detail: details.tracked };

/** The item with its kit made, and the kits that it is in; or what its recipe has wrong. */
export const completeItem: Complete<Item, InvalidDocument> = Effect.fnUntraced(
  function* (item, before, neighbors) {
    const { sku, kit: recipe, digital, tracking } = item;
    const isSame = isSameRecipe(recipe, before?.kit) && tracking === before?.tracking &&
      digital === (before?.digital ?? false);
    if (isSame) {
      return {
        document: before?.kit === undefined ? item : { ...item, kit: before.kit },
        others: [],
      };
    }
    const never = recipe === undefined ? null : misfit(item, {
      digital: "A kit is made of goods that are shipped: it cannot be digital.",
      tracked: "A kit has no units of its own: it cannot be tracked.",
    });
    if (never !== null) return yield* refuse(never);
    const around = yield* neighbors;
    const above = yield* kitsAbove(sku, around);
    const [kit] = above;
    const amiss = kit === undefined ? null : misfit(item, {
      digital: `${sku} is in the kit ${kit}, which is made of goods: it cannot be digital.`,
      tracked: `${sku} is in the kit ${kit}, whose goods have no lots: it cannot be tracked.`,
    });
    if (amiss !== null) return yield* refuse(amiss);
    const circle = componentsOf(item).findIndex((part) => part === sku || above.has(part));
    if (circle >= 0) {
      const detail = `${componentsOf(item)[circle]} is made of ${sku}: a kit cannot be in itself.`;
      return yield* refuse({ pointer: `/kit/components/${circle}/sku`, detail });
    }
    const kits = byId(yield* around.find([...above]));
    const beside = new Set([...componentsOf(item), ...[...kits.values()].flatMap(componentsOf)]);
    const known = byId(yield* around.find([...beside].filter((each) => !kits.has(each))));
    let document = item;
    if (recipe !== undefined) {
      const made = kitOf(recipe, (each) => known.get(each));
      if (Result.isFailure(made)) return yield* refuse(...made.failure);
      document = { ...item, kit: made.success };
    }
    const others = madeAnew(document, kits, known);
    if (Result.isFailure(others)) return yield* refuse(others.failure);
    return { document, others: others.success };
  },
);
