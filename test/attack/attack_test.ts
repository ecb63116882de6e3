/** A short campaign; `deno task test:attack` is the long one. */
import assert from "node:assert/strict";
import { runCampaign } from "./campaign.ts";

Deno.test("whoever attacks, others are answered, memory is bounded, and the store stays sound", async () => {
  const plan = {
    ...{ openFiles: 1_024, connections: 400, holdMs: 400, rampMs: 100, hugeOrders: 8 },
    answerMs: null,
    daysAhead: 0,
  };
  assert.deepEqual(await runCampaign(plan), []);
});
