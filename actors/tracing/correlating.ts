/**
 * The request that the work of a fiber came of. Calls to the outside name it, so that the logs of both sides
 * tell of the same request by the same name.
 */
import { Context, Effect, Option, Tracer } from "effect";
import type { Correlation } from "../../src/kernel/correlation.ts";
import { traceparent } from "../../src/kernel/traceparent.ts";
import { exportingTracer } from "./spans.ts";

const Correlating = Context.Reference<Correlation | undefined>("allot/Correlating", {
  defaultValue: () => undefined,
});

/** Carries the effect out as work of that request. */
export const correlated = <A, E, R>(
  correlation: Correlation | undefined,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  correlation === undefined ? effect : Effect.provideService(effect, Correlating, correlation);

/** The place in its trace that a call has: its span's, where there is one, or else the request's. */
const placeOf = (
  context: Context.Context<never>,
  correlation: Correlation | undefined,
): string | undefined => {
  const span = exportingTracer(context) === null
    ? Option.none()
    : Context.getOption(context, Tracer.ParentSpan);
  if (Option.isNone(span)) return correlation?.traceparent;
  const { traceId, spanId, sampled } = span.value;
  return traceparent({ traceId: traceId.padStart(32, "0"), parentId: spanId, sampled });
};

/** Headers for a call to the outside, by their names in lower case. */
export const correlationHeaders: Effect.Effect<Readonly<Record<string, string>>> = Effect
  .contextWith((context: Context.Context<never>) => {
    const correlation = Context.get(context, Correlating);
    const place = placeOf(context, correlation);
    return Effect.succeed({
      ...(correlation?.requestId === undefined ? {} : { "x-request-id": correlation.requestId }),
      ...(place === undefined ? {} : { traceparent: place }),
    });
  });
