export const limitsForTests = {
  autoCloseAfterMs: 14 * 24 * 3_600_000,
} as const;
