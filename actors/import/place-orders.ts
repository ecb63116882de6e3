/** Places one order of an import and says what became of its rows. */
import { Clock, Duration, Effect, Schedule } from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import { importLimits } from "../../src/import/limits.ts";
import type { Order, OrderRejection } from "../../src/order/order.ts";
import { type PlaceInput, rejectOrder, rowsOf } from "../../src/import/input.ts";
import { type RowError, rowResult, type SettledRows } from "../../src/import/job.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { Orders, PlaceFailure } from "../order/orders.ts";

type PlaceOrder = (typeof Orders)["Service"]["place"];

const passing = new Set<PlaceFailure["_tag"]>([
  "Overloaded",
  "Unavailable",
  "Conflict",
  "StoreError",
]);

const trying = {
  times: importLimits.placeTries,
  schedule: Schedule.exponential(Duration.millis(importLimits.placeBackoffMs)).pipe(
    Schedule.jittered,
    Schedule.modifyDelay(({ duration }) =>
      Effect.succeed(Duration.min(duration, Duration.millis(importLimits.placeBackoffCapMs)))
    ),
  ),
  while: (failure: PlaceFailure) => passing.has(failure._tag),
};

const unitsReserved = ({ fulfillmentOrders }: Order): number =>
  fulfillmentOrders.flatMap(({ locationId, lines }) => locationId === null ? [] : lines)
    .reduce((sum, { quantity, shipped }) => sum + quantity - shipped, 0);

const placedRows = (
  input: PlaceInput,
  outcome: "created" | "duplicate",
  orderId: string,
): SettledRows["rows"] => {
  const { externalId } = input;
  return rowsOf(input, (line) => rowResult({ line, externalId, outcome, orderId }));
};

const created = (input: PlaceInput, { state: order }: OrderDocument): SettledRows => ({
  order: "created",
  rows: placedRows(input, "created", order.id),
  created: {
    lines: order.lines.length,
    units: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
    unitsReserved: unitsReserved(order),
    currency: order.currency,
    goods: order.totals.subtotal,
  },
});

/** At each line of a short SKU, how much of it there is. */
const shortageErrors = (
  input: PlaceInput,
  rejection: Extract<OrderRejection, { _tag: "InsufficientStock" }>,
): readonly RowError[] => {
  const bySku = new Map(rejection.shortages.map((shortage) => [shortage.sku, shortage]));
  return input.request.lines.flatMap(({ sku }, index) => {
    const shortage = bySku.get(sku);
    return shortage === undefined ? [] : [{
      pointer: `/lines/${index}/quantity`,
      detail: `${shortage.requested} of ${sku} asked for, ${shortage.available} available`,
    }];
  });
};

const refused = (input: PlaceInput, rejection: OrderRejection): SettledRows => {
  switch (rejection._tag) {
    case "InsufficientStock":
      return rejectOrder(
        input,
        "insufficient-stock",
        "There is not enough stock.",
        shortageErrors(input, rejection),
      );
    case "InvalidCommand":
      return rejectOrder(input, "invalid-request", rejection.detail, [
        { pointer: rejection.pointer, detail: rejection.detail },
      ]);
    case "IllegalTransition":
    case "KitIncomplete":
      return rejectOrder(input, "illegal-transition", rejection.detail, []);
    case "AmountExceeded":
    case "NothingToRefund":
    case "NotCreditable":
    case "PaymentUnresolved":
    case "PaymentDiffers":
      return rejectOrder(input, "conflict", "Its payments do not allow this.", []);
    case "UnknownFulfillmentOrder":
    case "UnknownShipment":
    case "LotsUnnamed":
    case "LotExpired":
    case "LotShort":
    case "SerialExists":
    case "UnknownReturn":
    case "NotReturnable":
    case "NotSetAside":
    case "UnknownPayment":
    case "UnknownTransaction":
      return rejectOrder(input, "not-found", "The order names what is not there.", []);
  }
};

const failed = (input: PlaceInput, failure: PlaceFailure): SettledRows => {
  switch (failure._tag) {
    case "OrderExists":
      return rejectOrder(
        input,
        "order-exists",
        `The channel has this order already, with other content: ${failure.orderId}.`,
        [],
      );
    case "InvalidOrder":
      return rejectOrder(input, "invalid-request", "The order is not valid.", failure.errors);
    case "Refused":
      return refused(input, failure.rejection);
    case "NotFound":
      return rejectOrder(input, "not-found", `There is no ${failure.what} ${failure.id}.`, []);
    case "TooLarge":
      return rejectOrder(input, "too-large", failure.detail, []);
    case "Overloaded":
    case "Conflict":
      return rejectOrder(input, "overloaded", "Too much was going on. Import the file again.", []);
    case "Unavailable":
    case "StoreError":
      return rejectOrder(
        input,
        "unavailable",
        "The store did not confirm the order. Import the file again.",
        [],
      );
  }
};

/**
 * Orders are told apart by channel and external id, so trying again places nothing twice; whether an order
 * that is found then was placed by the try before or long ago is told by its time.
 */
export const placeOrder = Effect.fnUntraced(function* (
  place: PlaceOrder,
  input: PlaceInput,
  by: Principal,
) {
  const startedAtMs = yield* Clock.currentTimeMillis;
  let tries = 0;
  return yield* Effect.suspend(() => {
    tries++;
    return place(input.request, { by });
  }).pipe(
    Effect.retry(trying),
    Effect.map(({ created: isNew, document }) =>
      isNew || (tries > 1 && Date.parse(document.state.createdAt) >= startedAtMs)
        ? created(input, document)
        : {
          order: "duplicate",
          rows: placedRows(input, "duplicate", document.state.id),
        } satisfies SettledRows
    ),
    Effect.catch((failure) => Effect.succeed(failed(input, failure))),
  );
});
