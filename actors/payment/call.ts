/** One transaction with its provider: it is asked for, or looked for where somebody may have asked before. */
import { Clock, Effect } from "effect";
import { epochMsOf } from "../../src/kernel/instant.ts";
import { moneyOf } from "../../src/kernel/money.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { Order } from "../../src/order/order.ts";
import type { Payment, PaymentCommand, Transaction } from "../../src/order/payment.ts";
import { isPending } from "../../src/order/payment-amounts.ts";
import { authorizationOf, authorizationsOf } from "../../src/order/payment-authorizations.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import type { ProviderAnswer, ProviderPort, ProviderQuestion } from "../../src/payment/port.ts";
import type { Provider } from "../../src/payment/provider.ts";

/** A transaction that a provider is to be asked for, or about. */
export interface Due {
  readonly order: Order;
  readonly payment: Payment;
  readonly transaction: Transaction;
}

export type Settle = Extract<PaymentCommand, { readonly type: "settle" }>;

export const dueIn = ({ state: order }: OrderDocument, transactionId: string): Due | null => {
  for (const payment of order.settlement?.payments ?? []) {
    const transaction = payment.transactions.find(({ id }) => id === transactionId);
    if (transaction === undefined) continue;
    return isPending(transaction) && transaction.ask !== "hand"
      ? { order, payment, transaction }
      : null;
  }
  return null;
};

/** The first key is the id itself; a later one tells the calls apart. */
const callKey = (id: string, attempt: number): string => attempt === 1 ? id : `${id}.${attempt}`;

/** What the provider is told of a transaction, or asked about it. */
export const questionOf = ({ order, payment, transaction }: Due): ProviderQuestion => {
  const { id, kind, amount, isFinal, at } = transaction;
  const parentReference = authorizationOf(payment, transaction);
  const earlierReferences = authorizationsOf(payment).filter((each) => each !== parentReference);
  return {
    ...{ id, kind, paymentId: payment.id, final: isFinal, at },
    ...(parentReference === undefined ? {} : { parentReference }),
    ...(earlierReferences.length === 0 ? {} : { earlierReferences }),
    amount: moneyOf(amount, order.currency),
    metadata: { allot_transaction: id, allot_order: order.id },
  };
};

export const settleOf = (transactionId: string, { status, ...answer }: ProviderAnswer): Settle => ({
  type: "settle",
  transactionId,
  outcome: status,
  ...answer,
});

export const unclearOf = (transactionId: string, code: string, attempt: number): Settle => ({
  ...{ type: "settle", transactionId, outcome: "unclear", code, attempt },
});

export class Call {
  constructor(
    private readonly due: Due,
    private readonly provider: Provider,
    private readonly port: ProviderPort,
  ) {}

  /** What becomes of it. `isUnclear`: somebody may have called before, and nobody knows what came of it. */
  readonly settled = Effect.fnUntraced(function* (this: Call, isUnclear: boolean) {
    const { id, ask, status, attempt, at } = this.due.transaction;
    const isOld = (yield* Clock.currentTimeMillis) - epochMsOf(at) >= providerLimits.keyKnownMs;
    // After so long neither the provider's memory of keys nor ours of who called says anything.
    const isNew = status === "requested" && !isUnclear && !isOld;
    if (ask !== "find" && isNew) return yield* this.#ask(attempt);
    const found = yield* this.#known;
    if (found === undefined) return yield* this.#stillUnclear;
    if (found !== null) return settleOf(id, found);
    if (ask === "find") return settleOf(id, { status: "failed", code: "unknown" });
    // It knows nothing of the last call, and may have kept a failure under its key.
    return yield* this.#ask(status === "unresolved" ? attempt + 1 : attempt);
  }).bind(this);

  #lastCode = "unclear";

  /** Null: it has never heard of it. Undefined: it does not say. */
  get #known(): Effect.Effect<ProviderAnswer | null | undefined> {
    return Effect.catch(
      this.port.find(this.provider, questionOf(this.due)),
      ({ code }) => Effect.sync(() => void (this.#lastCode = code)),
    );
  }

  get #stillUnclear(): Effect.Effect<Settle> {
    const { id, attempt } = this.due.transaction;
    return Effect.sync(() => unclearOf(id, this.#lastCode, attempt));
  }

  #ask(attempt: number): Effect.Effect<Settle> {
    const { id } = this.due.transaction;
    const { at: _, ...ask } = questionOf(this.due);
    return Effect.match(
      this.port.ask(this.provider, { ...ask, key: callKey(id, attempt) }),
      {
        onSuccess: (answer) => settleOf(id, answer),
        onFailure: ({ code }) => unclearOf(id, code, attempt),
      },
    );
  }
}
