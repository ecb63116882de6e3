import assert from "node:assert/strict";
import { subjects } from "../../src/subjects.ts";
import { flows } from "./flows.ts";
import { sweep } from "./sweep.ts";

const swept = new Set<string>();

for (const flow of flows) {
  Deno.test(`whatever fails at any commit, the end is the same: ${flow.name}`, async () => {
    const { runs, kinds, violations } = await sweep(flow);
    for (const kind of kinds) swept.add(kind);
    assert.deepEqual(violations, []);
    assert.ok(runs > 10, `only ${runs} runs`);
  });
}

Deno.test("every aggregate is in a flow", () => {
  assert.deepEqual([...swept].sort(), [...subjects.aggregates.keys()].sort());
});
