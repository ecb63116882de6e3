/** Sends once more what did not arrive. */
import { Result } from "effect";
import { allocateDemands, demandsOf, rejectingLocationIds } from "./allocate.ts";
import { evolve } from "./evolve.ts";
import { heldDetail } from "./fulfill.ts";
import type { Order, OrderCommand, OrderEvent, OrderFacts, Shipment } from "./order.ts";
import { componentIndexOf, isPartId, lineIdOf, partsOf } from "./parts.ts";
import { lineIndexOf } from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, illegalForShipment } from "./refusals.ts";
import { unitsLeftToReturn } from "./return-units.ts";
import { commitRoom } from "./room.ts";
import { orderAllows } from "./status.ts";
import { arrivalOf, shipmentOf } from "./track.ts";

type Reship = Extract<OrderCommand, { readonly type: "reship" }>;

/** Whether there are returns of units that it has: without it, less would have left than comes back. */
const isBeingReturned = (order: Order, { lines }: Shipment): boolean => {
  const left = unitsLeftToReturn(order);
  const parts = partsOf(order);
  return lines.some(({ lineId, quantity }) => {
    const index = lineIndexOf(order, lineIdOf(lineId));
    if (!isPartId(lineId)) return quantity > (left[index] ?? 0);
    // Parts of whole kits that left together may stand for those that come back.
    const kits = parts?.get(lineIdOf(lineId));
    const { shipped = 0, perKit = 1 } = kits?.units[componentIndexOf(lineId)] ?? {};
    const without = Math.floor((shipped - quantity) / perKit);
    return Math.max(0, (kits?.shipped ?? 0) - without) > (left[index] ?? 0);
  });
};

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
  if (isBeingReturned(order, shipment)) {
    return illegalForShipment("reship", shipment, "there is a return of units of it.");
  }
  if (!orderAllows(order, "fulfill")) {
    return order.holds.length === 0
      ? illegalForOrder("reship", order)
      : illegalForOrder("reship", order, heldDetail("reship", order));
  }
  const replaced: OrderEvent = { type: "shipment.replaced", shipmentId, reason };
  const demands = shipment.lines.flatMap(({ lineId, quantity }) =>
    demandsOf(order, lineId, quantity)
  );
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
