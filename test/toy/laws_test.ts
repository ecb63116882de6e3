/** The laws hold of a subject that no file of the machine knows. */
import assert from "node:assert/strict";
import { live } from "../laws/laws.ts";
import { workout } from "../support/workout.ts";
import { withVouchers } from "./subjects.ts";
import { voucherWorkout } from "./workout.ts";

Deno.test("the laws hold of every voucher, beside the engine's own subjects", () => {
  let done = 0;
  for (let seed = 1; seed <= 800; seed++) done += live(withVouchers, workout(voucherWorkout), seed);
  assert.ok(done >= 600, `only ${done} commands were carried out`);
});
