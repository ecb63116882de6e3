/** Lots of lines of fulfillment orders and of shipments, as an order's document has them. */
import { epochMsOf, instantOf } from "../kernel/instant.ts";
import { at, type Json, type Packed } from "../kernel/packed.ts";
import type { LotUnits, PickedLot } from "../lot/lot.ts";

/** In the place of a date. */
const isSerial = "s";

/** Null without lots: then the line pays nothing for them. */
export const packLots = (lots: readonly (LotUnits | PickedLot)[] | undefined): Json =>
  lots === undefined ? null : lots.map((lot): Packed => [
    lot.lotId,
    lot.quantity,
    lot.serial === true ? isSerial : lot.expiresAt === undefined ? null : epochMsOf(lot.expiresAt),
    ...("shipped" in lot ? [lot.shipped] : []),
  ]);

const lotOf = (packed: Packed): LotUnits => {
  const date = at<number | string | null>(packed, 2);
  return {
    lotId: at(packed, 0),
    ...(typeof date === "number" ? { expiresAt: instantOf(date) } : {}),
    ...(date === isSerial ? { serial: true as const } : {}),
    quantity: at(packed, 1),
  };
};

export const lotUnitsAt = (line: Packed, index: number): readonly LotUnits[] | undefined =>
  at<readonly Packed[] | null | undefined>(line, index)?.map(lotOf);

export const pickedLotsAt = (line: Packed, index: number): readonly PickedLot[] | undefined =>
  at<readonly Packed[] | null | undefined>(line, index)?.map((packed) => ({
    ...lotOf(packed),
    shipped: at(packed, 3),
  }));
