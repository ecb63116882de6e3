/**
 * Follows the log for stock that became available and for orders that began to wait, and brings them
 * together. Arrivals fill waiting orders in their own commit; this takes care of the rest: cancellations and
 * rejections that free stock, arrivals larger than one commit, other processes, and whatever a crash cut short.
 */
import { Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { availabilityTaken } from "../../src/stock/stock.ts";
import { backorderLimits } from "../../src/order/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { channels } from "../../src/channel/references.ts";
import { isCatalogRecord } from "../../src/catalog/record.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import { isStockRecord, stockDeltasOf } from "../../src/stock/record.ts";
import { arrivalTypes, isSupplyRecord } from "../../src/supply/record.ts";
import type { LogRecord, RecordKinds } from "../../src/subject/record.ts";
import { idConcernedBy } from "../../src/subject/reference.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { digestOf } from "../../src/order/record-codec.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { Store } from "../../src/store/store.ts";
import { locations } from "../../src/catalog/references.ts";
import { Catalog } from "../catalog/catalog.ts";
import { References } from "../reference/references.ts";
import type { HandleFailure } from "../log/follower.ts";
import { asHandleFailure } from "../log/handle-failure.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { orders } from "../../src/order/definition.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { FirstCome, waitingPlaceOf } from "./first-come.ts";
import { runCommands } from "../log/commands.ts";
import { Books } from "../balance/books.ts";

export const replenishConsumer = "replenish";
/** No location has this id. */
const nowhere = "";

/** Stock that became available, and where it arrived. */
interface Freed {
  readonly sku: string;
  /** Null when no goods came in: then a location that rejected an order does not get it again. */
  readonly arrivedAt: string | null;
}

/** Goods of a return that were looked at and are for sale again. */
const isOfReturns = (record: LogRecord): boolean =>
  isOrderRecord(record) && digestOf(record).types.includes("return.inspected");

/** Goods that a supplier or another location has sent. */
const isOfSupply = (record: LogRecord): boolean =>
  isSupplyRecord(record) && record.types.some((type) => arrivalTypes.has(type));

const freedBy = (record: LogRecord, kinds: RecordKinds): readonly Freed[] => {
  const isArrival = isStockRecord(record) || isOfReturns(record) || isOfSupply(record);
  const freed: Freed[] = [];
  for (const delta of stockDeltasOf(kinds.kindOf(record), record)) {
    const { sku, locationId } = delta;
    if (availabilityTaken(delta) < 0) freed.push({ sku, arrivedAt: isArrival ? locationId : null });
  }
  return freed;
};

const distinct = (freed: readonly Freed[]): readonly Freed[] => [
  ...new Map(freed.map((each) => [JSON.stringify([each.sku, each.arrivedAt]), each])).values(),
];

/** Locations that may have been opened again, and their stock with them. */
const changedLocations = (record: LogRecord): readonly string[] =>
  isCatalogRecord(record) && record.type === "location.saved" ? [record.id] : [];

/** Channels that may have got other locations, or keep less back. */
const changedChannels = (record: LogRecord): readonly string[] => {
  const id = idConcernedBy(channels, record);
  return id === null ? [] : [id];
};

const beganToWait = (record: LogRecord): readonly string[] =>
  isOrderRecord(record) && digestOf(record).types.includes("order.backordered")
    ? [record.orderId]
    : [];

const nothing: readonly LogRecord[] = [];

/** Most records are of new orders that got all their units: they free nothing, and wait for nothing. */
const asksForWork = (record: LogRecord, kinds: RecordKinds): boolean =>
  isStockRecord(record) || changedLocations(record).length > 0 ||
  changedChannels(record).length > 0 ||
  freedBy(record, kinds).length > 0 || beganToWait(record).length > 0;

export class Replenisher extends Context.Service<Replenisher, {
  /** Gives the available units of a SKU to the orders that wait for it, first come first served. */
  readonly fill: (freed: Freed) => Effect.Effect<void, HandleFailure>;
}>()("allot/Replenisher") {
  static readonly layer = Layer.effect(Replenisher, Effect.suspend(() => makeReplenisher));
}

const makeReplenisher = Effect.gen(function* () {
  const store = yield* Store;
  const ledger = yield* Ledger;
  const aggregates = yield* Aggregates;
  const deciding = yield* Deciding;
  const catalog = yield* Catalog;
  const references = yield* References;
  const book = (yield* Books).bookOf(stockBalance);
  const subjects = yield* Subjects;
  const firstCome = yield* FirstCome;

  const fillInParts = Effect.fnUntraced(function* (orderId: string, locationId: string) {
    let version = -1;
    for (let parts = 0; parts < backorderLimits.partsPerFill; parts++) {
      const { state: order } = yield* aggregates.command(
        orders,
        orderId,
        { type: "fill", locationId },
        { by: systemPrincipal },
      );
      if (order.version === version) return;
      version = order.version;
    }
  });

  const fillOrder = (orderId: string, arrivedAt: string | null) =>
    fillInParts(orderId, arrivedAt ?? nowhere).pipe(
      // A refusal or a vanished order needs nothing; anything else is tried again with the log entry.
      Effect.catchTags({ Refused: () => Effect.void, NotFound: () => Effect.void }),
      Effect.mapError(asHandleFailure(`Order ${orderId} could not be given its stock yet.`)),
    );

  /**
   * Units that another process brought in or gave back are in the log, but not yet in this process's memory.
   */
  const look = store.shared ? Effect.asVoid(ledger.refreshBalances) : Effect.void;

  const anyAvailable = Effect.fnUntraced(function* (sku: string) {
    const balance = stockBalance.name;
    const rows = (yield* references.all(locations)).map(({ id }) => ({
      ...{ balance, space: id, row: sku },
    }));
    yield* deciding.loadRows(rows);
    return rows.some(({ space, row }) => (book.available(space, row) ?? 0) > 0);
  });

  const fill: Replenisher["Service"]["fill"] = Effect.fnUntraced(function* ({ sku, arrivedAt }) {
    const waiting = { ...below(orderKeys.backordered(sku)), limit: backorderLimits.ordersCompared };
    yield* forEachPage(
      store,
      waiting,
      Effect.fnUntraced(function* (entries) {
        yield* look;
        if (!(yield* anyAvailable(sku))) return false;
        const inOrder = yield* firstCome.sorted(entries.map(waitingPlaceOf));
        for (const [n, orderId] of inOrder.entries()) {
          if (n > 0 && n % backorderLimits.ordersPerFill === 0) yield* look;
          if (!(yield* anyAvailable(sku))) return false;
          yield* fillOrder(orderId, arrivedAt);
        }
      }),
    );
  });

  /** SKUs that anybody waits for: seeks from one to the next, however many wait for each. */
  const awaitedSkus = Effect.gen(function* () {
    const skus: string[] = [];
    const { start: first, end } = below(["backordered"]);
    let start = first;
    while (true) {
      const [entry] = yield* store.list({ start, end, limit: 1 });
      if (entry === undefined) return skus;
      const sku = String(entry.key[1]);
      skus.push(sku);
      start = below(orderKeys.backordered(sku)).end;
    }
  });

  /**
   * A location that is opened again, and a channel that may sell more, offer stock to waiting orders, though
   * none of it has moved.
   */
  const offerStockOf = Effect.fnUntraced(function* (
    locationIds: readonly string[],
    channelIds: readonly string[],
  ) {
    if (locationIds.length === 0 && channelIds.length === 0) return;
    // The memory of references follows the log by itself, and may not have forgotten them yet.
    for (const id of locationIds) references.forget(locations, id);
    for (const id of channelIds) references.forget(channels, id);
    const skus = yield* awaitedSkus;
    yield* Effect.forEach(skus, (sku) => fill({ sku, arrivedAt: null }), { discard: true });
  });

  /** A process may have ended between the first stock of a SKU and its item. */
  const describeItems = (record: LogRecord) =>
    isStockRecord(record)
      ? Effect.mapError(
        catalog.describe(record.stock.map(({ sku }) => sku), record.by),
        asHandleFailure("Items are not described yet."),
      )
      : Effect.void;

  // Gives the units that are there now to the orders that wait now: it does not matter how often, and when.
  const perform = Effect.fnUntraced(function* (records: readonly LogRecord[]) {
    yield* Effect.forEach(records, describeItems, { discard: true });
    yield* offerStockOf(records.flatMap(changedLocations), records.flatMap(changedChannels));
    yield* Effect.forEach(distinct(records.flatMap((record) => freedBy(record, subjects))), fill, {
      discard: true,
    });
    const begun = new Set(records.flatMap(beganToWait));
    if (begun.size > 0) yield* look;
    yield* Effect.forEach(
      begun,
      (orderId) => fillOrder(orderId, null),
      { discard: true },
    );
  });

  yield* runCommands({
    name: replenishConsumer,
    tasksOf: (record) => asksForWork(record, subjects) ? [record] : nothing,
    perform,
  });
  return Replenisher.of({ fill });
});
