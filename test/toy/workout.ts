/** How the tests of all aggregates exercise the toy. */
import type { Workout } from "../support/workout.ts";
import {
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
  nameOf: ({ code }) => code,
  making: (chance, name) => issuing({ series: "gifts", code: name, units: chance.between(1, 9) }),
  alongside: (chance) => ({ type: "redeem", units: chance.between(1, 3) }),
  command: (chance) =>
    chance.happens(0.1) ? { type: "expire" } : { type: "redeem", units: chance.between(1, 3) },
};
