/** Vouchers from beginning to end, with a crash at every commit on the way. */
import assert from "node:assert/strict";
import { type Flow, place, type Step } from "./flows.ts";
import { sweep } from "./sweep.ts";
import type { Request } from "../sim/operation.ts";
import { workout } from "../support/workout.ts";
import { withVouchers } from "../toy/subjects.ts";
import { issuing } from "../toy/voucher.ts";
import { voucherWorkout } from "../toy/workout.ts";

const cast = { subjects: withVouchers, workouts: [workout(voucherWorkout)] };
const [definition] = cast.workouts.map((each) => each.definition);
assert.ok(definition !== undefined);

const issue = (code: string, units: number): Step => ({
  type: "ask",
  request: () => ({
    type: "make",
    aggregate: definition,
    making: issuing({ series: "gifts", code, units }),
  }),
});

const redeem = (units: number): Step => ({
  type: "ask",
  request: (_, seen) => ({ type: "ask", ...redeeming(seen, units) }),
});

const redeeming = (
  seen: Parameters<Extract<Step, { type: "ask" }>["request"]>[1],
  units: number,
) => {
  const [voucher] = seen(definition).all;
  assert.ok(voucher !== undefined, "no voucher was seen");
  return { aggregate: definition, id: voucher.id, command: { type: "redeem", units } };
};

/** An order, and units of a voucher for it. */
const placeWith = (externalId: string, units: number): Step => ({
  type: "ask",
  request: (order, seen): Request => {
    const step = place(externalId, { mug: 1 });
    const request = step.type === "ask" ? step.request(order, seen) : null;
    assert.equal(request?.type, "place");
    return { ...request, alongside: [redeeming(seen, units)] };
  },
});

const flows: readonly Flow[] = [
  {
    name: "redeem a voucher at placing, and use it up",
    cast,
    stock: { ams: { mug: 3 } },
    steps: [
      issue("A", 5),
      placeWith("one", 2),
      redeem(1),
      placeWith("two", 3),
      placeWith("three", 2),
    ],
    ends: { one: "allocated", three: "allocated", A: "used" },
  },
  {
    name: "let a voucher expire",
    cast,
    stock: { ams: { mug: 3 } },
    steps: [
      issue("A", 5),
      placeWith("one", 2),
      { type: "wait", ms: 32_000 },
      placeWith("two", 1),
    ],
    ends: { one: "allocated", A: "expired" },
  },
];

for (const flow of flows) {
  Deno.test(`whatever fails at any commit, the end is the same: ${flow.name}`, async () => {
    const { runs, violations } = await sweep(flow);
    assert.deepEqual(violations, []);
    assert.ok(runs > 20, `only ${runs} runs`);
  });
}
