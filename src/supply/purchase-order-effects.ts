/** What purchase orders do to supply and to stock: by event, and by their state alone. */
import { type StockDelta, stockDelta } from "../stock/stock.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import { bucketsOf, inSupplyAndStock, type SupplyDelta } from "./effects.ts";
import { supplyDelta } from "./balance.ts";
import type { PurchaseOrder, PurchaseOrderEvent, PurchaseOrderLine } from "./purchase-order.ts";
import { expectedUnits, receivedUnits, withOrdered, withReceived } from "./purchase-order-lines.ts";

type Received = Extract<PurchaseOrderEvent, { readonly type: "purchase_order.received" }>;

/** Units that came and are unfit for sale, or that nobody expected: the rest is to be moved. */
const receiptDeltas = ({ lines, locationId }: PurchaseOrder, { receipt }: Received) => {
  const byId = new Map(lines.map((line) => [line.id, line]));
  const deltas: StockDelta[] = [];
  for (const received of receipt.lines) {
    const line = byId.get(received.lineId);
    if (line === undefined) continue;
    const { surplus } = receivedUnits(line, received);
    byId.set(line.id, withReceived(line, received));
    const { rejected } = received;
    if (surplus + rejected === 0) continue;
    const change = {
      onHand: surplus + rejected,
      unavailable: rejected,
      buckets: bucketsOf(received, rejected),
    };
    deltas.push(stockDelta(locationId, line.sku, change));
  }
  return deltas;
};

export const effectsOf = (
  before: PurchaseOrder,
  event: PurchaseOrderEvent,
): readonly BalanceDeltas[] => {
  const { locationId } = before;
  const byId = new Map(before.lines.map((line) => [line.id, line]));
  const expect = (id: string, expected: number): SupplyDelta =>
    supplyDelta(locationId, id, { expected });
  const expectLines = (lines: readonly PurchaseOrderLine[]) =>
    lines.map((line) => expect(line.id, expectedUnits(line)));
  switch (event.type) {
    case "purchase_order.placed":
      return inSupplyAndStock(expectLines(event.order.lines), []);
    case "purchase_order.changed": {
      const more = event.lines.flatMap(({ lineId, ordered }) => {
        const line = byId.get(lineId);
        return line === undefined || ordered === undefined
          ? []
          : [expect(lineId, expectedUnits(withOrdered(line, ordered.to)) - expectedUnits(line))];
      });
      return inSupplyAndStock([...more, ...expectLines(event.added)], []);
    }
    case "purchase_order.received":
      return inSupplyAndStock([], receiptDeltas(before, event));
    case "purchase_order.moved":
      return inSupplyAndStock(
        event.lines.map(({ lineId, arrived, cut }) => expect(lineId, -arrived - cut)),
        event.lines.flatMap(({ lineId, arrived }) => {
          const sku = byId.get(lineId)?.sku;
          return sku === undefined || arrived === 0
            ? []
            : [stockDelta(locationId, sku, { onHand: arrived })];
        }),
      );
    case "purchase_order.closed":
    case "purchase_order.cancelled":
      return inSupplyAndStock([], []);
  }
};

export const claimsOf = (order: PurchaseOrder): readonly BalanceDeltas[] => {
  const { locationId, lines, receipts } = order;
  const skus = new Map(lines.map(({ id, sku }) => [id, sku]));
  return inSupplyAndStock(
    lines.map((line) => supplyDelta(locationId, line.id, { expected: expectedUnits(line) })),
    [
      ...lines.map(({ sku, received, rejected, arriving }) =>
        stockDelta(locationId, sku, { onHand: received - arriving, unavailable: rejected })
      ),
      ...receipts.flatMap((receipt) => receipt.lines).map((received) =>
        stockDelta(locationId, skus.get(received.lineId) ?? "", {
          buckets: bucketsOf(received, received.rejected),
        })
      ),
    ],
  );
};
