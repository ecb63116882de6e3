/** The counts of a stock row, in their order and words. */
import type { StockLevel } from "../../../actors/stock/inventory.ts";

export const unitNames = {
  onHand: "On hand",
  reserved: "Reserved",
  unavailable: "Unavailable",
  safetyStock: "Safety stock",
  claimed: "Claimed",
  available: "Available",
} as const;

export const units = [
  "onHand",
  "reserved",
  "unavailable",
  "safetyStock",
  "claimed",
  "available",
] as const;

/** Whether a count calls for something to be done: nothing is left to be promised. */
export const isUrgent = (name: (typeof units)[number], { available }: StockLevel): boolean =>
  name === "available" && available <= 0;
