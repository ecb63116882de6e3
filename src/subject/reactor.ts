/**
 * A reactor: the work that a subject does on the log, entry by entry. There are three kinds, by the result of
 * an entry, and for each reactor one process does the work for all:
 *
 * - a fold: changes of its own keys, in the commit that moves its cursor. Each change counts exactly once.
 * - commands: something for the engine to do. The cursor moves when it is done, and nothing is done twice.
 * - an outbox: messages to the outside. Each is delivered at least once, in order for each key.
 *
 * None of them can call anybody: the machine does what they say. Memory that every process keeps for itself
 * (caches, counters) is no reactor; it observes the log, see `actors/log/observe.ts`.
 */
import type { Key } from "../kernel/key.ts";
import type { LogRecord } from "./record.ts";
import type { AggregateCommand } from "./state.ts";

/** Reports, lists, counters: anything that the log alone determines. */
export interface Fold<Change = unknown, Row = unknown> {
  readonly type: "fold";
  readonly name: string;
  /** The first word of its rows' keys; no other family of keys has it. */
  readonly family: string;
  /** Changes of different rows and of one row commute: one that was left out may come late. */
  changesOf(record: LogRecord): readonly Change[];
  keyOf(change: Change): Key;
  /** The row after the change; null for one that goes. Throws TypeError for a change that is not sound. */
  apply(row: Row | null, change: Change): Row | null;
}

/** A command that follows from a log record. */
export interface Consequence {
  /** The id of the aggregate that the command is for. */
  readonly id: string;
  readonly command: AggregateCommand;
}

/** Work for the engine. */
export interface Commands {
  readonly type: "commands";
  readonly name: string;
  /** The nth of a record has its place in the log for an idempotency key. A refused one is not tried again. */
  consequencesOf(record: LogRecord): readonly Consequence[];
}

/** A message to the outside. */
export interface Outgoing {
  /** Messages of one key are delivered in the order of the log; a failed one holds back those of its key. */
  readonly key: string;
  /** The text that is sent. */
  readonly body: string;
}

/** Webhooks, files, mails, posts to other systems. */
export interface Outbox {
  readonly type: "outbox";
  readonly name: string;
  /**
   * `idOf` gives the id of the nth message of this record, counted from 0, for bodies that name it. The same
   * record gives the same messages each time: what is sent again is the same to the byte.
   */
  messagesOf(record: LogRecord, idOf: (n: number) => string): readonly Outgoing[];
  /** Waits between the attempts to deliver one message, milliseconds; the last attempt follows the last wait. */
  readonly retryAfterMs?: readonly number[];
}

export type Reactor = Fold | Commands | Outbox;

/** A definition of a fold as the machine handles it. */
export const fold = <Change, Row>(definition: Fold<Change, Row>): Fold =>
  definition as unknown as Fold;
