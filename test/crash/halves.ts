/** Every second flow, from the first or from the second: the halves are swept side by side. */
import assert from "node:assert/strict";
import { flows } from "./flows.ts";
import { sweep } from "./sweep.ts";

export const sweepHalf = (first: 0 | 1): void => {
  for (const flow of flows.filter((_, n) => n % 2 === first)) {
    Deno.test(`whatever fails at any commit, the end is the same: ${flow.name}`, async () => {
      const { runs, violations } = await sweep(flow);
      assert.deepEqual(violations, []);
      assert.ok(runs > 10, `only ${runs} runs`);
    });
  }
};
