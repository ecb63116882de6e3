/**
 * Follows the log for supply that comes, changes or is given up, and for orders that begin or cease to wait for
 * it: promises what is free to those who wait without a promise, in the order in which they are served, and dates
 * promises anew. Idle while no supply is on its way.
 */
import { Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { below } from "../../src/kernel/key.ts";
import { isCatalogRecord } from "../../src/catalog/record.ts";
import { locations } from "../../src/catalog/references.ts";
import { channels } from "../../src/channel/references.ts";
import { orders } from "../../src/order/definition.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { backorderLimits, pegLimits } from "../../src/order/limits.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import { digestOf } from "../../src/order/record-codec.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { type SubjectList, Subjects } from "../../src/subject/subject.ts";
import type { LogRecord, RecordKinds } from "../../src/subject/record.ts";
import { idConcernedBy } from "../../src/subject/reference.ts";
import { supplyBalance } from "../../src/supply/balance.ts";
import { supplyFamily, type SupplyLink, supplyOf } from "../../src/supply/keys.ts";
import { isPending, type PendingLine } from "../../src/supply/moves.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { References } from "../reference/references.ts";
import { Deciding } from "../aggregate/deciding.ts";
import { Books } from "../balance/books.ts";
import { Ledger } from "../ledger/ledger.ts";
import { runCommands } from "../log/commands.ts";
import type { HandleFailure } from "../log/follower.ts";
import { asHandleFailure } from "../log/handle-failure.ts";
import { SupplySettling } from "../order/settling.ts";
import { FirstCome, waitingPlaceOf } from "./first-come.ts";

export const repromiseConsumer = "repromise";

export class Repromiser extends Context.Service<Repromiser, {
  /** Promises free supply of a SKU to those who wait for it without a promise, in their turn. */
  readonly serve: (sku: string) => Effect.Effect<void, HandleFailure>;
}>()("allot/Repromiser") {
  static readonly layer = Layer.effect(Repromiser, Effect.suspend(() => makeRepromiser));
}

/**
 * A record asks to look at a document of supply, at supplies that have units again, at an order, or at all who
 * wait, since a location or a channel may serve more of them.
 */
type Task =
  | { readonly type: "document"; readonly id: string; readonly isRedated: boolean }
  | { readonly type: "freed"; readonly supplyId: string }
  | { readonly type: "waits"; readonly orderId: string }
  | { readonly type: "serves"; readonly of: "location" | "channel"; readonly id: string };

const nothing: readonly Task[] = [];

/** Units of supply that a record gives back. */
const freedBy = (record: LogRecord, kinds: RecordKinds): readonly Task[] =>
  kinds.kindOf(record).deltasOf(record).flatMap(({ balance, deltas }) =>
    balance !== supplyBalance.name
      ? []
      : deltas.flatMap((delta): readonly Task[] =>
        supplyBalance.taken(delta as Parameters<typeof supplyBalance.taken>[0]) < 0
          ? [{ type: "freed", supplyId: supplyBalance.rowOf(delta as never) }]
          : []
      )
  );

/** Whether events of the type may bring another date. */
const isOfDates = (type: string): boolean => type.endsWith(".changed") || type.endsWith(".shipped");

const supplyAggregates: ReadonlySet<string> = new Set(["purchase_order", "transfer"]);

/** Locations that may be open again, and channels that may have got other locations. */
const servesBy = (record: LogRecord): readonly Task[] => {
  const channelId = idConcernedBy(channels, record);
  if (channelId !== null) return [{ type: "serves", of: "channel", id: channelId }];
  return isCatalogRecord(record) && record.type === "location.saved"
    ? [{ type: "serves", of: "location", id: record.id }]
    : nothing;
};

/** An order that is held is promised nothing, and may be once it is released. */
const mayWait = (type: string): boolean =>
  type === "order.backordered" || type === "order.released";

const tasksOf = (record: LogRecord, kinds: RecordKinds): readonly Task[] => {
  if (isOrderRecord(record)) {
    const waits = digestOf(record).types.some(mayWait)
      ? [{ type: "waits", orderId: record.orderId } as const]
      : nothing;
    return record.others === undefined ? waits : [...waits, ...freedBy(record, kinds)];
  }
  const kind = kinds.kindOf(record);
  const owner = kind.ownerOf(record);
  const types = kind.typesOf(record);
  return owner === null
    ? servesBy(record)
    : supplyAggregates.has(owner.aggregate)
    ? [{ type: "document", id: owner.id, isRedated: types.some(isOfDates) }]
    : freedBy(record, kinds);
};

/** A document of supply, as all kinds of them are. */
interface SupplyLines {
  readonly lines: readonly (PendingLine & { readonly sku: string })[];
}

type Services =
  | Store
  | References
  | Subjects
  | Aggregates
  | Deciding
  | Ledger
  | SupplySettling
  | FirstCome
  | Books;

const unchanged = (id: string) => asHandleFailure(`Promises of ${id} could not be changed yet.`);

/** In as many commits as it takes. A refusal, or an order that is gone, needs nothing. */
const promiseTo = (orderId: string) =>
  Effect.gen(function* () {
    const aggregates = yield* Aggregates;
    let version = -1;
    for (let parts = 0; parts < backorderLimits.partsPerFill; parts++) {
      const { state } = yield* aggregates.command(orders, orderId, { type: "promise" }, {
        by: systemPrincipal,
      });
      if (state.version === version) return;
      version = state.version;
    }
  }).pipe(
    Effect.catchTags({ Refused: () => Effect.void, NotFound: () => Effect.void }),
    Effect.mapError(unchanged(orderId)),
  );

/** What another process has promised, or given back, is in the log, and not yet in this process's memory. */
const look = Effect.gen(function* () {
  const store = yield* Store;
  const ledger = yield* Ledger;
  if (store.shared) yield* ledger.refreshBalances;
});

const suppliesOf = Effect.fnUntraced(function* (sku: string) {
  const store = yield* Store;
  const range = { ...below(supplyOf(sku)), limit: pegLimits.suppliesPerSku };
  return (yield* store.list(range)).flatMap(({ value }) =>
    value === null ? [] : [decodeJson<SupplyLink>(value)]
  );
});

const anyFree = Effect.fnUntraced(function* (sku: string) {
  const deciding = yield* Deciding;
  const book = (yield* Books).bookOf(supplyBalance);
  const rows = (yield* suppliesOf(sku)).map(({ locationId, supplyId }) => ({
    ...{ balance: supplyBalance.name, space: locationId, row: supplyId },
  }));
  if (rows.length === 0) return false;
  yield* deciding.loadRows(rows);
  return rows.some(({ space, row }) => (book.available(space, row) ?? 0) > 0);
});

const serve = Effect.fnUntraced(function* (
  sku: string,
): Effect.fn.Return<void, HandleFailure, Services> {
  const store = yield* Store;
  const firstCome = yield* FirstCome;
  const waiting = {
    ...below(orderKeys.unpromised(sku)),
    limit: backorderLimits.ordersCompared,
  };
  yield* forEachPage(
    store,
    waiting,
    Effect.fnUntraced(function* (entries) {
      yield* look;
      if (!(yield* anyFree(sku))) return false;
      const inOrder = yield* firstCome.sorted(entries.map(waitingPlaceOf));
      for (const [n, orderId] of inOrder.entries()) {
        if (n > 0 && n % backorderLimits.ordersPerFill === 0) yield* look;
        if (!(yield* anyFree(sku))) return false;
        yield* promiseTo(orderId);
      }
    }),
  );
});

/** Orders that are promised units of a supply: their dates may be others now. */
const redate = Effect.fnUntraced(function* (supplyId: string) {
  const pegged = { ...below(orderKeys.pegged(supplyId)), limit: backorderLimits.ordersCompared };
  yield* forEachPage(
    yield* Store,
    pegged,
    (entries) =>
      Effect.forEach(entries, (entry) => promiseTo(waitingPlaceOf(entry).orderId), {
        discard: true,
      }),
  );
});

const documentOf = Effect.fnUntraced(function* (
  id: string,
): Effect.fn.Return<SupplyLines | null, StoreError, Subjects | Aggregates> {
  const subjects = yield* Subjects;
  const aggregates = yield* Aggregates;
  const definition = subjects.aggregateOf(id);
  if (definition === null) return null;
  const document = yield* Effect.catchTag(
    aggregates.get(definition, id),
    "NotFound",
    () => Effect.succeed(null),
  );
  return document === null ? null : document.state as unknown as SupplyLines;
});

const ownerOf = (subjects: SubjectList, supplyId: string): string | null => {
  for (const { partIds } of subjects.aggregates.values()) {
    for (const kind of partIds) {
      const owner = kind.ownerOf(supplyId);
      if (owner !== null) return owner;
    }
  }
  return null;
};

const lookAt = Effect.fnUntraced(function* (
  id: string,
  isRedated: boolean,
  skus: Set<string>,
  /** One of its lines, if no other is of interest. */
  only?: string,
) {
  const settling = yield* SupplySettling;
  const document = yield* documentOf(id);
  if (document === null) return;
  if (isPending(document.lines)) {
    yield* settling.settle(id).pipe(
      Effect.catchTags({ Refused: () => Effect.void, NotFound: () => Effect.void }),
      Effect.mapError(unchanged(id)),
    );
  }
  for (const { id: supplyId, sku } of document.lines) {
    if (only !== undefined && only !== supplyId) continue;
    skus.add(sku);
    if (isRedated) yield* redate(supplyId);
  }
});

const awaitedBy = Effect.fnUntraced(function* (orderId: string) {
  const aggregates = yield* Aggregates;
  const document = yield* Effect.catchTag(
    aggregates.get(orders, orderId),
    "NotFound",
    () => Effect.succeed(null),
  );
  return (document?.state.lines ?? []).flatMap(({ sku, backordered }) =>
    backordered > 0 ? [sku] : []
  );
});

const anySupply = Effect.gen(function* () {
  const store = yield* Store;
  return (yield* store.list({ ...below([supplyFamily]), limit: 1 })).length > 0;
});

/** SKUs that anybody waits for without a promise: seeks from one to the next, however many wait for each. */
const unpromisedSkus = Effect.gen(function* () {
  const store = yield* Store;
  const skus: string[] = [];
  const { start: first, end } = below(["unpromised"]);
  let start = first;
  while (true) {
    const [entry] = yield* store.list({ start, end, limit: 1 });
    if (entry === undefined) return skus;
    const sku = String(entry.key[1]);
    skus.push(sku);
    start = below(orderKeys.unpromised(sku)).end;
  }
});

/** The memory of references follows the log by itself, and may not have forgotten what was changed yet. */
const forget = Effect.fnUntraced(function* (tasks: readonly Task[]) {
  const references = yield* References;
  let isAny = false;
  for (const task of tasks) {
    if (task.type !== "serves") continue;
    isAny = true;
    if (task.of === "location") references.forget(locations, task.id);
    else references.forget(channels, task.id);
  }
  return isAny;
});

// Serves those who wait now from what is free now: it does not matter how often, and when.
const perform = Effect.fnUntraced(function* (
  tasks: readonly Task[],
): Effect.fn.Return<void, HandleFailure, Services> {
  const skus = new Set<string>();
  const documents = new Map<string, boolean>();
  for (const task of tasks) {
    if (task.type !== "document") continue;
    documents.set(task.id, task.isRedated || (documents.get(task.id) ?? false));
  }
  for (const [id, isRedated] of documents) yield* lookAt(id, isRedated, skus);
  const freed = new Set(tasks.flatMap((task) => task.type === "freed" ? [task.supplyId] : []));
  for (const supplyId of freed) {
    const owner = ownerOf(yield* Subjects, supplyId);
    // Units that were to be moved may have waited for these: nobody is promised them any more.
    if (owner !== null) yield* lookAt(owner, false, skus, supplyId);
  }
  const waiting = new Set(tasks.flatMap((task) => task.type === "waits" ? [task.orderId] : []));
  if (waiting.size > 0 && (yield* anySupply)) {
    for (const orderId of waiting) {
      for (const sku of yield* awaitedBy(orderId)) skus.add(sku);
    }
  }
  if ((yield* forget(tasks)) && (yield* anySupply)) {
    for (const sku of yield* unpromisedSkus) skus.add(sku);
  }
  yield* Effect.forEach(skus, serve, { discard: true });
});

const makeRepromiser = Effect.gen(function* () {
  const subjects = yield* Subjects;
  const services = yield* Effect.context<Services>();
  yield* runCommands<Task>({
    name: repromiseConsumer,
    tasksOf: (record) => tasksOf(record, subjects),
    perform: (tasks) => Effect.provideContext(perform(tasks), services),
  });
  return Repromiser.of({ serve: (sku) => Effect.provideContext(serve(sku), services) });
});
