/**
 * Lots of an order's units. Promises are counts; a pick says the lots, and they leave with the units. Lines of
 * items that are not tracked have none, and pay one look each time.
 */
import { Result } from "effect";
import { type CountedFields } from "../subject/counted-balance.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import {
  inLots,
  type LotCounts,
  lotDelta,
  type LotField,
  serialDelta,
  type SerialField,
} from "../lot/balance.ts";
import {
  isExpired,
  lotRow,
  type LotUnits,
  nameOfLot,
  type PickedLot,
  unknownLot,
} from "../lot/lot.ts";
import type { LotRejection, NamedLine, NamedUnits, UnnamedLine } from "../lot/naming.ts";
import type { FulfillmentLine, FulfillmentOrder } from "./fulfillment-order.ts";
import type { LineQuantity, Order, OrderEvent, OrderFacts, OrderRejection } from "./order.ts";
import { isPartId } from "./parts.ts";
import { lineOf } from "./quantities.ts";

/** Units of a line that are picked, and the lots or serials that the request names for them. */
export interface PickedLine extends LineQuantity {
  readonly lots?: readonly NamedUnits[] | undefined;
  readonly serials?: readonly string[] | undefined;
}

/** Units of a line, with their lots where its item is tracked. */
export interface LineLots extends LineQuantity {
  readonly lots?: readonly LotUnits[];
}

const unitsOf = (lots: readonly { readonly quantity: number }[]): number =>
  lots.reduce((sum, { quantity }) => sum + quantity, 0);

/** Units of a line's lots that are picked and still here. */
const hereOf = ({ lots = [] }: FulfillmentLine): number =>
  lots.reduce((sum, { quantity, shipped }) => sum + quantity - shipped, 0);

const fail = (rejection: LotRejection): Result.Result<never, OrderRejection> =>
  Result.fail(rejection);

/** Why these units cannot be of these lots; null where they can. */
const refusal = (
  locationId: string,
  sku: string,
  lots: readonly LotUnits[],
  facts: OrderFacts,
  taken: Map<string, number>,
): LotRejection | null => {
  for (const lot of lots) {
    const { lotId, expiresAt, quantity } = lot;
    if (expiresAt !== undefined && isExpired(lot, facts.now)) {
      return { _tag: "LotExpired", sku, lotId, expiresAt };
    }
    const row = lotRow(sku, lot);
    const before = taken.get(row) ?? 0;
    const available = facts.lotUnits(locationId, row) - before;
    if (available < quantity) {
      return { _tag: "LotShort", sku, lotId, requested: quantity, available };
    }
    taken.set(row, before + quantity);
  }
  return null;
};

const invalidLine = (lineId: string, detail: string): Result.Result<never, OrderRejection> =>
  Result.fail({ _tag: "InvalidCommand", pointer: "/lines", detail: `Line ${lineId}: ${detail}` });

/** Whether the lots that a line names are so many units, of an item that has such. */
const misnamed = (
  quantity: number,
  tracking: UnnamedLine["tracking"] | undefined,
  { lots, serials }: Pick<PickedLine, "lots" | "serials">,
): string | null => {
  if (lots === undefined && serials === undefined) return null;
  if (tracking === undefined) return "its item is not tracked.";
  if (lots !== undefined && (serials !== undefined || tracking === "serial")) {
    return "its item has serials, and no lots.";
  }
  if (serials !== undefined && tracking === "lot") return "its item has lots, and no serials.";
  if (serials !== undefined && new Set(serials).size < serials.length) {
    return "a serial comes twice.";
  }
  const named = lots === undefined ? serials?.length ?? 0 : unitsOf(lots);
  return named === quantity ? null : `${named} of ${quantity} units have a lot or a serial.`;
};

/** What the lines of a request name, for lines that come twice together. */
const namedBy = (asked: readonly PickedLine[] | undefined, lineId: string) => {
  const lines = asked?.filter((line) => line.lineId === lineId) ?? [];
  const lots = lines.flatMap((line) => line.lots ?? []);
  const serials = lines.flatMap((line) => line.serials ?? []);
  return {
    ...(lots.length === 0 ? {} : { lots }),
    ...(serials.length === 0 ? {} : { serials }),
  };
};

/**
 * The lines that are picked, with the lots of those whose items are tracked. Where they are not known, the
 * refusal says of which units: whoever asked finds them, and asks again.
 */
export const pickedLots = (
  { locationId, lines }: FulfillmentOrder,
  chosen: readonly LineQuantity[],
  asked: readonly PickedLine[] | undefined,
  named: readonly NamedLine[] | undefined,
  facts: OrderFacts,
): Result.Result<readonly LineLots[], OrderRejection> => {
  const picked: LineLots[] = [];
  /** All that need lots: where those of one are not known, all are looked for together. */
  const wanted: UnnamedLine[] = [];
  let isNamed = true;
  const taken = new Map<string, number>();
  for (const { lineId, quantity } of chosen) {
    const sku = lines.find((line) => line.lineId === lineId)?.sku ?? "";
    const item = locationId === null ? null : facts.item(sku);
    const tracking = item?.tracking;
    const naming = namedBy(asked, lineId);
    const wrong = misnamed(quantity, tracking, naming);
    if (wrong !== null) return invalidLine(lineId, wrong);
    if (tracking === undefined || locationId === null) {
      picked.push({ lineId, quantity });
      continue;
    }
    const minRemainingDays = item?.minRemainingDays;
    wanted.push({ lineId, sku, tracking, minRemainingDays, quantity, ...naming });
    const lots = named?.find((line) => line.lineId === lineId)?.lots;
    if (lots === undefined || unitsOf(lots) !== quantity) {
      isNamed = false;
      continue;
    }
    const refused = refusal(locationId, sku, lots, facts, taken);
    if (refused !== null) return fail(refused);
    picked.push({
      lineId,
      quantity,
      lots: lots.map(({ quantity, ...lot }) => ({ ...nameOfLot(lot), quantity })),
    });
  }
  return !isNamed && locationId !== null
    ? fail({ _tag: "LotsUnnamed", locationId, lines: wanted })
    : Result.succeed(picked);
};

/** The first units of a line's lots that are still here. */
const firstHere = (lots: readonly PickedLot[], units: number): readonly LotUnits[] => {
  const first: LotUnits[] = [];
  let left = units;
  for (const lot of lots) {
    const quantity = Math.min(left, lot.quantity - lot.shipped);
    if (quantity <= 0) continue;
    first.push({ ...nameOfLot(lot), quantity });
    left -= quantity;
  }
  return first;
};

/** Goods of a kit that are tracked since it was ordered: nobody says the lots of what is in kits. */
const trackedGoods = (order: Order, lineId: string, { item }: OrderFacts): string | undefined =>
  isPartId(lineId)
    ? undefined
    : lineOf(order, lineId)?.components?.find(({ sku }) => item(sku)?.tracking !== undefined)?.sku;

/**
 * The lots with which units leave: the picked ones. Units that were picked before their item was tracked are of
 * no known lot, and need units of that.
 */
export const leavingLots = (
  order: Order,
  { locationId, lines }: FulfillmentOrder,
  leaving: readonly LineQuantity[],
  named: readonly NamedLine[] | undefined,
  facts: OrderFacts,
): Result.Result<readonly LineLots[], OrderRejection> => {
  const left: LineLots[] = [];
  const unnamed: UnnamedLine[] = [];
  const taken = new Map<string, number>();
  for (const { lineId, quantity } of leaving) {
    const line = lines.find((each) => each.lineId === lineId);
    if (line === undefined || locationId === null) continue;
    const kept = trackedGoods(order, lineId, facts);
    if (kept !== undefined) return invalidLine(lineId, `${kept}, which it is made of, is tracked.`);
    const { sku, lots = [] } = line;
    const known = Math.min(quantity, hereOf(line));
    const rest = quantity - known;
    const tracking = rest === 0 ? undefined : facts.item(sku)?.tracking;
    const first = firstHere(lots, known);
    if (tracking === undefined) {
      left.push({ lineId, quantity, ...(first.length === 0 ? {} : { lots: first }) });
      continue;
    }
    const other = { ...unknownLot, quantity: rest };
    const refused = refusal(locationId, sku, [other], facts, taken);
    if (refused !== null) {
      if (named?.some((each) => each.lineId === lineId)) return fail(refused);
      unnamed.push({ lineId, sku, tracking, quantity: rest, unknown: true });
      continue;
    }
    left.push({ lineId, quantity, lots: [...first, other] });
  }
  return unnamed.length > 0 && locationId !== null
    ? fail({ _tag: "LotsUnnamed", locationId, lines: unnamed })
    : Result.succeed(left);
};

const isSameLot = (one: PickedLot | LotUnits, other: LotUnits): boolean =>
  one.lotId === other.lotId && one.expiresAt === other.expiresAt && one.serial === other.serial;

/** The line's lots with more units picked. */
const withMore = (
  before: readonly PickedLot[],
  more: readonly LotUnits[],
): readonly PickedLot[] => {
  const lots = [...before];
  for (const added of more) {
    const index = lots.findIndex((lot) => isSameLot(lot, added));
    const known = lots[index];
    if (known === undefined) lots.push({ ...added, shipped: 0 });
    else lots[index] = { ...known, quantity: known.quantity + added.quantity };
  }
  return lots;
};

/** A line after units of lots were picked. */
export const withPickedLots = (
  line: FulfillmentLine,
  lots: readonly LotUnits[] | undefined,
): FulfillmentLine =>
  lots === undefined ? line : { ...line, lots: withMore(line.lots ?? [], lots) };

/** A line after units of lots have left; those that were not picked of a lot were of none. */
export const withShippedLots = (
  line: FulfillmentLine,
  gone: readonly LotUnits[] | undefined,
): FulfillmentLine => {
  if (gone === undefined) return line;
  const lots = [...line.lots ?? []];
  for (const units of gone) {
    const index = lots.findIndex((lot) => isSameLot(lot, units));
    const known = lots[index] ?? { ...units, quantity: 0, shipped: 0 };
    const shipped = known.shipped + units.quantity;
    const after = { ...known, quantity: Math.max(known.quantity, shipped), shipped };
    if (index < 0) lots.push(after);
    else lots[index] = after;
  }
  return { ...line, lots };
};

/** A line whose lots have no more units here than that: those that were picked last are put back. */
export const withoutLots = (line: FulfillmentLine, here: number): FulfillmentLine => {
  if (line.lots === undefined) return line;
  let excess = hereOf(line) - here;
  if (excess <= 0) return line;
  const lots: PickedLot[] = [];
  for (const lot of line.lots.toReversed()) {
    const back = Math.min(excess, lot.quantity - lot.shipped);
    excess -= back;
    if (lot.quantity > back) lots.unshift({ ...lot, quantity: lot.quantity - back });
  }
  const { lots: _, ...rest } = line;
  return lots.length === 0 ? rest : { ...rest, lots };
};

class Effects {
  readonly lots: LotCounts[] = [];
  readonly serials: CountedFields<SerialField>[] = [];

  add(
    locationId: string,
    sku: string,
    lot: LotUnits | PickedLot,
    change: Partial<Readonly<Record<LotField, number>>>,
  ): void {
    this.lots.push(lotDelta(locationId, sku, lot, change));
    const { onHand = 0 } = change;
    if (lot.serial === true && onHand !== 0) {
      this.serials.push(serialDelta(sku, lot.lotId, { there: onHand, gone: -onHand }));
    }
  }

  /** The difference between a line's lots before and after something. */
  between(locationId: string, before: FulfillmentLine, after: FulfillmentLine): void {
    const { sku } = before;
    for (const lot of before.lots ?? []) {
      this.add(locationId, sku, lot, { picked: lot.shipped - lot.quantity, onHand: lot.shipped });
    }
    for (const lot of after.lots ?? []) {
      this.add(locationId, sku, lot, { picked: lot.quantity - lot.shipped, onHand: -lot.shipped });
    }
  }

  get changes(): readonly BalanceDeltas[] {
    return inLots(this.lots, this.serials);
  }
}

/** Whether an event can change lots at all: most are of untracked lines, and pay no more than this look. */
const mayChangeLots = (order: Order, event: OrderEvent): boolean => {
  switch (event.type) {
    case "fulfillment_order.picked":
      return event.lines.some(({ lots }) => lots !== undefined);
    case "shipment.created":
      return event.shipment.lines.some(({ lots }) => lots !== undefined);
    case "fulfillment_order.collected":
      return event.lots !== undefined;
    case "fulfillment_order.rejected":
    case "order.cancelled":
      return order.fulfillmentOrders.some(({ lines }) =>
        lines.some(({ lots }) => lots !== undefined)
      );
    default:
      return false;
  }
};

/** What an event does to lots: the difference that it makes to those of the fulfillment orders. */
export const lotEffects = (
  before: Order,
  event: OrderEvent,
  evolve: (order: Order, event: OrderEvent, at: Order["updatedAt"]) => Order,
): readonly BalanceDeltas[] => {
  if (!mayChangeLots(before, event)) return noChanges;
  const effects = new Effects();
  const { fulfillmentOrders } = evolve(before, event, before.updatedAt);
  for (const [n, { locationId, lines }] of before.fulfillmentOrders.entries()) {
    if (locationId === null) continue;
    for (const [m, line] of lines.entries()) {
      const next = fulfillmentOrders[n]?.lines[m];
      if (next !== undefined && next.lots !== line.lots) effects.between(locationId, line, next);
    }
  }
  return effects.changes;
};

const noChanges: readonly BalanceDeltas[] = [];

/** The sum of all that the order's events did to lots, by its state alone. */
export const lotClaims = (order: Order): readonly BalanceDeltas[] => {
  const effects = new Effects();
  for (const { locationId, lines } of order.fulfillmentOrders) {
    if (locationId === null) continue;
    for (const { lots, sku } of lines) {
      for (const lot of lots ?? []) {
        effects.add(locationId, sku, lot, {
          picked: lot.quantity - lot.shipped,
          onHand: -lot.shipped,
        });
      }
    }
  }
  return effects.changes;
};
