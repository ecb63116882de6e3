/** Edits as they are stored in their order's document: by position, as the rest of it. */
import { epochMsOf, instantOf } from "../kernel/instant.ts";
import { at, given, type Json, json, numberOf, type Packed, trimmed } from "../kernel/packed.ts";
import type { ChangedShipping, Edit, LinePrice, ShippingCharge } from "./edit.ts";
import { returnIdOf } from "./ids.ts";

const packPrice = ({ unitPrice, discount, tax }: LinePrice): Packed =>
  trimmed([unitPrice, discount, tax]);

const packShipping = ({ service, amount, discount, tax }: ShippingCharge): Packed =>
  trimmed([amount, discount, tax, json(service)]);

/** An order's edits; null without any. */
export const packEdits = (origin: number, edits: readonly Edit[] | undefined): Json =>
  edits === undefined ? null : edits.map((edit) =>
    trimmed([
      epochMsOf(edit.at) - origin,
      edit.by,
      edit.reason,
      [edit.total.before, edit.total.after],
      edit.repriced.map(({ lineId, before, after }) => [
        lineId,
        packPrice(before),
        packPrice(after),
      ]),
      [...edit.added],
      edit.taken.map(({ lineId, quantity }) => [lineId, quantity]),
      edit.shipping === undefined
        ? null
        : [packShipping(edit.shipping.before), packShipping(edit.shipping.after)],
      edit.addressChanged ? 1 : 0,
      edit.returnId === undefined ? 0 : numberOf(edit.returnId),
    ])
  );

const numberAt = (packed: Packed, index: number): number =>
  at<number | undefined>(packed, index) ?? 0;

const priceOf = (packed: Packed): LinePrice => ({
  unitPrice: numberAt(packed, 0),
  discount: numberAt(packed, 1),
  tax: numberAt(packed, 2),
});

const chargeOf = (packed: Packed): ShippingCharge => ({
  ...given("service", at<string | null | undefined>(packed, 3)),
  amount: numberAt(packed, 0),
  discount: numberAt(packed, 1),
  tax: numberAt(packed, 2),
});

const shippingOf = (packed: Packed | null | undefined): ChangedShipping | undefined =>
  packed === null || packed === undefined
    ? undefined
    : { before: chargeOf(at(packed, 0)), after: chargeOf(at(packed, 1)) };

export const unpackEdits = (
  packed: readonly Packed[] | null | undefined,
  orderId: string,
  origin: number,
): readonly Edit[] | undefined =>
  packed?.map((each): Edit => ({
    at: instantOf(origin + numberAt(each, 0)),
    by: at(each, 1),
    reason: at(each, 2),
    repriced: at<readonly Packed[]>(each, 4).map((line) => ({
      lineId: at(line, 0),
      before: priceOf(at(line, 1)),
      after: priceOf(at(line, 2)),
    })),
    added: at(each, 5),
    taken: at<readonly Packed[]>(each, 6).map((line) => ({
      lineId: at(line, 0),
      quantity: at(line, 1),
    })),
    ...given("shipping", shippingOf(at(each, 7))),
    ...(numberAt(each, 8) === 1 ? { addressChanged: true } : {}),
    ...(numberAt(each, 9) === 0 ? {} : { returnId: returnIdOf(orderId, numberAt(each, 9)) }),
    total: { before: numberAt(at(each, 3), 0), after: numberAt(at(each, 3), 1) },
  })) ?? undefined;
