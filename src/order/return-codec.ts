/** Returns as they are stored in their order's document: by position, as the rest of it. */
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import {
  at,
  boxed,
  given,
  type Json,
  json,
  numberOf,
  type Packed,
  trimmed,
  unboxed,
} from "../kernel/packed.ts";
import { type Exchange, shipTimes } from "./exchange.ts";
import { returnIdOf } from "./ids.ts";
import {
  dispositions,
  type InspectedUnits,
  type Return,
  type ReturnLine,
  returnReasons,
  type UnexpectedUnits,
} from "./return.ts";

const packLine = (line: ReturnLine): Packed =>
  trimmed([
    line.lineId,
    line.quantity,
    returnReasons.indexOf(line.reason),
    line.received,
    line.accepted,
    line.inspected.length === 0 ? null : line.inspected.map(({ disposition, quantity }) => [
      dispositions.indexOf(disposition),
      quantity,
    ]),
  ]);

const packReturn = (origin: number, each: Return): Packed => {
  const since = (instant: Instant): number => epochMsOf(instant) - origin;
  return trimmed([
    numberOf(each.id),
    each.status,
    each.lines.map(packLine),
    since(each.createdAt),
    since(each.updatedAt),
    json(each.locationId),
    each.goodsBack ? 0 : 1,
    each.unexpected.length === 0
      ? null
      : each.unexpected.map(({ sku, quantity }) => [sku, quantity]),
    json(each.note),
    json(each.overrideReason),
    json(each.carrier),
    json(each.trackingNumber),
    json(each.endReason),
    boxed(each.expiresAfterDays),
    each.exchange === undefined
      ? null
      : [shipTimes.indexOf(each.exchange.shipWhen), [...each.exchange.added]],
  ]);
};

/** An order's returns; null without any. */
export const packReturns = (origin: number, returns: readonly Return[] | undefined): Json =>
  returns === undefined ? null : returns.map((each) => packReturn(origin, each));

const numberAt = (packed: Packed, index: number): number =>
  at<number | undefined>(packed, index) ?? 0;

const inspectedOf = (packed: readonly Packed[] | null | undefined): readonly InspectedUnits[] =>
  (packed ?? []).map((each) => ({
    disposition: dispositions[numberAt(each, 0)] ?? "quarantine",
    quantity: numberAt(each, 1),
  }));

const unexpectedOf = (packed: readonly Packed[] | null | undefined): readonly UnexpectedUnits[] =>
  (packed ?? []).map((each) => ({ sku: at(each, 0), quantity: numberAt(each, 1) }));

const exchangeOf = (packed: Packed | null | undefined): Exchange | undefined =>
  packed === null || packed === undefined
    ? undefined
    : { shipWhen: shipTimes[numberAt(packed, 0)] ?? "received", added: at(packed, 1) };

/** The returns of an order, of which the SKUs of lines are known. */
export const unpackReturns = (
  packed: readonly Packed[] | null | undefined,
  orderId: string,
  origin: number,
  skuOf: (lineId: string) => string,
): readonly Return[] | undefined =>
  packed?.map((each): Return => ({
    id: returnIdOf(orderId, at(each, 0)),
    status: at(each, 1),
    goodsBack: numberAt(each, 6) === 0,
    ...given("locationId", at<string | null | undefined>(each, 5)),
    lines: at<readonly Packed[]>(each, 2).map((line) => ({
      lineId: at(line, 0),
      sku: skuOf(at(line, 0)),
      quantity: numberAt(line, 1),
      reason: returnReasons[numberAt(line, 2)] ?? "other",
      received: numberAt(line, 3),
      inspected: inspectedOf(at(line, 5)),
      accepted: numberAt(line, 4),
    })),
    unexpected: unexpectedOf(at(each, 7)),
    ...given("note", at<string | null | undefined>(each, 8)),
    ...given("overrideReason", at<string | null | undefined>(each, 9)),
    ...given("carrier", at<string | null | undefined>(each, 10)),
    ...given("trackingNumber", at<string | null | undefined>(each, 11)),
    ...given("endReason", at<string | null | undefined>(each, 12)),
    ...given("expiresAfterDays", unboxed(at(each, 13))),
    ...given("exchange", exchangeOf(at(each, 14))),
    createdAt: instantOf(origin + numberAt(each, 3)),
    updatedAt: instantOf(origin + numberAt(each, 4)),
  })) ?? undefined;
