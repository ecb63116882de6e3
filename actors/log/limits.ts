/** Every bound of reactors: consumers of the log whose work one process does for all. */
export const reactorLimits = {
  /** How long a process looks away while another one does the work. */
  lookMs: 200,
  /**
   * How long an owner may be silent before another process takes its work over. A fold moves its cursor
   * often, but a process that takes it over reads every key; a command may take long, and a process that
   * takes it over does it a second time.
   */
  foldTakeOverMs: 600,
  commandTakeOverMs: 2_000,
  /** Rows that a subject's fold writes in one commit, and how often it commits. */
  foldRowsPerCommit: 500,
  foldCommitEveryMs: 200,
  /** One of its rows, as JSON. */
  foldRowBytes: 2_000,
  /** Its rows kept in memory. */
  cachedFoldRows: 10_000,
  /** Commands to different aggregates that a reactor carries out at once. */
  concurrentCommands: 8,
  /** How often the cursor of commands moves while there is nothing to do. */
  moveEveryMs: 500,
  /** Tries to handle an entry late that was left out, while other processes move the cursor. */
  lateTries: 8,
} as const;
