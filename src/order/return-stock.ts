/**
 * What returns do to stock. Units that came are on hand and set aside, so that nobody is promised what nobody
 * has looked at. Inspection moves each of them once: it frees them, leaves them set aside, or takes them off.
 */
import { type StockDelta, stockDelta, sumByRow } from "../stock/stock.ts";
import { asGoods, type Kits } from "./kits.ts";
import { type Disposition, leaves, type Return, type ReturnEvent } from "./return.ts";
import { inspectedUnits } from "./return-units.ts";

/** By how much units of a disposition change what is on hand and what is set aside. */
const movedBy = (disposition: Disposition, quantity: number) =>
  leaves(disposition)
    ? { onHand: -quantity, unavailable: -quantity }
    : disposition === "restock"
    ? { unavailable: -quantity }
    : {};

/** The moves of stock rows by what happens to a return. */
export const returnStockDeltas = (event: ReturnEvent, kits: Kits): readonly StockDelta[] => {
  switch (event.type) {
    case "return.received":
      return sumByRow(
        asGoods(kits, event.lines).map(({ sku, quantity }) =>
          stockDelta(event.locationId, sku, { onHand: quantity, unavailable: quantity })
        ),
      );
    case "return.inspected":
      return sumByRow(
        asGoods(kits, event.lines).map(({ sku, quantity, disposition }) =>
          stockDelta(event.locationId, sku, movedBy(disposition, quantity))
        ),
      ).filter(({ onHand, unavailable }) => onHand !== 0 || unavailable !== 0);
    case "return.requested":
    case "return.authorized":
    case "return.declined":
    case "return.shipped":
    case "return.closed_short":
    case "return.closed":
    case "return.cancelled":
      return [];
  }
};

/** The sum of all that a return did to stock, by its state alone. */
export const returnClaims = (
  { locationId, lines }: Return,
  kits: Kits,
): readonly StockDelta[] =>
  locationId === undefined ? [] : lines.filter(({ received }) => received > 0).flatMap((line) => {
    let waiting = line.received - inspectedUnits(line);
    let gone = 0;
    for (const { disposition, quantity } of line.inspected) {
      if (leaves(disposition)) gone += quantity;
      else if (disposition !== "restock") waiting += quantity;
    }
    // What one unit is: of a kit, units of each of its components.
    return asGoods(kits, [{ lineId: line.lineId, sku: line.sku, quantity: 1 }]).map(
      ({ sku, quantity }) =>
        stockDelta(locationId, sku, {
          onHand: (line.received - gone) * quantity,
          unavailable: waiting * quantity,
        }),
    );
  });
