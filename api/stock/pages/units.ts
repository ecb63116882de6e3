/** The counts of a stock row, in their order and words. */
export const unitNames = {
  onHand: "On hand",
  reserved: "Reserved",
  unavailable: "Unavailable",
  safetyStock: "Safety stock",
  available: "Available",
} as const;

export const units = ["onHand", "reserved", "unavailable", "safetyStock", "available"] as const;
