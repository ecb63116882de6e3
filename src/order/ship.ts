/** Shipping: goods leave by carrier, with the numbers and notes by which they are followed. */
import { Result } from "effect";
import { shipmentIdOf } from "./ids.ts";
import { orderLimits } from "./limits.ts";
import { actOn, someLinesOf } from "./fulfill.ts";
import { componentOf } from "./kits.ts";
import { leavingLots } from "./lots.ts";
import type { FulfillmentOrder, LineQuantity, Order, OrderCommand, OrderFacts } from "./order.ts";
import { isPartId } from "./parts.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, invalid, kitIncomplete } from "./refusals.ts";
import { shipmentOf } from "./track.ts";
import { numbersOf, trackingNumbersOf } from "./tracking-numbers.ts";

type Ship = Extract<OrderCommand, { readonly type: "ship" }>;
type SetNumbers = Extract<OrderCommand, { readonly type: "set-tracking-numbers" }>;
type Note = Extract<OrderCommand, { readonly type: "note" }>;

const tooMany = (numbers: readonly string[] | undefined): boolean =>
  new Set(numbers).size > orderLimits.trackingNumbersPerShipment;

const tooManyNumbers = (): OrderDecision =>
  invalid(
    "/trackingNumbers",
    `A shipment has at most ${orderLimits.trackingNumbersPerShipment} tracking numbers.`,
  );

/** Why these units do not leave: of a part there would be left what makes no whole kits. Null when they do. */
const brokenPart = (
  order: Order,
  { lines }: FulfillmentOrder,
  chosen: readonly LineQuantity[],
): OrderDecision | null => {
  for (const { lineId, quantity } of chosen) {
    if (!isPartId(lineId)) continue;
    const line = lines.find((each) => each.lineId === lineId);
    const perKit = componentOf(order, lineId)?.quantity ?? 1;
    const after = (line?.shipped ?? 0) + quantity;
    if (after === line?.quantity || after % perKit === 0) continue;
    const detail = `${perKit} units of line ${lineId} are in each kit: ship those of whole kits.`;
    return kitIncomplete(lineId, detail);
  }
  return null;
};

/** Makes a shipment of some lines, or of all that is left: its units leave the stock. */
export const ship = (order: Order, command: Ship, facts: OrderFacts): OrderDecision => {
  const { fulfillmentOrderId, carrier, trackingNumbers } = command;
  const found = actOn(order, fulfillmentOrderId, "ship");
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const { locationId, lines } = found.success;
  if (locationId === null) return illegalForOrder("ship", order, "Digital goods are not shipped.");
  if (tooMany(trackingNumbers)) return tooManyNumbers();
  if (order.shipments.length >= orderLimits.shipments) {
    return illegalForOrder(
      "ship",
      order,
      `An order has at most ${orderLimits.shipments} shipments.`,
    );
  }
  const skus = new Map(lines.map(({ lineId, sku }) => [lineId, sku]));
  const chosen = someLinesOf(
    found.success,
    command.lines,
    ({ quantity, shipped }) => quantity - shipped,
    "left to ship",
  );
  if (Result.isFailure(chosen)) return Result.fail(chosen.failure);
  const broken = brokenPart(order, found.success, chosen.success);
  if (broken !== null) return broken;
  return Result.map(
    leavingLots(order, found.success, chosen.success, command.named, facts),
    (leaving) => [{
      type: "shipment.created",
      shipment: {
        id: shipmentIdOf(order.id, order.shipments.length + 1),
        fulfillmentOrderId,
        locationId,
        status: "shipped",
        carrier,
        ...numbersOf(trackingNumbers),
        lines: leaving.map(({ lineId, quantity, lots }) => ({
          lineId,
          sku: skus.get(lineId) ?? "",
          quantity,
          ...(lots === undefined ? {} : { lots }),
        })),
        tracking: [],
        shippedAt: facts.now,
      },
    }],
  );
};

/** Puts all tracking numbers of a shipment, and its carrier where one is named, in place of those before. */
export const setTrackingNumbers = (order: Order, command: SetNumbers): OrderDecision => {
  const { shipmentId, trackingNumbers } = command;
  const found = shipmentOf(order, shipmentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  if (tooMany(trackingNumbers)) return tooManyNumbers();
  const { carrier = found.success.carrier } = command;
  const numbers = trackingNumbersOf(numbersOf(trackingNumbers));
  const before = trackingNumbersOf(found.success);
  const isSame = carrier === found.success.carrier && numbers.length === before.length &&
    numbers.every((number, n) => number === before[n]);
  return Result.succeed(
    isSame ? [] : [{ type: "shipment.numbered", shipmentId, carrier, trackingNumbers: numbers }],
  );
};

/** Writes down what somebody wants others to know of a shipment. */
export const note = (order: Order, command: Note, { by }: OrderFacts): OrderDecision => {
  const { shipmentId, text } = command;
  const found = shipmentOf(order, shipmentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  return (found.success.notes?.length ?? 0) >= orderLimits.notesPerShipment
    ? invalid("", `A shipment has at most ${orderLimits.notesPerShipment} notes.`)
    : Result.succeed([{ type: "shipment.noted", shipmentId, text, by }]);
};
