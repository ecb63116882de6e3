/**
 * Follows the log for stock that became available and for orders that began to wait, and brings them
 * together. Arrivals fill waiting orders in their own commit; this takes care of the rest: cancellations and
 * rejections that free stock, arrivals larger than one commit, other processes, and whatever a crash cut short.
 */
import { Clock, Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { availabilityTaken } from "../../src/stock/stock.ts";
import { backorderLimits, logLimits } from "../../src/kernel/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { beginning, type LogEntry, type Position } from "../../src/store/log.ts";
import { isCatalogRecord } from "../../src/catalog/record.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import { isStockRecord, stockDeltasOf } from "../../src/stock/record.ts";
import type { LogRecord, RecordKinds } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { digestOf } from "../../src/order/record-codec.ts";
import { Store, StoreError } from "../../src/store/store.ts";
import { encodeJson, readValue } from "../../src/store/values.ts";
import { locations } from "../../src/catalog/references.ts";
import { Catalog } from "../catalog/catalog.ts";
import { References } from "../reference/references.ts";
import type { CommandFailure, PreconditionFailed } from "../command/command.ts";
import type { HandleFailure } from "../log/follower.ts";
import { Ledger } from "../ledger/ledger.ts";
import { LogTail } from "../log/log-tail.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { orders } from "../../src/order/definition.ts";
import { asideInStore } from "../log/set-aside.ts";
import { Books } from "../balance/books.ts";

interface CursorDocument {
  readonly position: Position;
}

export const replenishConsumer = "replenish";
/** No location has this id. */
const nowhere = "";

/** Stock that became available, and where it arrived. */
interface Freed {
  readonly sku: string;
  /** Null when no goods came in: then a location that rejected an order does not get it again. */
  readonly arrivedAt: string | null;
}

const freedBy = (record: LogRecord, kinds: RecordKinds): readonly Freed[] => {
  const isArrival = isStockRecord(record);
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

/** Locations that may have been opened again, and with them what they have. */
const changedLocations = (record: LogRecord): readonly string[] =>
  isCatalogRecord(record) && record.type === "location.saved" ? [record.id] : [];

const beganToWait = (record: LogRecord): readonly string[] =>
  isOrderRecord(record) && digestOf(record).types.includes("order.backordered")
    ? [record.orderId]
    : [];

/** Too much to do, and a store that is not well, pass; anything else may be the entry's own fault. */
const asHandleFailure =
  (detail: string) => (cause: CommandFailure | PreconditionFailed): HandleFailure =>
    cause._tag === "StoreError" || cause._tag === "Overloaded" ? cause : new StoreError({
      operation: "commit",
      detail,
      ...(cause._tag === "Unavailable" && cause.reason !== undefined
        ? { reason: cause.reason }
        : {}),
      cause,
    });

export class Replenisher extends Context.Service<Replenisher, {
  /** Gives what is available of a SKU to the orders that wait for it, first come first served. */
  readonly fill: (freed: Freed) => Effect.Effect<void, HandleFailure>;
}>()("allot/Replenisher") {
  static readonly layer = Layer.effect(Replenisher, Effect.suspend(() => makeReplenisher));
}

const makeReplenisher = Effect.gen(function* () {
  const store = yield* Store;
  const tail = yield* LogTail;
  const ledger = yield* Ledger;
  const aggregates = yield* Aggregates;
  const deciding = yield* Deciding;
  const catalog = yield* Catalog;
  const references = yield* References;
  const book = (yield* Books).bookOf(stockBalance);
  const subjects = yield* Subjects;

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

  /** What another process brought in or gave back is in the log, but not yet in what this one knows of stock. */
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
    const { start: first, end } = below(["backorder", sku]);
    let start = first;
    while (true) {
      const waiting = yield* store.list({ start, end, limit: backorderLimits.ordersPerFill });
      if (waiting.length > 0) yield* look;
      for (const { key } of waiting) {
        if (!(yield* anyAvailable(sku))) return;
        yield* fillOrder(String(key[2]), arrivedAt);
      }
      const last = waiting.at(-1);
      if (last === undefined || waiting.length < backorderLimits.ordersPerFill) return;
      start = [...last.key, ""];
    }
  });

  /** SKUs that anybody waits for: seeks from one to the next, however many wait for each. */
  const awaitedSkus = Effect.gen(function* () {
    const skus: string[] = [];
    const { start: first, end } = below(["backorder"]);
    let start = first;
    while (true) {
      const [entry] = yield* store.list({ start, end, limit: 1 });
      if (entry === undefined) return skus;
      const sku = String(entry.key[1]);
      skus.push(sku);
      start = below(["backorder", sku]).end;
    }
  });

  /** Opened again, a location offers what it has to those who wait, though none of it has moved. */
  const offerStockOf = Effect.fnUntraced(function* (locationIds: readonly string[]) {
    if (locationIds.length === 0) return;
    // Whoever else follows the log may not have forgotten them yet.
    for (const id of locationIds) references.forget(locations, id);
    const skus = yield* awaitedSkus;
    yield* Effect.forEach(skus, (sku) => fill({ sku, arrivedAt: null }), { discard: true });
  });

  let savedAtMs = 0;
  const save = Effect.fnUntraced(function* (position: Position) {
    const nowMs = yield* Clock.currentTimeMillis;
    if (nowMs - savedAtMs < logLimits.checkpointMs) return;
    savedAtMs = nowMs;
    const cursor: CursorDocument = { position };
    yield* store.commit({
      checks: [],
      mutations: [{ type: "set", key: keys.cursor(replenishConsumer), value: encodeJson(cursor) }],
    });
  });

  /** A process may have ended between the first stock of a SKU and its item. */
  const describeItems = (record: LogRecord) =>
    isStockRecord(record)
      ? Effect.mapError(
        catalog.describe(record.stock.map(({ sku }) => sku), record.by),
        asHandleFailure("Items are not described yet."),
      )
      : Effect.void;

  const work = Effect.fnUntraced(function* (entries: readonly LogEntry[]) {
    const records = entries.flatMap((entry) => entry.records);
    yield* Effect.forEach(records, describeItems, { discard: true });
    yield* offerStockOf(records.flatMap(changedLocations));
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

  const handle = Effect.fnUntraced(function* (entries: readonly LogEntry[]) {
    yield* work(entries);
    const last = entries.at(-1);
    if (last !== undefined) yield* save(last.position);
  });

  const cursor = yield* readValue<CursorDocument>(keys.cursor(replenishConsumer));
  yield* tail.follow(replenishConsumer, cursor?.value.position ?? beginning, handle, {
    aside: asideInStore(store, replenishConsumer),
    // What is there now is given to who waits now: it does not matter when.
    again: (entry) => work([entry]),
  });
  return Replenisher.of({ fill });
});
