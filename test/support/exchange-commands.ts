/** Returns and exchanges that may be asked of an order, made of two numbers; some of them are refused. */
import { formatAmount } from "../../src/kernel/money.ts";
import type { ExchangeRequest } from "../../src/order/exchange.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import {
  dispositions,
  type InspectedLine,
  type Return,
  supportedReturnActions,
} from "../../src/order/return.ts";
import { inspectedUnits, returnsOf, unitsLeftToReturn } from "../../src/order/return-units.ts";

const skus = ["set", "cup", "mug", "rare", "song"] as const;

const linesOf = (order: Order, which: number, units: number): ExchangeRequest["lines"] => {
  const money = (minorUnits: number) => ({
    amount: formatAmount(minorUnits, order.currency),
    currency: order.currency,
  });
  const base = order.lines[which % order.lines.length];
  const other = {
    ...{ sku: skus[which % 5], quantity: units, unitPrice: money(50 * which + units) },
    ...(which % 2 === 0 ? { tax: money(units) } : {}),
  };
  return which % 3 === 0
    ? [{ basedOn: base?.id, quantity: units, tax: money(base?.tax ?? 0) }]
    : which % 3 === 1
    ? [other]
    : [other, { ...other, discount: money(Math.min(units, which)) }];
};

/**
 * Asks for units of an order in exchange for other goods: dearer, cheaper or the same, ahead or later, sometimes of
 * a claim, and sometimes with the goods there already, at this location.
 */
export const exchangeCommand = (
  order: Order,
  which: number,
  units: number,
  locationId: string,
): OrderCommand => {
  const left = unitsLeftToReturn(order);
  const able = order.lines.filter((_, n) => (left[n] ?? 0) > 0);
  const line = able.length > 0 ? able[which % able.length] : order.lines[0];
  const lineId = line?.id ?? "1";
  const most = left[Number(lineId) - 1] ?? 1;
  const quantity = units > 3 ? units : Math.max(1, Math.min(units, most));
  const goodsBack = which % 5 !== 4 && line?.method !== "digital";
  const inspected = [{
    ...{ lineId, quantity, disposition: dispositions[which % dispositions.length] ?? "restock" },
    accepted: which % 4 !== 0,
  }];
  return {
    type: "request-return",
    goodsBack,
    lines: [{ lineId, quantity, reason: goodsBack ? "unwanted" : "damaged" }],
    ...(goodsBack && which % 4 === 3
      ? { received: { locationId, ...(units > 1 ? { inspected } : {}) } }
      : {}),
    exchange: {
      lines: linesOf(order, which, units),
      shipWhen: which % 2 === 0 ? "received" : "now",
    },
  };
};

const stepOf = (each: Return, which: number, units: number, locationId: string): OrderCommand => {
  const { id: returnId } = each;
  const supported = supportedReturnActions(each);
  const line = each.lines[which % each.lines.length];
  const lineId = line?.lineId ?? "1";
  switch (supported[(which + units) % (supported.length || 1)]) {
    case "authorize":
      return { type: "authorize-return", returnId, locationId };
    case "decline":
      return { type: "decline-return", returnId, reason: "it was worn" };
    case "ship":
      return { type: "ship-return", returnId, carrier: "DHL" };
    case "receive":
      return {
        ...{ type: "receive-return", returnId, locationId: each.locationId ?? locationId },
        ...(units > 2 ? { lines: [{ lineId, quantity: 1 }] } : {}),
      };
    case "inspect":
      return {
        ...{ type: "inspect-return", returnId },
        lines: each.lines.flatMap((line): readonly InspectedLine[] => {
          const quantity = line.received - inspectedUnits(line);
          return quantity === 0
            ? []
            : [{ lineId: line.lineId, quantity, disposition: "restock", accepted: units < 4 }];
        }),
      };
    case "close":
      return { type: "close-return", returnId };
    case "cancel":
      return { type: "cancel-return", returnId, reason: "kept after all" };
    default:
      return { type: "expire-return", returnId };
  }
};

/** The next step of a return of the order: goods that come, or do not. */
export const returnStep = (
  order: Order,
  which: number,
  units: number,
  locationId: string,
): OrderCommand => {
  const returns = returnsOf(order);
  const open = returns.filter((each) => supportedReturnActions(each).length > 0);
  const each = (open.length > 0 ? open : returns)[which % (open.length || returns.length || 1)];
  return each === undefined
    ? { type: "expire-return", returnId: "ret_none" }
    : stepOf(each, which, units, locationId);
};
