/**
 * The one ordered log: each commit writes an entry of records, one for each thing that it changed. The log is
 * the audit trail, the event feed and the source of every projection. It holds no personal data, only ids.
 */
import type { Correlations } from "../kernel/correlation.ts";
import type { Instant } from "../kernel/instant.ts";
import type { LogRecord } from "../subject/record.ts";

/** A commit's position in the log: its versionstamp. Positions sort as text. */
export type Position = string;

/** Before the first entry of any log. */
export const beginning: Position = "";

export interface LogEntry {
  readonly position: Position;
  readonly commitId: string;
  readonly at: Instant;
  readonly records: readonly LogRecord[];
  /** The requests that records came of, by the records' indices; absent where no sender named any. */
  readonly correlations?: Correlations;
  /** Set when the store has it, but not in a form that can be read: then `records` has nothing. */
  readonly unreadable?: true;
}

/** A log entry as it is stored: its position is its key. */
export type StoredLogEntry = Omit<LogEntry, "position" | "unreadable">;
