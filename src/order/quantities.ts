/** The units of each line by where they are: the buckets are disjoint and add up to the line's quantity. */
import { hasEnded } from "./fulfillment-order.ts";
import type { FulfillmentOrder, LineId, Order, OrderLine } from "./order.ts";
import { type LineParts, partsOf } from "./parts.ts";

export { hasEnded } from "./fulfillment-order.ts";

export interface LineQuantities {
  /** Promised at a location and not yet gone. */
  readonly allocated: number;
  /** Gone: by carrier, over the counter or as a download; not what was given up and is fulfilled once more. */
  readonly shipped: number;
  /** Shipped units that arrived. */
  readonly delivered: number;
  readonly backordered: number;
  /** Taken out of the order, those of `short` included. */
  readonly cancelled: number;
  readonly short: number;
  /** Neither promised nor given up: waits for allocation. */
  readonly pending: number;
}

/** Whether any unit of the order was not taken out of it. */
export const hasUnitsLeft = ({ lines }: Pick<Order, "lines">): boolean =>
  lines.some(({ quantity, cancelled }) => cancelled < quantity);

/** Units that left without a shipment: handed over or downloaded, so they have arrived as well. */
const arrivedWithoutShipment = ({ status, method }: FulfillmentOrder): boolean =>
  method !== "ship" && (status === "collected" || status === "delivered");

/** Line ids are "1" to "n", so a line is found without a search; -1 when there is none. */
export const lineIndexOf = (order: Order, lineId: LineId): number => {
  const index = Number(lineId) - 1;
  return order.lines[index]?.id === lineId ? index : -1;
};

export const lineOf = (order: Order, lineId: LineId): OrderLine | undefined =>
  order.lines[lineIndexOf(order, lineId)];

/** The units of every line that are neither promised nor given up, in the order of the lines. */
export const pendingOf = (order: Order): readonly number[] =>
  order.fulfillmentOrders.length > 0
    ? quantitiesOf(order).map(({ pending }) => pending)
    : order.lines.map(({ quantity, backordered, cancelled }) => quantity - backordered - cancelled);

/** The quantities of every line, in the order of the lines; one pass over the order's parts. */
export const quantitiesOf = (order: Order): readonly LineQuantities[] => {
  const allocated = new Array<number>(order.lines.length).fill(0);
  const shipped = new Array<number>(order.lines.length).fill(0);
  const delivered = new Array<number>(order.lines.length).fill(0);
  const add = (to: number[], lineId: LineId, units: number): void => {
    const index = lineIndexOf(order, lineId);
    if (index >= 0) to[index] = (to[index] ?? 0) + units;
  };
  for (const fulfillmentOrder of order.fulfillmentOrders) {
    const open = !hasEnded(fulfillmentOrder);
    const arrived = arrivedWithoutShipment(fulfillmentOrder);
    for (const line of fulfillmentOrder.lines) {
      if (open) add(allocated, line.lineId, line.quantity - line.shipped);
      add(shipped, line.lineId, line.shipped);
      if (arrived) add(delivered, line.lineId, line.shipped);
    }
  }
  for (const shipment of order.shipments) {
    if (shipment.status === "delivered") {
      for (const line of shipment.lines) add(delivered, line.lineId, line.quantity);
    } else if (shipment.status === "replaced") {
      for (const line of shipment.lines) add(shipped, line.lineId, -line.quantity);
    }
  }
  const parts = partsOf(order);
  return order.lines.map((line, i): LineQuantities => {
    const kits = parts?.get(line.id) ?? noParts;
    const promised = (allocated[i] ?? 0) + kits.allocated;
    const gone = (shipped[i] ?? 0) + kits.shipped;
    const backordered = line.backordered + kits.backordered;
    return {
      allocated: promised,
      shipped: gone,
      delivered: (delivered[i] ?? 0) + kits.delivered,
      backordered,
      cancelled: line.cancelled,
      short: line.short,
      pending: line.quantity - promised - gone - backordered - line.cancelled,
    };
  });
};

type Counted = Pick<LineParts, "allocated" | "shipped" | "delivered" | "backordered">;
const noParts: Counted = { allocated: 0, shipped: 0, delivered: 0, backordered: 0 };

/** The sums over all lines. */
export interface OrderQuantities extends LineQuantities {
  readonly ordered: number;
}

const sumOf = ({ lines }: Order, quantities: readonly LineQuantities[]): OrderQuantities => {
  const sum = (units: (each: LineQuantities) => number) =>
    quantities.reduce((total, each) => total + units(each), 0);
  return {
    ordered: lines.reduce((total, { quantity }) => total + quantity, 0),
    allocated: sum(({ allocated }) => allocated),
    shipped: sum(({ shipped }) => shipped),
    delivered: sum(({ delivered }) => delivered),
    backordered: sum(({ backordered }) => backordered),
    cancelled: sum(({ cancelled }) => cancelled),
    short: sum(({ short }) => short),
    pending: sum(({ pending }) => pending),
  };
};

/** Sums `quantitiesOf` over all lines without making its list, because every event asks for the sums. */
export const totalQuantitiesOf = (order: Order): OrderQuantities => {
  let ordered = 0, backordered = 0, cancelled = 0, short = 0;
  for (const line of order.lines) {
    if (line.shipsSeparately === true) return sumOf(order, quantitiesOf(order));
    ordered += line.quantity;
    backordered += line.backordered;
    cancelled += line.cancelled;
    short += line.short;
  }
  let allocated = 0, shipped = 0, delivered = 0;
  for (const fulfillmentOrder of order.fulfillmentOrders) {
    const open = !hasEnded(fulfillmentOrder);
    const arrived = arrivedWithoutShipment(fulfillmentOrder);
    for (const line of fulfillmentOrder.lines) {
      if (open) allocated += line.quantity - line.shipped;
      shipped += line.shipped;
      if (arrived) delivered += line.shipped;
    }
  }
  for (const shipment of order.shipments) {
    if (shipment.status === "delivered") {
      for (const line of shipment.lines) delivered += line.quantity;
    } else if (shipment.status === "replaced") {
      for (const line of shipment.lines) shipped -= line.quantity;
    }
  }
  return {
    ordered,
    allocated,
    shipped,
    delivered,
    backordered,
    cancelled,
    short,
    pending: ordered - allocated - shipped - backordered - cancelled,
  };
};

/**
 * By line, the units that can be taken out of the order; undefined where there is no such line. Kits of which a
 * part has left cannot: the rest of them is owed.
 */
export const unitsToTakeOut = (order: Order): (lineId: LineId) => number | undefined => {
  const quantities = quantitiesOf(order);
  const parts = partsOf(order);
  return (lineId) => {
    const units = quantities[lineIndexOf(order, lineId)];
    if (units === undefined) return undefined;
    const open = units.pending + units.backordered + units.allocated;
    const kits = parts?.get(lineId);
    return kits === undefined ? open : open - (kits.begun - kits.shipped - kits.untouched);
  };
};

/** Whether anything of the order has left, be it a part of a kit. */
export const hasAnythingLeft = (order: Order): boolean =>
  totalQuantitiesOf(order).shipped > 0 ||
  [...partsOf(order)?.values() ?? []].some(({ begun, untouched }) => untouched < begun);
