/** Metrics of the HTTP side, in Effect's own metric registry; `GET /metrics` renders the whole registry. */
import { type Context, Metric } from "effect";

const requests = Metric.counter("allot_http_requests_total", {
  description: "Requests answered, by route, method and status",
  incremental: true,
});

const durations = Metric.histogram("allot_http_request_duration_seconds", {
  description: "Time from a request's arrival to its answer's start, by route and method",
  boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

const inFlight = Metric.gauge("allot_http_commands_in_flight", {
  description: "Commands being worked on now",
});

const unmatched = Metric.counter("allot_http_unmatched_requests_total", {
  description: "Requests whose path or method no route has, by the status of the answer",
  incremental: true,
});

const refused = Metric.counter("allot_auth_failures_total", {
  description: "Requests that were not let in: without a key, with a wrong one, or not allowed",
  incremental: true,
});

/** Why a request was not let in. */
const authFailures = ["no_key", "wrong_key", "too_many_attempts", "forbidden"] as const;
export type AuthFailure = typeof authFailures[number];

/** Counts by one attribute; each series is made once. */
const countingBy = (counter: typeof unmatched, attribute: string) => {
  const series = new Map<string, typeof unmatched>();
  return (value: string, context: Context.Context<never>): void => {
    const found = series.get(value) ?? Metric.withAttributes(counter, { [attribute]: value });
    series.set(value, found);
    found.updateUnsafe(1, context);
  };
};

const countUnmatchedBy = countingBy(unmatched, "status");
const countRefusedBy = countingBy(refused, "reason");

/** Shows what has not happened yet as nothing: a rate needs a beginning. */
export const showFailures = (context: Context.Context<never>): void => {
  for (const status of ["404", "405"]) {
    Metric.withAttributes(unmatched, { status }).valueUnsafe(context);
  }
  for (const reason of authFailures) {
    Metric.withAttributes(refused, { reason }).valueUnsafe(context);
  }
};

export const countUnmatched = (status: number, context: Context.Context<never>): void =>
  countUnmatchedBy(String(status), context);

export const countAuthFailure = (reason: AuthFailure, context: Context.Context<never>): void =>
  countRefusedBy(reason, context);

/** Metrics of one route; made once, so that counting is a look-up. */
export const routeMetrics = (
  method: string,
  route: string,
  context: Context.Context<never>,
): (status: number, seconds: number) => void => {
  const duration = Metric.withAttributes(durations, { method, route });
  const byStatus = new Map<number, typeof requests>();
  return (status, seconds) => {
    let counter = byStatus.get(status);
    if (counter === undefined) {
      counter = Metric.withAttributes(requests, { method, route, status: String(status) });
      byStatus.set(status, counter);
    }
    counter.updateUnsafe(1, context);
    duration.updateUnsafe(seconds, context);
  };
};

const connections = Metric.gauge("allot_http_connections", {
  description: "Connections that are open",
});

const showing = (gauge: typeof inFlight) =>
(
  count: () => number,
  context: Context.Context<never>,
): void => {
  Metric.registerUnsafe(gauge, context, {
    get: () => ({ value: count() }),
    update: () => undefined,
    modify: () => undefined,
  });
};

/** Shows how many commands are in flight whenever the metrics are read. */
export const registerInFlight = showing(inFlight);

/** Shows how many connections are open whenever the metrics are read. */
export const registerConnections = showing(connections);
