/** How the tests of all aggregates exercise the toy. */
import type { Workout } from "../support/workout.ts";
import {
  draft,
  issuing,
  type Voucher,
  type VoucherCommand,
  type VoucherEvent,
  vouchers,
} from "./voucher.ts";

const validSeries = { name: "Gifts", createdAt: "", updatedAt: "", version: 1 };

/** How the tests of all aggregates exercise vouchers. */
export const voucherWorkout: Workout<Voucher, VoucherCommand, VoucherEvent, null> = {
  ...{ definition: vouchers, supplies: [] },
  documents: { voucher_series: [{ id: "gifts", ...validSeries }] },
  make: (chance, id, now, n) => {
    const of = { series: "gifts", code: `code-${n}`, units: chance.between(1, 9) };
    const { reference, opening } = issuing(of);
    return { reference, opening, state: draft(id, now, of), personal: null };
  },
  command: (chance) =>
    chance.happens(0.1) ? { type: "expire" } : { type: "redeem", units: chance.between(1, 3) },
};
