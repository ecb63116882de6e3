import { Context, type Effect, type Scope } from "effect";
import type { LogEntry, Position } from "../src/store/log.ts";
import type { StoreError } from "../src/store/store.ts";

/** One reader of the log for the whole process: follows commits of this and other processes, in order. */
export class LogTail extends Context.Service<LogTail, {
  /** Called by the ledger after each of its commits, so that the tail need not wait for its next poll. */
  readonly committed: (position: Position) => void;
  /** The newest position that the tail has read. */
  readonly position: () => Position;
  /** When the newest read entry was committed, epoch milliseconds; null before the first. */
  readonly readAtMs: () => number | null;
  /**
   * Every entry after `position` in order, each once, until the scope closes: first those already in the
   * store, then those that come. `handle` is awaited before the next batch; slow handlers fall behind, they
   * do not hold up others.
   */
  readonly follow: (
    name: string,
    after: Position,
    handle: (entries: readonly LogEntry[]) => Effect.Effect<void, StoreError>,
  ) => Effect.Effect<void, StoreError, Scope.Scope>;
  /** Positions of named followers, for lag. */
  readonly followers: () => ReadonlyMap<string, Position>;
  /** Entries after a position, at most `limit`. */
  readonly read: (after: Position, limit: number) => Effect.Effect<readonly LogEntry[], StoreError>;
}>()("allot/LogTail") {}
