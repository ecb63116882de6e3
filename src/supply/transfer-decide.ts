/** The one switch of transfers: the events of a command, or why there are none. */
import { Result } from "effect";
import {
  illegal,
  invalid,
  overReceipt,
  type SupplyFacts,
  type SupplyRejection,
  type SupplyShortage,
  unknownLocation,
} from "./facts.ts";
import { transferReceiptIds, transferShipmentIds } from "./ids.ts";
import { supplyLimits } from "./limits.ts";
import { isPending, movesNow } from "./moves.ts";
import { repeated, tooManyReceipts } from "./receipts.ts";
import { LineRoom } from "./room.ts";
import type {
  LineQuantity,
  RestRule,
  Transfer,
  TransferCommand,
  TransferEvent,
  TransferLine,
  TransferReceiptLine,
} from "./transfer.ts";
import { evolve } from "./transfer-evolve.ts";
import { unitsInTransit, unshippedUnits, withReceived } from "./transfer-lines.ts";

export type TransferDecision = Result.Result<readonly TransferEvent[], SupplyRejection>;
type Refusal = Result.Result<never, SupplyRejection>;

const noLine = (n: number, lineId: string): Refusal =>
  invalid(`/lines/${n}/lineId`, `The transfer has no line ${lineId}.`);

/** Lines of one SKU take its units together. */
const shortagesOf = (
  { from, lines }: Transfer,
  { available }: SupplyFacts,
): readonly SupplyShortage[] => {
  const requested = new Map<string, number>();
  for (const { sku, quantity } of lines) requested.set(sku, (requested.get(sku) ?? 0) + quantity);
  return [...requested].flatMap(([sku, units]) => {
    const free = Math.max(0, available(from, sku));
    return units <= free ? [] : [{ sku, requested: units, available: free }];
  });
};

/** Nobody names the lots of what a transfer takes off the shelf: units of lots are not sent by it. */
const trackedAt = (pointer: string, sku: string): Refusal =>
  invalid(
    pointer,
    `${sku} is tracked by lot or serial: move it by adjustments that name its lots.`,
  );

const tracked = ({ lines }: Transfer, { isTracked }: SupplyFacts): Refusal | null => {
  // All are looked up, so that those which are not known are read together.
  const [n = -1] = lines.flatMap(({ sku }, n) => isTracked(sku) ? [n] : []);
  const line = lines[n];
  return line === undefined ? null : trackedAt(`/lines/${n}/sku`, line.sku);
};

const trackedShipment = (
  { lines }: Transfer,
  shipped: readonly LineQuantity[],
  { isTracked }: SupplyFacts,
): Refusal | null => {
  const skus = new Map(lines.map(({ id, sku }) => [id, sku]));
  const [n = -1] = shipped.flatMap(({ lineId }, n) => isTracked(skus.get(lineId) ?? "") ? [n] : []);
  const line = shipped[n];
  return line === undefined ? null : trackedAt(`/lines/${n}/sku`, skus.get(line.lineId) ?? "");
};

/** Claims what is to leave: goods that are free, since nobody's promise moves with them. */
const request = (transfer: Transfer, facts: SupplyFacts): TransferDecision => {
  const { from, to } = transfer;
  if (transfer.version > 0) return illegal("request", transfer.status);
  const unknown = [from, to].find((id) => !facts.isLocation(id));
  if (unknown !== undefined) return unknownLocation(unknown);
  if (from === to) return invalid("/to", "A transfer goes to another location than its source.");
  const apart = tracked(transfer, facts);
  if (apart !== null) return apart;
  const shortages = shortagesOf(transfer, facts);
  if (shortages.length > 0) {
    const detail = `${from} has too few free units to send them elsewhere.`;
    return Result.fail({ _tag: "InsufficientStock", shortages, detail });
  }
  return Result.succeed([{ type: "transfer.requested", transfer }]);
};

/** Units that have not left, of each line that has some. */
const unshippedLines = ({ lines }: Transfer): readonly LineQuantity[] =>
  lines.flatMap((line) => {
    const quantity = unshippedUnits(line);
    return quantity === 0 ? [] : [{ lineId: line.id, quantity }];
  });

const wrongShipment = (transfer: Transfer, lines: readonly LineQuantity[]): Refusal | null => {
  const left = new Map(transfer.lines.map((line) => [line.id, unshippedUnits(line)]));
  for (const [n, { lineId, quantity }] of lines.entries()) {
    const most = left.get(lineId);
    if (most === undefined) return noLine(n, lineId);
    if (quantity > most) {
      return invalid(`/lines/${n}/quantity`, `Line ${lineId} has ${most} units that may leave.`);
    }
    left.set(lineId, most - quantity);
  }
  return null;
};

/** A new date, where it is another one. */
const dateChange = ({ expectedAt }: Transfer, to: string | undefined): readonly TransferEvent[] =>
  to === undefined || to === expectedAt
    ? []
    : [{ type: "transfer.changed", expectedAt: { from: expectedAt, to } }];

const ship = (
  transfer: Transfer,
  { reference, expectedAt, lines }: Extract<TransferCommand, { readonly type: "ship" }>,
  facts: SupplyFacts,
): TransferDecision => {
  const before = repeated(transfer.shipments, reference, lines);
  if (before !== null) return before;
  if (transfer.ended !== undefined) return illegal("ship", transfer.status);
  const shipped = lines ?? unshippedLines(transfer);
  if (shipped.length === 0) {
    return illegal("ship", transfer.status, "All units have left already.");
  }
  const wrong = tooManyReceipts(transfer.shipments, shipped.length, supplyLimits) ??
    wrongShipment(transfer, shipped) ?? trackedShipment(transfer, shipped, facts);
  if (wrong !== null) return wrong;
  const id = transferShipmentIds.of(transfer.id, transfer.shipments.length + 1);
  const named = reference === undefined ? {} : { reference };
  return Result.succeed([
    ...dateChange(transfer, expectedAt),
    { type: "transfer.shipped", shipment: { id, ...named, by: facts.by, lines: shipped } },
  ]);
};

const wrongReceipt = (
  transfer: Transfer,
  received: readonly TransferReceiptLine[],
): Refusal | null => {
  const lines = new Map(transfer.lines.map((line) => [line.id, line]));
  for (const [n, each] of received.entries()) {
    const { lineId, quantity, damaged, lost } = each;
    const line = lines.get(lineId);
    if (line === undefined) return noLine(n, lineId);
    if (quantity + lost === 0) return invalid(`/lines/${n}/quantity`, "Name at least one unit.");
    if (damaged > quantity) {
      const detail = `Of ${quantity} units, ${damaged} cannot be damaged.`;
      return invalid(`/lines/${n}/damaged`, detail);
    }
    const most = unitsInTransit(line);
    if (quantity + lost > most) {
      const come = line.shipped - most;
      return overReceipt(
        { lineId, sku: line.sku, expected: line.shipped },
        { received: come, quantity: quantity + lost, most: line.shipped },
      );
    }
    lines.set(lineId, withReceived(line, each));
  }
  return null;
};

/** Units that are on their way, of each line that has some. */
const linesInTransit = ({ lines }: Transfer): readonly TransferReceiptLine[] =>
  lines.flatMap((line) => {
    const quantity = unitsInTransit(line);
    return quantity === 0 ? [] : [{ lineId: line.id, quantity, damaged: 0, lost: 0 }];
  });

const receive = (
  transfer: Transfer,
  { reference, lines: named }: Extract<TransferCommand, { readonly type: "receive" }>,
  { by }: SupplyFacts,
): TransferDecision => {
  const before = repeated(transfer.receipts, reference, named);
  if (before !== null) return before;
  if (transfer.ended !== undefined) return illegal("receive", transfer.status);
  const lines = named ?? linesInTransit(transfer);
  if (lines.length === 0) return illegal("receive", transfer.status, "Nothing is on its way.");
  const wrong = tooManyReceipts(transfer.receipts, lines.length, supplyLimits) ??
    wrongReceipt(transfer, lines);
  if (wrong !== null) return wrong;
  const id = transferReceiptIds.of(transfer.id, transfer.receipts.length + 1);
  const receipt = { id, ...(reference === undefined ? {} : { reference }), by, lines };
  return Result.succeed([{ type: "transfer.received", receipt }]);
};

/** What has not left is free again at the source; what is on its way goes back there, or is lost. */
const end = (
  transfer: Transfer,
  type: "transfer.closed" | "transfer.cancelled",
  { rest, reason }: { readonly rest: RestRule; readonly reason?: string | undefined },
): TransferDecision => {
  const action = type === "transfer.closed" ? "close" : "cancel";
  if (transfer.ended !== undefined) return illegal(action, transfer.status);
  const endOf = (line: TransferLine) => {
    const released = unshippedUnits(line);
    const units = unitsInTransit(line);
    const [returned, lost] = rest === "return" ? [units, 0] : [0, units];
    return released + units === 0 ? [] : [{ lineId: line.id, released, returned, lost }];
  };
  const lines = transfer.lines.flatMap(endOf);
  if (lines.length === 0) return illegal(action, transfer.status, "Nothing is left of it.");
  return Result.succeed([{ type, lines, ...(reason === undefined ? {} : { reason }) }]);
};

const decideAlone = (
  transfer: Transfer,
  command: TransferCommand,
  facts: SupplyFacts,
): TransferDecision => {
  switch (command.type) {
    case "request":
      return request(transfer, facts);
    case "ship":
      return ship(transfer, command, facts);
    case "change":
      return transfer.ended === undefined
        ? Result.succeed(dateChange(transfer, command.expectedAt))
        : illegal("change", transfer.status);
    case "receive":
      return receive(transfer, command, facts);
    case "close":
      return end(transfer, "transfer.closed", { rest: "lost", reason: command.reason });
    case "cancel":
      return end(transfer, "transfer.cancelled", command);
    case "settle":
      return Result.succeed([]);
  }
};

/** The lines whose keys an event changes at once. */
const touchedLines = (event: TransferEvent, { lines }: Transfer): readonly string[] => {
  switch (event.type) {
    case "transfer.shipped":
      return event.shipment.lines.map(({ lineId }) => lineId);
    case "transfer.received":
      return event.receipt.lines.map(({ lineId }) => lineId);
    case "transfer.requested":
    case "transfer.changed":
    case "transfer.closed":
    case "transfer.cancelled":
      return lines.map(({ id }) => id);
    case "transfer.moved":
      return [];
  }
};

/** The events of a command, and the moves that follow from them. None: there is nothing to commit. */
export const decide = (
  transfer: Transfer,
  command: TransferCommand,
  facts: SupplyFacts,
): TransferDecision => {
  const decided = decideAlone(transfer, command, facts);
  if (Result.isFailure(decided)) return decided;
  const events = decided.success;
  const { from, to } = transfer;
  const after = events.reduce<Transfer>(
    (state, event) => evolve(state, event, facts.now),
    transfer,
  );
  const byId = new Map(after.lines.map((line) => [line.id, line]));
  const room = new LineRoom([from, to], facts.keyBytesPerCommit);
  const takesRoom = (lineId: string): boolean => {
    const line = byId.get(lineId);
    return line === undefined || room.take(line);
  };
  if (!events.flatMap((event) => touchedLines(event, after)).every(takesRoom)) {
    return invalid("/lines", "The names of so many lines do not fit one commit: name fewer lines.");
  }
  if (!isPending(after.lines)) return decided;
  const moved = movesNow(after.lines, "moves" in command ? command.moves : undefined, {
    free: (lineId) => facts.free(to, lineId),
    room: takesRoom,
  });
  return Result.map(
    moved,
    (lines) => lines.length === 0 ? events : [...events, { type: "transfer.moved", lines }],
  );
};
