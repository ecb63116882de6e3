/** The claims of reservations on stock: units that stay on the shelf and are kept from others. */
import { stockBalance } from "../stock/balance.ts";
import { changesNothing, type StockDelta, stockDelta, sumByRow } from "../stock/stock.ts";
import { type BalanceDeltas, inBalance } from "../subject/balance.ts";
import {
  type Allocation,
  isActive,
  type Reservation,
  type ReservationEvent,
} from "./reservation.ts";

const nothing: readonly Allocation[] = [];

/** What a state keeps. */
const keptBy = (reservation: Reservation): readonly Allocation[] =>
  isActive(reservation) ? reservation.allocations : nothing;

const claimed = (allocations: readonly Allocation[], sign: 1 | -1): readonly StockDelta[] =>
  allocations.map(({ locationId, sku, quantity }) =>
    stockDelta(locationId, sku, { claimed: sign * quantity })
  );

/** One delta for each row whose claim is another than before: units that stay kept are not touched. */
export const claimChanges = (
  before: readonly Allocation[],
  after: readonly Allocation[],
): readonly StockDelta[] =>
  sumByRow([...claimed(after, 1), ...claimed(before, -1)])
    .filter((delta) => !changesNothing(delta));

const changesBy = (before: Reservation, event: ReservationEvent): readonly StockDelta[] => {
  switch (event.type) {
    case "reservation.made":
      return claimChanges(nothing, event.reservation.allocations);
    case "reservation.replaced":
      return claimChanges(before.allocations, event.allocations);
    case "reservation.extended":
      return [];
    case "reservation.converted":
    case "reservation.released":
    case "reservation.expired":
      return claimChanges(before.allocations, nothing);
  }
};

export const effectsOf = (
  before: Reservation,
  event: ReservationEvent,
): readonly BalanceDeltas[] => inBalance(stockBalance, changesBy(before, event));

/** The sum of all that its events did to stock, by its state alone. */
export const claimsOf = (reservation: Reservation): readonly BalanceDeltas[] =>
  inBalance(stockBalance, claimChanges(nothing, keptBy(reservation)));
