/** What may be returned: a document for each channel, and one for the channels without. */
import { Schema } from "effect";
import { epochMsOf, type Instant } from "../kernel/instant.ts";
import { reference, type Saved, savedFields } from "../subject/reference.ts";
import { orderLimits } from "./limits.ts";
import type { Order } from "./order.ts";
import { isAwaited, type Return, returnAuthorizations, type ReturnRules } from "./return.ts";

export interface ReturnPolicy extends Saved, ReturnRules {
  /** The channel, or `everywhere`. */
  readonly id: string;
}

/** The policy of the channels that have none of their own. */
export const everywhere = "default";

export const returnPolicies = reference<ReturnPolicy>({
  name: "return_policy",
  plural: "return policies",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    windowDays: Schema.optionalKey(Schema.Int),
    finalSale: Schema.Array(Schema.String),
    expiresAfterDays: Schema.optionalKey(Schema.Int),
    authorize: Schema.Literals(returnAuthorizations),
    ...savedFields,
  }),
  limit: orderLimits.returnPolicies,
  memory: { type: "all" },
});

/** Anything may be returned that was shipped, once somebody has said so. */
export const noRules: ReturnRules = { finalSale: [], authorize: "manual" };

export const rulesOf = (policies: readonly ReturnPolicy[], channel: string): ReturnRules =>
  policies.find(({ id }) => id === channel) ?? policies.find(({ id }) => id === everywhere) ??
    noRules;

const dayMs = 86_400_000;

/** When a return ends because nothing of it came, epoch milliseconds; null where it is waited for, or is over. */
export const returnExpiryMs = (
  { status, expiresAfterDays, updatedAt }: Return,
): number | null =>
  expiresAfterDays !== undefined && isAwaited(status)
    ? epochMsOf(updatedAt) + expiresAfterDays * dayMs
    : null;

/**
 * By line, the units that arrived longer ago than the window. What has not arrived is in time, and units that
 * were handed over arrived then.
 */
export const unitsOverdue = (
  order: Order,
  { windowDays }: ReturnRules,
  now: Instant,
): ReadonlyMap<string, number> => {
  const overdue = new Map<string, number>();
  if (windowDays === undefined) return overdue;
  const isOver = (at: Instant) => epochMsOf(now) - epochMsOf(at) > windowDays * dayMs;
  const add = (lineId: string, units: number) =>
    overdue.set(lineId, (overdue.get(lineId) ?? 0) + units);
  for (const { status, deliveredAt, lines } of order.shipments) {
    if (status !== "delivered" || deliveredAt === undefined || !isOver(deliveredAt)) continue;
    for (const { lineId, quantity } of lines) add(lineId, quantity);
  }
  for (const { method, status, updatedAt, lines } of order.fulfillmentOrders) {
    const arrived = status === "collected" || (method === "digital" && status === "delivered");
    if (!arrived || !isOver(updatedAt)) continue;
    for (const { lineId, shipped } of lines) add(lineId, shipped);
  }
  return overdue;
};
