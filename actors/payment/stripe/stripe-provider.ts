/** Stripe, as one of the providers that are called. https://docs.stripe.com/api */
import { Clock, Effect, Result, Schema, SchemaParser } from "effect";
import { providerLimits } from "../../../src/payment/limits.ts";
import {
  NotSigned,
  type ProviderAsk,
  type ProviderMessage,
  type ProviderNaming,
  type ProviderPort,
  type ProviderQuestion,
  ProviderUnclear,
} from "../../../src/payment/port.ts";
import type { Provider } from "../../../src/payment/provider.ts";
import { Sealing } from "../../../src/secrets/sealing.ts";
import { OutboundHttp } from "../../outbound/http.ts";
import { openedSecret, openedWebhookSecret } from "../secrets.ts";
import { tags } from "./answers.ts";
import { eventOf, stripeOver } from "./client.ts";
import { unclearBy } from "./errors.ts";
import { StripeTransactions } from "./transactions.ts";

const Named = Schema.NullOr(Schema.Union([Schema.String, Schema.Struct({ id: Schema.String })]));

/** The part of an event that says what it is about: a payment intent, or something that is of one. */
const Event = Schema.Struct({
  data: Schema.Struct({
    object: Schema.Struct({
      id: Schema.optionalKey(Schema.String),
      object: Schema.String,
      payment_intent: Schema.optionalKey(Named),
      metadata: Schema.optionalKey(
        Schema.NullOr(Schema.Record(Schema.String, Schema.String)),
      ),
    }),
  }),
});

const decodeEvent = SchemaParser.decodeUnknownResult(Event);

const namingOf = (event: unknown): ProviderNaming | null => {
  const decoded = decodeEvent(event);
  if (Result.isFailure(decoded)) return null;
  const { id, object, payment_intent: intent, metadata } = decoded.success.data.object;
  const reference = object === "payment_intent"
    ? id
    : typeof intent === "string"
    ? intent
    : intent?.id;
  return { ...taggedBy(metadata ?? {}), ...(reference === undefined ? {} : { reference }) };
};

const taggedBy = (metadata: Readonly<Record<string, string>>): ProviderNaming => {
  const orderId = metadata[tags.order];
  const paymentId = metadata[tags.payment];
  const transactionId = metadata[tags.transaction];
  return {
    ...(orderId === undefined ? {} : { orderId }),
    ...(paymentId === undefined ? {} : { paymentId }),
    ...(transactionId === undefined ? {} : { transactionId }),
  };
};

const isTagged = ({ orderId, paymentId, transactionId }: ProviderNaming): boolean =>
  orderId !== undefined || paymentId !== undefined || transactionId !== undefined;

export const stripeProvider = Effect.gen(function* () {
  const http = yield* OutboundHttp;
  const sealing = yield* Sealing;
  /** By the document as it is in memory: one that is saved anew is another. */
  const clients = new WeakMap<Provider, StripeTransactions>();

  const clientOf = Effect.fnUntraced(function* (provider: Provider) {
    const known = clients.get(provider);
    if (known !== undefined) return known;
    const { url, secret } = provider;
    if (secret === null) return yield* new ProviderUnclear({ code: "no_secret" });
    const opened = yield* openedSecret(sealing, provider, secret);
    const client = new StripeTransactions(
      yield* Effect.promise(() => stripeOver(http, { url, secret: opened })),
    );
    clients.set(provider, client);
    return client;
  });

  const within = <A>(
    provider: Provider,
    call: (client: StripeTransactions, nowMs: number) => Promise<A>,
  ): Effect.Effect<A, ProviderUnclear> =>
    Effect.gen(function* () {
      const client = yield* clientOf(provider);
      const nowMs = yield* Clock.currentTimeMillis;
      return yield* Effect.tryPromise({ try: () => call(client, nowMs), catch: unclearBy });
    }).pipe(
      Effect.timeoutOrElse({
        duration: providerLimits.callMs,
        orElse: () => Effect.fail(new ProviderUnclear({ code: "timeout" })),
      }),
    );

  const port: ProviderPort = {
    ask: (provider: Provider, ask: ProviderAsk) => within(provider, (client) => client.ask(ask)),
    find: (provider: Provider, question: ProviderQuestion) =>
      within(provider, (client, nowMs) => client.find(question, nowMs)),
    moved: (provider, references) => within(provider, (client) => client.moved(references)),
    named: Effect.fnUntraced(function* (provider: Provider, message: ProviderMessage) {
      const signature = message.headers.get("stripe-signature");
      if (signature === null) return yield* new NotSigned();
      const secret = yield* openedWebhookSecret(sealing, provider);
      const { body, atMs } = message;
      const event = yield* Effect.tryPromise({
        try: () => eventOf({ body, signature, secret, atMs }),
        catch: () => new NotSigned(),
      });
      const naming = namingOf(event);
      const { reference } = naming ?? {};
      if (naming === null || reference === undefined || isTagged(naming)) return naming;
      // Made by people at Stripe, or before somebody said whose it is.
      const metadata = yield* within(provider, (client) => client.metadataOf(reference));
      return { ...taggedBy(metadata), reference };
    }),
  };
  return port;
});
