/** The messages to customers: one line for each subject that has any. */
import type { MessageKind } from "./message/kind.ts";
import { messageSubject } from "./message/subject.ts";
import { orderMessages } from "./order/messages.ts";

export const messageKinds: readonly MessageKind[] = [...orderMessages];

export const message = messageSubject(messageKinds);

/** Null for a name that no subject says. */
export const messageKindOf = (name: string): MessageKind | null =>
  messageKinds.find((kind) => kind.name === name) ?? null;
