/**
 * What is done to the engines, and when: all of it from one seed. When is counted in what clients asked for,
 * so that the plan does not depend on how fast the machine is; what really meets what is up to the machine.
 */
import { ledgerLimits } from "../../../actors/ledger/limits.ts";
import { storeLimits } from "../../../src/store/limits.ts";
import { Chance } from "../../sim/random.ts";

export type Deed = { readonly type: "kill" } | {
  readonly type: "stop";
  readonly forMs: number;
  /** In the middle of a write, so that it sleeps with the file's lock and nobody else can write. */
  readonly whileWriting: boolean;
};

export interface Step {
  /** After so many operations were begun. */
  readonly afterOperations: number;
  /** And then so long, to be anywhere in the work of a commit. */
  readonly delayMs: number;
  /** Which of those that it can be done to, from 0 to 1. */
  readonly choice: number;
  readonly deed: Deed;
}

export interface Plan {
  readonly seed: number;
  readonly engines: number;
  readonly shelves: number;
  readonly locations: number;
  /** How wrong the clock of each engine is. */
  readonly clockOffsetsMs: readonly number[];
  readonly clients: number;
  /** Begun before the last step. */
  readonly operations: number;
  /** Begun after it. */
  readonly operationsAfterwards: number;
  readonly steps: readonly Step[];
}

export const killsPerRound = 10;
const stopsPerRound = 2;
const hourMs = 3_600_000;
/** How far clocks are off at most: by hours, and every second seed by days. */
const clocksOffMs = [hourMs, 3 * 24 * hourMs] as const;

/** The longest that a call of the store is tried again, or a commit waits to be, while others keep it from it. */
const longestTimeoutMs = Math.max(
  storeLimits.lockedTries * storeLimits.lockedBackoffCapMs,
  ledgerLimits.commitTries * ledgerLimits.commitBackoff.capMs,
);
/** Every so many seeds have a stop that outlives even what is dropped when it was not used for a while. */
const longStopEvery = 10;
const longStopMs = 75_000;

const longestDelayMs = 25;

export const planOf = (seed: number): Plan => {
  const chance = new Chance(seed);
  // Two of three rounds have all that can go wrong.
  const engines = seed % 3 === 0 ? chance.between(1, 2) : 3;
  const operations = 1_200;
  const [hours, days] = clocksOffMs;
  const offMs = seed % 2 === 0 ? hours : days;
  const step = (deed: Deed, from: number, to: number): Step => ({
    afterOperations: chance.between(Math.floor(operations * from), Math.floor(operations * to)),
    delayMs: chance.between(0, longestDelayMs),
    choice: chance.next(),
    deed,
  });
  const stops = Array.from({ length: stopsPerRound }, (_, n) => {
    const forMs = n === 0 && seed % longStopEvery === 0
      ? longStopMs
      : longestTimeoutMs + chance.between(1_000, 3_000);
    return step({ type: "stop", forMs, whileWriting: n === 0 && seed % 2 === 0 }, 0.02, 0.1);
  });
  const kills = Array.from({ length: killsPerRound }, () => step({ type: "kill" }, 0.02, 0.98));
  return {
    seed,
    engines,
    shelves: chance.between(1, 3),
    locations: chance.between(2, 4),
    clockOffsetsMs: Array.from({ length: engines }, () => chance.between(-offMs, offMs)),
    clients: 24,
    operations,
    operationsAfterwards: 150,
    steps: [...stops, ...kills].sort((a, b) => a.afterOperations - b.afterOperations),
  };
};

/** The plan for people. */
export const describePlan = (plan: Plan): readonly string[] => [
  `${plan.engines} engines, their clocks off by ${
    plan.clockOffsetsMs.map((ms) => `${Math.round(ms / 60_000)}`).join(", ")
  } minutes; ${plan.shelves} shelves, ${plan.locations} locations, ${plan.clients} clients`,
  ...plan.steps.map(({ afterOperations, delayMs, choice, deed }) =>
    `after ${afterOperations} operations and ${delayMs} ms: ${
      deed.type === "kill"
        ? "SIGKILL"
        : `SIGSTOP for ${deed.forMs} ms${deed.whileWriting ? ", while it writes" : ""}`
    } (choice ${choice.toFixed(2)})`
  ),
];
