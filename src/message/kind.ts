/**
 * The kinds of messages to customers. A subject says its own: which of its log records make the message, and
 * what the message is about when it is sent. `src/messages.ts` lists them all.
 */
import type { LineId, Order, Shipment } from "../order/order.ts";
import type { LogRecord } from "../subject/record.ts";

/** A message that a record of the log makes. Of one order, kind and part there is one message for good. */
export interface MessageCause {
  readonly orderId: string;
  readonly kind: string;
  /** The part of the order that it is about, such as a shipment; null: the order as a whole. */
  readonly part: string | null;
}

/** What a message is about, of the order as it is when it is sent. */
export interface MessageTopic {
  readonly lines: readonly { readonly lineId: LineId; readonly quantity: number }[];
  readonly shipment?: Shipment;
  /** The location to go to. */
  readonly locationId?: string;
  /** Members of the model that this kind alone has, all of its `sample`. Amounts are `{amount, currency}`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface MessageKind {
  readonly name: string;
  /** In the words of somebody who writes its template. */
  readonly description: string;
  /** Members of the model that this kind alone has, as a made-up message has them. */
  readonly sample?: Readonly<Record<string, unknown>>;
  /** Parts of the orders that the record makes this message about. Most records make none. */
  partsOf(record: LogRecord): readonly Omit<MessageCause, "kind">[];
  /** Null when there is nothing to say any more: it was collected before the message came to be sent. */
  topicOf(order: Order, part: string | null): MessageTopic | null;
}

/** The messages of a record, of all kinds. */
export const causesOf = (
  kinds: readonly MessageKind[],
  record: LogRecord,
): readonly MessageCause[] => {
  const causes: MessageCause[] = [];
  for (const kind of kinds) {
    for (const part of kind.partsOf(record)) causes.push({ ...part, kind: kind.name });
  }
  return causes;
};

/** What a message is known by: of each key one is sent. */
export const messageKeyOf = ({ orderId, kind, part }: MessageCause): string =>
  part === null ? `${orderId}.${kind}` : `${orderId}.${kind}.${part}`;

/** `Message-ID` (RFC 5322, section 3.6.4): the same for every attempt, so that receivers see a repeat. */
export const messageIdOf = (cause: MessageCause, domain: string): string =>
  `<${messageKeyOf(cause)}@${domain}>`;
