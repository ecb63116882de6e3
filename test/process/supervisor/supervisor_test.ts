import assert from "node:assert/strict";
import { problemsOf, runRound } from "./round.ts";

Deno.test("what three engines acknowledged survives ten kills and two long sleeps, with clocks days off", async () => {
  const report = await runRound(1);
  const { happened, plan, violations, ordersAcknowledged } = report;
  console.log(JSON.stringify({ ...report, plan: plan.seed, violations: violations.length }));
  assert.deepEqual(violations, [], problemsOf(report).join("\n"));
  // A round in which nothing happened has proved nothing.
  assert.equal(happened.kills, 10);
  assert.ok(happened.killsMidFlow > 0, "no kill met a request");
  assert.equal(happened.woken, 2);
  assert.ok(happened.wokenAndRefused > 0, "nobody woke and tried to commit upon old memory");
  assert.ok(happened.unanswered > 0, "everybody was answered");
  assert.ok(happened.replayed > 0, "no repeat was answered with what was kept");
  assert.ok(ordersAcknowledged > 0);
});
