/** `deno task test:attack`: all attacks at length, on loopback. Exit code 1 when one was not withstood. */
import { runCampaign } from "./campaign.ts";

const problems = await runCampaign(
  {
    openFiles: 12_000,
    connections: 4_000,
    holdMs: 8_000,
    rampMs: 4_000,
    hugeOrders: 100,
    answerMs: 1_000,
    daysAhead: 3,
  },
  ({ attack, report: { answers, slowestMs }, peakMegabytes }) =>
    console.log(
      `${attack}: ${answers} answers to others, the slowest after ${slowestMs.toFixed(0)} ms; ` +
        `at most ${peakMegabytes} MB so far`,
    ),
);
for (const problem of problems) console.error(problem);
if (problems.length > 0) Deno.exit(1);
