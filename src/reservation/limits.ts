/** Every bound of reservations. A name ends in its unit unless it counts things. */
export const reservationLimits = {
  lines: 100,
  /** How long units are kept at most without being asked for again. */
  expirySeconds: 14_400,
  /** Fences that a commit touches for the order that takes over a reservation's units, beside locations. */
  fencesOfOrder: 1,
  /** The part of a commit's bytes for keys that one reservation may fill: an order is committed with it. */
  keyBytesShare: 0.4,
  /** Tries to replace a reservation, or to make one, that others end and make at the same time. */
  tries: 8,
} as const;
