/** Every bound of the catalog. */
export const catalogLimits = {
  /** Items kept in memory. */
  cachedItems: 100_000,
  /** Locations of one store. All are known to every process. */
  locations: 1_000,
  /** Components of a kit, and different goods that it comes to. One commit must have room for a line of it. */
  kitParts: 50,
  /** Units of one of its goods in one kit: of as many kits as a line has, they are still counted exactly. */
  kitPartUnits: 1_000_000,
  /** Kits within kits. */
  kitDepth: 5,
  /** UTF-8 bytes of the SKUs of its goods: their keys fit one commit however long the other names are. */
  kitPartBytes: 15_000,
  /** Kits, at any depth, that have one item in them: they are made anew in the commit that changes it. */
  kitsAbove: 50,
} as const;
