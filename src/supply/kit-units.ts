/** Whole kits that may be promised by date, by what may be promised of their parts. */
import type { Promisable, PromisableUnits } from "./atp.ts";

/** So many units of a SKU in one kit. */
export interface KitPart {
  readonly sku: string;
  readonly quantity: number;
}

/** As much of a kit as its units need. */
export interface KitOfParts {
  readonly parts: readonly KitPart[];
  /** `together`: all parts of a unit leave one place. `separately`: they may leave several. */
  readonly ship: "together" | "separately";
}

/** Kits for which all parts are there; what is left over of some makes none. */
const wholeKits = (
  parts: readonly { readonly quantity: number; readonly units: Promisable }[],
): Promisable => {
  const moments = [...new Set(parts.flatMap(({ units }) => units.map(({ fromMs }) => fromMs)))]
    .sort((one, other) => one - other);
  const there = parts.map(() => ({ next: 0, sum: 0 }));
  const kits: PromisableUnits[] = [];
  let before = 0;
  for (const fromMs of moments) {
    let whole = Number.POSITIVE_INFINITY;
    for (const [n, { quantity, units }] of parts.entries()) {
      const part = there[n] ?? { next: 0, sum: 0 };
      for (let each = units[part.next]; each !== undefined && each.fromMs <= fromMs;) {
        part.sum += each.units;
        each = units[++part.next];
      }
      whole = Math.min(whole, Math.floor(part.sum / quantity));
    }
    if (whole > before) kits.push({ source: "kit", fromMs, units: whole - before });
    before = Math.max(before, whole);
  }
  return kits;
};

const byMoment = (one: PromisableUnits, other: PromisableUnits): number =>
  one.fromMs - other.fromMs;

/**
 * By place, what may be promised of a kit. Where parts of a unit may leave several places, the units belong to no
 * place: all of them stand at the first.
 */
export const kitPromisable = (
  { parts, ship }: KitOfParts,
  locationIds: readonly string[],
  promisable: (locationId: string, sku: string) => Promisable,
): readonly Promisable[] => {
  if (ship === "together") {
    return locationIds.map((id) =>
      wholeKits(parts.map(({ sku, quantity }) => ({ quantity, units: promisable(id, sku) })))
    );
  }
  const all = wholeKits(parts.map(({ sku, quantity }) => ({
    quantity,
    units: locationIds.flatMap((id) => promisable(id, sku)).sort(byMoment),
  })));
  return locationIds.map((_, place) => place === 0 ? all : []);
};
