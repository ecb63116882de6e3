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

export const replayCommand = (seed: number): string => `deno task test:sim --seed ${seed}`;

export const runSeeds = async (
  seeds: Iterable<number>,
  options: { readonly longestMs?: number; readonly stopAtFirst?: boolean } = {},
): Promise<Summary> => {
  const startedMs = performance.now();
  const reached = nothingReached();
  const failed: number[] = [];
  const problems: string[] = [];
  let runs = 0;
  for (const seed of seeds) {
    if (performance.now() - startedMs > (options.longestMs ?? Number.POSITIVE_INFINITY)) break;
    const report = await simulate(seed);
    runs++;
    addReached(reached, report.reached);
    if (report.violations.length === 0) continue;
    failed.push(seed);
    problems.push(
      `seed ${seed} fails; again: ${replayCommand(seed)}`,
      ...report.violations.slice(0, shownViolations).map((violation) => `  ${violation}`),
    );
    if (options.stopAtFirst) break;
  }
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const missed = notReached(reached);
  if (missed.length > 0) problems.push(`never reached: ${missed.join(", ")}`);
  const faults = Object.entries(reached).map(([name, count]) => `${name} ${count}`).join(", ");
  return {
    runs,
    failed,
    missed,
    problems,
    text: `${runs} seeds in ${seconds} s, ${failed.length} failed; reached: ${faults}`,
  };
};
