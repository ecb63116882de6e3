import assert from "node:assert/strict";
import { runSeeds } from "./run.ts";
import { mendedSeeds } from "./seeds.ts";
import { simulate } from "./simulation.ts";

Deno.test("a seed gives the same run each time, to the last step", async () => {
  for (const seed of [3, 21, 34]) {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    assert.equal(first.trace, second.trace);
    assert.deepEqual(first.reached, second.reached);
  }
});

Deno.test("what failed once holds", async () => {
  const { failed, problems } = await runSeeds(await mendedSeeds());
  assert.deepEqual(failed, [], problems.join("\n"));
});
