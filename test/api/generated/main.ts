/**
 * `deno task test:long:api --requests 50000` sends generated requests, good and bad, until there are so many or
 * `--minutes` are over, from seed `--from`; `deno task test:long:api --seed 17` repeats one block of them. Exit
 * code 1 when something was wrong, or something was never reached in all of them.
 */
import { parseArgs } from "node:util";
import { runBlocks } from "./blocks.ts";
import { requestsPerBlock, runBlock } from "./run.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string" },
    requests: { type: "string", default: "50000" },
    from: { type: "string", default: "1" },
    minutes: { type: "string", default: "60" },
  },
});

if (values.seed !== undefined) {
  const { requests, faults } = await runBlock(Number(values.seed));
  console.log({ requests, faults: faults.length });
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
} else {
  const from = Number(values.from);
  const blocks = Math.ceil(Number(values.requests) / requestsPerBlock);
  const seeds = Array.from({ length: blocks }, (_, n) => from + n);
  const summary = await runBlocks(seeds, { longestMs: Number(values.minutes) * 60_000 });
  console.log(summary.text);
  for (const problem of summary.problems) console.error(problem);
  if (summary.problems.length > 0) Deno.exit(1);
}
