/** The whole engine on a store: which part stands on which. */
import { Effect, Layer } from "effect";
import { BatchReader } from "../src/store/batch-read.ts";
import { type SubjectList, Subjects } from "../src/subject/subject.ts";
import { subjects } from "../src/subjects.ts";
import { StoreMeta } from "../src/store/meta.ts";
import type { Store } from "../src/store/store.ts";
import { Access } from "./access/access.ts";
import { Arrivals } from "./order/arrivals.ts";
import { Books } from "./balance/books.ts";
import { Catalog } from "./catalog/catalog.ts";
import { FirstCome } from "./order/first-come.ts";
import { EngineSettings } from "./aggregate/engine-settings.ts";
import { Idempotency } from "./command/idempotency.ts";
import { Identifiers } from "./ledger/identifiers.ts";
import { Indexes } from "./index/indexes.ts";
import { Imports } from "./import/imports.ts";
import { Inventory } from "./stock/inventory.ts";
import { Listing } from "./index/listing.ts";
import { Ledger } from "./ledger/ledger.ts";
import { LotExpiry } from "./stock/expiry.ts";
import { LocationActors } from "./stock/location-actors.ts";
import { Folds } from "./log/folds.ts";
import { LotLists } from "./lot/lists.ts";
import { Lots } from "./lot/lots.ts";
import { LogTail } from "./log/log-tail.ts";
import { Aggregates } from "./aggregate/aggregates.ts";
import { Deciding } from "./aggregate/deciding.ts";
import { LargeOrders } from "./order/large-orders.ts";
import { oldestLook } from "./order/oldest.ts";
import { Orders } from "./order/orders.ts";
import { PaymentQueries } from "./order/payment-queries.ts";
import { Queries } from "./order/queries.ts";
import type { ProviderPorts } from "../src/payment/port.ts";
import { Collector } from "./payment/collector.ts";
import { LaneBoard } from "./outbound/lane-board.ts";
import { type Deliveries, Outbound } from "./outbound/outbound.ts";
import { References } from "./reference/references.ts";
import { Replenisher } from "./order/replenish.ts";
import { Repromiser } from "./order/repromise.ts";
import { SupplySettling } from "./order/settling.ts";
import { Reservations } from "./reservation/reservations.ts";
import { Reactions } from "./aggregate/reactions.ts";
import { StatusLooks } from "./status/looks.ts";
import { EventFeed } from "./status/event-feed.ts";
import { Status } from "./status/status.ts";
import { StoreHealth } from "./status/store-health.ts";
import { StockChanges } from "./stock/stock-changes.ts";
import { Promises } from "./supply/promises.ts";
import { Supply } from "./supply/supply.ts";
import { Timers } from "./aggregate/timers.ts";

export interface EngineOptions<Sending = never> {
  readonly settings: EngineSettings["Service"];
  /** For a store that is made now; see `StoreMeta`. */
  readonly shelves: number;
  /** Instead of those of `src/subjects.ts`. */
  readonly subjects?: SubjectList;
  /** For each outbox of the subjects, what delivers its messages; it may need services of the engine. */
  readonly deliveries?: Deliveries | Effect.Effect<Deliveries, never, Sending>;
  /** False: this process sends nothing; another one does. */
  readonly lanes?: boolean;
  /** What calls payment providers, by their type; absent: this process calls none. */
  readonly providers?: ProviderPorts | Effect.Effect<ProviderPorts, never, Sending>;
  /** Instead of random names for what is new. */
  readonly identifiers?: Layer.Layer<Identifiers>;
}

/** The tail of the log need not poll for this process's commits, nor parse them. */
const ledgerWakesTail = Layer.effectDiscard(Effect.gen(function* () {
  const ledger = yield* Ledger;
  const tail = yield* LogTail;
  ledger.onWrite(tail.writing);
  ledger.onCommit(tail.committed);
  ledger.onRest(tail.rested);
}));

/** What the machine needs of subjects, and what shows how it does. */
export const subjectServices = (list: SubjectList = subjects) =>
  Layer.mergeAll(
    Layer.succeed(Subjects, list),
    Layer.succeed(StatusLooks, [oldestLook]),
    LaneBoard.layer,
  );

/** Reference documents, and what they stand on: programs that do nothing else need no more. */
export const referenceLayer = (
  { shelves, subjects: list, identifiers = Identifiers.layer }: Pick<
    EngineOptions,
    "shelves" | "subjects" | "identifiers"
  >,
) => {
  const foundation = Layer.mergeAll(
    StoreMeta.layer({ shelves }),
    BatchReader.layer,
    identifiers,
    Books.layer,
    LogTail.layer,
  ).pipe(Layer.provideMerge(subjectServices(list)));
  const ledger = ledgerWakesTail.pipe(
    Layer.provideMerge(Ledger.layer),
    Layer.provideMerge(foundation),
  );
  return References.layer.pipe(Layer.provideMerge(ledger));
};

export const engineLayer = <Sending = never>(options: EngineOptions<Sending>) => {
  const reference = Layer.mergeAll(Catalog.layer, Access.layer, Idempotency.layer).pipe(
    Layer.provideMerge(referenceLayer(options)),
    Layer.provideMerge(Layer.succeed(EngineSettings, options.settings)),
  );
  const actors = Arrivals.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(LargeOrders.layer, LocationActors.layer, FirstCome.layer)),
    Layer.provideMerge(Aggregates.layer),
    Layer.provideMerge(LotLists.layer.pipe(Layer.provideMerge(Lots.layer))),
    Layer.provideMerge(Deciding.layer),
    Layer.provideMerge(reference),
  );
  const commands = Layer.mergeAll(
    Orders.layer,
    Supply.layer.pipe(Layer.provideMerge(SupplySettling.layer)),
    Reservations.layer,
    Layer.merge(Inventory.layer, LotExpiry.layer).pipe(Layer.provideMerge(StockChanges.layer)),
    Promises.layer,
  ).pipe(Layer.provideMerge(actors));
  const consumers = Layer.mergeAll(
    Layer.mergeAll(Queries.layer, PaymentQueries.layer).pipe(
      Layer.provideMerge(Listing.layer),
      Layer.provideMerge(Indexes.layer),
    ),
    Status.layer,
    EventFeed.layer,
    Folds.layer,
    Outbound.layer(options.deliveries ?? {}, options.lanes ?? true),
    Reactions.layer,
    Replenisher.layer,
    Repromiser.layer,
    Timers.layer,
    Collector.layer(options.providers, options.lanes !== false),
    Imports.layer,
  );
  return consumers.pipe(Layer.provideMerge(commands), Layer.provideMerge(StoreHealth.layer));
};

/** Everything that the engine offers. */
export type EngineServices = Layer.Success<ReturnType<typeof engineLayer>> | Store;
