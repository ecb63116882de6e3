/** Every bound of the ledger. */
export const ledgerLimits = {
  /** Units of work that wait for a commit. */
  waitingUnits: 16_384,
  /** Units merged into one commit, whatever the store allows. */
  unitsPerCommit: 256,
  /** Tries of one commit while the store answers with errors, before its units fail as unavailable. */
  commitTries: 12,
  /** How long they may take before the last one begins. */
  commitMs: 10_000,
  /** Tries of one commit while the store does not answer it at all. */
  unansweredTries: 2,
  /** Times a batch is rebuilt because other processes wrote first, before its units decide again. */
  rebases: 64,
  /** Doublings of the wait between two rebuilds. */
  rebaseBackoffSteps: 1,
  /** Rebuilds without a wait: a process that has just lost is likely the only one that knows the fence. */
  promptRebases: 8,
  /** How long after a lost race a partition counts as contended: its winners let others go first. */
  contendedMs: 1_000,
  restCapMs: 50,
  /** Stores that take fewer checks in one commit are asked for each new order's reference instead. */
  checksForNewReferences: 50,
  /** Commit ids that a fence remembers. */
  commitsPerFence: 8,
  commitBackoff: { firstMs: 4, capMs: 1_000, jitter: 0.5 },
  /** Commits in flight at once. */
  commitsInFlight: 4,
} as const;
