/**
 * What the log makes of messages to customers. A message says which one it is and nothing of the order: that
 * is read when it is sent.
 */
import type { Instant } from "../kernel/instant.ts";
import { isOrderRecord } from "../order/record.ts";
import type { Outbox } from "../subject/reactor.ts";
import type { LogRecord } from "../subject/record.ts";
import { causesOf, type MessageCause, type MessageKind } from "./kind.ts";
import { messageLimits } from "./limits.ts";
import { unwantedForGood } from "./wanted.ts";

/** A message, and since when there is reason for it. */
export interface MessageDue extends MessageCause {
  readonly at: Instant;
}

/** Orders of which nobody is told come by the hundred thousand, from files: they cost no message. */
const isOfNoNews = (record: LogRecord): boolean =>
  isOrderRecord(record) &&
  record.events.some((event) =>
    event.type === "order.placed" && unwantedForGood(event.order) !== null
  );

export const messageOutboxName = "message";

export const messageOutbox = (kinds: readonly MessageKind[]): Outbox => ({
  type: "outbox",
  name: messageOutboxName,
  messagesOf: (record) => {
    const causes = causesOf(kinds, record);
    if (causes.length === 0 || isOfNoNews(record)) return [];
    return causes.map(({ orderId, kind, part }) => {
      const due: MessageDue = { orderId, kind, part, at: record.at };
      // One order's messages come one after another, as it went.
      return { key: orderId, body: JSON.stringify(due) };
    });
  },
  retryAfterMs: messageLimits.retryAfterMs,
  isOptional: true,
});

export const dueIn = (body: string): MessageDue => JSON.parse(body);
