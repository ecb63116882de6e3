/** Runs seeds one after another and sums up what they found and reached. */
import { addReached, type FaultName, nothingReached, notReached } from "./reached.ts";
import { simulate } from "./simulation.ts";

export interface Summary {
  readonly runs: number;
  readonly failed: readonly number[];
  /** Faults that no seed reached. */
  readonly missed: readonly FaultName[];
  /** What went wrong, each with the command that shows it again. */
  readonly problems: readonly string[];
  readonly text: string;
}

const shownViolations = 8;

export const replayCommand = (seed: number): string => `deno task test:long --seed ${seed}`;

/** Simulations under way at once: while one waits for its database, another goes on. */
const lanes = 3;

export const runSeeds = async (
  seeds: Iterable<number>,
  options: { readonly longestMs?: number } = {},
): Promise<Summary> => {
  const startedMs = performance.now();
  const reached = nothingReached();
  const failures = new Map<number, readonly string[]>();
  const left = seeds[Symbol.iterator]();
  let runs = 0;
  const runLane = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) {
      const { violations, reached: inThis } = await simulate(next.value);
      runs++;
      addReached(reached, inThis);
      if (violations.length > 0) failures.set(next.value, violations);
      if (performance.now() - startedMs > (options.longestMs ?? Number.POSITIVE_INFINITY)) return;
    }
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
  const failed = [...failures.keys()].sort((one, other) => one - other);
  const missed = notReached(reached);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const faults = Object.entries(reached).map(([name, count]) => `${name} ${count}`).join(", ");
  return {
    runs,
    failed,
    missed,
    problems: [
      ...failed.flatMap((seed) => [
        `seed ${seed} fails; again: ${replayCommand(seed)}`,
        ...(failures.get(seed) ?? []).slice(0, shownViolations).map((each) => `  ${each}`),
      ]),
      ...(missed.length > 0 ? [`never reached: ${missed.join(", ")}`] : []),
    ],
    text: `${runs} seeds in ${seconds} s, ${failed.length} failed; reached: ${faults}`,
  };
};
