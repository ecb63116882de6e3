/**
 * Parts of kits that ship separately: where no location has whole kits, each component comes from where it is. The
 * units of one component stand in fulfillment orders and shipments as a part of their line, under an id of their
 * own: "3.2" is the second component of line 3, counted in units of that component. A kit is begun when a unit of
 * any of its parts is somewhere, and is shipped when all of its parts are.
 */
import { hasEnded } from "./fulfillment-order.ts";
import type { LineId, Order, OrderLine } from "./order.ts";

const mark = ".";

export const partIdOf = (lineId: LineId, component: number): LineId =>
  `${lineId}${mark}${component + 1}`;

/** Line ids are numbers: only a part has the mark in its id. */
export const isPartId = (id: LineId): boolean => id.includes(mark);

/** The line of a part, and of a line itself. */
export const lineIdOf = (id: LineId): LineId => {
  const at = id.indexOf(mark);
  return at < 0 ? id : id.slice(0, at);
};

/** Which component a part is, from 0. */
export const componentIndexOf = (partId: LineId): number =>
  Number(partId.slice(partId.indexOf(mark) + 1)) - 1;

/** Where units of one component are; together they make whole kits. */
export interface PartUnits {
  readonly sku: string;
  /** In one kit. */
  readonly perKit: number;
  /** Promised at a location and not yet gone. */
  allocated: number;
  shipped: number;
  /** The same with those of parcels that were given up, and are sent once more. */
  everShipped: number;
  delivered: number;
  /** Promised, and had by no location: they wait for stock. */
  waiting: number;
}

/** The kits of a line of which parts are apart. */
export interface LineParts {
  readonly units: readonly PartUnits[];
  /** Kits of which any part is somewhere. */
  readonly begun: number;
  /** Of these: with a part that nothing has promised yet, that waits for stock, or none of both. */
  readonly pending: number;
  readonly backordered: number;
  readonly allocated: number;
  readonly shipped: number;
  readonly everShipped: number;
  readonly delivered: number;
  /** Begun kits of which no unit has left: these can be given up. */
  readonly untouched: number;
}

/** Kits that units of each component make. */
const whole = (units: readonly PartUnits[], count: (part: PartUnits) => number): number =>
  Math.min(...units.map((part) => Math.floor(count(part) / part.perKit)));

/** Kits that units of any component are in. */
const started = (units: readonly PartUnits[], count: (part: PartUnits) => number): number =>
  Math.max(...units.map((part) => Math.ceil(count(part) / part.perKit)));

const summed = (units: readonly PartUnits[]): LineParts => {
  const begun = started(units, (part) => part.allocated + part.shipped + part.waiting);
  const promised = whole(units, (part) => part.allocated + part.shipped + part.waiting);
  const ready = whole(units, (part) => part.allocated + part.shipped);
  const shipped = whole(units, (part) => part.shipped);
  return {
    units,
    begun,
    pending: begun - promised,
    backordered: promised - ready,
    allocated: ready - shipped,
    shipped,
    everShipped: whole(units, (part) => part.everShipped),
    delivered: whole(units, (part) => part.delivered),
    untouched: begun - started(units, (part) => part.shipped),
  };
};

const startOf = ({ components = [], waitingParts }: OrderLine): readonly PartUnits[] =>
  components.map(({ sku, quantity }, n) => ({
    ...{ sku, perKit: quantity, allocated: 0, shipped: 0, everShipped: 0, delivered: 0 },
    waiting: waitingParts?.[n] ?? 0,
  }));

type Goods = Pick<Order, "lines" | "fulfillmentOrders" | "shipments">;

/** By line, the kits of which parts are apart; null where no line ships separately. */
export const partsOf = (
  { lines, fulfillmentOrders, shipments }: Goods,
): ReadonlyMap<LineId, LineParts> | null => {
  let byLine: Map<LineId, readonly PartUnits[]> | null = null;
  for (const line of lines) {
    if (line.shipsSeparately === true) (byLine ??= new Map()).set(line.id, startOf(line));
  }
  if (byLine === null) return null;
  const found = byLine;
  const partOf = (id: LineId): PartUnits | undefined =>
    isPartId(id) ? found.get(lineIdOf(id))?.[componentIndexOf(id)] : undefined;
  for (const each of fulfillmentOrders) {
    const isOpen = !hasEnded(each);
    for (const { lineId, quantity, shipped } of each.lines) {
      const part = partOf(lineId);
      if (part === undefined) continue;
      if (isOpen) part.allocated += quantity - shipped;
      part.shipped += shipped;
      part.everShipped += shipped;
      if (each.method !== "ship") part.delivered += shipped;
    }
  }
  for (const { status, lines: left } of shipments) {
    for (const { lineId, quantity } of left) {
      const part = partOf(lineId);
      if (part === undefined) continue;
      if (status === "delivered") part.delivered += quantity;
      else if (status === "replaced") part.shipped -= quantity;
    }
  }
  return new Map([...found].map(([id, units]) => [id, summed(units)]));
};
