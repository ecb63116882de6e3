/** Lots for units that somebody picks: the ones that are named, or those that expire first. Pure. */
import { Result } from "effect";
import type { Instant } from "../kernel/instant.ts";
import { chooseLots, freeUnits, type LotStock } from "./fefo.ts";
import { isExpired, type LotUnits, nameOfLot, type Tracking } from "./lot.ts";

/** Units of a line whose lots a decision must know, and what the request says of them. */
export interface UnnamedLine {
  readonly lineId: string;
  readonly sku: string;
  readonly tracking: Tracking;
  readonly minRemainingDays?: number | undefined;
  readonly quantity: number;
  readonly lots?: readonly NamedUnits[] | undefined;
  readonly serials?: readonly string[] | undefined;
  /** Only units of no known lot will do: they were picked before anybody asked for lots. */
  readonly unknown?: true;
}

export interface NamedUnits {
  /** Absent: of no known lot. */
  readonly lotId?: string | undefined;
  readonly quantity: number;
}

/** The lots of a line's units. */
export interface NamedLine {
  readonly lineId: string;
  readonly lots: readonly LotUnits[];
}

/** Why units of lots cannot be picked. */
export type LotRejection =
  /** The decision does not know the lots: they are looked for, and it is decided again. */
  | {
    readonly _tag: "LotsUnnamed";
    readonly locationId: string;
    readonly lines: readonly UnnamedLine[];
  }
  | {
    readonly _tag: "LotExpired";
    readonly sku: string;
    readonly lotId: string;
    readonly expiresAt: Instant;
  }
  /** Without a lot: all lots that are good. */
  | {
    readonly _tag: "LotShort";
    readonly sku: string;
    readonly lotId?: string;
    readonly requested: number;
    readonly available: number;
  }
  | {
    readonly _tag: "SerialExists";
    readonly sku: string;
    readonly serial: string;
    /** Where its unit is: elsewhere in stock, picked for somebody, or with a customer. */
    readonly state: "elsewhere" | "picked" | "gone";
  };

const short = (sku: string, lotId: string | undefined, requested: number, available: number) =>
  Result.fail<LotRejection>({
    _tag: "LotShort",
    sku,
    ...(lotId === undefined ? {} : { lotId }),
    requested,
    available: Math.max(0, available),
  });

/** Units of the lots that are named, each of the row that has them. */
const namedLots = (
  sku: string,
  known: readonly LotStock[],
  named: readonly NamedUnits[],
  now: Instant,
): Result.Result<readonly LotUnits[], LotRejection> => {
  const lots: LotUnits[] = [];
  for (const { lotId = "", quantity } of named) {
    const same = known.filter((lot) => lot.lotId === lotId)
      .toSorted((one, other) => freeUnits(other) - freeUnits(one));
    const [lot] = same;
    const taken = lots.reduce((sum, each) => each.lotId === lotId ? sum + each.quantity : sum, 0);
    if (lot?.expiresAt !== undefined && isExpired(lot, now)) {
      return Result.fail({ _tag: "LotExpired", sku, lotId, expiresAt: lot.expiresAt });
    }
    if (lot === undefined || freeUnits(lot) < taken + quantity) {
      return short(sku, lotId, quantity, lot === undefined ? 0 : freeUnits(lot) - taken);
    }
    lots.push({ ...nameOfLot(lot), quantity });
  }
  return Result.succeed(lots);
};

/**
 * The lots of a line's units: those that it names, and for the rest those that expire first. Serials that are
 * not known at the location must have been entered before.
 */
export const lotsFor = (
  { sku, quantity, lots, serials, minRemainingDays, unknown }: UnnamedLine,
  known: readonly LotStock[],
  now: Instant,
): Result.Result<readonly LotUnits[], LotRejection> => {
  if (unknown === true) return namedLots(sku, known, [{ lotId: "", quantity }], now);
  if (serials !== undefined) {
    return namedLots(sku, known, serials.map((lotId) => ({ lotId, quantity: 1 })), now);
  }
  if (lots !== undefined) return namedLots(sku, known, lots, now);
  const chosen = chooseLots(known, quantity, { now, minRemainingDays });
  return chosen.missing === 0
    ? Result.succeed(chosen.lots)
    : short(sku, undefined, quantity, quantity - chosen.missing);
};
