/** What a customer is told of money that was given back. */
import { moneyOf } from "../kernel/money.ts";
import type { MessageKind } from "../message/kind.ts";
import type { LogRecord } from "../subject/record.ts";
import { isOrderRecord, type OrderRecord } from "./record.ts";

/**
 * Whether the record leaves it open that a payment gave money back: most that succeed are captures, which say so
 * by the payment's status.
 */
const mayBeRefund = ({ payments = [] }: OrderRecord, paymentId: string): boolean => {
  const to = payments.find(({ id }) => id === paymentId)?.to;
  return to === undefined || to === "partially_refunded" || to === "refunded";
};

const partsOf = (record: LogRecord) => {
  if (!isOrderRecord(record)) return [];
  const { orderId } = record;
  return record.events.flatMap((event) =>
    (event.type === "payment.observed" && event.kind === "refund") ||
      (event.type === "payment.succeeded" && mayBeRefund(record, event.paymentId))
      ? [{ orderId, part: event.transactionId }]
      : []
  );
};

export const refundMessages: readonly MessageKind[] = [{
  name: "refunded",
  description: "Money was given back to the customer",
  sample: { amount: { amount: "12.00", currency: "EUR" }, method: "card" },
  partsOf,
  topicOf: ({ settlement, currency }, part) => {
    for (const { method = null, transactions } of settlement?.payments ?? []) {
      const done = transactions.find(({ id }) => id === part);
      if (done === undefined) continue;
      return done.kind !== "refund" || done.status !== "succeeded"
        ? null
        : { lines: [], more: { amount: moneyOf(done.amount, currency), method } };
    }
    return null;
  },
}];
