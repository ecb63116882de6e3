/** The one switch of purchase orders: the events of a command, or why there are none. */
import { Result } from "effect";
import { illegal, invalid, type SupplyFacts, unknownLocation } from "./facts.ts";
import { isPending, movesNow } from "./moves.ts";
import type { PurchaseOrder, PurchaseOrderCommand, PurchaseOrderEvent } from "./purchase-order.ts";
import { cancel, change, close } from "./purchase-order-change.ts";
import { evolve } from "./purchase-order-evolve.ts";
import { type PurchaseOrderDecision, receive } from "./purchase-order-receive.ts";
import { LineRoom } from "./room.ts";

const place = (order: PurchaseOrder, facts: SupplyFacts): PurchaseOrderDecision => {
  if (order.version > 0) return illegal("place", order.status);
  if (!facts.isLocation(order.locationId)) return unknownLocation(order.locationId);
  return Result.succeed([{ type: "purchase_order.placed", order }]);
};

const decideAlone = (
  order: PurchaseOrder,
  command: PurchaseOrderCommand,
  facts: SupplyFacts,
): PurchaseOrderDecision => {
  switch (command.type) {
    case "place":
      return place(order, facts);
    case "change":
      return change(order, command);
    case "receive":
      return receive(order, command, facts);
    case "close":
      return close(order, command.reason);
    case "cancel":
      return cancel(order, command.reason);
    case "settle":
      return Result.succeed([]);
  }
};

/** The lines whose keys an event changes at once; those that are given up change theirs as they are moved. */
const touchedLines = (event: PurchaseOrderEvent): readonly string[] => {
  switch (event.type) {
    case "purchase_order.placed":
      return event.order.lines.map(({ id }) => id);
    case "purchase_order.changed":
      return [...event.lines.map(({ lineId }) => lineId), ...event.added.map(({ id }) => id)];
    case "purchase_order.received":
      return event.receipt.lines.map(({ lineId }) => lineId);
    case "purchase_order.moved":
    case "purchase_order.closed":
    case "purchase_order.cancelled":
      return [];
  }
};

/** The events of a command, and the moves that follow from them. None: there is nothing to commit. */
export const decide = (
  order: PurchaseOrder,
  command: PurchaseOrderCommand,
  facts: SupplyFacts,
): PurchaseOrderDecision => {
  const decided = decideAlone(order, command, facts);
  if (Result.isFailure(decided)) return decided;
  const events = decided.success;
  const after = events.reduce<PurchaseOrder>(
    (state, event) => evolve(state, event, facts.now),
    order,
  );
  const byId = new Map(after.lines.map((line) => [line.id, line]));
  const room = new LineRoom([order.locationId], facts.keyBytesPerCommit);
  const takesRoom = (lineId: string): boolean => {
    const line = byId.get(lineId);
    return line === undefined || room.take(line);
  };
  if (!events.flatMap(touchedLines).every(takesRoom)) {
    return invalid("/lines", "The names of so many lines do not fit one commit: name fewer lines.");
  }
  if (!isPending(after.lines)) return decided;
  const moved = movesNow(after.lines, "moves" in command ? command.moves : undefined, {
    free: (lineId) => facts.free(order.locationId, lineId),
    room: takesRoom,
  });
  return Result.map(
    moved,
    (lines) => lines.length === 0 ? events : [...events, { type: "purchase_order.moved", lines }],
  );
};
