/** An engine whose payment provider is at the other end of a connection, and orders that are paid there. */
import assert from "node:assert/strict";
import { Effect, Layer, ManagedRuntime, Result } from "effect";
import { Timers } from "../../../actors/aggregate/timers.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { OutboundHttp } from "../../../actors/outbound/http.ts";
import { Collector } from "../../../actors/payment/collector.ts";
import { httpProvider } from "../../../actors/payment/http-provider.ts";
import { PaymentProviders } from "../../../actors/payment/payment-providers.ts";
import { ProviderWebhooks } from "../../../actors/payment/provider-webhooks.ts";
import { stripeProvider } from "../../../actors/payment/stripe/stripe-provider.ts";
import { References } from "../../../actors/reference/references.ts";
import { formatAmount } from "../../../src/kernel/money.ts";
import type { Order, OrderCommand } from "../../../src/order/order.ts";
import type { Payment } from "../../../src/order/payment.ts";
import { amountsOf, isPending } from "../../../src/order/payment-amounts.ts";
import { readAllowList } from "../../../src/outbound/allow-list.ts";
import type { ProviderPorts } from "../../../src/payment/port.ts";
import type { ProviderCapabilities, SingleCapture } from "../../../src/payment/provider.ts";
import { Sealing } from "../../../src/secrets/sealing.ts";
import { verify } from "../../../src/verify/verify.ts";
import { Chance } from "../../sim/random.ts";
import { clockFrom, type MovedClock } from "../clock.ts";
import { bySystem, request, stockUp, withEngine } from "../engine.ts";
import { BridgeStand } from "./bridge-stand.ts";
import type { Stand } from "./stand.ts";
import { StripeStand } from "./stripe-stand.ts";

const startMs = Date.parse("2030-01-01T00:00:00.000Z");
const allow = Result.getOrThrow(readAllowList("127.0.0.1"));

const outside = Layer.merge(
  OutboundHttp.layer({ allow }),
  Sealing.layer({ secretsKey: undefined, kvPath: ":memory:" }),
);

export const usd = (minorUnits: number) => ({
  amount: formatAmount(minorUnits, "USD"),
  currency: "USD",
});

export const transactionsOf = (order: Order) =>
  (order.settlement?.payments ?? []).flatMap(({ transactions }) => transactions);

export const paymentOf = (order: Order, index = 0): Payment => {
  const payment = order.settlement?.payments[index];
  assert.ok(payment !== undefined);
  return payment;
};

export interface StageOptions {
  readonly capabilities?: Partial<ProviderCapabilities>;
  readonly singleCapture?: SingleCapture;
}

/** What is done in a case, and what is seen. */
export class Stage<S extends Stand = Stand> {
  #nowMs: number;

  constructor(
    readonly stand: S,
    readonly clock: MovedClock,
    readonly ports: ProviderPorts,
    startsMs: number,
  ) {
    this.#nowMs = startsMs;
  }

  pass(ms: number): void {
    this.clock.moveTo(this.#nowMs += ms);
  }

  get nowMs(): number {
    return this.clock.currentTimeMillisUnsafe();
  }

  /** An order of ten mugs at 10.00, with a payment that the customer has begun at the provider. */
  readonly placed = Effect.fnUntraced(function* (
    this: Stage<S>,
    externalId: string,
    status: "authorized" | "captured" | "promised",
    more: Parameters<typeof request>[2] = {},
  ) {
    const orders = yield* Orders;
    const reference = this.stand.begin(status, 10_000);
    const { document: { state } } = yield* orders.place(
      request(externalId, { mug: 10 }, {
        payments: [{ provider: "card", amount: usd(10_000), status, reference }],
        ...more,
      }),
      bySystem,
    );
    this.stand.tell(reference, paymentOf(state));
    return state;
  }).bind(this);

  readonly asked = Effect.fnUntraced(function* (orderId: string, command: OrderCommand) {
    const orders = yield* Orders;
    const { state } = yield* orders.command(orderId, command, bySystem);
    return state;
  });

  readonly order = Effect.fnUntraced(function* (orderId: string) {
    const orders = yield* Orders;
    return (yield* orders.get(orderId)).state;
  });

  readonly ship = Effect.fnUntraced(function* (this: Stage<S>, order: Order, quantity: number) {
    const fulfillmentOrderId = order.fulfillmentOrders[0]?.id ?? "";
    if (order.fulfillmentOrders[0]?.status === "open") {
      for (const type of ["accept", "pick", "pack"] as const) {
        yield* this.asked(order.id, { type, fulfillmentOrderId });
      }
    }
    const lines = [{ lineId: "1", quantity }];
    return yield* this.asked(order.id, { type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  }).bind(this);

  /** Makes the calls that are due, and fires what is. */
  readonly round = Effect.gen(function* () {
    const timers = yield* Timers;
    const collector = yield* Collector;
    yield* timers.fireDue;
    yield* collector.callDue;
  });

  /** Time passes, and nothing is lost any more. */
  readonly quiet = Effect.fnUntraced(function* (this: Stage<S>) {
    this.stand.day.isBad = false;
    for (let n = 0; n < 30; n++) {
      this.pass(n < 20 ? 3_600_000 : 24 * 3_600_000);
      yield* this.round;
      yield* this.heard();
    }
  }).bind(this);

  /** Delivers a message; whether it was taken, is to be sent again, or is none of the provider's. */
  readonly told = Effect.fnUntraced(function* (
    this: Stage<S>,
    body: string,
    given?: Headers,
  ) {
    const headers = given ?? this.stand.headersOf(body, this.nowMs);
    const webhooks = yield* ProviderWebhooks;
    const result = yield* Effect.result(
      Effect.flatten(webhooks.heard("card", { headers, body, atMs: this.nowMs })),
    );
    return Result.isSuccess(result) ? "taken" : result.failure._tag;
  }).bind(this);

  /** Delivers all that the provider has to tell. */
  readonly heard = Effect.fnUntraced(function* (this: Stage<S>) {
    for (const body of this.stand.messages.splice(0)) {
      const outcome = yield* this.told(body);
      if (outcome === "LookAgain") this.stand.messages.push(body);
    }
  }).bind(this);

  /** Allot has what the provider has, to the cent, and nothing is open. */
  readonly agrees = Effect.fnUntraced(function* (
    this: Stage<S>,
    orderIds: readonly string[],
    note = "",
  ) {
    for (const orderId of orderIds) {
      const order = yield* this.order(orderId);
      const open = transactionsOf(order).filter((each) => isPending(each) && each.ask !== "hand");
      assert.deepEqual(open, [], `${note} something is open`);
      for (const payment of order.settlement?.payments ?? []) {
        const { captured, refunded } = amountsOf(payment);
        assert.deepEqual(
          { captured, refunded },
          this.stand.sumsOf(payment),
          `${note} ${payment.id} is not what the provider has`,
        );
      }
    }
    assert.deepEqual((yield* verify()).violations, [], note);
  }).bind(this);
}

type Services =
  | References
  | Effect.Services<ReturnType<Stage["quiet"]>>
  | Effect.Services<ReturnType<Stage["agrees"]>>
  | Effect.Services<ReturnType<Stage["placed"]>>;

export type StageTest<S extends Stand> = (
  stage: Stage<S>,
  chance: Chance,
) => Effect.Effect<void, unknown, Services>;

const onStage = async <S extends Stand>(
  stand: S,
  clock: MovedClock,
  chance: Chance,
  test: StageTest<S>,
  { capabilities, singleCapture = "captureOnFirst" }: StageOptions,
): Promise<void> => {
  const runtime = ManagedRuntime.make(outside);
  try {
    const ports = await runtime.runPromise(
      Effect.all({ http: httpProvider, stripe: stripeProvider }),
    );
    const services = await runtime.context();
    const body = Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 1_000 } });
      const saved = yield* PaymentProviders;
      const { type, url, secret, webhookSecret } = stand;
      yield* saved.save("card", {
        ...{ type, url, secret, webhookSecret, singleCapture },
        capabilities: {
          ...{ multipleCaptures: false, partialCapture: true, reauthorize: false },
          ...capabilities,
        },
      }, bySystem);
      yield* test(new Stage(stand, clock, ports, startMs), chance);
    });
    const layers = Layer.merge(ProviderWebhooks.layer, PaymentProviders.layer(allow)).pipe(
      Layer.provide(Layer.succeedContext(services)),
    );
    // Calls are made when the test says so, and by nobody beside it.
    await withEngine(Effect.provide(body, layers), { providers: ports, clock, lanes: false });
  } finally {
    await runtime.dispose();
  }
};

/** Runs a test against an engine whose provider is Stripe's stand-in. */
export const withStripe = async (
  test: StageTest<StripeStand>,
  options: StageOptions = {},
  seed = 1,
): Promise<void> => {
  const clock = clockFrom(startMs);
  const chance = new Chance(seed);
  await using stand = await StripeStand.start(
    chance.fork(),
    () => clock.currentTimeMillisUnsafe(),
  );
  await onStage(stand, clock, chance, test, options);
};

/** The same where it is behind the HTTP port. */
export const withBridge = async (
  test: StageTest<BridgeStand>,
  options: StageOptions = {},
  seed = 1,
): Promise<void> => {
  const clock = clockFrom(startMs);
  const chance = new Chance(seed);
  await using stand = await BridgeStand.start(
    chance.fork(),
    () => clock.currentTimeMillisUnsafe(),
  );
  await onStage(stand, clock, chance, test, options);
};

/** Runs a test against each of them. */
export const withEach = async (
  test: StageTest<Stand>,
  options: StageOptions = {},
  seed = 1,
): Promise<void> => {
  await withBridge((stage, chance) => test(stage as Stage<Stand>, chance), options, seed);
  await withStripe((stage, chance) => test(stage as Stage<Stand>, chance), options, seed);
};
