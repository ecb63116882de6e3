/** Keys that point at an order: its reference, the SKUs that it waits for, and its timers. */
import { epochMsOf } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { SubjectSettings } from "../subject/aggregate.ts";
import { type Link, noLinks, timer, uniqueKey, waitingKey } from "../subject/link.ts";
import type { ReferenceDocument } from "./document.ts";
import { orderKeys } from "./keys.ts";
import type { Order, OrderLine } from "./order.ts";
import { hasExchangeLeft } from "./exchange.ts";
import { skusOf } from "./kits.ts";
import { paymentLinks } from "./payment-links.ts";
import { unpromisedUnits } from "./promise.ts";
import { rankOf } from "./rank.ts";
import { returnExpiryMs } from "./return-policy.ts";

/** A rank for each name: that of the line that is served first. */
class Ranks {
  readonly #ranks = new Map<string, string>();

  constructor(private readonly order: Order) {}

  add(name: string, { neededAt }: OrderLine): void {
    const rank = rankOf({ priority: this.order.priority, neededAt });
    const before = this.#ranks.get(name);
    if (before === undefined || rank < before) this.#ranks.set(name, rank);
  }

  links(keyOf: (name: string, rank: string, orderId: string) => Key): readonly Link[] {
    const { id } = this.order;
    return [...this.#ranks].map(([name, rank]) =>
      waitingKey(keyOf(name, rank, id), { orderId: id })
    );
  }
}

/** Keys under which an order waits: for each SKU, for each SKU without a promise, and for each supply. */
const waitingLinks = (order: Order): readonly Link[] => {
  if (!order.lines.some((line) => line.backordered > 0 || line.waitingParts !== undefined)) {
    return noLinks;
  }
  const waiting = new Ranks(order);
  const unpromised = new Ranks(order);
  const pegged = new Ranks(order);
  for (const line of order.lines) {
    for (const [n, units] of line.waitingParts?.entries() ?? []) {
      const part = line.components?.[n];
      if (units > 0 && part !== undefined) waiting.add(part.sku, line);
    }
    if (line.backordered === 0) continue;
    // A kit waits for each of its goods: whichever comes may be the last that is missing.
    if (line.components !== undefined) {
      for (const sku of skusOf(line)) waiting.add(sku, line);
      continue;
    }
    waiting.add(line.sku, line);
    if (unpromisedUnits(line) > 0) unpromised.add(line.sku, line);
    for (const { supplyId } of line.promises ?? []) pegged.add(supplyId, line);
  }
  return [
    ...waiting.links(orderKeys.backordered),
    ...unpromised.links(orderKeys.unpromised),
    ...pegged.links(orderKeys.pegged),
  ];
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
  const waiting = waitingLinks(order);
  if (waiting.length > 0) links.push(...waiting);
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
