/**
 * Lots: units of a SKU that were made together and expire together. A serial is a lot of one unit. Which lots
 * units are of is said by those who hold them in hands: by who receives them, and by who picks them. Orders
 * promise counts, and know of no lot before that. Pure.
 */
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";

export const trackings = ["lot", "serial"] as const;
/** How units of an item are told apart. */
export type Tracking = (typeof trackings)[number];

/** The name of a lot at a location. */
export interface LotName {
  /** Empty: the units of a tracked item of which nobody has said the lot. */
  readonly lotId: string;
  readonly expiresAt?: Instant | undefined;
  /** The lot is one unit, and its id a serial number. */
  readonly serial?: true | undefined;
}

/** Units of a lot. */
export interface LotUnits extends LotName {
  readonly quantity: number;
}

/** Units of a lot that are picked for a line, and how many of them have left. */
export interface PickedLot extends LotUnits {
  readonly shipped: number;
}

/** The lot of all units whose lot nobody knows. */
export const unknownLot: LotName = { lotId: "" };

export interface LotRow extends LotName {
  readonly sku: string;
}

const separator = "\t";
const digits = 15;
/** Behind every date: lots that do not expire come last. */
const noExpiry = "~";
const serialMark = "~serial";

/** A lot's id has no characters by which its row is taken apart, and none that nobody sees. */
export const lotIdPattern = "^[^\\u0000-\\u001f\\u007f]+$";

/** The beginning of the names of all rows of a SKU. */
export const rowsOfSku = (sku: string): string => sku + separator;

const dateMark = ({ expiresAt, serial }: LotName): string =>
  serial === true
    ? serialMark
    : expiresAt === undefined
    ? noExpiry
    : String(epochMsOf(expiresAt)).padStart(digits, "0");

/** The name of a lot's row: rows of a SKU stand in the order of their expiry. */
export const lotRow = (sku: string, lot: LotName): string =>
  [sku, dateMark(lot), lot.lotId].join(separator);

/** The lot that a row is named after. */
export const lotOfRow = (row: string): LotRow => {
  const beforeId = row.lastIndexOf(separator);
  const beforeDate = row.lastIndexOf(separator, beforeId - 1);
  const sku = row.slice(0, beforeDate);
  const mark = row.slice(beforeDate + 1, beforeId);
  const lotId = row.slice(beforeId + 1);
  if (mark === serialMark) return { sku, lotId, serial: true };
  return mark === noExpiry ? { sku, lotId } : { sku, lotId, expiresAt: instantOf(Number(mark)) };
};

/** The name alone, without what else a value has. */
export const nameOfLot = ({ lotId, expiresAt, serial }: LotName): LotName => ({
  lotId,
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(serial === undefined ? {} : { serial }),
});

const dayMs = 86_400_000;

/** When units of a lot are no longer promised: so many days before they expire. Infinity: never. */
export const dueMsOf = ({ expiresAt }: LotName, minRemainingDays = 0): number =>
  expiresAt === undefined
    ? Number.POSITIVE_INFINITY
    : epochMsOf(expiresAt) - minRemainingDays * dayMs;

/** A lot that has expired may not be picked. */
export const isExpired = (lot: LotName, now: Instant): boolean => dueMsOf(lot) <= epochMsOf(now);
