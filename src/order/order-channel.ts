/**
 * What an order's channel leaves of a route: the locations that serve it, and no unit of what it keeps back. The
 * buffer is a margin and no guard: several processes may overrun it together by what is on its way.
 */
import { bufferOf, channelAvailability, servedOf } from "../channel/channel.ts";
import type { LineId, LineQuantity, OrderFacts, RoutingLocation } from "./order.ts";
import type { Route, RouteAllocation } from "./route.ts";

/** The locations that an order of the channel may be sent to. */
export const servingLocations = (
  { channel, locations }: Pick<OrderFacts, "channel" | "locations">,
): readonly RoutingLocation[] => channel === undefined ? locations : servedOf(channel, locations);

/** The route without the units that the channel keeps back; those that were routed last are left out first. */
export const withinBuffer = (
  full: Route,
  { channel, available }: Pick<OrderFacts, "channel" | "available">,
): Route => {
  if (channel === undefined) return full;
  const left = new Map<string, number>();
  const leftOf = (sku: string): number =>
    left.get(sku) ??
      (bufferOf(channel.channel, sku) === undefined
        ? Number.POSITIVE_INFINITY
        : channelAvailability(channel, sku, available));
  const beyond = new Map<LineId, number>();
  const allocations = full.allocations.flatMap((allocation): readonly RouteAllocation[] => {
    if (allocation.locationId === null) return [allocation];
    const lines = allocation.lines.flatMap((line) => {
      const there = leftOf(line.sku);
      const quantity = Math.min(line.quantity, there);
      left.set(line.sku, there - quantity);
      if (quantity === line.quantity) return [line];
      beyond.set(line.lineId, (beyond.get(line.lineId) ?? 0) + line.quantity - quantity);
      return quantity === 0 ? [] : [{ ...line, quantity }];
    });
    return lines.length === 0 ? [] : [{ ...allocation, lines }];
  });
  if (beyond.size === 0) return full;
  return { allocations, unfilled: added(full.unfilled, beyond) };
};

const added = (
  unfilled: readonly LineQuantity[],
  beyond: ReadonlyMap<LineId, number>,
): readonly LineQuantity[] => {
  const units = new Map(unfilled.map(({ lineId, quantity }) => [lineId, quantity]));
  for (const [lineId, quantity] of beyond) {
    units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  }
  return [...units].map(([lineId, quantity]) => ({ lineId, quantity }));
};
