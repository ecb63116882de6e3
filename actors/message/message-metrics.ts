/** The metrics of messages to customers. */
import { type Effect, Metric } from "effect";
import type { MessageOutcome } from "../../src/message/record.ts";

const messages = Metric.counter("allot_messages_total", {
  description: "Messages to customers, by kind and by what became of an attempt",
  incremental: true,
});

export const countMessage = (kind: string, outcome: MessageOutcome): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(messages, { kind, outcome }), 1);
