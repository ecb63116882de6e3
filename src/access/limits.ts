/** Every bound of keys. */
export const accessLimits = {
  /** Keys that one store may have. */
  keys: 10_000,
  /** Keys of the settings that may be there beside them: one, or more while processes start. */
  givenKeys: 16,
  /** Principals kept in memory by their key's hash. */
  cachedPrincipals: 10_000,
  /** Hashes of wrong keys kept in memory, so that repeating one costs no read. */
  cachedStrangers: 10_000,
  /** Random characters of a key made here, of 64: six bits each. */
  secretRandomCharacters: 43,
} as const;
