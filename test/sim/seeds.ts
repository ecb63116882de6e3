/** Which seeds the tests run. */
import { runSeeds } from "./run.ts";

export const seedsPerRun = 150;

/** Seeds that once failed; what they found is mended. */
export const mendedSeeds = async (): Promise<readonly number[]> =>
  JSON.parse(await Deno.readTextFile(new URL("./seeds.json", import.meta.url)));

/** Every second seed, from the first or from the second: the halves run side by side. */
export const halfOfSeeds = (first: 1 | 2): readonly number[] =>
  Array.from({ length: seedsPerRun / 2 }, (_, n) => first + 2 * n);

export const assertSeedsHold = async (seeds: Iterable<number>): Promise<void> => {
  const summary = await runSeeds(seeds);
  console.log(summary.text);
  if (summary.problems.length > 0) throw new Error(summary.problems.join("\n"));
};
