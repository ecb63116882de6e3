/**
 * Lines of kits in a promise: whole kits of one place are promised as goods are, and what they take is told by their
 * parts. Where other lines want some of the same parts, these are left to them at each place, since it is not known
 * from where they will come: then more may be possible than is promised.
 */
import type { Promisable } from "./atp.ts";
import { type KitOfParts, type KitPart, kitPromisable } from "./kit-units.ts";
import type {
  DeliveryDay,
  PromisedShipment,
  PromisedSupply,
  PromisePlan,
  PromiseProblem,
} from "./promise.ts";

type PromisableAt = PromiseProblem["promisable"];

const add = (sums: Map<string, number>, name: string, units: number): void => {
  sums.set(name, (sums.get(name) ?? 0) + units);
};

/** All units of goods that the lines want, and those of them that each kit wants. */
const needsOf = (
  lines: PromiseProblem["lines"],
  kits: ReadonlyMap<string, KitOfParts>,
) => {
  const all = new Map<string, number>();
  const ofKit = new Map<string, Map<string, number>>();
  for (const { sku, quantity } of lines) {
    const kit = kits.get(sku);
    if (kit === undefined) {
      add(all, sku, quantity);
      continue;
    }
    const own = ofKit.get(sku) ?? new Map<string, number>();
    ofKit.set(sku, own);
    for (const part of kit.parts) {
      add(own, part.sku, part.quantity * quantity);
      add(all, part.sku, part.quantity * quantity);
    }
  }
  return { all, ofKit };
};

/** What is left when so many units are gone, the first ones. */
const after = (promisable: Promisable, gone: number): Promisable => {
  let left = gone;
  return promisable.flatMap((each) => {
    const taken = Math.min(left, each.units);
    left -= taken;
    return each.units > taken ? [{ ...each, units: each.units - taken }] : [];
  });
};

/** What each source has left, by place and goods. */
class Sources {
  readonly #left = new Map<string, { supplyId: string; units: number }[]>();

  constructor(private readonly promisable: PromisableAt) {}

  #at(locationId: string, sku: string): { supplyId: string; units: number }[] {
    const name = JSON.stringify([locationId, sku]);
    let left = this.#left.get(name);
    if (left === undefined) {
      left = this.promisable(locationId, sku).map(({ source, units }) => ({
        supplyId: source,
        units,
      }));
      this.#left.set(name, left);
    }
    return left;
  }

  drawn(locationId: string, { supplyId, sku, quantity }: PromisedSupply): void {
    const source = this.#at(locationId, sku).find((each) => each.supplyId === supplyId);
    if (source !== undefined) source.units -= quantity;
  }

  /** The earliest units that are left. */
  draw(locationId: string, sku: string, wanted: number): readonly PromisedSupply[] {
    let left = wanted;
    return this.#at(locationId, sku).flatMap((source) => {
      const quantity = Math.min(left, source.units);
      if (quantity <= 0) return [];
      source.units -= quantity;
      left -= quantity;
      return [{ supplyId: source.supplyId, sku, quantity }];
    });
  }
}

/** Shipments that take parts in place of kits. */
const byParts = <Delivery extends DeliveryDay>(
  shipments: readonly PromisedShipment<Delivery>[],
  kits: ReadonlyMap<string, KitOfParts>,
  promisable: PromisableAt,
): readonly PromisedShipment<Delivery>[] => {
  const sources = new Sources(promisable);
  for (const { locationId, supply } of shipments) {
    for (const each of supply) {
      if (locationId !== null && !kits.has(each.sku)) sources.drawn(locationId, each);
    }
  }
  return shipments.map((shipment) => {
    const { locationId, lines, supply } = shipment;
    if (locationId === null || !lines.some(({ sku }) => kits.has(sku))) return shipment;
    const needs = new Map<string, number>();
    for (const { sku, quantity } of lines) {
      for (const part of kits.get(sku)?.parts ?? []) add(needs, part.sku, part.quantity * quantity);
    }
    const goods = supply.filter(({ sku }) => !kits.has(sku));
    const parts = [...needs].flatMap(([sku, units]) => sources.draw(locationId, sku, units));
    return { ...shipment, supply: [...goods, ...parts] };
  });
};

const isShared = (
  { parts }: KitOfParts,
  all: ReadonlyMap<string, number>,
  own: ReadonlyMap<string, number> | undefined,
): boolean => parts.some(({ sku }: KitPart) => all.get(sku) !== own?.get(sku));

/** Plans lines some of which are kits. */
export const promiseWithKits = <Delivery extends DeliveryDay>(
  problem: PromiseProblem<Delivery>,
  kits: ReadonlyMap<string, KitOfParts>,
  plan: (problem: PromiseProblem<Delivery>) => PromisePlan<Delivery>,
): PromisePlan<Delivery> => {
  const { lines, locationIds, promisable } = problem;
  const wanted = new Map([...kits].filter(([kit]) => lines.some(({ sku }) => sku === kit)));
  if (wanted.size === 0) return plan(problem);
  const { all, ofKit } = needsOf(lines, wanted);
  const made = new Map([...wanted].map(([sku, kit]) => {
    const own = ofKit.get(sku);
    const leftOf: PromisableAt = (locationId, part) =>
      after(promisable(locationId, part), (all.get(part) ?? 0) - (own?.get(part) ?? 0));
    const places = kitPromisable({ ...kit, ship: "together" }, locationIds, leftOf);
    return [sku, new Map(locationIds.map((id, place) => [id, places[place] ?? []]))] as const;
  }));
  const found = plan({
    ...problem,
    promisable: (locationId, sku) => {
      const kit = made.get(sku);
      return kit === undefined ? promisable(locationId, sku) : kit.get(locationId) ?? [];
    },
  });
  const mayBeMore = [...wanted].some(([sku, kit]) =>
    kit.ship === "separately" || isShared(kit, all, ofKit.get(sku))
  );
  return {
    ...found,
    shipments: byParts(found.shipments, wanted, promisable),
    method: mayBeMore ? "bounded" : found.method,
  };
};
