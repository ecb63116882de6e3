/** The messages that an entry of the log makes. */
import { outboundLimits } from "./limits.ts";
import type { LogEntry } from "../store/log.ts";
import type { Outbox, Outgoing } from "../subject/reactor.ts";
import { type Message, messageId } from "./message.ts";

export const checked = ({ key, body }: Outgoing, id: string): Message => {
  const { bodyLength, keyLength } = outboundLimits;
  if (body.length > bodyLength) throw new TypeError(`The body of ${id} is too long.`);
  if (key.length > keyLength) throw new TypeError(`The key of ${id} is too long.`);
  return { id, key, body };
};

/** The same for the same entry, each time. Throws what the outbox throws, and TypeError for too much. */
export const messagesOf = (
  outbox: Outbox,
  { position, records, correlations }: LogEntry,
): readonly Message[] =>
  records.flatMap((record, index) => {
    const idOf = (n: number) => messageId(position, index, n);
    const outgoing = outbox.messagesOf(record, idOf);
    if (outgoing.length > outboundLimits.messagesPerRecord) {
      throw new TypeError(`A record of ${position} makes too many messages.`);
    }
    const correlation = correlations?.[index];
    return outgoing.map((each, n) => {
      const message = checked(each, idOf(n));
      return correlation === undefined ? message : { ...message, correlation };
    });
  });
