/**
 * HTTP to the outside: one request to one address that was checked a moment before, without redirects, bounded
 * in time and in what is read.
 */
import { rootCertificates } from "node:tls";
import { Context, Data, Effect, Layer } from "effect";
import type { AllowList } from "../../src/outbound/allow-list.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import {
  addressesAllowed,
  type Target,
  type TargetNotAllowed,
  targetOf,
} from "../../src/outbound/target.ts";
import { correlationHeaders } from "../tracing/correlating.ts";
import {
  type AnswerBroken,
  Connections,
  CouldNotConnect,
  Exchange,
  type OutboundAnswer,
} from "./exchange.ts";
import { type CouldNotResolve, type Lookup, Resolver, systemLookup } from "./resolver.ts";

export { AnswerBroken, CouldNotConnect, type OutboundAnswer } from "./exchange.ts";
export { CouldNotResolve, type Lookup } from "./resolver.ts";

export interface OutboundRequest {
  readonly url: string;
  readonly method: string;
  /**
   * Names in lower case, without `host`, `content-length` and `connection`, which are made here. The request
   * that a call came of is named beside them.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: the request has none. */
  readonly body: string | null;
  /** For all of it, resolving and the answer included, milliseconds. */
  readonly deadlineMs: number;
  /** What is kept of the answer's body, in UTF-16 code units; `outboundLimits.answerCharacters` when absent. */
  readonly answerCharacters?: number;
}

/** No answer in time. Once there is a status there is an answer, however long its body takes. */
export class TimedOut extends Data.TaggedError("TimedOut")<{
  /** Whether the other side may have the request: it was there, and something may have gone out. */
  readonly wasSent: boolean;
}> {}

export type OutboundFailure =
  | TargetNotAllowed
  | CouldNotResolve
  | CouldNotConnect
  | TimedOut
  | AnswerBroken;

export interface OutboundHttpOptions {
  readonly allow: AllowList;
  /** The system's resolver when absent. */
  readonly lookup?: Lookup;
  /** PEM certificates of authorities beside those that are built in. */
  readonly authorities?: readonly string[];
}

/**
 * Not for requests and commits: whoever sends waits for others. Interrupted, it closes the connection, and
 * nobody knows whether the other side has the request.
 */
export class OutboundHttp extends Context.Service<OutboundHttp, {
  /** Fails as a defect when the method or a header is none that HTTP has. */
  readonly send: (request: OutboundRequest) => Effect.Effect<OutboundAnswer, OutboundFailure>;
}>()("allot/OutboundHttp") {
  static readonly layer = (options: OutboundHttpOptions): Layer.Layer<OutboundHttp> =>
    Layer.effect(OutboundHttp, makeOutboundHttp(options));
}

/** An attempt as far as it came, for when its time is over. */
interface Attempt {
  exchange: Exchange | null;
}

const makeOutboundHttp = Effect.fnUntraced(function* (
  { allow, lookup = systemLookup, authorities }: OutboundHttpOptions,
) {
  const resolver = new Resolver(lookup);
  const connections = yield* Effect.acquireRelease(
    Effect.sync(() =>
      new Connections(authorities === undefined ? undefined : [...rootCertificates, ...authorities])
    ),
    (opened) => Effect.sync(() => opened.close()),
  );

  const addressesOf = Effect.fnUntraced(function* (
    target: Target,
  ): Effect.fn.Return<readonly string[], CouldNotResolve | TargetNotAllowed> {
    const { host, isAddress } = target;
    const found = isAddress ? [host] : yield* resolver.addressesOf(host);
    return yield* Effect.fromResult(addressesAllowed(target, found, allow));
  });

  const attempt = Effect.fnUntraced(function* (
    { url, method, headers, body, answerCharacters = outboundLimits.answerCharacters }:
      OutboundRequest,
    sofar: Attempt,
  ): Effect.fn.Return<OutboundAnswer, OutboundFailure> {
    const target = yield* Effect.fromResult(targetOf(url, allow));
    const addresses = yield* addressesOf(target);
    let failure: CouldNotConnect | null = null;
    for (const address of addresses.slice(0, outboundLimits.addressesTried)) {
      const tried = yield* Effect.result(
        exchange(
          connections,
          { target, address, method, headers, body, answerCharacters },
          sofar,
        ),
      );
      if (tried._tag === "Success") return tried.success;
      if (tried.failure._tag !== "CouldNotConnect") return yield* tried.failure;
      failure = tried.failure;
    }
    return yield* failure ?? new CouldNotConnect({ detail: "There is no address." });
  });

  return OutboundHttp.of({
    send: (request) =>
      Effect.flatMap(correlationHeaders, (names) => {
        const sofar: Attempt = { exchange: null };
        const headers = { ...names, ...request.headers };
        return Effect.timeoutOrElse(attempt({ ...request, headers }, sofar), {
          duration: request.deadlineMs,
          orElse: () => outOfTime(sofar),
        });
      }),
  });
});

const exchange = (
  connections: Connections,
  call: ConstructorParameters<typeof Exchange>[1],
  sofar: Attempt,
): Effect.Effect<OutboundAnswer, CouldNotConnect | AnswerBroken> =>
  Effect.acquireUseRelease(
    Effect.sync(() => sofar.exchange = new Exchange(connections, call)),
    (one) =>
      (one.isConnected ? Effect.void : connectedInTime(one)).pipe(
        Effect.andThen(one.answered),
        Effect.flatMap(() => answerOf(one)),
      ),
    (one) => Effect.sync(() => one.end()),
  );

const connectedInTime = ({ connected }: Exchange): Effect.Effect<void, CouldNotConnect> =>
  Effect.timeoutOrElse(connected, {
    duration: outboundLimits.connectMs,
    orElse: () => Effect.fail(new CouldNotConnect({ detail: "Nobody answers in time." })),
  });

/** What has an end that is no failure has an answer. */
const answerOf = ({ answer }: Exchange): Effect.Effect<OutboundAnswer> =>
  answer === null
    ? Effect.die(new Error("It was answered without an answer."))
    : Effect.succeed(answer);

const outOfTime = ({ exchange: last }: Attempt): Effect.Effect<OutboundAnswer, TimedOut> => {
  const answer = last?.answer ?? null;
  return answer !== null
    ? Effect.succeed(answer)
    : Effect.fail(new TimedOut({ wasSent: last?.isConnected ?? false }));
};
