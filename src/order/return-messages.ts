/** What a customer is told of a return. */
import { instantOf } from "../kernel/instant.ts";
import type { MessageKind, MessageTopic } from "../message/kind.ts";
import type { LogRecord } from "../subject/record.ts";
import { keepsBack } from "./exchange.ts";
import type { LineQuantity, Order, OrderEvent } from "./order.ts";
import { lineOf } from "./quantities.ts";
import { returnExpiryMs } from "./return-policy.ts";
import { isOrderRecord } from "./record.ts";
import type { Return } from "./return.ts";
import { acceptedUnitsOf, returnsOf } from "./return-units.ts";

/** A message for each return that has such an event; a return has one of each kind, whatever comes later. */
const byEvent = (type: OrderEvent["type"]) => (record: LogRecord) => {
  if (!isOrderRecord(record)) return [];
  const { orderId } = record;
  const parts = new Set<string>();
  for (const event of record.events) {
    if (event.type === type && "returnId" in event) parts.add(event.returnId);
  }
  return [...parts].map((part) => ({ orderId, part }));
};

/** Nothing is said where there are no such units. */
const topic =
  (unitsOf: (each: Return) => readonly LineQuantity[]) => (order: Order, part: string | null) => {
    const found = returnsOf(order).find(({ id }) => id === part);
    const lines = found === undefined ? [] : unitsOf(found);
    return lines.length === 0 ? null : { lines };
  };

const returnIn = (order: Order, part: string | null): Return | undefined =>
  returnsOf(order).find(({ id }) => id === part);

/** Nothing is said once it is on its way, has come or has ended, and nothing of what does not come back. */
const toBeSent = (order: Order, part: string | null): MessageTopic | null => {
  const found = returnIn(order, part);
  if (found === undefined || found.status !== "authorized" || !found.goodsBack) return null;
  const { id, lines, locationId } = found;
  const dueMs = returnExpiryMs(found);
  return {
    lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
    ...(locationId === undefined ? {} : { locationId }),
    more: { returnNumber: id, sendBefore: dueMs === null ? null : instantOf(dueMs) },
  };
};

/** Nothing is said of goods that were taken out again. */
const exchangedFor = (order: Order, part: string | null): MessageTopic | null => {
  const found = returnIn(order, part);
  const lines = (found?.exchange?.added ?? []).flatMap((lineId) => {
    const { quantity = 0, cancelled = 0 } = lineOf(order, lineId) ?? {};
    return quantity > cancelled ? [{ lineId, quantity: quantity - cancelled }] : [];
  });
  return found === undefined || lines.length === 0
    ? null
    : { lines, more: { returnNumber: found.id, waits: keepsBack(found) } };
};

export const returnMessages: readonly MessageKind[] = [
  {
    name: "return_authorized",
    description: "A return is agreed, and its goods are to be sent back",
    sample: { returnNumber: "ret_sample_1", sendBefore: "2026-04-02T09:30:00.000Z" },
    partsOf: byEvent("return.authorized"),
    topicOf: toBeSent,
  },
  {
    name: "exchanged",
    description: "Goods are sent in place of what is returned",
    sample: { returnNumber: "ret_sample_1", waits: true },
    partsOf: byEvent("order.exchanged"),
    topicOf: exchangedFor,
  },
  {
    name: "return_received",
    description: "Units of a return have come, for the first time",
    partsOf: byEvent("return.received"),
    topicOf: topic(({ lines }) =>
      lines.flatMap(({ lineId, received }) => received > 0 ? [{ lineId, quantity: received }] : [])
    ),
  },
  {
    name: "return_closed",
    description: "A return or a claim is closed, with units that are accepted",
    partsOf: byEvent("return.closed"),
    topicOf: topic(acceptedUnitsOf),
  },
];
