/**
 * What providers send by themselves. A message is signed, or it is nothing; and it is not believed when it is:
 * it says where to look. So it may come early, late, twice, in any order, or never.
 */
import { Clock, Context, Data, Effect, Layer } from "effect";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import { moneyOf, parseAmount } from "../../src/kernel/money.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { orderIdOfPayment, orderIdOfTransaction } from "../../src/order/ids.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { Payment, Transaction } from "../../src/order/payment.ts";
import { amountsOf, capturableOf, isPending } from "../../src/order/payment-amounts.ts";
import {
  authorizationOf,
  authorizationsOf,
  capturedOf,
} from "../../src/order/payment-authorizations.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import {
  NotSigned,
  type ProviderMessage,
  type ProviderMovement,
  type ProviderNaming,
  type ProviderPort,
} from "../../src/payment/port.ts";
import type { Provider } from "../../src/payment/provider.ts";
import { providers } from "../../src/payment/references.ts";
import type { StoreError } from "../../src/store/store.ts";
import { Orders } from "../order/orders.ts";
import { References } from "../reference/references.ts";
import { questionOf, type Settle, settleOf } from "./call.ts";
import { Collector } from "./collector.ts";

/** It is not known yet what became of what the message names: it is to be sent again. */
export class LookAgain extends Data.TaggedError("LookAgain")<Readonly<Record<never, never>>> {}

export class ProviderWebhooks extends Context.Service<ProviderWebhooks, {
  /**
   * Whether a message is of this provider; and then what looks at what it names and settles it, which nothing
   * has done yet. What is not known here is passed over.
   */
  readonly heard: (
    provider: string,
    message: ProviderMessage,
  ) => Effect.Effect<
    Effect.Effect<void, LookAgain | StoreError>,
    NotSigned | LookAgain | StoreError
  >;
}>()("allot/ProviderWebhooks") {
  static readonly layer = Layer.effect(
    ProviderWebhooks,
    Effect.suspend(() => makeProviderWebhooks),
  );
}

/** A payment that is looked at. */
interface Looked {
  readonly document: OrderDocument;
  readonly payment: Payment;
}

interface Parts {
  readonly orders: Orders["Service"];
  readonly provider: Provider;
  readonly port: ProviderPort;
  readonly naming: ProviderNaming;
}

const orderIdIn = ({ orderId, paymentId, transactionId }: ProviderNaming): string | null =>
  orderId ??
    (transactionId === undefined ? null : orderIdOfTransaction(transactionId)) ??
    (paymentId === undefined ? null : orderIdOfPayment(paymentId));

/** The payment that is named, if it is of this provider: one speaks for no other. */
const paymentIn = (
  { state }: OrderDocument,
  { id: provider }: Provider,
  { paymentId, transactionId, reference }: ProviderNaming,
): Payment | undefined =>
  state.settlement?.payments.find((each) =>
    each.provider === provider &&
    (each.id === paymentId || each.transactions.some(({ id }) => id === transactionId) ||
      (reference !== undefined && authorizationsOf(each).includes(reference)))
  );

const isCapture = ({ kind }: Transaction): boolean => kind === "capture" || kind === "sale";

/** The transaction that a movement is: the one that it names, or the sale that the customer was to make of it. */
const oursIn = (
  payment: Payment,
  { kind, of, transactionId }: ProviderMovement,
): Transaction | undefined =>
  payment.transactions.find((each) =>
    each.id === transactionId && (kind === "capture" ? isCapture(each) : each.kind === kind)
  ) ?? payment.transactions.find((each) =>
    kind === "capture" && each.kind === "sale" && each.status !== "succeeded" &&
    authorizationOf(payment, each) === of
  );

class Look {
  #isUnclear = false;

  constructor(private readonly parts: Parts) {}

  /** Whether all that was looked at is known now. */
  readonly all = Effect.fnUntraced(function* (this: Look) {
    const { provider, port } = this.parts;
    const looked = yield* this.#find;
    if (looked === null) return true;
    const { payment } = looked;
    const open = payment.transactions.filter((each) => this.#isOpen(each));
    for (const transaction of open.slice(0, providerLimits.looksPerWebhook)) {
      yield* this.#settle(looked, transaction);
    }
    if (port.moved !== undefined) {
      const moved = yield* Effect.catch(
        port.moved(provider, authorizationsOf((yield* this.#find)?.payment ?? payment)),
        () => this.#unclear,
      );
      for (const each of moved ?? []) yield* this.#follow(each);
    }
    return !this.#isUnclear;
  }).bind(this);

  get #unclear(): Effect.Effect<null> {
    return Effect.sync(() => {
      this.#isUnclear = true;
      return null;
    });
  }

  /** As it is now; null where it is nothing that is known here. */
  get #find(): Effect.Effect<Looked | null, StoreError> {
    const { orders, provider, naming } = this.parts;
    const orderId = orderIdIn(naming);
    if (orderId === null) return Effect.succeed(null);
    const found = Effect.catchTag(
      orders.get(orderId),
      "NotFound",
      (): Effect.Effect<OrderDocument | null> => Effect.succeed(null),
    );
    return Effect.map(found, (document) => {
      const payment = document === null ? undefined : paymentIn(document, provider, naming);
      return document === null || payment === undefined ? null : { document, payment };
    });
  }

  /** What failed may have come about after all, if somebody says so. */
  #isOpen(transaction: Transaction): boolean {
    const { id, status, ask } = transaction;
    if (ask === "hand") return false;
    return isPending(transaction) || status === "expected" ||
      (status === "failed" && id === this.parts.naming.transactionId);
  }

  #settle({ document, payment }: Looked, transaction: Transaction) {
    const { port, provider } = this.parts;
    const due = { order: document.state, payment, transaction };
    return Effect.flatMap(
      Effect.catch(port.find(provider, questionOf(due)), () => this.#unclear),
      (found) =>
        found === null || found.status === "pending"
          ? Effect.void
          : this.#do(document.state.id, settleOf(transaction.id, found)),
    );
  }

  /** Refused where somebody was faster, or where there is no room: what is so at the provider stays so. */
  #do(orderId: string, command: Settle | Extract<OrderCommand, { type: "observe" }>) {
    return Effect.asVoid(
      this.parts.orders.command(orderId, command, { by: systemPrincipal }),
    ).pipe(
      Effect.catch((error) =>
        Effect.andThen(
          Effect.logWarning(
            `A payment of ${orderId} could not be settled by a webhook`,
            error._tag,
          ),
          this.#unclear,
        )
      ),
      Effect.asVoid,
    );
  }

  /** What the provider has moved: one of ours that is settled now, or something that was made there. */
  readonly #follow = Effect.fnUntraced(function* (this: Look, movement: ProviderMovement) {
    const looked = yield* this.#find;
    if (looked === null) return;
    const { document: { state: order }, payment } = looked;
    const { kind, reference } = movement;
    const ours = oursIn(payment, movement);
    if (ours !== undefined) {
      if (ours.status === "succeeded") return;
      const name = ours.kind === "sale" ? movement.of : reference;
      const answer = { status: "succeeded", reference: name } as const;
      return yield* this.#do(order.id, settleOf(ours.id, answer));
    }
    const now = instantOf(yield* Clock.currentTimeMillis);
    const amount = unseen(payment, order.currency, movement, now);
    if (amount <= 0) return;
    yield* this.#do(order.id, {
      ...{ type: "observe", paymentId: payment.id, kind, reference },
      amount: moneyOf(amount, order.currency),
    });
  }).bind(this);
}

/** Minor units of a movement that are not known here. */
const unseen = (
  payment: Payment,
  currency: string,
  { kind, of, reference, amount: money }: ProviderMovement,
  now: Instant,
): number => {
  const amount = money === null || money.currency !== currency
    ? null
    : parseAmount(money.amount, currency);
  switch (kind) {
    case "capture":
      return amount === null ? 0 : amount - capturedOf(payment, of);
    case "refund": {
      const isKnown = payment.transactions.some((each) =>
        each.kind === "refund" && each.status === "succeeded" && each.reference === reference
      );
      return amount === null || isKnown ? 0 : amount;
    }
    case "void":
      // Of an authorization that others came after nothing is left here; what has expired has a timer.
      return payment.reference !== of || payment.ended !== undefined
        ? 0
        : capturableOf(payment, amountsOf(payment), now);
  }
};

const makeProviderWebhooks = Effect.gen(function* () {
  const references = yield* References;
  const orders = yield* Orders;
  const { ports } = yield* Collector;
  let looking = 0;

  const look = Effect.fnUntraced(function* (parts: Omit<Parts, "orders">) {
    if (looking >= providerLimits.concurrentWebhooks) return yield* new LookAgain();
    looking++;
    const isKnown = yield* Effect.ensuring(
      new Look({ orders, ...parts }).all(),
      Effect.sync(() => looking--),
    );
    if (!isKnown) return yield* new LookAgain();
  });

  const heard = Effect.fnUntraced(function* (name: string, message: ProviderMessage) {
    const provider = yield* references.find(providers, name);
    const port = provider === null ? undefined : ports[provider.type];
    if (provider === null || port?.named === undefined) return yield* new NotSigned();
    const naming = yield* Effect.catchTag(
      port.named(provider, message),
      "ProviderUnclear",
      () => new LookAgain(),
    );
    return naming === null ? Effect.void : look({ provider, port, naming });
  });

  return ProviderWebhooks.of({ heard });
});
