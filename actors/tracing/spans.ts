/**
 * Spans of what the engine does, for OpenTelemetry. Where no exporter is set nobody would see one, and none is
 * made: then this costs a look.
 */
import { Context, Effect, type Tracer as EffectTracer } from "effect";
import { externalSpan, nativeTracer, Tracer } from "effect/Tracer";
import type { TraceContext } from "../../src/kernel/traceparent.ts";

/** The tracer that exports spans; null where none does. */
export const exportingTracer = (
  context: Context.Context<never>,
): EffectTracer.Tracer | null => {
  const tracer = Context.get(context, Tracer);
  return tracer === nativeTracer ? null : tracer;
};

export interface SpanDescription {
  readonly kind?: EffectTracer.SpanKind;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** The trace that it is part of; else that of the fiber, or one of its own. */
  readonly within?: TraceContext | undefined;
}

const parentOf = ({ within }: SpanDescription) =>
  within === undefined ? {} : {
    parent: externalSpan({
      traceId: within.traceId,
      spanId: within.parentId,
      sampled: within.sampled,
    }),
  };

/** The effect in a span, where spans are exported. */
export const traced = <A, E, R>(
  name: string,
  description: SpanDescription,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.contextWith((context: Context.Context<never>) =>
    exportingTracer(context) === null ? effect : Effect.withSpan(effect, name, {
      kind: description.kind ?? "internal",
      attributes: { ...description.attributes },
      ...parentOf(description),
    }) as Effect.Effect<A, E, R>
  );
