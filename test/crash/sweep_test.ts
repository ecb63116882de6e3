import assert from "node:assert/strict";
import { flows } from "./flows.ts";
import { sweep } from "./sweep.ts";

for (const flow of flows) {
  Deno.test(`whatever fails at any commit, the end is the same: ${flow.name}`, async () => {
    const { runs, violations } = await sweep(flow);
    assert.deepEqual(violations, []);
    assert.ok(runs > 10, `only ${runs} runs`);
  });
}
