/**
 * A reactor: the work that a subject does on the log, entry by entry. There are three kinds, by the result of
 * an entry, and for each reactor one process at a time does the work for all:
 *
 * - a fold: changes of its own keys, in the commit that moves its cursor. Each change counts exactly once.
 * - commands: something for the engine to do. The cursor moves when it is done, and nothing is done twice.
 * - an outbox: messages to the outside. Each is delivered at least once, in order for each key. It has one
 *   lane, or one for each document of a reference; each lane has a cursor, and a holder, of its own.
 *
 * None of them can call anybody: the machine does what they say. Memory that every process keeps for itself
 * (caches, counters) is no reactor; it observes the log, see `actors/log/observe.ts`.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { BalanceDeltas } from "./balance.ts";
import type { EntryEvent } from "./event.ts";
import type { LogRecord } from "./record.ts";
import type { Described, Saved, WholeReference } from "./reference.ts";
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
  /**
   * Only sent where the operator has set it up. Its lane begins with what happens after it first was, and a
   * process that has no delivery for it leaves it alone; without this, such a process does not start.
   */
  readonly isOptional?: true;
}

/** Something of which the other side is to be told anew, whatever it is by then. */
export interface Mark {
  /** What is told of; no two requests about it are under way at once. */
  readonly key: string;
  /** How long it may wait for others of its kind before it is first sent, milliseconds. */
  readonly afterMs: number;
}

/**
 * A lane that tells how things are, not what happened: of each key only what is so when a request is made. A
 * change marks its key, a key that is marked once is told of once, and one that changes while it is told of is
 * told of again. What fails is tried until it is taken, since there is nothing newer to wait for.
 */
export interface LatestOnly<Document> {
  /** The keys that changes of balances mark, each once. */
  marksOf(document: Document, changes: readonly BalanceDeltas[]): readonly Mark[];
  /** How many keys one request tells of at most. */
  batchOf(document: Document): number;
  /** Whether all keys are to be told of, marked or not; `lastMs` is when that was last begun, or null. */
  isSweepDue(lastMs: number | null, nowMs: number): boolean;
}

/** Why a lane ends although nobody has said so. */
export interface LaneEnding {
  /** In a word, for programs. */
  readonly code: "gone" | "silent" | "withdrawn";
  /** The same for people. */
  readonly reason: string;
}

/**
 * Messages to as many others as a reference has documents: webhook endpoints, connections, stock feeds. Each
 * document that is open has a lane: it begins with the commit that saved the document, or with what it had
 * not sent when it was closed, and it ends with the document.
 *
 * Methods, not function values: so that a definition for one reference is one for references in general.
 */
export interface DocumentOutbox<Document extends Saved = Saved> {
  readonly type: "document outbox";
  /** The lane of a document is called this, and the document's id behind a slash. */
  readonly name: string;
  readonly reference: WholeReference<Document>;
  /** Whether the document's lane sends. One that does not keeps its place in the log. */
  isOpen(document: Document): boolean;
  /**
   * Another value than before has the lane begin anew with the commit that saves the document: what it had
   * not sent by then is forgotten.
   */
  startOf(document: Document): number;
  /** The message that an event makes for the document; null for none. The same each time, to the byte. */
  messageOf(document: Document, event: EntryEvent): Outgoing | null;
  /** Why the lane takes nothing of this record and all that follow; null while it goes on. */
  endedBy?(document: Document, record: LogRecord): LaneEnding | null;
  /** The document, closed: the lane has ended by itself. Null for one that is closed already. */
  closed(document: Document, ending: LaneEnding, at: Instant): Described<Document> | null;
  /** As those of an outbox. */
  readonly retryAfterMs?: readonly number[];
  /** Present for lanes that tell how things are: events make no messages of theirs. */
  readonly latest?: LatestOnly<Document>;
}

export type Reactor = Fold | Commands | Outbox | DocumentOutbox;

/** A definition of a fold as the machine handles it. */
export const fold = <Change, Row>(definition: Fold<Change, Row>): Fold =>
  definition as unknown as Fold;

/** A definition of an outbox for documents as the machine handles it. */
export const documentOutbox = <Document extends Saved>(
  definition: DocumentOutbox<Document>,
): DocumentOutbox => definition as unknown as DocumentOutbox;
