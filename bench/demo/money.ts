/** How orders of the demo are paid, what becomes of them when their customers change their minds, and what comes back. */
import { Effect, Random } from "effect";
import { Anything, type Client, type Order, Return } from "./client.ts";
import { returnReasons } from "./world.ts";

/** What the provider of the demo is called in orders. */
export const cardProvider = "demo-card";

const currency = "EUR";

const centsOf = (amount: string): number => Math.round(Number(amount) * 100);
const moneyOf = (cents: number) => ({ amount: (cents / 100).toFixed(2), currency });

interface Line {
  readonly quantity: number;
  readonly unitPrice: { readonly amount: string };
}

/**
 * The payments of an order. A marketplace has its customers' money already and pays it out; the others have a
 * card authorized, and captured when goods leave.
 */
export const paidBy = (
  channel: string,
  externalId: string,
  lines: readonly Line[],
  shipping: string,
) => {
  const total = lines.reduce(
    (sum, { quantity, unitPrice }) => sum + quantity * centsOf(unitPrice.amount),
    centsOf(shipping),
  );
  const payment = { amount: moneyOf(total), reference: externalId };
  return {
    payments: [
      channel === "marketplace"
        ? { ...payment, provider: "manual", method: "marketplace", status: "captured" }
        : { ...payment, provider: cardProvider, method: "card", status: "authorized" },
    ],
    paymentPolicy: { captureAt: "shipment", refundOnCancel: "automatic" },
  };
};

export const introduce = (admin: Client, url: string) =>
  admin.ask(Anything, "PUT", `/v1/providers/${cardProvider}`, {
    type: "http",
    url,
    capabilities: { multipleCaptures: true, partialCapture: true },
  });

/** The customer calls: one more of it, or one less. What is more is paid by card as well. */
export const changeMind = Effect.fnUntraced(function* (
  { support, finance }: { readonly support: Client; readonly finance: Client },
  order: Order,
) {
  const line = order.lines[0];
  if (line === undefined) return;
  const left = line.quantity - line.cancelled;
  const isMore = left < 2 || (yield* Random.nextBoolean);
  yield* support.ask(Anything, "POST", `/v1/orders/${order.id}/edits`, {
    reason: isMore ? "wants one more" : "wants one less",
    changes: [{ type: "set-quantity", lineId: line.id, quantity: left + (isMore ? 1 : -1) }],
  });
  if (!isMore) return;
  yield* finance.ask(Anything, "POST", `/v1/orders/${order.id}/payments`, {
    provider: cardProvider,
    method: "card",
    amount: line.unitPrice,
  });
});

/** One unit comes back: it is taken in, looked at, credited, and given back or exchanged for another. */
export const comeBack = Effect.fnUntraced(function* (
  { operations, support, pause, locationId, isExchange }: {
    readonly operations: Client;
    readonly support: Client;
    readonly pause: Effect.Effect<void>;
    readonly locationId: string;
    readonly isExchange: boolean;
  },
  order: Order,
) {
  const line = order.lines.find(({ shipped }) => shipped > 0);
  if (line === undefined) return;
  const lines = [{ lineId: line.id, quantity: 1 }];
  const reason = yield* Effect.orDie(Random.choice(returnReasons));
  const { id } = yield* support.ask(Return, "POST", `/v1/orders/${order.id}/returns`, {
    lines: lines.map((each) => ({ ...each, reason })),
    locationId,
    ...(isExchange
      ? { exchange: { lines: [{ basedOn: line.id, quantity: 1 }], shipWhen: "received" } }
      : {}),
  });
  const does = (client: Client, action: string, body: unknown) =>
    Effect.andThen(pause, client.ask(Anything, "POST", `/v1/returns/${id}/${action}`, body));
  yield* does(support, "authorize", {});
  yield* does(operations, "receive", {});
  const isSound = reason === "unwanted";
  const disposition = isSound ? "restock" : "quarantine";
  yield* does(operations, "inspect", { lines: lines.map((each) => ({ ...each, disposition })) });
  yield* pause;
  const path = `/v1/orders/${order.id}`;
  yield* isExchange
    ? support.ask(Anything, "POST", `${path}/credits`, { reason: "exchanged" })
    : support.ask(Anything, "POST", `${path}/refunds`, { reason: "it came back", credit: {} });
});
