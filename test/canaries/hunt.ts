/**
 * Looks for a bug in the code beside it, as the tests do: simulated seeds and the sweep of crashes, until
 * something is wrong or the time is over. The last line says what was found, as JSON.
 */
import { type Flow, flows } from "../crash/flows.ts";
import { sweep } from "../crash/sweep.ts";
import { simulate } from "../sim/simulation.ts";

export interface Find {
  /** Null when nothing was found. */
  readonly by: string | null;
  readonly violation: string;
  readonly seconds: number;
}

/** The flow and the seed to look at first. */
const [firstFlow = "", firstSeed = "1"] = Deno.args;
const seeds = 60;
/** After so many seeds the sweep has a look. */
const seedsBeforeSweep = 24;

type Found = Omit<Find, "seconds">;

const inSweep = async (among: readonly Flow[]): Promise<Found | null> => {
  for (const flow of among) {
    const { violations: [violation] } = await sweep(flow);
    if (violation !== undefined) return { by: `the sweep of "${flow.name}"`, violation };
  }
  return null;
};

const inSeeds = async (from: number, to: number): Promise<Found | null> => {
  for (let seed = from; seed <= to; seed++) {
    const { violations: [violation] } = await simulate(seed);
    if (violation !== undefined) return { by: `seed ${seed}`, violation };
  }
  return null;
};

const hunt = async (): Promise<Found | null> =>
  await inSweep(flows.filter(({ name }) => name === firstFlow)) ??
    await inSeeds(Number(firstSeed), Number(firstSeed)) ??
    await inSeeds(1, seedsBeforeSweep) ??
    await inSweep(flows) ??
    await inSeeds(seedsBeforeSweep + 1, seeds);

const startedMs = performance.now();
const found: Found = await hunt().catch((error: unknown) => ({
  by: "an exception",
  violation: String(error),
})) ?? { by: null, violation: "" };
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
console.log(JSON.stringify({ ...found, seconds } satisfies Find));
Deno.exit(0);
