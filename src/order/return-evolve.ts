/** The fold of what happens to returns. It decides nothing. */
import type { Instant } from "../kernel/instant.ts";
import type { Order } from "./order.ts";
import {
  dispositions,
  type InspectedUnits,
  type Return,
  type ReturnEvent,
  type ReturnLine,
} from "./return.ts";
import { hasAllCome, returnsOf } from "./return-units.ts";

type Received = Extract<ReturnEvent, { readonly type: "return.received" }>;
type Inspected = Extract<ReturnEvent, { readonly type: "return.inspected" }>;

const withReceived = (each: Return, { locationId, lines, unexpected }: Received): Return => {
  const came = new Map(lines.map((line) => [line.lineId, line]));
  const after = each.lines.map((line): ReturnLine => {
    const more = came.get(line.lineId);
    came.delete(line.lineId);
    return more === undefined ? line : { ...line, received: line.received + more.quantity };
  });
  for (const { lineId, sku, quantity } of came.values()) {
    after.push({
      ...{ lineId, sku, quantity: 0, reason: "other", received: quantity },
      ...{ inspected: [], accepted: 0 },
    });
  }
  const received: Return = {
    ...each,
    locationId,
    lines: after,
    unexpected: [...each.unexpected, ...unexpected],
  };
  return { ...received, status: hasAllCome(received) ? "received" : "partially_received" };
};

const withUnits = (
  inspected: readonly InspectedUnits[],
  more: readonly InspectedUnits[],
): readonly InspectedUnits[] =>
  dispositions.flatMap((disposition) => {
    let units = 0;
    for (const each of [...inspected, ...more]) {
      if (each.disposition === disposition) units += each.quantity;
    }
    return units === 0 ? [] : [{ disposition, quantity: units }];
  });

const withInspected = (each: Return, { lines }: Inspected): Return => ({
  ...each,
  lines: each.lines.map((line) => {
    const units = lines.filter(({ lineId }) => lineId === line.lineId);
    if (units.length === 0) return line;
    const accepted = units.reduce(
      (sum, { accepted, quantity }) => sum + (accepted ? quantity : 0),
      0,
    );
    return {
      ...line,
      inspected: withUnits(line.inspected, units),
      accepted: line.accepted + accepted,
    };
  }),
});

/** The seller stands for a claim as a whole. */
const withClaim = (each: Return): Return =>
  each.goodsBack ? each : {
    ...each,
    lines: each.lines.map((line) => ({ ...line, accepted: line.quantity })),
  };

type LaterEvent = Exclude<ReturnEvent, { readonly type: "return.requested" }>;

const changed = (each: Return, event: LaterEvent): Return => {
  switch (event.type) {
    case "return.authorized": {
      const { locationId, expiresAfterDays } = event;
      const place = locationId === undefined ? {} : { locationId };
      const expiry = expiresAfterDays === undefined ? {} : { expiresAfterDays };
      return { ...withClaim(each), ...place, ...expiry, status: "authorized" };
    }
    case "return.declined":
      return { ...each, status: "declined", endReason: event.reason };
    case "return.shipped": {
      const { carrier, trackingNumber } = event;
      return {
        ...each,
        status: "in_transit",
        ...(carrier === undefined ? {} : { carrier }),
        ...(trackingNumber === undefined ? {} : { trackingNumber }),
      };
    }
    case "return.received":
      return withReceived(each, event);
    case "return.inspected":
      return withInspected(each, event);
    case "return.closed_short":
      return { ...each, status: "received" };
    case "return.closed":
      return { ...each, status: "closed" };
    case "return.cancelled":
      return { ...each, status: "cancelled", endReason: event.reason };
  }
};

/** The order after something happened to one of its returns. */
export const withReturn = (order: Order, event: ReturnEvent, at: Instant): Order => {
  if (event.type === "return.requested") {
    return { ...order, returns: [...returnsOf(order), event.return] };
  }
  return {
    ...order,
    returns: returnsOf(order).map((each) =>
      each.id === event.returnId ? { ...changed(each, event), updatedAt: at } : each
    ),
  };
};
