/** What clients ask about returns: mostly the next step of one, sometimes what it does not allow. */
import type { ExchangeRequest } from "../../src/order/exchange.ts";
import type { Order, OrderCommand, OrderLine } from "../../src/order/order.ts";
import {
  dispositions,
  type InspectedLine,
  type Return,
  type ReturnAction,
  returnActions,
  returnReasons,
  supportedReturnActions,
} from "../../src/order/return.ts";
import type { Chance } from "./random.ts";

/** As much of an order as one must know to ask for a return. */
export interface KnownReturns extends Pick<Order, "fulfillmentOrders"> {
  readonly lines: readonly Pick<OrderLine, "id" | "quantity">[];
  readonly returns?: readonly Pick<Return, "id" | "status" | "lines">[] | undefined;
}

/** Of requests for returns, those for an exchange. */
const exchangeShare = 0.6;
const exchangedSkus = ["mug", "cup", "pot", "jar"] as const;
/** All that is simulated is sold in it. */
const currency = "USD";

const inspectedLine = (chance: Chance, lineId: string, most: number): InspectedLine => ({
  lineId,
  quantity: chance.between(1, Math.max(1, most)),
  disposition: chance.pick(dispositions),
  accepted: chance.happens(0.8),
});

/** What somebody wants for what comes back: more of the same, or another thing, dearer or cheaper. */
const exchangeFor = (chance: Chance, lineId: string): ExchangeRequest => {
  const quantity = chance.between(1, 2);
  return {
    lines: [
      chance.happens(0.5) ? { basedOn: lineId, quantity } : {
        ...{ sku: chance.pick(exchangedSkus), quantity },
        unitPrice: { amount: `${chance.between(0, 30)}.${chance.between(10, 99)}`, currency },
      },
    ],
    shipWhen: chance.pick(["now", "received"] as const),
  };
};

const request = (
  chance: Chance,
  { lines, fulfillmentOrders }: KnownReturns,
  locations: readonly string[],
): OrderCommand => {
  // What is digital leaves at once, and never comes back.
  const gone = fulfillmentOrders.filter(({ locationId }) => locationId !== null)
    .flatMap((each) => each.lines).filter(({ shipped }) => shipped > 0);
  const any = chance.pick(lines);
  const { lineId, shipped } = gone.length > 0 && chance.happens(0.9)
    ? chance.pick(gone)
    : { lineId: any.id, shipped: any.quantity };
  const quantity = chance.between(1, shipped + (chance.happens(0.1) ? 1 : 0));
  const isClaim = chance.happens(0.15);
  const isHere = !isClaim && chance.happens(0.3);
  return {
    type: "request-return",
    goodsBack: !isClaim,
    lines: [{ lineId, quantity, reason: chance.pick(returnReasons) }],
    ...(chance.happens(0.2) ? { note: "the box is torn" } : {}),
    ...(isHere
      ? {
        received: {
          locationId: chance.pick(locations),
          ...(chance.happens(0.5) ? { inspected: [inspectedLine(chance, lineId, quantity)] } : {}),
        },
      }
      : {}),
    ...(chance.happens(exchangeShare) ? { exchange: exchangeFor(chance, lineId) } : {}),
  };
};

const step = (
  chance: Chance,
  { id: returnId, lines }: NonNullable<KnownReturns["returns"]>[number],
  action: ReturnAction,
  locations: readonly string[],
): OrderCommand => {
  const { lineId, quantity, received } = chance.pick(lines);
  switch (action) {
    case "authorize":
      return {
        ...{ type: "authorize-return", returnId },
        ...(chance.happens(0.3) ? { locationId: chance.pick(locations) } : {}),
      };
    case "decline":
      return { type: "decline-return", returnId, reason: "it was worn" };
    case "cancel":
      return { type: "cancel-return", returnId, reason: "kept after all" };
    case "ship":
      return { type: "ship-return", returnId, carrier: "DHL", trackingNumber: "R1" };
    case "close":
      return { type: "close-return", returnId };
    case "receive":
      return {
        ...{ type: "receive-return", returnId },
        ...(chance.happens(0.3) ? { locationId: chance.pick(locations) } : {}),
        ...(chance.happens(0.5)
          ? { lines: [{ lineId, quantity: chance.between(1, quantity + 1) }] }
          : {}),
        ...(chance.happens(0.2) ? { unexpected: [{ sku: "lamp", quantity: 1 }] } : {}),
      };
    case "inspect":
      return {
        ...{ type: "inspect-return", returnId },
        lines: [inspectedLine(chance, lineId, received)],
      };
  }
};

/** A command about returns of an order. */
export const returnCommand = (
  chance: Chance,
  order: KnownReturns,
  locations: readonly string[],
): OrderCommand => {
  const open = (order.returns ?? []).filter((each) => supportedReturnActions(each).length > 0);
  const any = chance.happens(0.1) ? order.returns ?? [] : open;
  if (any.length === 0 || chance.happens(0.25)) return request(chance, order, locations);
  const each = chance.pick(any);
  const supported = supportedReturnActions(each);
  const forward = supported.filter((action) => action !== "decline" && action !== "cancel");
  const action = supported.length === 0 || chance.happens(0.05)
    ? chance.pick(returnActions)
    : forward.length > 0 && chance.happens(0.75)
    ? chance.pick(forward)
    : chance.pick(supported);
  return step(chance, each, action, locations);
};
