/**
 * Metrics of the process, by the names that Prometheus's own clients give them, read when somebody asks. Those
 * that only the system knows are there where it lets itself be read: files need all permissions.
 */
import { cpuUsage } from "node:process";
import { readdirSync, readFileSync } from "node:fs";
import { Context, Effect, Layer, Metric } from "effect";
import project from "../../deno.json" with { type: "json" };
import { processLimits } from "./limits.ts";

type Read = () => number;

const gauge = (name: string, description: string, read: Read) => ({
  metric: Metric.gauge(name, { description }),
  read,
});

const secondsOfMicros = 1e-6;

const cpuSeconds = Metric.counter("process_cpu_seconds_total", {
  description: "Processor time that the process has used, of the user and of the system",
  incremental: true,
});

/** When the process began, in seconds of the epoch: `timeOrigin` has its own millisecond part. */
const startedSeconds = performance.timeOrigin / 1_000;

const usedSeconds = (): number => {
  const { user, system } = cpuUsage();
  return (user + system) * secondsOfMicros;
};

const showProcessor = (context: Context.Context<never>) =>
  Metric.registerUnsafe(cpuSeconds, context, {
    get: () => ({ count: usedSeconds(), incremental: true }),
    update: () => undefined,
    modify: () => undefined,
  });

const ofProcess: readonly ReturnType<typeof gauge>[] = [
  gauge(
    "process_start_time_seconds",
    "When the process began, in seconds since 1970",
    () => startedSeconds,
  ),
  gauge(
    "process_resident_memory_bytes",
    "Memory of the process that is in RAM",
    () => Deno.memoryUsage().rss,
  ),
  gauge(
    "process_heap_bytes",
    "Memory that JavaScript has taken for its heap",
    () => Deno.memoryUsage().heapTotal,
  ),
  gauge(
    "allot_heap_used_bytes",
    "Memory that JavaScript uses of its heap",
    () => Deno.memoryUsage().heapUsed,
  ),
];

const openFiles = (): number => readdirSync("/proc/self/fd").length;

const mostFiles = (): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);

const ofSystem: readonly ReturnType<typeof gauge>[] = [
  gauge("process_open_fds", "Files and connections that are open", openFiles),
  gauge("process_max_fds", "Files and connections that may be open", mostFiles),
];

const isReadable = (read: Read): boolean => {
  try {
    return Number.isFinite(read());
  } catch {
    // Another system or platform, or not with these permissions.
    return false;
  }
};

const buildInfo = Metric.withAttributes(
  Metric.gauge("allot_build_info", { description: "1, with what runs" }),
  { version: project.version, deno: Deno.version.deno },
);

const loopDelay = Metric.histogram("allot_event_loop_delay_seconds", {
  description: "How much later than it was due a timer ran: meanwhile nothing else did either",
  boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});

/** How late each tick of a timer is, in seconds. A timer that was held up once is not late for it twice. */
export class Lateness {
  #dueMs: number;

  constructor(private readonly everyMs: number, nowMs: number) {
    this.#dueMs = nowMs + everyMs;
  }

  tick(nowMs: number): number {
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    this.#dueMs = nowMs + this.everyMs;
    return lateMs / 1_000;
  }
}

const watchLoop = (context: Context.Context<never>): () => void => {
  const { loopTickMs } = processLimits;
  const lateness = new Lateness(loopTickMs, performance.now());
  const ticking = setInterval(
    () => loopDelay.updateUnsafe(lateness.tick(performance.now()), context),
    loopTickMs,
  );
  return () => clearInterval(ticking);
};

const show = (metric: Metric.Gauge<number>, context: Context.Context<never>, read: Read) =>
  Metric.registerUnsafe(metric, context, {
    get: () => ({ value: read() }),
    update: () => undefined,
    modify: () => undefined,
  });

/** Shows the process for as long as the layer lives. */
export const processMetrics: Layer.Layer<never> = Layer.effectDiscard(Effect.gen(function* () {
  const context = yield* Effect.context<never>();
  const shown = [...ofProcess, ...ofSystem].filter(({ read }) => isReadable(read));
  const registrations = [
    ...shown.map(({ metric, read }) => show(metric, context, read)),
    show(buildInfo, context, () => 1),
    ...(isReadable(usedSeconds) ? [showProcessor(context)] : []),
  ];
  const stop = watchLoop(context);
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      stop();
      for (const registration of registrations) registration.remove();
    })
  );
}));
