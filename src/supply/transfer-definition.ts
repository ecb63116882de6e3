/** The transfer's definition: all that the machine asks about transfers, in one value. */
import { Result } from "effect";
import { recordsWithStock } from "../stock/record.ts";
import { aggregate, type Fault } from "../subject/aggregate.ts";
import { type SupplyFacts, supplyFacts, type SupplyRejection } from "./facts.ts";
import { transferIds, transferLineIds, transferReceiptIds, transferShipmentIds } from "./ids.ts";
import { referenceLinks, settleLinks, supplyLinks } from "./links.ts";
import { inList, skuLists, transferLists } from "./lists.ts";
import {
  type Transfer,
  type TransferCommand,
  type TransferEvent,
  type TransferLine,
  transferStatuses,
} from "./transfer.ts";
import { decide } from "./transfer-decide.ts";
import { claimsOf, effectsOf } from "./transfer-effects.ts";
import { transferEventTypes } from "./transfer-events.ts";
import { evolve, statusOf } from "./transfer-evolve.ts";
import { expectedUnits, unitsInTransit, unshippedUnits } from "./transfer-lines.ts";

export const transferReferences = "transfer_reference";

const conserved = "transfer-conserved";

/** Units of a line that its shipments and receipts name. */
const toldOf = ({ shipments, receipts }: Transfer, lineId: string) => {
  const told = { shipped: 0, received: 0, damaged: 0, lost: 0 };
  for (const each of shipments.flatMap(({ lines }) => lines)) {
    if (each.lineId === lineId) told.shipped += each.quantity;
  }
  for (const each of receipts.flatMap(({ lines }) => lines)) {
    if (each.lineId !== lineId) continue;
    told.received += each.quantity - each.damaged;
    told.damaged += each.damaged;
    told.lost += each.lost;
  }
  return told;
};

const faultOf = (transfer: Transfer, line: TransferLine): string | null => {
  const { shipped, received, damaged, lost, returned, released, arriving, cutting } = line;
  const counts = [shipped, received, damaged, lost, returned, released, arriving, cutting];
  if (Math.min(...counts) < 0) return "has a count below zero";
  if (unshippedUnits(line) < 0) return "has sent more units than were requested";
  if (unitsInTransit(line) < 0) return "has received, lost or returned more units than left";
  const told = toldOf(transfer, line.id);
  if (told.shipped !== shipped || told.received !== received || told.damaged !== damaged) {
    return "has other units than its shipments and receipts say";
  }
  const isOver = transfer.ended !== undefined;
  if (isOver ? told.lost > lost : told.lost !== lost) return "has lost units that nobody told of";
  if (isOver && unitsInTransit(line) + unshippedUnits(line) > 0) {
    return "waits for units, and has ended";
  }
  return arriving > received || cutting > damaged + lost + returned
    ? "has more units to be moved than came, were lost or went back"
    : null;
};

const faultsOf = (transfer: Transfer): readonly Fault[] =>
  transfer.lines.flatMap((line) => {
    const fault = faultOf(transfer, line);
    return fault === null ? [] : [{ invariant: conserved, detail: `Line ${line.id} ${fault}.` }];
  });

const named = { name: "transfer", plural: "transfers", statuses: transferStatuses } as const;

export const transfers = aggregate<
  Transfer,
  TransferCommand,
  TransferEvent,
  SupplyFacts,
  SupplyRejection
>({
  ...named,
  ids: transferIds,
  partIds: [transferLineIds, transferReceiptIds, transferShipmentIds],
  // Links of supply, which it writes as well, are of the family that purchase orders name.
  linkFamilies: [transferReferences],
  linkInvariant: (family) =>
    family === transferReferences ? "one-transfer-per-reference" : "supply-is-open",
  decide,
  evolve,
  statusOf,
  createdType: "transfer.requested",
  record: recordsWithStock({ ...named, events: transferEventTypes }),
  facts: supplyFacts,
  isShort: (decided) => Result.isFailure(decided) && decided.failure._tag === "InsufficientStock",
  scopeOf: ({ channel, from, to }) => ({
    ...(channel === undefined ? {} : { channel }),
    locationIds: [from, to],
  }),
  listsOf: ({ status, from, to, lines }) => [
    inList(transferLists.status, status),
    ...[...new Set([from, to])].map((id) => inList(transferLists.location, id)),
    inList(transferLists.from, from),
    inList(transferLists.to, to),
    ...skuLists(transferLists.sku, lines),
  ],
  linksOf: (transfer) => [
    ...referenceLinks(transferReferences, transfer),
    ...supplyLinks(transfer.lines, transfer.to, {
      expected: expectedUnits,
      expectedAt: () => transfer.expectedAt,
    }),
    ...settleLinks(transfer.lines),
  ],
  effectsOf,
  claimsOf,
  faultsOf,
  measuresOf: ({ lines }) => ({
    unitsInTransit: lines.reduce((sum, line) => sum + unitsInTransit(line), 0),
  }),
});
