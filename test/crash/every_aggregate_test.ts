import assert from "node:assert/strict";
import { subjects } from "../../src/subjects.ts";
import { flows } from "./flows.ts";
import { supplyFlows } from "./supply-flows.ts";
import { undisturbedKinds } from "./sweep.ts";

Deno.test("every aggregate is in a flow", async () => {
  const reached = new Set<string>();
  for (const flow of [...flows, ...supplyFlows]) {
    for (const kind of await undisturbedKinds(flow)) reached.add(kind);
  }
  assert.deepEqual([...reached].sort(), [...subjects.aggregates.keys()].sort());
});
