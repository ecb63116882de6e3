/** Purchase orders and transfers from beginning to end, with a crash at every commit on the way. */
import assert from "node:assert/strict";
import { supplyFlows } from "./supply-flows.ts";
import { sweep } from "./sweep.ts";

for (const flow of supplyFlows) {
  Deno.test(`whatever fails at any commit, the end is the same: ${flow.name}`, async () => {
    const { runs, violations } = await sweep(flow);
    assert.deepEqual(violations, []);
    assert.ok(runs > 10, `only ${runs} runs`);
  });
}
