/** Keys that point at an order: its reference, the SKUs that it waits for, and its timers. */
import { epochMsOf } from "../kernel/instant.ts";
import type { SubjectSettings } from "../subject/aggregate.ts";
import { type Link, timer, uniqueKey, waitingKey } from "../subject/link.ts";
import type { ReferenceDocument } from "./document.ts";
import { orderKeys } from "./keys.ts";
import type { Order } from "./order.ts";
import { hasExchangeLeft } from "./exchange.ts";
import { skusOf } from "./kits.ts";
import { paymentLinks } from "./payment-links.ts";
import { returnExpiryMs } from "./return-policy.ts";

/** SKUs of which an order waits for units. */
const backorderedSkus = (order: Order): ReadonlySet<string> => {
  const skus = new Set<string>();
  for (const line of order.lines) {
    for (const [n, units] of line.waitingParts?.entries() ?? []) {
      const part = line.components?.[n];
      if (units > 0 && part !== undefined) skus.add(part.sku);
    }
    if (line.backordered === 0) continue;
    // A kit waits for each of its goods: whichever comes may be the last that is missing.
    if (line.components === undefined) skus.add(line.sku);
    else for (const sku of skusOf(line)) skus.add(sku);
  }
  return skus;
};

const dueAtOnceMs = 0;

const referenceOf = ({ id, fingerprint }: Order): ReferenceDocument => ({
  orderId: id,
  fingerprint,
});

const returnLinks = (order: Order): readonly Link[] =>
  (order.returns ?? []).flatMap((each): readonly Link[] => {
    const { id: returnId } = each;
    const expiryMs = returnExpiryMs(each);
    if (expiryMs !== null) {
      const command = { type: "expire-return", returnId };
      return [timer(`expire ${returnId} ${expiryMs}`, expiryMs, command)];
    }
    return hasExchangeLeft(order, each)
      ? [timer(`exchange ${returnId}`, dueAtOnceMs, { type: "cancel-exchange", returnId })]
      : [];
  });

export const linksOf = (order: Order, settings: SubjectSettings): readonly Link[] => {
  const links: Link[] = [
    uniqueKey(orderKeys.reference(order.channel, order.externalId), { ...referenceOf(order) }),
  ];
  for (const sku of backorderedSkus(order)) {
    links.push(waitingKey(orderKeys.backorder(sku, order.id), { orderId: order.id }));
  }
  // The process that allocates a large order goes on by itself. In case that process ended, the timer is due
  // at once, by any clock.
  if (order.allocating) links.push(timer("allocate", dueAtOnceMs, { type: "allocate" }));
  if (order.status === "delivered") {
    const { deliveredAt, updatedAt } = order;
    const dueMs = epochMsOf(deliveredAt ?? updatedAt) + settings.autoCloseAfterMs;
    // It moves when what had arrived is on its way once more.
    const name = deliveredAt === undefined ? "close" : `close ${epochMsOf(deliveredAt)}`;
    links.push(timer(name, dueMs, { type: "close" }));
  }
  if (order.returns !== undefined) links.push(...returnLinks(order));
  if (order.settlement !== undefined) links.push(...paymentLinks(order));
  return links;
};
