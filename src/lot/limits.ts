/** Every bound of lots and serials. */
export const lotLimits = {
  /** Lots, or serials, that a line of a request names. */
  lotsPerLine: 200,
  /** Serials of one request, over all its lines. */
  serialsPerRequest: 500,
  /** Lots of one SKU at one location that are looked at together. */
  lotsPerSku: 5_000,
  /** Lots read at once. */
  lotsPerRead: 500,
  /** Times lots are chosen anew when others took the units meanwhile. */
  namingTries: 24,
  /** Between two looks for lots that have come too close to their expiry. */
  sweepEveryMs: 3_600_000,
  /** How long after a process began. */
  firstSweepMs: 60_000,
  /** The longest that an item may ask its lots to be good for. */
  remainingDays: 3_650,
  /** How long a trace waits for what was committed before it was asked for. */
  traceWaitMs: 5_000,
  /** Shipments that the trace of a lot names of one order. */
  shipmentsTraced: 20,
} as const;
