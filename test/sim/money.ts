/**
 * The money of orders that are paid: who pays when, what the provider says by itself, and what must be so at
 * rest. The sums are those of the provider's ledger and of what people recorded, not Allot's own.
 */
import { moneyOf, parseAmount } from "../../src/kernel/money.ts";
import { attentionOf } from "../../src/order/payment-attention.ts";
import { balanceOf } from "../../src/order/balance.ts";
import type { Order } from "../../src/order/order.ts";
import type { Payment } from "../../src/order/payment.ts";
import { amountsOf, isPending } from "../../src/order/payment-amounts.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { manualProvider, type Provider } from "../../src/payment/provider.ts";
import { providers } from "../../src/payment/references.ts";
import { owedExactly } from "../support/owed.ts";
import { cardProvider } from "../support/payment-commands.ts";
import type { Clients } from "./clients.ts";
import type { LogFacts } from "./history.ts";
import type { Operation, Request } from "./operation.ts";
import { moneyCommand, paid } from "./paid-requests.ts";
import {
  type AccountSums,
  PaymentProvider,
  type ProviderFaults,
  type Told,
} from "./payment-provider.ts";
import type { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";
import type { Truth } from "./truth.ts";
import type { World } from "./world.ts";

/** Of commands to an order that is paid, those about its money. */
const moneyShare = 0.6;
/** Of what the provider does, what it tells by itself. */
const toldShare = 0.3;
const longestToldMs = 5_000;
/** What customers do about what they promised: some pay when nobody waits any more, or are heard of late only. */
const promises = { pays: 4, "is heard of late": 2, "pays late": 8, "does not pay": 2 } as const;
const looksForPromises = 12;
const lookMs = 400;

export class PaidOrders {
  readonly provider: PaymentProvider;
  readonly card: Provider;
  readonly #chance: Chance;
  readonly #paid = new Map<string, PlaceOrderRequest>();
  readonly #promises = new Set<string>();
  readonly #telling: Promise<void>[] = [];
  readonly #later: (() => Request)[] = [];

  constructor(world: World, chance: Chance, private readonly reached: Reached) {
    this.#chance = chance.fork();
    this.provider = new PaymentProvider(world, chance.fork(), reached);
    this.card = {
      ...cardProvider,
      capabilities: {
        multipleCaptures: chance.happens(0.6),
        partialCapture: chance.happens(0.9),
        reauthorize: chance.happens(0.5),
      },
      singleCapture: chance.pick(["captureOnFirst", "reauthorize", "shipComplete"]),
    };
  }

  get preparation(): Request {
    const { createdAt: _, updatedAt: __, version: ___, ...document } = this.card;
    return { type: "save", reference: providers, document };
  }

  /** What a client asks for, with money in it. */
  requestOf(request: Request, find: (orderId: string) => Order | undefined): Request {
    if (request.type === "place") return { ...request, order: this.#placed(request.order) };
    if (request.type !== "command" || !this.#chance.happens(moneyShare)) return request;
    const order = find(request.orderId);
    const command = order === undefined
      ? null
      : moneyCommand(this.#chance, order, (id) => this.provider.knownOf(id));
    return command === null ? request : { ...request, command };
  }

  /** The same number is paid in the same way, however often it is placed. */
  #placed(order: PlaceOrderRequest): PlaceOrderRequest {
    const name = `${order.channel} ${order.externalId}`;
    const { payments, paymentPolicy } = this.#paid.get(name) ?? {};
    if (payments !== undefined && paymentPolicy !== undefined) {
      return { ...order, payments, paymentPolicy };
    }
    if (this.#paid.has(name)) return order;
    const request = paid(this.#chance, order);
    this.#paid.set(name, request);
    for (const { provider, status, amount, reference = "" } of request.payments ?? []) {
      if (provider === manualProvider || status === "promised") continue;
      const units = parseAmount(amount.amount, amount.currency) ?? 0;
      this.provider.report(reference, units, status === "captured");
    }
    return request;
  }

  /** While the provider has a bad day it tells some of what it does by itself, at any time. */
  begin(clients: Clients, faults: ProviderFaults): void {
    this.provider.faults = faults;
    this.provider.onTold = (told) => {
      if (!this.#chance.happens(toldShare)) return;
      this.#telling.push(
        clients.pause(this.#chance.between(0, longestToldMs))
          .then(() => this.#tell(clients, settleOf(told))),
      );
    };
  }

  #tell(clients: Clients, request: Request): Promise<void> {
    return clients.perform(clients.open(request, "provider"));
  }

  /** Customers pay what they promised. */
  async customers(clients: Clients): Promise<void> {
    for (let look = 0; look < looksForPromises; look++) {
      await clients.pause(lookMs);
      for (const { id, currency, settlement } of clients.knowledge.orders) {
        for (const payment of settlement?.payments ?? []) {
          await this.#keepPromise(clients, id, currency, payment);
        }
      }
    }
  }

  async #keepPromise(
    clients: Clients,
    orderId: string,
    currency: string,
    { id: paymentId, transactions }: Payment,
  ): Promise<void> {
    const promised = transactions.find(({ status }) => status === "expected");
    if (promised === undefined || this.#promises.has(promised.id)) return;
    const { id: transactionId, amount } = promised;
    this.#promises.add(transactionId);
    const pay = (): Request => {
      const answer = this.provider.pay({
        ...{ id: transactionId, paymentId, amount: moneyOf(amount, currency) },
      });
      return settleOf({ orderId, transactionId, answer });
    };
    const does = this.#chance.weighted(promises);
    if (does === "pays late") this.#later.push(pay);
    if (does === "pays late" || does === "does not pay") return;
    const request = pay();
    if (does === "is heard of late") this.#later.push(() => request);
    else await this.#tell(clients, request);
  }

  /** The bad day is over, and what was on its way to us has come. */
  async end(clients: Clients): Promise<void> {
    this.provider.recover();
    while (this.provider.isAwaited) await clients.pause(lookMs);
    await Promise.all(this.#telling.splice(0));
  }

  /** Customers who pay late pay now, and what the provider could not tell for hours it tells. */
  async payLate(clients: Clients): Promise<void> {
    for (const pay of this.#later.splice(0)) await this.#tell(clients, pay());
  }

  #countReached(
    { status, settlement }: Order,
    placed: NonNullable<PlaceOrderRequest["payments"]>,
  ): void {
    for (const [n, payment] of (settlement?.payments ?? []).entries()) {
      if (triedAgain(payment)) this.reached.captureAgain++;
      const wasPromised = placed[n]?.status === "promised";
      const isPaid = payment.provider !== manualProvider && amountsOf(payment).captured > 0;
      if (status === "cancelled" && wasPromised && isPaid) this.reached.latePayment++;
    }
  }

  check(
    { documents }: Truth,
    operations: readonly Operation[],
    { effects }: Pick<LogFacts, "effects">,
  ): readonly string[] {
    const recorded = recordedIn(operations, effects);
    return [
      ...this.provider.violations,
      ...documents.flatMap(({ state }) => {
        if (state.settlement === undefined) return [];
        const placed = this.#paid.get(`${state.channel} ${state.externalId}`)?.payments ?? [];
        this.#countReached(state, placed);
        const sums = state.settlement.payments.map((payment, n) => {
          const { status, amount, reference } = placed[n] ?? {};
          if (payment.provider !== manualProvider) {
            return this.provider.sumsOf(payment.id, reference);
          }
          const { captured, refunded } = recorded.get(payment.id) ?? nothingMoved;
          const first = status === "captured" ? parseAmount(amount?.amount ?? "", "USD") ?? 0 : 0;
          return { captured: captured + first, refunded };
        });
        return checkOrder(state, sums);
      }),
    ];
  }
}

const triedAgain = ({ transactions }: Payment): boolean => {
  const captures = transactions.filter(({ kind }) => kind === "capture");
  return captures.slice(0, -1).some(({ status }) => status === "failed");
};

const nothingMoved: AccountSums = { captured: 0, refunded: 0 };

const settleOf = ({ orderId, transactionId, answer }: Told): Request => {
  const { status, ...more } = answer;
  return {
    type: "command",
    orderId,
    command: { type: "settle", transactionId, outcome: status, ...more },
  };
};

/** What people recorded of each payment, by the operations that were carried out. */
const recordedIn = (
  operations: readonly Operation[],
  effects: LogFacts["effects"],
): ReadonlyMap<string, AccountSums> => {
  const sums = new Map<string, AccountSums>();
  for (const { id, request } of operations) {
    if (request.type !== "command" || request.command.type !== "record") continue;
    if (!effects.has(id)) continue;
    const { paymentId, kind, amount: { amount, currency } } = request.command;
    const units = parseAmount(amount, currency) ?? 0;
    const { captured, refunded } = sums.get(paymentId) ?? nothingMoved;
    sums.set(paymentId, {
      captured: captured + (kind === "capture" || kind === "sale" ? units : 0),
      refunded: refunded + (kind === "refund" ? units : 0),
    });
  }
  return sums;
};

/** One order at rest: it has what really was moved, nothing is open, and the rest follows from that. */
const checkOrder = (order: Order, sums: readonly AccountSums[]): readonly string[] => {
  const violations: string[] = [];
  const wrong = (detail: string) => void violations.push(`money: ${order.id}: ${detail}`);
  const same = (what: string, said: number, is: number) => {
    if (said !== is) wrong(`${what} is ${said}, not ${is}`);
  };
  const { payments = [], policy } = order.settlement ?? {};
  let paidSum = 0, refundPending = 0;
  for (const [n, payment] of payments.entries()) {
    const { captured, refunded } = sums[n] ?? nothingMoved;
    const said = amountsOf(payment);
    same(`captured of ${payment.id}`, said.captured, captured);
    same(`refunded of ${payment.id}`, said.refunded, refunded);
    paidSum += captured - refunded;
    for (const transaction of payment.transactions) {
      if (!isPending(transaction)) continue;
      if (transaction.ask !== "hand") wrong(`nobody learns what became of ${transaction.id}`);
      else if (transaction.kind === "refund") refundPending += transaction.amount;
    }
    if (payment.disagrees === true && payment.provider !== manualProvider) {
      wrong(`${payment.id} disagrees with its provider`);
    }
  }
  const owed = owedExactly(order);
  const { owed: saidOwed, due, refundDue } = balanceOf(order);
  same("owed", saidOwed, owed);
  same("due", due, Math.max(0, owed - paidSum));
  same("to be given back", refundDue, Math.max(0, paidSum - refundPending - owed));
  const givesBack = policy?.onLatePayment === "refund" && policy.refundOnCancel === "automatic";
  const hasFailed = payments.some(({ transactions }) =>
    transactions.some(({ kind, status }) => kind === "refund" && status === "failed")
  );
  if (order.status === "cancelled" && refundDue > 0) {
    if (givesBack && !hasFailed) wrong(`${refundDue} are kept of an order that was cancelled`);
    if (!payments.some((payment) => attentionOf(order, payment).length > 0)) {
      wrong(`nobody is told of ${refundDue} that are due to the customer`);
    }
  }
  return violations;
};
