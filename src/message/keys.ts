/** Keys of what became of messages. */
import type { Key } from "../kernel/key.ts";
import type { MessageCause } from "./kind.ts";

export const messageFamily = "customer_message";

/** MessageRecord (`record.ts`): of each key one message is sent. */
export const messageKey = ({ orderId, kind, part }: MessageCause): Key =>
  part === null ? [messageFamily, orderId, kind] : [messageFamily, orderId, kind, part];
