/** The fold of transfers: the next state after an event. It decides nothing. */
import type { Instant } from "../kernel/instant.ts";
import { changedLines, isPending, movedLines } from "./moves.ts";
import type {
  EndedTransferLine,
  LineQuantity,
  Transfer,
  TransferEvent,
  TransferLine,
  TransferReceiptLine,
  TransferStatus,
} from "./transfer.ts";
import {
  unitsInTransit,
  unshippedUnits,
  withEnded,
  withReceived,
  withShipped,
} from "./transfer-lines.ts";

export const statusOf = ({ lines, shipments, receipts, ended }: Transfer): TransferStatus => {
  if (isPending(lines)) return "changing";
  if (ended !== undefined) return ended;
  if (shipments.length === 0) return "requested";
  const isLeaving = lines.some((line) => unshippedUnits(line) > 0);
  const isComing = lines.some((line) => unitsInTransit(line) > 0);
  if (receipts.length === 0) return isLeaving ? "partially_shipped" : "in_transit";
  return isLeaving || isComing ? "partially_received" : "received";
};

const changed = (
  transfer: Transfer,
  event: Exclude<TransferEvent, { readonly type: "transfer.requested" }>,
  at: Instant,
): Transfer => {
  const { lines } = transfer;
  switch (event.type) {
    case "transfer.shipped": {
      const { shipment } = event;
      return {
        ...transfer,
        lines: changedLines<TransferLine, LineQuantity>(lines, shipment.lines, withShipped),
        shipments: [...transfer.shipments, { ...shipment, at }],
      };
    }
    case "transfer.changed":
      return { ...transfer, expectedAt: event.expectedAt.to };
    case "transfer.received": {
      const { receipt } = event;
      return {
        ...transfer,
        lines: changedLines<TransferLine, TransferReceiptLine>(lines, receipt.lines, withReceived),
        receipts: [...transfer.receipts, { ...receipt, at }],
      };
    }
    case "transfer.moved":
      return { ...transfer, lines: movedLines(lines, event.lines) };
    case "transfer.closed":
    case "transfer.cancelled":
      return {
        ...transfer,
        ended: event.type === "transfer.closed" ? "closed" : "cancelled",
        lines: changedLines<TransferLine, EndedTransferLine>(lines, event.lines, withEnded),
      };
  }
};

/** Throws when the first event is not that which makes it. */
export const evolve = (transfer: Transfer | null, event: TransferEvent, at: Instant): Transfer => {
  if (event.type === "transfer.requested") return event.transfer;
  if (transfer === null) throw new TypeError(`A transfer cannot begin with ${event.type}.`);
  const next = changed(transfer, event, at);
  return { ...next, status: statusOf(next), updatedAt: at };
};
