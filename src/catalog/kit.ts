/**
 * Kits: goods that are sold as one and kept apart. A kit has no stock of its own: its parts are taken off shelves.
 * Pure.
 */
import { Result } from "effect";
import type { Item } from "./catalog.ts";
import { catalogLimits } from "./limits.ts";

/** `together`: all of a unit comes from one location. `separately`: its parts may come from several. */
export const kitShipping = ["together", "separately"] as const;
export type KitShipping = (typeof kitShipping)[number];

/** So many units of a SKU in one kit. */
export interface KitComponent {
  readonly sku: string;
  readonly quantity: number;
}

/** A recipe as people write it: a component may be a kit itself. */
export interface KitRecipe {
  readonly components: readonly KitComponent[];
  readonly ship: KitShipping;
}

/** A recipe whose goods are found when its item is saved. */
export const unmade = ({ components, ship }: KitRecipe): Kit => ({
  ...{ components, ship, parts: [], depth: 0 },
});

export interface Kit extends KitRecipe {
  /** The goods of one unit, with components that are kits taken apart. Made when the item is saved. */
  readonly parts: readonly KitComponent[];
  /** 1 where all components are goods; one more for each kit within a kit. */
  readonly depth: number;
}

/** What is wrong with a recipe. */
export interface KitFault {
  /** JSON pointer into the item. */
  readonly pointer: string;
  readonly detail: string;
}

/** As much of an item as a recipe that has it asks for. */
export type KnownItem = Pick<Item, "digital" | "kit" | "tracking">;

const bytes = new TextEncoder();

const componentFault = (
  { sku, quantity }: KitComponent,
  before: readonly KitComponent[],
  item: KnownItem | null | undefined,
): Omit<KitFault, "pointer"> & { readonly member: string } | null => {
  if (before.some((other) => other.sku === sku)) {
    return { member: "/sku", detail: `${sku} is there already: say all its units once.` };
  }
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    return { member: "/quantity", detail: "A quantity is a whole number from 1." };
  }
  if (item?.digital === true) {
    return { member: "/sku", detail: `${sku} is digital: a kit is made of goods.` };
  }
  return item?.tracking === undefined
    ? null
    : { member: "/sku", detail: `${sku} is tracked: nobody names the lots of goods in kits.` };
};

/** The goods of one unit, each SKU once, in the order in which the recipe comes to them. */
const partsOf = (
  components: readonly KitComponent[],
  itemOf: (sku: string) => KnownItem | null | undefined,
): readonly KitComponent[] => {
  const units = new Map<string, number>();
  for (const { sku, quantity } of components) {
    for (const part of itemOf(sku)?.kit?.parts ?? [{ sku, quantity: 1 }]) {
      units.set(part.sku, (units.get(part.sku) ?? 0) + part.quantity * quantity);
    }
  }
  return [...units].map(([sku, quantity]) => ({ sku, quantity }));
};

const wholeFault = ({ parts, depth }: Kit): string | null => {
  const { kitParts, kitPartUnits, kitDepth, kitPartBytes } = catalogLimits;
  if (depth > kitDepth) return `Kits within kits go at most ${kitDepth} deep.`;
  if (parts.length > kitParts) return `A kit comes to at most ${kitParts} different goods.`;
  if (parts.some(({ quantity }) => quantity > kitPartUnits)) {
    return `A kit has at most ${kitPartUnits} units of each of its goods.`;
  }
  const length = parts.reduce((sum, { sku }) => sum + bytes.encode(sku).length, 0);
  return length > kitPartBytes
    ? `The SKUs of a kit's goods have at most ${kitPartBytes} bytes together.`
    : null;
};

/**
 * The kit of a recipe, or all that is wrong with it. Items of components have their kits made already; who is made
 * of whom in a circle is not seen here.
 */
export const kitOf = (
  { components, ship }: KitRecipe,
  itemOf: (sku: string) => KnownItem | null | undefined,
): Result.Result<Kit, readonly KitFault[]> => {
  const { kitParts } = catalogLimits;
  if (components.length === 0 || components.length > kitParts) {
    const detail = `A kit has 1 to ${kitParts} components.`;
    return Result.fail([{ pointer: "/kit/components", detail }]);
  }
  const faults = components.flatMap((component, n): readonly KitFault[] => {
    const fault = componentFault(component, components.slice(0, n), itemOf(component.sku));
    if (fault === null) return [];
    return [{ pointer: `/kit/components/${n}${fault.member}`, detail: fault.detail }];
  });
  if (faults.length > 0) return Result.fail(faults);
  const kit: Kit = {
    components,
    ship,
    parts: partsOf(components, itemOf),
    depth: 1 + Math.max(...components.map(({ sku }) => itemOf(sku)?.kit?.depth ?? 0)),
  };
  const wrong = wholeFault(kit);
  return wrong === null ? Result.succeed(kit) : Result.fail([
    { pointer: "/kit/components", detail: wrong },
  ]);
};

export const isSameRecipe = (one: KitRecipe | undefined, other: KitRecipe | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && one.ship === other.ship &&
    one.components.length === other.components.length &&
    one.components.every(({ sku, quantity }, n) => {
      const its = other.components[n];
      return its?.sku === sku && its.quantity === quantity;
    }));

/** Units of a SKU that may be promised at one location. */
export type AvailableThere = (sku: string) => number;

/** Whole units of a kit that these goods make: of what is left over, nothing can be sold as a kit. */
export const wholeUnits = (parts: readonly KitComponent[], available: AvailableThere): number => {
  let units = Number.MAX_SAFE_INTEGER;
  for (const { sku, quantity } of parts) {
    units = Math.min(units, Math.floor(Math.max(0, available(sku)) / quantity));
    if (units === 0) return 0;
  }
  return parts.length === 0 ? 0 : units;
};

/**
 * Units of a kit that may be promised, by what is available of its parts at each location. `together`: as many as
 * each location has whole. `separately`: as many as all locations have of the part that is scarcest.
 */
export const kitUnits = (
  parts: readonly KitComponent[],
  ship: KitShipping,
  availableByLocation: readonly AvailableThere[],
): number =>
  ship === "together"
    ? availableByLocation.reduce((sum, there) => sum + wholeUnits(parts, there), 0)
    // Each location counts for itself: one that has promised more than it may does not hide what another has.
    : wholeUnits(
      parts,
      (sku) => availableByLocation.reduce((sum, at) => sum + Math.max(0, at(sku)), 0),
    );
