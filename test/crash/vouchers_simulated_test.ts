/** The simulation runs over vouchers as over everything else: nothing of it knows what a voucher is. */
import assert from "node:assert/strict";
import { simulate } from "../sim/simulation.ts";
import { workout } from "../support/workout.ts";
import { withVouchers } from "../toy/subjects.ts";
import { vouchers } from "../toy/voucher.ts";
import { voucherWorkout } from "../toy/workout.ts";

const cast = { subjects: withVouchers, workouts: [workout(voucherWorkout)] };
const seeds = Array.from({ length: 20 }, (_, n) => 9_000 + n);

Deno.test("vouchers are issued, redeemed at placing and expire, whatever fails", async () => {
  const done = { issued: 0, redeemed: 0, together: 0, expired: 0, crashes: 0 };
  for (const seed of seeds) {
    const { violations, log, reached } = await simulate(seed, cast);
    assert.deepEqual(violations, [], `seed ${seed}`);
    done.crashes += reached.crashMidFlow;
    for (const { records } of log) {
      const kinds = new Set(records.map(({ kind }) => kind));
      for (const record of records) {
        if (record.kind !== vouchers.name) continue;
        const types = vouchers.record.typesOf(record);
        if (types.includes("voucher.issued")) done.issued++;
        if (types.includes("voucher.expired")) done.expired++;
        if (!types.includes("voucher.redeemed")) continue;
        done.redeemed++;
        if (kinds.has("order")) done.together++;
      }
    }
  }
  for (const [what, times] of Object.entries(done)) assert.ok(times > 10, `${what}: ${times}`);
});
