/** What transfers do to the stock of both ends and to supply: by event, and by their state alone. */
import { type StockDelta, stockDelta } from "../stock/stock.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import { supplyDelta } from "./balance.ts";
import { bucketsOf, inSupplyAndStock } from "./effects.ts";
import type { Transfer, TransferEvent } from "./transfer.ts";
import { expectedUnits, unshippedUnits } from "./transfer-lines.ts";

/** Changes of the stock of a location, each by its line's SKU. */
const stockOf = <Change extends { readonly lineId: string }>(
  { lines }: Transfer,
  locationId: string,
  changes: readonly Change[],
  deltaOf: (change: Change) => Parameters<typeof stockDelta>[2],
): readonly StockDelta[] => {
  const skus = new Map(lines.map(({ id, sku }) => [id, sku]));
  return changes.flatMap((change) => {
    const sku = skus.get(change.lineId);
    return sku === undefined ? [] : [stockDelta(locationId, sku, deltaOf(change))];
  });
};

export const effectsOf = (before: Transfer, event: TransferEvent): readonly BalanceDeltas[] => {
  const { from, to } = before;
  switch (event.type) {
    case "transfer.requested":
      return inSupplyAndStock(
        [],
        event.transfer.lines.map(({ sku, quantity }) =>
          stockDelta(from, sku, { claimed: quantity })
        ),
      );
    case "transfer.shipped":
      return inSupplyAndStock(
        event.shipment.lines.map(({ lineId, quantity }) =>
          supplyDelta(to, lineId, { expected: quantity })
        ),
        stockOf(before, from, event.shipment.lines, ({ quantity }) => ({
          onHand: -quantity,
          claimed: -quantity,
        })),
      );
    case "transfer.changed":
      return inSupplyAndStock([], []);
    case "transfer.received":
      return inSupplyAndStock(
        [],
        stockOf(before, to, event.receipt.lines, (received) => ({
          onHand: received.damaged,
          unavailable: received.damaged,
          buckets: bucketsOf(received, received.damaged),
        })),
      );
    case "transfer.moved":
      return inSupplyAndStock(
        event.lines.map(({ lineId, arrived, cut }) =>
          supplyDelta(to, lineId, { expected: -arrived - cut })
        ),
        stockOf(before, to, event.lines, ({ arrived }) => ({ onHand: arrived })),
      );
    case "transfer.closed":
    case "transfer.cancelled":
      return inSupplyAndStock(
        [],
        stockOf(before, from, event.lines, ({ released, returned }) => ({
          onHand: returned,
          claimed: -released,
        })),
      );
  }
};

export const claimsOf = (transfer: Transfer): readonly BalanceDeltas[] => {
  const { from, to, lines, receipts } = transfer;
  return inSupplyAndStock(
    lines.map((line) => supplyDelta(to, line.id, { expected: expectedUnits(line) })),
    [
      ...lines.flatMap((line) => {
        const { sku, shipped, returned, received, arriving, damaged } = line;
        return [
          stockDelta(from, sku, { onHand: returned - shipped, claimed: unshippedUnits(line) }),
          stockDelta(to, sku, { onHand: received - arriving + damaged, unavailable: damaged }),
        ];
      }),
      ...stockOf(
        transfer,
        to,
        receipts.flatMap((receipt) => receipt.lines),
        (received) => ({ buckets: bucketsOf(received, received.damaged) }),
      ),
    ],
  );
};
