/** Lists of payments: by status, newest first, and those that somebody has to look after, oldest first. */
import { Context, Effect, Layer } from "effect";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { paymentIds } from "../../src/order/ids.ts";
import { anywhere, paymentLists } from "../../src/order/lists.ts";
import type { Order } from "../../src/order/order.ts";
import { type Payment, type PaymentStatus, paymentStatuses } from "../../src/order/payment.ts";
import { paymentStatusOf } from "../../src/order/payment-amounts.ts";
import { attentionOf } from "../../src/order/payment-attention.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { postingList } from "../../src/store/postings.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { isIdCursor, Listing, type Pages } from "../index/listing.ts";
import { queuedIds } from "../index/work-queue.ts";

export interface PaymentQuery {
  readonly status?: readonly PaymentStatus[] | undefined;
  /** Only those that somebody has to look after. */
  readonly attention: boolean;
  /** Binds the orders that a channel's key may see. */
  readonly channel?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface PaymentOf {
  readonly document: OrderDocument;
  readonly payment: Payment;
}

export class PaymentQueries extends Context.Service<PaymentQueries, {
  readonly payments: (query: PaymentQuery) => Effect.Effect<Pages<PaymentOf>, StoreError>;
}>()("allot/PaymentQueries") {
  static readonly layer = Layer.effect(PaymentQueries, Effect.suspend(() => makePaymentQueries));
}

const isCursor = isIdCursor(paymentIds.prefix);

const matches = ({ status, attention, channel }: PaymentQuery, order: Order, payment: Payment) =>
  (status === undefined || status.includes(paymentStatusOf(payment))) &&
  (channel === undefined || channel === order.channel) &&
  (!attention || attentionOf(order, payment).length > 0);

const paymentIn = (query: PaymentQuery, document: OrderDocument, id: string): PaymentOf | null => {
  const payment = document.state.settlement?.payments.find((each) => each.id === id);
  return payment !== undefined && matches(query, document.state, payment)
    ? { document, payment }
    : null;
};

const makePaymentQueries = Effect.gen(function* () {
  const store = yield* Store;
  const { upToDate, anyOf, documents, inWalks, pages } = yield* Listing;

  const attended = (query: PaymentQuery): Pages<PaymentOf> => {
    const lists = [postingList(paymentLists.attention, anywhere)];
    let after = query.cursor ?? "";
    return Effect.fnUntraced(function* (limit) {
      const data: PaymentOf[] = [];
      if (after !== "" && !isCursor(after)) return { data, nextCursor: null };
      for (let scanned = 0; scanned < indexLimits.documentsScannedPerPage;) {
        const ids = yield* queuedIds(store, lists, after, limit + 1);
        for (const { id, document } of yield* documents(orders, ids, paymentIds.ownerIn)) {
          if (data.length === limit) return { data, nextCursor: after };
          const found = paymentIn(query, document, id);
          if (found !== null) data.push(found);
          after = id;
        }
        if (ids.length <= limit) return { data, nextCursor: null };
        scanned += ids.length;
      }
      return { data, nextCursor: after };
    });
  };

  return PaymentQueries.of({
    payments: Effect.fnUntraced(function* (query) {
      yield* upToDate;
      if (query.attention) return attended(query);
      const lists = (query.status ?? paymentStatuses).map((status) =>
        postingList(paymentLists.status, status)
      );
      return pages<OrderDocument, PaymentOf>({
        source: inWalks(orders, [anyOf(lists)], paymentIds.ownerIn),
        ...{ cursor: query.cursor, isCursor },
        select: ({ id, document }) => {
          const found = paymentIn(query, document, id);
          return found === null ? [] : [{ id, value: found }];
        },
      });
    }),
  });
});
