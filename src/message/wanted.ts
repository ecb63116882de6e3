/** Whether a customer is told at all, of the order as it is when the message is sent. */
import { epochMsOf } from "../kernel/instant.ts";
import type { Contact, Order } from "../order/order.ts";
import { isToldByDefault, type MessageChannel } from "./channel.ts";
import { messageLimits } from "./limits.ts";

export const unwantedReasons = ["history", "silent", "channel", "no_address"] as const;

/**
 * `history`: it is no news. `silent`: who placed it said so. `channel`: its customers are told by others.
 * `no_address`: there is none, or it was erased.
 */
export type Unwanted = (typeof unwantedReasons)[number];

/** The member of an order's metadata by which a channel or an import keeps messages from being sent. */
export const silentMember = "silent";

/** The part of it that is known when an order is placed, and stays. Null: the customer is told. */
export const unwantedForGood = (
  { placedAt, createdAt, metadata }: Pick<Order, "placedAt" | "createdAt" | "metadata">,
): Extract<Unwanted, "history" | "silent"> | null => {
  if (Object.hasOwn(metadata, silentMember) && metadata[silentMember] === "true") return "silent";
  return epochMsOf(createdAt) - epochMsOf(placedAt) > messageLimits.historyAfterMs
    ? "history"
    : null;
};

/** Null: the customer is told. */
export const unwantedBecause = (
  { state, personal }: {
    readonly state: Pick<Order, "channel" | "placedAt" | "createdAt" | "metadata">;
    readonly personal: { readonly customer: Pick<Contact["customer"], "email"> };
  },
  channel: Pick<MessageChannel, "enabled"> | null,
): Unwanted | null => {
  const forGood = unwantedForGood(state);
  if (forGood !== null) return forGood;
  if (!(channel?.enabled ?? isToldByDefault(state.channel))) return "channel";
  return personal.customer.email === undefined ? "no_address" : null;
};
