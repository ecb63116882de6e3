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

/** Shows how many commands are in flight whenever the metrics are read. */
export const registerInFlight = (
  count: () => number,
  context: Context.Context<never>,
): void => {
  Metric.registerUnsafe(inFlight, context, {
    get: () => ({ value: count() }),
    update: () => undefined,
    modify: () => undefined,
  });
};
