/** Messages to the outside: their names, and what may become of an attempt to deliver one. */
import type { Position } from "../store/log.ts";

export interface Message {
  /**
   * The same for every attempt, so that a receiver can tell what it has seen. Sorts as text in the order of
   * the log, within what one lane sends.
   */
  readonly id: string;
  /** Messages of one key are delivered in the order of their ids. */
  readonly key: string;
  readonly body: string;
}

const recordDigits = 5;
const numberDigits = 3;

/** The nth message of the nth record of the log entry at a position. Without a dot: some formats forbid it. */
export const messageId = (position: Position, record: number, n: number): string =>
  `msg_${position}_${String(record).padStart(recordDigits, "0")}_${
    String(n).padStart(numberDigits, "0")
  }`;

const messageForm = /^msg_([0-9a-f]+)_(\d{5,})_(\d{3,})$/;

/** The log record that a message was made of; null for what is no id of a message. */
export const parsedMessageId = (
  id: string,
): { readonly position: Position; readonly record: number } | null => {
  const [, position, record] = messageForm.exec(id) ?? [];
  return position === undefined ? null : { position, record: Number(record) };
};

export type Outcome =
  | { readonly _tag: "Delivered" }
  /** Not delivered, or nobody knows: it is sent again. */
  | {
    readonly _tag: "Retry";
    readonly reason: string;
    /** The other side asks to be left alone for so long, by `Retry-After`. */
    readonly afterMs?: number;
  }
  /** Never to be delivered as it is. */
  | { readonly _tag: "Rejected"; readonly reason: string };

/** A message that waits: it failed, takes long, or stands behind one that does. */
export interface Waiting extends Message {
  /** Attempts that failed while others succeeded. */
  readonly attempts: number;
  /** When it was first sent, epoch milliseconds; null for one that was not. */
  readonly firstAtMs: number | null;
  readonly nextAtMs: number;
  /** Of the last attempt that failed. */
  readonly reason: string | null;
}

/** A message that is not sent any more until somebody says so. */
export interface DeadLetter extends Message {
  readonly attempts: number;
  readonly firstAtMs: number | null;
  readonly diedAtMs: number;
  readonly reason: string;
}

/** An attempt to deliver, as it is kept for people. */
export interface Attempt {
  readonly id: string;
  readonly key: string;
  readonly atMs: number;
  readonly tookMs: number;
  readonly outcome: Outcome["_tag"];
  readonly reason?: string;
}
