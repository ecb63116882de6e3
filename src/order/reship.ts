/** Sends once more what did not arrive. */
import { Result } from "effect";
import { allocateDemands, demandOf, rejectingLocationIds } from "./allocate.ts";
import { evolve } from "./evolve.ts";
import { heldDetail } from "./fulfill.ts";
import type { Order, OrderCommand, OrderEvent, OrderFacts } from "./order.ts";
import { lineIndexOf, lineOf } from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, illegalForShipment } from "./refusals.ts";
import { unitsLeftToReturn } from "./return-units.ts";
import { commitRoom } from "./room.ts";
import type { RouteDemand } from "./route.ts";
import { orderAllows } from "./status.ts";
import { arrivalOf, shipmentOf } from "./track.ts";

type Reship = Extract<OrderCommand, { readonly type: "reship" }>;

/**
 * Gives a shipment up: its units count as shipped no more, and are promised and routed once more. Units that no
 * location has are backordered, whatever the policy, because they were promised. The units of the lost parcel
 * stay off the shelf that they left.
 */
export const reship = (
  order: Order,
  { shipmentId, reason }: Reship,
  facts: OrderFacts,
): OrderDecision => {
  const found = shipmentOf(order, shipmentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const shipment = found.success;
  if (shipment.status === "replaced") {
    return illegalForShipment("reship", shipment, "its units are fulfilled once more already.");
  }
  if (shipment.status === "delivered") {
    return illegalForShipment("reship", shipment, "correct the carrier's report first.");
  }
  const left = unitsLeftToReturn(order);
  if (shipment.lines.some((line) => line.quantity > (left[lineIndexOf(order, line.lineId)] ?? 0))) {
    return illegalForShipment("reship", shipment, "there is a return of units of it.");
  }
  if (!orderAllows(order, "fulfill")) {
    return order.holds.length === 0
      ? illegalForOrder("reship", order)
      : illegalForOrder("reship", order, heldDetail("reship", order));
  }
  const replaced: OrderEvent = { type: "shipment.replaced", shipmentId, reason };
  const demands = shipment.lines.flatMap(({ lineId, quantity }): readonly RouteDemand[] => {
    const line = lineOf(order, lineId);
    return line === undefined ? [] : [demandOf(line, quantity)];
  });
  const without = evolve(order, replaced, facts.now);
  return Result.map(
    allocateDemands(without, demands, facts, {
      promised: true,
      otherwise: "hold",
      room: commitRoom(facts),
      excludedLocationIds: rejectingLocationIds(without),
    }),
    (events) => [
      replaced,
      ...arrivalOf(order, { ...shipment, status: "replaced" }),
      ...events,
    ],
  );
};
