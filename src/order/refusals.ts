/** The refusals that several stages make. */
import { Result } from "effect";
import type {
  FulfillmentOrder,
  LineQuantity,
  Order,
  OrderEvent,
  OrderRejection,
  Shipment,
  Shortage,
} from "./order.ts";

export type OrderDecision = Result.Result<readonly OrderEvent[], OrderRejection>;

/** An action that the order's status does not allow. */
export const illegalForOrder = (
  action: string,
  order: Order,
  detail = `An order that is ${order.status} does not allow "${action}".`,
): Result.Result<never, OrderRejection> =>
  Result.fail({ _tag: "IllegalTransition", action, status: order.status, detail });

/** An action that the fulfillment order's status or method does not allow. */
export const illegalForFulfillmentOrder = (
  action: string,
  { id, status, method }: FulfillmentOrder,
): Result.Result<never, OrderRejection> =>
  Result.fail({
    _tag: "IllegalTransition",
    action,
    status,
    fulfillmentOrderId: id,
    detail: `A ${method} fulfillment order that is ${status} does not allow "${action}".`,
  });

/** An action that the shipment's status does not allow. */
export const illegalForShipment = (
  action: string,
  { id, status }: Shipment,
  why: string,
): Result.Result<never, OrderRejection> =>
  Result.fail({
    _tag: "IllegalTransition",
    action,
    status,
    shipmentId: id,
    detail: `A shipment that is ${status} does not allow "${action}": ${why}`,
  });

export const invalid = (pointer: string, detail: string): Result.Result<never, OrderRejection> =>
  Result.fail({ _tag: "InvalidCommand", pointer, detail });

/** It would leave a part of a kit without the rest. */
export const kitIncomplete = (
  lineId: string,
  detail: string,
): Result.Result<never, OrderRejection> => Result.fail({ _tag: "KitIncomplete", lineId, detail });

export const insufficientStock = (
  shortages: readonly Shortage[],
): Result.Result<never, OrderRejection> => Result.fail({ _tag: "InsufficientStock", shortages });

/**
 * The units that a command names for each line, where a line may be named twice; or why they do not fit.
 * `left` tells how many units a line may still give; undefined for an unknown line.
 */
export const chosenUnits = (
  lines: readonly LineQuantity[],
  left: (lineId: string) => number | undefined,
  whatIsLeft: string,
): Result.Result<ReadonlyMap<string, number>, OrderRejection> => {
  if (lines.length === 0) return invalid("/lines", "Name at least one line, or leave lines out.");
  const chosen = new Map<string, number>();
  for (const [i, { lineId, quantity }] of lines.entries()) {
    const most = left(lineId);
    if (most === undefined) {
      return invalid(`/lines/${i}/lineId`, `There is no line ${lineId} here.`);
    }
    if (!Number.isSafeInteger(quantity) || quantity < 1) {
      return invalid(`/lines/${i}/quantity`, "A quantity is a whole number from 1.");
    }
    const sum = (chosen.get(lineId) ?? 0) + quantity;
    if (sum > most) {
      return invalid(`/lines/${i}/quantity`, `Line ${lineId} has ${most} units ${whatIsLeft}.`);
    }
    chosen.set(lineId, sum);
  }
  return Result.succeed(chosen);
};
