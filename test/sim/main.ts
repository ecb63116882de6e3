/**
 * `deno task test:sim --seed 17` replays one seed; `deno task test:long --seeds 100000 --minutes 60` runs
 * seeds until one of both is reached. Exit code 1 when a seed failed or a fault was never reached.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./run.ts";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    minutes: { type: "string", default: "60" },
    "any-coverage": { type: "boolean", default: false },
  },
});

if (values.seed !== undefined) {
  const { violations, reached, operations, steps, commits } = await simulate(Number(values.seed));
  console.log({ operations: operations.length, steps, commits, reached });
  for (const violation of violations) console.error(violation);
  if (violations.length > 0) Deno.exit(1);
} else {
  const from = Number(values.from);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, n) => from + n);
  const summary = await runSeeds(seeds, { longestMs: Number(values.minutes) * 60_000 });
  console.log(summary.text);
  for (const problem of summary.problems) console.error(problem);
  if (summary.failed.length > 0) Deno.exit(1);
  if (summary.missed.length > 0 && !values["any-coverage"]) Deno.exit(1);
}
