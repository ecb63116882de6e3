/** How much of everything a run does. */

export const scenarioNames = [
  "hot",
  "spread",
  "ceiling",
  "naive",
  "flash",
  "life",
  "growth",
  "lists",
  "processes",
  "large",
  "stream",
  "feed",
  "webhooks",
  "paid",
  "cart",
  "promise",
  "dashboard",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** What runs when nothing is named. A browser's pages beside the engine are a question of their own. */
const suite = scenarioNames.filter((name) => name !== "dashboard");

export interface Plan {
  readonly quick: boolean;
  readonly scenarios: readonly ScenarioName[];
  readonly peers: boolean;
  /** Of one measurement. */
  readonly seconds: number;
  /** Of load before the first measurement of a contender, so that its code is warm. */
  readonly warmUpSeconds: number;
  /**
   * The same for an engine in `spread` and `growth`, and for several of them where they are measured in
   * rounds: a compiler at work takes half of two cores.
   */
  readonly engineWarmUpSeconds: number;
  /** The same in `hot`, where the engine stands beside what is not compiled as it runs. */
  readonly hotWarmUpSeconds: number;
  /** Measurements of each contender, taken in turns; the median counts. */
  readonly rounds: number;
  readonly connections: readonly number[];
  readonly peerConnections: readonly number[];
  readonly flash: { readonly buyers: number; readonly units: number };
  /** Requests per second at which `life` begins. */
  readonly lifeRate: number;
  /** Rates that `life` tries at most. */
  readonly lifeSteps: number;
  /** Stored orders of `growth`, ascending; the first is the measure of the others. `lists` has the most. */
  readonly stored: readonly number[];
  readonly processes: readonly number[];
  /** Added to each commit, milliseconds; each with so many engines. */
  readonly latencies: readonly {
    readonly commitLatencyMs: number;
    readonly engines: readonly number[];
    readonly rounds: number;
    /** How many times `seconds` one measurement takes: engines that paused need a while to combine again. */
    readonly lengths: number;
  }[];
  readonly readers: number;
  /** Open dashboards: so many that what one costs stands out from the noise. */
  readonly dashboards: number;
}

export interface Asked {
  readonly quick: boolean;
  readonly peers: boolean;
  readonly scenarios: readonly ScenarioName[];
  readonly seconds: number | undefined;
}

const full: Omit<Plan, "scenarios" | "peers" | "quick"> = {
  seconds: 1,
  warmUpSeconds: 1.5,
  engineWarmUpSeconds: 3.5,
  hotWarmUpSeconds: 7,
  rounds: 3,
  connections: [1, 16, 64, 256],
  peerConnections: [4, 16, 64],
  flash: { buyers: 10_000, units: 500 },
  lifeRate: 500,
  lifeSteps: 8,
  stored: [0, 100_000, 1_000_000],
  processes: [1, 2, 4],
  latencies: [
    { commitLatencyMs: 5, engines: [1, 8], rounds: 1, lengths: 2 },
    { commitLatencyMs: 10, engines: [1, 8], rounds: 3, lengths: 2 },
    { commitLatencyMs: 10, engines: [2, 4], rounds: 1, lengths: 2 },
    { commitLatencyMs: 50, engines: [1, 8], rounds: 1, lengths: 2 },
  ],
  readers: 1_000,
  dashboards: 10,
};

const quick: typeof full = {
  ...full,
  seconds: 0.4,
  warmUpSeconds: 0.6,
  engineWarmUpSeconds: 0.6,
  hotWarmUpSeconds: 0.6,
  rounds: 1,
  connections: [16, 64, 256],
  peerConnections: [16, 64],
  flash: { buyers: 3_000, units: 150 },
  lifeSteps: 3,
  stored: [0, 20_000],
  processes: [1, 2],
  latencies: [{ commitLatencyMs: 10, engines: [1, 4], rounds: 1, lengths: 1 }],
  readers: 200,
};

export const planOf = (asked: Asked): Plan => {
  const base = asked.quick ? quick : full;
  return {
    ...base,
    quick: asked.quick,
    peers: asked.peers,
    scenarios: asked.scenarios.length === 0 ? suite : asked.scenarios,
    seconds: asked.seconds ?? base.seconds,
  };
};
