/**
 * What became of each message to a customer. The record is written before a message is handed over and stays
 * for good: it is why none is sent twice. It has no address.
 */
import type { Instant } from "../kernel/instant.ts";
import type { MessageCause } from "./kind.ts";

/**
 * `waiting`: it could not be sent, and is tried again. `sending`: it is being handed over. `sent`: the mail
 * server has it. `rejected`: the mail server will never take it. `expired`: when it could be sent, it was no news any more.
 * `ambiguous`: it was handed over, and nobody knows whether it was taken; it is not sent again. `failed`: no
 * template makes a message of it.
 */
export const messageOutcomes = [
  "waiting",
  "sending",
  "sent",
  "rejected",
  "expired",
  "ambiguous",
  "failed",
] as const;

export type MessageOutcome = (typeof messageOutcomes)[number];

export interface MessageRecord extends MessageCause {
  readonly outcome: MessageOutcome;
  /** When it came to that. */
  readonly at: Instant;
  /** Times that it was tried. */
  readonly attempts: number;
  /** The attempt that hands it over, or was the last to do so; null before any. */
  readonly attempt: string | null;
  /** Of the template that was used last; null before any. */
  readonly language: string | null;
  /** A keyed hash of the address; null where it went to none, and where there is no key. */
  readonly addressHash: string | null;
  /** The mail server's words, or Allot's; without addresses. */
  readonly reason: string | null;
}

export const isFinal = ({ outcome }: Pick<MessageRecord, "outcome">): boolean =>
  outcome !== "waiting" && outcome !== "sending";

export const unclearReason =
  "It was handed over, and how that ended is not known. It is not sent again: one too few beats two.";

/** An attempt that ended with its process: whether it was taken, nobody knows. */
export const leftUnclear = (record: MessageRecord, at: Instant): MessageRecord => ({
  ...record,
  outcome: "ambiguous",
  at,
  reason: unclearReason,
});
