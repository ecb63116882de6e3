/**
 * What changes of stock by people do to lots. A change names lots, or it does not: then it is of units whose lot
 * nobody knows. Units of no known lot need no row: they are what is on hand beyond all lots. So an item may be
 * tracked from any day on, and stock that comes by ways that know of no lots is sound. Pure.
 */
import { Result } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { CountedFields } from "../subject/counted-balance.ts";
import {
  type LotCounts,
  lotDelta,
  type LotTotal,
  lotTotalBalance,
  serialDelta,
  type SerialField,
} from "./balance.ts";
import { freeUnits, type LotStock } from "./fefo.ts";
import { type LotName, lotRow, nameOfLot, type Tracking, unknownLot } from "./lot.ts";

/** Units of a lot, or of serials, that a change is about. */
export interface LotAsk {
  /** JSON pointer to it in the request. */
  readonly pointer: string;
  readonly sku: string;
  readonly lotId?: string | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly serials?: readonly string[] | undefined;
  readonly onHand: number;
  /** Units made unavailable, or available again. */
  readonly setAside: number;
}

/** What is known of a tracked SKU at the location. */
export interface SkuLots {
  readonly tracking: Tracking;
  readonly stock: { readonly onHand: number; readonly unavailable: number };
  readonly lots: readonly LotStock[];
  readonly serial: (serial: string) => Readonly<Record<SerialField, number>>;
}

export type LotFault =
  /** It cannot be meant. */
  | { readonly type: "invalid"; readonly pointer: string; readonly detail: string }
  /** The lot has fewer units than that. */
  | {
    readonly type: "short";
    readonly pointer: string;
    readonly sku: string;
    readonly lotId: string;
    readonly requested: number;
    readonly available: number;
  }
  /** The serial is there already, or with a customer; or it is not there and was to go. */
  | {
    readonly type: "serial";
    readonly pointer: string;
    readonly sku: string;
    readonly serial: string;
    readonly state: "in stock" | "with a customer" | "not in stock";
  };

export interface LotPlan {
  readonly lots: readonly LotCounts[];
  readonly serials: readonly CountedFields<SerialField>[];
  readonly totals: readonly LotTotal[];
  /** It takes units of no known lot: then nobody else may do so meanwhile. */
  readonly takesUnknown: boolean;
  /** It makes units available of which no lot was named: then they must still be as many. */
  readonly takesSetAside: boolean;
}

const sumOf = (lots: readonly LotStock[], unitsOf: (lot: LotStock) => number): number =>
  lots.reduce((sum, lot) => sum + unitsOf(lot), 0);

/** Units on hand, and not set aside, that no lot's row has. */
export const unlisted = ({ stock, lots }: Pick<SkuLots, "stock" | "lots">): number =>
  stock.onHand - stock.unavailable - sumOf(lots, ({ onHand, setAside }) => onHand - setAside);

/** Units on hand of which nobody has said the lot. */
export const unknownUnits = ({ stock, lots }: Pick<SkuLots, "stock" | "lots">): number =>
  stock.onHand - sumOf(lots, ({ lotId, onHand }) => lotId === "" ? 0 : onHand);

class Planning {
  readonly faults: LotFault[] = [];
  readonly serials: CountedFields<SerialField>[] = [];
  readonly #rows = new Map<string, { lot: LotStock; changed: LotStock; pointer: string }>();

  constructor(
    private readonly locationId: string,
    private readonly sku: string,
    private readonly known: SkuLots,
    /** Whether units come beside those that are there. */
    private readonly more: boolean,
  ) {}

  invalid(pointer: string, detail: string): void {
    this.faults.push({ type: "invalid", pointer, detail });
  }

  move(name: LotName, pointer: string, onHand: number, setAside: number): void {
    const row = lotRow(this.sku, name);
    const found = this.#rows.get(row);
    const lot = found?.lot ?? this.known.lots.find((each) => lotRow(this.sku, each) === row) ??
      { ...nameOfLot(name), onHand: 0, picked: 0, setAside: 0 };
    const before = found?.changed ?? lot;
    const changed = {
      ...before,
      onHand: before.onHand + onHand,
      setAside: before.setAside + setAside,
    };
    this.#rows.set(row, { lot, changed, pointer });
  }

  named(ask: LotAsk): void {
    const { pointer, lotId, serials, onHand, setAside } = ask;
    if (serials !== undefined) return this.#bySerial(ask, serials);
    if (lotId === undefined || lotId === "") return;
    if (this.known.tracking !== "lot") {
      return this.invalid(`${pointer}/lotId`, "Units of this item are told apart by serials.");
    }
    const same = this.known.lots.filter((each) => each.lotId === lotId && each.onHand > 0);
    const [first] = same;
    const expiresAt = ask.expiresAt ?? first?.expiresAt;
    if (first !== undefined && same.every((each) => each.expiresAt !== expiresAt)) {
      const date = first.expiresAt ?? "no date";
      return this.invalid(`${pointer}/expiresAt`, `The lot ${lotId} is here with ${date}.`);
    }
    this.move({ lotId, expiresAt }, pointer, onHand, setAside);
  }

  #bySerial({ pointer, onHand, setAside }: LotAsk, serials: readonly string[]): void {
    if (this.known.tracking !== "serial") {
      return this.invalid(`${pointer}/serials`, "Units of this item have no serials.");
    }
    const isAll = (units: number) => units === 0 || Math.abs(units) === serials.length;
    if (serials.length === 0 || !isAll(onHand) || !isAll(setAside)) {
      return this.invalid(`${pointer}/serials`, "There is to be a serial for each unit.");
    }
    if (new Set(serials).size < serials.length) {
      return this.invalid(`${pointer}/serials`, "A serial comes twice.");
    }
    for (const serial of serials) {
      this.#serial(pointer, serial, Math.sign(onHand));
      const name = { lotId: serial, serial: true } as const;
      this.move(name, pointer, Math.sign(onHand), Math.sign(setAside));
    }
  }

  #serial(pointer: string, serial: string, sign: number): void {
    const { sku } = this;
    const { there, gone } = this.known.serial(serial);
    // One that left may be found among units that are here; but it does not come with new ones.
    const state = sign > 0
      ? there > 0 ? "in stock" : gone > 0 && this.more ? "with a customer" : null
      : there === 0
      ? "not in stock"
      : null;
    if (state !== null) this.faults.push({ type: "serial", pointer, sku, serial, state });
    else if (sign !== 0) {
      this.serials.push(serialDelta(sku, serial, { there: sign, gone: sign > 0 ? -gone : 0 }));
    }
  }

  /** By how much all lots that are named have changed. */
  sum(unitsOf: (lot: LotStock) => number): number {
    return [...this.#rows.values()]
      .reduce((sum, { lot, changed }) => sum + unitsOf(changed) - unitsOf(lot), 0);
  }

  lots(): readonly LotCounts[] {
    return [...this.#rows.values()].map(({ lot, changed }) =>
      lotDelta(this.locationId, this.sku, lot, {
        onHand: changed.onHand - lot.onHand,
        setAside: changed.setAside - lot.setAside,
      })
    );
  }

  checkRows(): void {
    for (const { lot, changed, pointer } of this.#rows.values()) {
      if (changed.setAside >= 0 && freeUnits(changed) >= 0) continue;
      const { sku } = this;
      const requested = changed.setAside < 0
        ? lot.setAside - changed.setAside
        : freeUnits(lot) - freeUnits(changed);
      const available = changed.setAside < 0 ? lot.setAside : freeUnits(lot);
      this.faults.push({ type: "short", pointer, sku, lotId: lot.lotId, requested, available });
    }
  }
}

/**
 * The lots of a change that is decided: `moved` is what it does to the stock row. What no lot is named for comes
 * to, or goes from, the units of no known lot.
 */
export const planLots = (
  locationId: string,
  sku: string,
  known: SkuLots,
  asks: readonly LotAsk[],
  moved: { readonly onHand: number; readonly unavailable: number },
): Result.Result<LotPlan, readonly LotFault[]> => {
  const planning = new Planning(locationId, sku, known, moved.onHand > 0);
  for (const ask of asks) planning.named(ask);
  const pointer = asks[0]?.pointer ?? "";
  const rest = moved.onHand - moved.unavailable -
    planning.sum(({ onHand, setAside }) => onHand - setAside);
  const setAside = moved.unavailable - planning.sum((lot) => lot.setAside);
  const fromRow = Math.max(0, -rest - unlisted(known));
  if (fromRow > 0) planning.move(unknownLot, pointer, -fromRow, 0);
  planning.checkRows();
  const other = known.stock.unavailable - sumOf(known.lots, (lot) => lot.setAside);
  if (setAside < 0 && -setAside > other) {
    planning.faults.push({
      ...{ type: "short", pointer, sku, lotId: "", requested: -setAside, available: other },
    });
  }
  if (planning.faults.length > 0) return Result.fail(planning.faults);
  const takesUnknown = rest < 0;
  const total = lotTotalBalance.delta(locationId, sku, {
    changes: takesUnknown ? 1 : 0,
    setAside: moved.unavailable - setAside,
  });
  return Result.succeed({
    lots: planning.lots(),
    serials: planning.serials,
    totals: total.changes === 0 && total.setAside === 0 ? [] : [total],
    takesUnknown,
    takesSetAside: setAside < 0,
  });
};

/** A count of lots: those that are not named are not there. */
export interface CountedLot {
  readonly lotId: string;
  readonly expiresAt?: Instant | undefined;
  readonly onHand: number;
}

/** By how much each lot differs from what was counted. */
export const countedLots = (
  pointer: string,
  sku: string,
  known: readonly LotStock[],
  counted: readonly CountedLot[],
): readonly LotAsk[] => {
  const asks: LotAsk[] = [];
  const seen = new Set<string>();
  for (const { lotId, expiresAt, onHand } of counted) {
    const found = known.find((lot) =>
      lot.lotId === lotId && (expiresAt === undefined || lot.expiresAt === expiresAt)
    );
    if (found !== undefined) seen.add(lotRow(sku, found));
    const date = expiresAt ?? found?.expiresAt;
    const delta = onHand - (found?.onHand ?? 0);
    if (delta !== 0) {
      asks.push({ pointer, sku, lotId, expiresAt: date, onHand: delta, setAside: 0 });
    }
  }
  for (const lot of known) {
    if (lot.lotId === "" || lot.onHand === 0 || seen.has(lotRow(sku, lot))) continue;
    const { lotId, expiresAt, onHand } = lot;
    asks.push(
      lot.serial === true
        ? { pointer, sku, serials: [lotId], onHand: -onHand, setAside: 0 }
        : { pointer, sku, lotId, expiresAt, onHand: -onHand, setAside: 0 },
    );
  }
  return asks;
};

/** A count of serials: those that are not named are not there. */
export const countedSerials = (
  pointer: string,
  sku: string,
  known: readonly LotStock[],
  serials: readonly string[],
): readonly LotAsk[] => {
  const there = new Set(known.flatMap((lot) => lot.serial && lot.onHand > 0 ? [lot.lotId] : []));
  const found = serials.filter((serial) => !there.has(serial));
  const lost = [...there].filter((serial) => !serials.includes(serial));
  return [
    ...(found.length === 0
      ? []
      : [{ pointer, sku, serials: found, onHand: found.length, setAside: 0 }]),
    ...(lost.length === 0
      ? []
      : [{ pointer, sku, serials: lost, onHand: -lost.length, setAside: 0 }]),
  ];
};
