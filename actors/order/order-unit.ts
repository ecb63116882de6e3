/** An order's change as a unit of work: document, references, backorder keys, timers, log records. */
import { orderKeys } from "../../src/order/keys.ts";
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import type { Contact, Order, OrderEvent } from "../../src/order/order.ts";
import type { OrderDocument, ReferenceDocument } from "../../src/order/document.ts";
import type { OrderTimer } from "../../src/order/document.ts";
import { keys } from "../../src/store/keys.ts";
import { packOrderDocument } from "../../src/order/order-codec.ts";
import { type OrderRecord, orderRecordOf } from "../../src/order/record.ts";
import type { Mutation } from "../../src/store/store.ts";
import { encodeJson, packText, splitValue, type StoredValue } from "../../src/store/values.ts";

export interface OrderChange {
  /** As stored; null for a new order. */
  readonly stored: StoredValue<OrderDocument> | null;
  readonly after: Order;
  readonly contact: Contact;
  readonly events: readonly OrderEvent[];
  readonly stock: readonly StockDelta[];
  readonly now: Instant;
  readonly by: string;
}

export interface OrderWrites {
  readonly document: OrderDocument;
  /** Keys beside its own that the document is spread over. */
  readonly parts: number;
  readonly writes: readonly Mutation[];
  readonly record: OrderRecord;
}

const backorderedSkus = (order: Order | undefined): ReadonlySet<string> =>
  new Set(order?.lines.filter((line) => line.backordered > 0).map((line) => line.sku));

const backorderWrites = (before: Order | undefined, after: Order): readonly Mutation[] => {
  const old = backorderedSkus(before);
  const now = backorderedSkus(after);
  if (old.size === 0 && now.size === 0) return [];
  const value = encodeJson({ orderId: after.id });
  return [
    ...[...now].filter((sku) => !old.has(sku)).map((sku): Mutation => ({
      type: "set",
      key: orderKeys.backorder(sku, after.id),
      value,
    })),
    ...[...old].filter((sku) => !now.has(sku)).map((sku): Mutation => ({
      type: "delete",
      key: orderKeys.backorder(sku, after.id),
    })),
  ];
};

const timerWrite = (dueMs: number, timer: Omit<OrderTimer, "due">): Mutation => {
  const value: OrderTimer = { ...timer, due: instantOf(dueMs) };
  return {
    type: "set",
    key: keys.timer(dueMs, `${timer.orderId}:${timer.command.type}`),
    value: encodeJson(value),
  };
};

const timerWrites = (
  before: Order | undefined,
  after: Order,
  autoCloseAfterMs: number,
): readonly Mutation[] => {
  const writes: Mutation[] = [];
  const resumeMs = epochMsOf(after.createdAt);
  if (after.allocating && before?.allocating !== true) {
    writes.push(timerWrite(resumeMs, { orderId: after.id, command: { type: "allocate" } }));
  }
  if (before?.allocating === true && !after.allocating) {
    writes.push({ type: "delete", key: keys.timer(resumeMs, `${after.id}:allocate`) });
  }
  if (after.status === "delivered" && before?.status !== "delivered") {
    const dueMs = epochMsOf(after.updatedAt) + autoCloseAfterMs;
    writes.push(timerWrite(dueMs, { orderId: after.id, command: { type: "close" } }));
  }
  return writes;
};

export const orderWrites = (
  change: OrderChange,
  options: { readonly valueBytes: number; readonly autoCloseAfterMs: number },
): OrderWrites => {
  const { after, stored } = change;
  const document: OrderDocument = {
    order: after,
    contact: change.contact,
    history: stored === null ? [] : [...stored.value.history, stored.versionstamp],
  };
  const key = orderKeys.order(after.id);
  const split = splitValue(packText(packOrderDocument(document)), {
    valueBytes: options.valueBytes,
    stamp: String(after.version),
    previousParts: stored?.parts ?? 0,
    partKey: (n) => keys.part(key, n),
  });
  const before = stored?.value.order;
  const writes: Mutation[] = [
    { type: "set", key, value: split.head },
    ...split.mutations,
    ...backorderWrites(before, after),
    ...timerWrites(before, after, options.autoCloseAfterMs),
  ];
  if (stored === null) {
    const reference: ReferenceDocument = { orderId: after.id, fingerprint: after.fingerprint };
    writes.push({
      type: "set",
      key: orderKeys.reference(after.channel, after.externalId),
      value: encodeJson(reference),
    });
  }
  return {
    document,
    parts: split.mutations.filter(({ type }) => type === "set").length,
    writes,
    record: orderRecordOf({
      before: before ?? null,
      after,
      events: change.events,
      stock: change.stock,
      at: change.now,
      by: change.by,
    }),
  };
};
