/**
 * The traces of requests. A request that is part of a trace is answered with its place in it. Where an exporter
 * is set, every request has a span, by the names of OpenTelemetry's conventions for HTTP servers.
 */
import { Clock, Context, Effect, Exit, Option, Tracer } from "effect";
import { exportingTracer } from "../../actors/tracing/spans.ts";
import { readTraceparent, type TraceContext, traceparent } from "../../src/kernel/traceparent.ts";

/** A request's place in its trace. */
export interface RequestTrace {
  /** For its answer, and for whom it makes the engine ask. */
  readonly traceparent: string;
  /** Whether anybody looks at it: a trace that nobody keeps need not go on. */
  readonly isKept: boolean;
  /** Runs what the request asks for within it. */
  readonly within: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
  readonly end: (status: number, attributes: Readonly<Record<string, string>>) => void;
}

export interface TracedRoute {
  readonly method: string;
  readonly path: string;
}

const traceContextOf = (headers: Headers): TraceContext | undefined => {
  const value = headers.get("traceparent");
  return value === null ? undefined : readTraceparent(value);
};

/** 16 hexadecimal digits that are not all zero. */
const newSpanId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return /^0+$/.test(id) ? newSpanId() : id;
};

const passedOn = (headers: Headers): RequestTrace | undefined => {
  const from = traceContextOf(headers);
  return from === undefined ? undefined : {
    traceparent: traceparent({ ...from, parentId: newSpanId() }),
    isKept: from.sampled,
    within: (effect) => effect,
    end: () => undefined,
  };
};

const parentOf = (headers: Headers): Option.Option<Tracer.ExternalSpan> => {
  const from = traceContextOf(headers);
  return from === undefined ? Option.none() : Option.some(
    Tracer.externalSpan({ traceId: from.traceId, spanId: from.parentId, sampled: from.sampled }),
  );
};

const serverFailed = new Error("The answer is a server's error.");

/** Begins the trace of a request; undefined where it has none, and none is made. */
export const makeTracing = (
  context: Context.Context<never>,
): (route: TracedRoute, headers: Headers) => RequestTrace | undefined => {
  const tracer = exportingTracer(context);
  if (tracer === null) return (_, headers) => passedOn(headers);
  const clock = Context.get(context, Clock.Clock);
  return ({ method, path }, headers) => {
    const parent = parentOf(headers);
    const span = tracer.span({
      name: `${method} ${path}`,
      parent,
      annotations: Context.empty(),
      links: [],
      startTime: clock.currentTimeNanosUnsafe(),
      kind: "server",
      root: Option.isNone(parent),
      sampled: Option.isNone(parent) || parent.value.sampled,
    });
    return {
      traceparent: traceparent({
        traceId: span.traceId.padStart(32, "0"),
        parentId: span.spanId,
        sampled: span.sampled,
      }),
      isKept: span.sampled,
      within: (effect) => Effect.withParentSpan(effect, span) as typeof effect,
      end: (status, attributes) => {
        span.attribute("http.request.method", method);
        span.attribute("http.route", path);
        span.attribute("http.response.status_code", status);
        for (const name in attributes) span.attribute(name, attributes[name]);
        // Of a server's spans, only its own errors are errors.
        const exit = status >= 500 ? Exit.fail(serverFailed) : Exit.void;
        span.end(clock.currentTimeNanosUnsafe(), exit);
      },
    };
  };
};
