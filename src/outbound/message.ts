/** Messages to the outside: their names, and what may become of an attempt to deliver one. */
import type { Correlation } from "../kernel/correlation.ts";
import { wideHash } from "../kernel/hash.ts";
import type { Position } from "../store/log.ts";
import { parseEventId } from "../subject/event.ts";

export interface Message {
  /**
   * The same for every attempt, so that a receiver can tell what it has seen. Sorts as text in the order of
   * the log, within what one lane sends.
   */
  readonly id: string;
  /** Messages of one key are delivered in the order of their ids. */
  readonly key: string;
  readonly body: string;
  /** The request that it came of, where its sender named it. */
  readonly correlation?: Correlation | undefined;
  /** How long it may wait before it is first sent, milliseconds. */
  readonly afterMs?: number;
  /** Whether it goes before others that are due. */
  readonly isUrgent?: boolean;
  /** Whether it is of a sweep: sent with others of sweeps alone. */
  readonly isSwept?: boolean;
}

const recordDigits = 5;
const numberDigits = 3;

/** The nth message of the nth record of the log entry at a position. Without a dot: some formats forbid it. */
export const messageId = (position: Position, record: number, n: number): string =>
  `msg_${position}_${String(record).padStart(recordDigits, "0")}_${
    String(n).padStart(numberDigits, "0")
  }`;

/** The message about a key in a sweep that was asked for when the log ended at a position. */
export const sweptId = (position: Position, key: string): string =>
  messageId(position, 0, wideHash(key));

const messageForm = /^msg_([0-9a-f]+)_(\d{5,})_(\d{3,})$/;

/** What a message was made of: a record of a log entry, or one of the entry's events. */
export interface Origin {
  readonly position: Position;
  readonly of: "record" | "event";
  readonly index: number;
}

/** The origin that a message's id names; null for what is no id of a message. */
export const parsedMessageId = (id: string): Origin | null => {
  const [, position, record] = messageForm.exec(id) ?? [];
  if (position !== undefined) return { position, of: "record", index: Number(record) };
  const event = parseEventId(id);
  return event === null || event.index === null
    ? null
    : { position: event.position, of: "event", index: event.index };
};

/** What the other side said. */
export interface Said {
  /** The status of HTTP, or of whatever else is spoken. */
  readonly status?: number;
  /** The beginning of its words. */
  readonly answer?: string;
  /** How much of what it was told it had otherwise, where it says so. */
  readonly differed?: number;
}

export type Outcome =
  | Said & { readonly _tag: "Delivered" }
  /** Not delivered, or nobody knows: it is sent again. */
  | Said & {
    readonly _tag: "Retry";
    readonly reason: string;
    /** The other side asks to be left alone for so long, by `Retry-After`. */
    readonly afterMs?: number;
    /** It has too much to do, and is to get less at once for a while. */
    readonly isBusy?: boolean;
    /** Somebody is there, takes others, and refuses this one for now: no sign that the other side is gone. */
    readonly isThere?: boolean;
  }
  /** Never to be delivered as it is. */
  | Said & { readonly _tag: "Rejected"; readonly reason: string }
  /** The other side wants nothing any more, of this or anything else. */
  | Said & { readonly _tag: "Gone"; readonly reason: string };

/** A message that is sent again. */
export interface Again extends Message {
  /** Whether its body is to be completed before. */
  readonly draft?: boolean;
}

/** A message that waits: it failed, takes long, or stands behind one that does. */
export interface Waiting extends Message {
  /** Attempts that failed while others succeeded. */
  readonly attempts: number;
  /** When it was first sent, epoch milliseconds; null for one that was not. */
  readonly firstAtMs: number | null;
  readonly nextAtMs: number;
  /** Of the last attempt that failed. */
  readonly reason: string | null;
  /** Set while its body is not yet what is sent: the rest is added at the first attempt. */
  readonly draft?: true;
}

/** A message that is not sent any more until somebody says so. */
export interface DeadLetter extends Message {
  readonly attempts: number;
  readonly firstAtMs: number | null;
  readonly diedAtMs: number;
  readonly reason: string;
  readonly draft?: true;
}

/** An attempt to deliver, as it is kept for people. */
export interface Attempt extends Said {
  readonly id: string;
  readonly key: string;
  readonly atMs: number;
  readonly tookMs: number;
  /** Counted from 1, among those that failed while others succeeded. */
  readonly n: number;
  readonly outcome: Outcome["_tag"];
  readonly reason?: string;
}
