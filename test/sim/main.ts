/**
 * `deno task test:long --seeds 100000 --minutes 60` simulates seeds until one of both is reached, from
 * `--from`; `deno task test:long --seed 17` replays one. Exit code 1 when a seed failed, or a fault was
 * never reached in all of them.
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
  if (summary.problems.length > 0) Deno.exit(1);
}
