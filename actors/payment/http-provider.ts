/**
 * The provider that anybody can put behind an address: it takes transactions by POST, and says what it knows of
 * one by GET. What it answers is believed only where it is well-formed.
 */
import { Effect, Result, Schema, SchemaParser } from "effect";
import { parseInstant } from "../../src/kernel/instant.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { text, Timestamp } from "../../src/kernel/vocabulary.ts";
import { isSigned } from "../../src/outbound/signature.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import {
  NotSigned,
  type ProviderAnswer,
  type ProviderAsk,
  type ProviderMessage,
  type ProviderNaming,
  type ProviderPort,
  type ProviderQuestion,
  ProviderUnclear,
} from "../../src/payment/port.ts";
import type { Provider } from "../../src/payment/provider.ts";
import { Sealing } from "../../src/secrets/sealing.ts";
import { type OutboundAnswer, OutboundHttp } from "../outbound/http.ts";
import { failureCode } from "./failure-codes.ts";
import { openedSecret, openedWebhookSecret } from "./secrets.ts";

const Answer = Schema.Struct({
  status: Schema.Literals(["succeeded", "failed", "pending"]),
  reference: Schema.optionalKey(text(textLimits.id)),
  code: Schema.optionalKey(text(textLimits.id)),
  expiresAt: Schema.optionalKey(Timestamp),
});

/** What a webhook may name. */
const Named = Schema.Struct({
  data: Schema.Struct({
    transactionId: Schema.optionalKey(text(textLimits.id)),
    paymentId: Schema.optionalKey(text(textLimits.id)),
  }),
});

const decodeNamed = SchemaParser.decodeUnknownResult(Named);

const decodeAnswer = SchemaParser.decodeUnknownResult(Answer);

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
};

const unclear = (code: string) => Effect.fail(new ProviderUnclear({ code }));

/** What an answer of 200 says. */
const saidBy = (body: string): Effect.Effect<ProviderAnswer, ProviderUnclear> => {
  const decoded = decodeAnswer(parsed(body));
  if (Result.isFailure(decoded)) return unclear("malformed_answer");
  const { expiresAt, ...answer } = decoded.success;
  const instant = expiresAt === undefined ? null : parseInstant(expiresAt);
  return Effect.succeed({ ...answer, ...(instant === null ? {} : { expiresAt: instant }) });
};

/** Statuses by which it says that it is not going to do this. All others leave open what became of it. */
const refusals: ReadonlySet<number> = new Set([400, 402, 409, 422]);

const answerTo = (
  { status, bodyStart }: OutboundAnswer,
): Effect.Effect<ProviderAnswer, ProviderUnclear> => {
  if (status >= 200 && status < 300) return saidBy(bodyStart);
  return refusals.has(status)
    ? Effect.succeed({ status: "failed", code: `http_${status}` })
    : unclear(`http_${status}`);
};

const isNotFound = ({ status }: OutboundAnswer): boolean => status === 404;

/** Signed as Standard Webhooks has it; what it names is in its data. */
const namedBy = (sealing: Sealing["Service"]) =>
  Effect.fnUntraced(function* (
    provider: Provider,
    message: ProviderMessage,
  ): Effect.fn.Return<ProviderNaming | null, NotSigned> {
    const secret = yield* openedWebhookSecret(sealing, provider);
    if (!isSigned(message, secret, providerLimits.webhookToleranceMs)) {
      return yield* new NotSigned();
    }
    const named = decodeNamed(parsed(message.body));
    return Result.isSuccess(named) ? named.success.data : null;
  });

export const httpProvider = Effect.gen(function* () {
  const http = yield* OutboundHttp;
  const sealing = yield* Sealing;

  const headersOf = Effect.fnUntraced(function* (provider: Provider) {
    const { secret } = provider;
    if (secret === null) return {};
    return { authorization: `Bearer ${yield* openedSecret(sealing, provider, secret)}` };
  });

  const send = Effect.fnUntraced(function* (
    provider: Provider,
    path: string,
    more: {
      readonly method: string;
      readonly body: string | null;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Effect.fn.Return<OutboundAnswer, ProviderUnclear> {
    const { url } = provider;
    if (url === null) return yield* unclear("no_address");
    const headers = yield* headersOf(provider);
    return yield* Effect.catch(
      http.send({
        url: `${url.replace(/\/$/, "")}${path}`,
        method: more.method,
        headers: { accept: "application/json", ...headers, ...more.headers },
        body: more.body,
        deadlineMs: providerLimits.callMs,
      }),
      (failure) => unclear(failureCode(failure)),
    );
  });

  const port: ProviderPort = {
    ask: Effect.fnUntraced(function* (
      provider: Provider,
      { key, earlierReferences: _, ...ask }: ProviderAsk,
    ) {
      const answer = yield* send(provider, "/transactions", {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(ask),
      });
      return yield* answerTo(answer);
    }),
    find: Effect.fnUntraced(function* (provider: Provider, { id }: ProviderQuestion) {
      const path = `/transactions/${encodeURIComponent(id)}`;
      const answer = yield* send(provider, path, { method: "GET", body: null });
      if (isNotFound(answer)) return null;
      if (answer.status !== 200) return yield* unclear(`http_${answer.status}`);
      return yield* saidBy(answer.bodyStart);
    }),
    named: namedBy(sealing),
  };
  return port;
});
