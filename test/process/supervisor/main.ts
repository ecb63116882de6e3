/**
 * `deno task test:kill --kills 200` goes through as many rounds as have that many kills, from the seed
 * `--from`; `deno task test:kill --seed 17` goes through one. Exit code 1 when a round failed.
 */
import { parseArgs } from "node:util";
import { killsPerRound } from "./plan.ts";
import { problemsOf, runRound } from "./round.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    kills: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

const whole = (name: string, text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(`--${name} must be a whole number from 1: ${text}`);
  Deno.exit(2);
};

const rounds = values.seed === undefined
  ? Math.ceil(whole("kills", values.kills) / killsPerRound)
  : 1;
const first = values.seed === undefined ? whole("from", values.from) : whole("seed", values.seed);
const sums: Record<string, number> = {};
const failed: number[] = [];
for (let seed = first; seed < first + rounds; seed++) {
  const report = await runRound(seed);
  const { plan, violations, happened, ...counts } = report;
  const figures = { ...counts, ...happened };
  for (const [name, count] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + count;
  console.log(`round ${plan.seed}: ${plan.engines} engines, ${JSON.stringify(figures)}`);
  for (const problem of problemsOf(report)) console.error(problem);
  if (violations.length > 0) failed.push(seed);
}
console.log(`${rounds} rounds, ${failed.length} failed: ${JSON.stringify(sums)}`);
if (failed.length > 0) Deno.exit(1);
