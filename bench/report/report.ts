/** What a run leaves behind for machines: the shape of report.json. */
import type { StoreCheck } from "../check-store.ts";
import { Histogram, type Percentiles } from "../load/histogram.ts";
import { addCounts, type Counts, noCounts } from "../load/outcome.ts";
import type { Measured } from "../worker/protocol.ts";
import type { Plan, ScenarioName } from "../suite/plan.ts";
import type { Ratio } from "./ratios.ts";

export interface RowName {
  readonly scenario: ScenarioName | "peers";
  readonly subject: string;
  readonly setting: string;
  /** Where the row stands on its plot's axis. */
  readonly at: number;
}

/** One contender at one setting. */
export interface Row extends RowName {
  /** Accepted per second: the median of the rounds. */
  readonly perSecond: number;
  /** The same of each round. */
  readonly rounds: readonly number[];
  /** Of all answers of all rounds but errors. */
  readonly latencyMs: Percentiles;
  readonly counts: Counts;
  /** Medians of what else was found: conflicts per commit, memory, ... */
  readonly facts: Readonly<Record<string, number>>;
  /** What the first errors said. */
  readonly errors: readonly string[];
}

/** What was read from a store after its scenario. */
export interface StoreRow extends StoreCheck {
  readonly scenario: ScenarioName | "peers";
  readonly name: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
}

export interface Report {
  readonly format: 1;
  readonly startedAt: string;
  readonly seconds: number;
  readonly command: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** The commit of the code, with `+` when files had changed since; null outside of a checkout. */
  readonly commit: string | null;
  readonly plan: Plan;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly stores: readonly StoreRow[];
  /** Milliseconds into the flash sale at which each unit was sold. */
  readonly sellOutMs: readonly number[];
  readonly notes: readonly string[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
};

export const rowOf = (name: RowName, measured: readonly Measured[]): Row => {
  const rounds = measured.map(({ counts, seconds }) => counts.accepted / seconds);
  const factNames = new Set(measured.flatMap(({ facts }) => Object.keys(facts)));
  return {
    ...name,
    perSecond: median(rounds),
    rounds,
    latencyMs: Histogram.of(...measured.map(({ latency }) => latency)).percentiles(),
    counts: measured.reduce((sum, { counts }) => addCounts(sum, counts), noCounts),
    facts: Object.fromEntries(
      [...factNames].map((fact) => [fact, median(measured.map(({ facts }) => facts[fact] ?? 0))]),
    ),
    errors: measured.flatMap(({ errors }) => errors).slice(0, 5),
  };
};

/** False when a store was not sound, units were oversold, or the engine failed at something. */
export const isSound = ({ stores }: Pick<Report, "stores">): boolean =>
  stores.every(({ ok, oversold }) => ok && oversold === 0);
