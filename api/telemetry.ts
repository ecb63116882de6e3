/**
 * OpenTelemetry: traces and metrics over OTLP/HTTP, by Effect's own exporters. Where no endpoint is set there is
 * none of it.
 */
import { Effect, Layer, Option, Tracer } from "effect";
import { FetchHttpClient } from "effect/http";
import { OtlpExporter, OtlpMetrics, OtlpSerialization, OtlpTracer } from "effect/observability";
import { telemetryLimits } from "./http/limits.ts";
import project from "../deno.json" with { type: "json" };

export interface TelemetrySettings {
  /** Where `/v1/traces` and `/v1/metrics` are. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** The share of traces that begin here and are kept, from 0 to 1. Others' say so themselves. */
  readonly traceShare: number;
}

/** A collector that does not answer is given up: what is on its way to it must not pile up. */
const boundedFetch: typeof fetch = (input, init) => {
  const late = AbortSignal.timeout(telemetryLimits.exportMs);
  const signal = init?.signal;
  return fetch(input, {
    ...init,
    signal: signal === undefined || signal === null ? late : AbortSignal.any([signal, late]),
  });
};

const client = FetchHttpClient.layer.pipe(
  Layer.provideMerge(Layer.succeed(FetchHttpClient.Fetch, boundedFetch)),
);

/** From 0 up to, but without, 1. */
const chance = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

/** Keeps a share of the traces that begin here, and of others what their beginning has decided. */
const sampling = (tracer: Tracer.Tracer, share: number): Tracer.Tracer =>
  Tracer.make({
    ...(tracer.context === undefined ? {} : { context: tracer.context }),
    span: (options) =>
      tracer.span({
        ...options,
        sampled: Option.isSome(options.parent)
          ? options.parent.value.sampled
          : options.sampled && chance() < share,
      }),
  });

const { exportEveryMs, spansPerExport, closeMs } = telemetryLimits;

/** Provides the tracer and sends metrics, for as long as the layer lives. */
export const telemetryLayer = (
  settings: TelemetrySettings | undefined,
): Layer.Layer<never> => {
  if (settings === undefined) return Layer.empty;
  const { endpoint, headers, serviceName, traceShare } = settings;
  const base = endpoint.replace(/\/+$/, "");
  const shared = {
    headers,
    resource: { serviceName, serviceVersion: project.version },
    shutdownTimeout: closeMs,
  };
  const tracer = Layer.effect(
    Tracer.Tracer,
    Effect.map(
      OtlpTracer.make({
        ...shared,
        url: `${base}/v1/traces`,
        exportInterval: exportEveryMs,
        maxBatchSize: spansPerExport,
      }),
      (made) => sampling(made, traceShare),
    ),
  );
  const metrics = Layer.effectDiscard(
    OtlpMetrics.make({ ...shared, url: `${base}/v1/metrics`, exportInterval: exportEveryMs }),
  );
  return Layer.mergeAll(tracer, metrics).pipe(
    Layer.provide(OtlpExporter.layerFlusher),
    Layer.provide(OtlpSerialization.layerJson),
    Layer.provide(client),
  ) as Layer.Layer<never>;
};
