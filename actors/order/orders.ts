import { orderKeys } from "../../src/order/keys.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { createHash } from "node:crypto";
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { laterOrderId, orderIdOf } from "../../src/order/ids.ts";
import { actorLimits, ledgerLimits, requestLimits } from "../../src/kernel/limits.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import { capture, type Captured, type CaptureFacts } from "../../src/order/capture.ts";
import { fingerprintText } from "../../src/order/fingerprint.ts";
import type { OrderCommand, OrderRejection } from "../../src/order/order.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import type { OrderDocument, ReferenceDocument } from "../../src/order/document.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry, StoredLogEntry } from "../../src/store/log.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { shelfOf } from "../../src/store/shelves.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson, valueOf } from "../../src/store/values.ts";
import { Catalog } from "../catalog/catalog.ts";
import {
  type CommandContext,
  type CommandFailure,
  NotFound,
  type PreconditionFailed,
  type Refused,
} from "../aggregate/command.ts";
import { makeDirectory } from "../aggregate/directory.ts";
import { answerOnly } from "../aggregate/idempotency.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Ledger } from "../ledger/ledger.ts";
import { type HeldDecision, OrderActors } from "./order-actors.ts";
import { retryConflicts } from "../aggregate/retry-conflicts.ts";
import { Conflict, type Unit, type UnitRead } from "../ledger/unit.ts";

/** The channel has another order with this external id. */
export class OrderExists extends Data.TaggedError("OrderExists")<{
  readonly orderId: string;
  readonly channel: string;
  readonly externalId: string;
}> {}

/** The request has the right shape but cannot be an order: see each pointer. */
export class InvalidOrder extends Data.TaggedError("InvalidOrder")<{
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}> {}

export interface Placed {
  /** False when the same order had been placed before. */
  readonly created: boolean;
  readonly document: OrderDocument;
}

/** Every order is an actor: its commands run one after another, whoever sends them. */
export class Orders extends Context.Service<Orders, {
  readonly place: (
    request: PlaceOrderRequest,
    context: CommandContext<Placed>,
  ) => Effect.Effect<Placed, OrderExists | InvalidOrder | Refused<OrderRejection> | CommandFailure>;
  readonly command: (
    orderId: string,
    command: OrderCommand,
    context: CommandContext<OrderDocument>,
  ) => Effect.Effect<
    OrderDocument,
    NotFound | PreconditionFailed | Refused<OrderRejection> | CommandFailure
  >;
  readonly get: (orderId: string) => Effect.Effect<OrderDocument, NotFound | StoreError>;
  /** The order with this reference, for the list filter `externalId`. */
  readonly find: (
    channel: string,
    externalId: string,
  ) => Effect.Effect<OrderDocument | null, StoreError>;
  /** Log entries of the order's commits, oldest first, only with its own records. */
  readonly history: (
    orderId: string,
    page: { readonly after: number; readonly limit: number },
  ) => Effect.Effect<readonly LogEntry[], NotFound | StoreError>;
}>()("allot/Orders") {
  static readonly layer = Layer.effect(Orders, Effect.suspend(() => makeOrders));
}

/** A request on its way to become an order. */
interface Placing {
  readonly request: PlaceOrderRequest;
  readonly fingerprint: string;
  readonly shelf: number;
  readonly context: CommandContext<Placed>;
}

const place = { type: "place" } as const;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");

const makeOrders = Effect.gen(function* () {
  const store = yield* Store;
  const meta = yield* StoreMeta;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;
  const catalog = yield* Catalog;
  const identifiers = yield* Identifiers;
  const actors = yield* OrderActors;
  const clock = yield* Clock.Clock;
  const storeContext = yield* Effect.context<Store>();

  /** Until it has an id, an order is known by its reference: repeats of a request wait here for the first. */
  const captures = makeDirectory<null>({
    name: "requests for order",
    mailbox: actorLimits.orderMailbox,
    initial: () => null,
  });

  const find = Effect.fnUntraced(function* (orderId: string) {
    const entry = yield* reader.get(orderKeys.order(orderId));
    const stored = yield* Effect.provideContext(valueOf<OrderDocument>(entry), storeContext);
    return stored?.value ?? null;
  });

  const get: Orders["Service"]["get"] = Effect.fnUntraced(function* (orderId) {
    const document = yield* find(orderId);
    return document ?? (yield* new NotFound({ what: "order", id: orderId }));
  });

  /** The order that stands under the reference, if the request is a repeat of it. */
  const existing = Effect.fnUntraced(function* (
    request: PlaceOrderRequest,
    reference: ReferenceDocument,
    fingerprint: string,
  ) {
    const { channel, externalId } = request;
    if (reference.fingerprint !== fingerprint) {
      return yield* new OrderExists({ orderId: reference.orderId, channel, externalId });
    }
    const document = yield* find(reference.orderId);
    if (document === null) {
      return yield* new Conflict({ detail: `Order ${reference.orderId} is not readable now.` });
    }
    return { created: false, document };
  });

  /** The newest id of each shelf. */
  const lastIds = new Map<number, string>();

  const captured = (
    { request, fingerprint, shelf }: Placing,
    items: CaptureFacts["items"],
    locations: readonly Location[],
  ) => {
    const nowMs = clock.currentTimeMillisUnsafe();
    const id = laterOrderId(orderIdOf(nowMs, shelf, identifiers.orderTail()), lastIds.get(shelf));
    lastIds.set(shelf, id);
    return capture(request, {
      id,
      now: instantOf(nowMs),
      fingerprint,
      items,
      knownLocation: (locationId) => locations.some(({ id }) => id === locationId),
    });
  };

  /** Repeats come in swarms: a file imported again, a client that lost its connection. */
  let repeatSeenAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Whether to look for the reference before deciding. Usually the order is new, and it is cheaper to let the
   * commit itself check that; where a store takes few checks in a commit, or repeats are coming in, not.
   */
  const looksFirst = (): boolean =>
    store.limits.checks < ledgerLimits.checksForNewReferences ||
    clock.currentTimeMillisUnsafe() - repeatSeenAtMs < actorLimits.repeatsExpectedMs;

  const sawRepeat = (): void => {
    repeatSeenAtMs = clock.currentTimeMillisUnsafe();
  };

  /** The order that was placed before, with its answer kept under the new idempotency key, if there is one. */
  const repeated = Effect.fnUntraced(function* (
    { request, fingerprint, context: { idempotency } }: Placing,
    entry: Uint8Array,
  ) {
    sawRepeat();
    const placed = yield* existing(request, decodeJson<ReferenceDocument>(entry), fingerprint);
    if (idempotency !== undefined) {
      yield* ledger.submit(answerOnly(idempotency.claim, idempotency.respond(placed)));
    }
    return placed;
  });

  /**
   * Nothing is refused that was placed before: the order itself may have taken the last units, or have come
   * through another process meanwhile. What made this one refuse is committed, so the look comes after it.
   */
  const unlessPlaced = Effect.fnUntraced(function* <E>(placing: Placing, refusal: E) {
    const { channel, externalId } = placing.request;
    const { value } = yield* reader.get(orderKeys.reference(channel, externalId));
    return value === null ? yield* Effect.fail(refusal) : yield* repeated(placing, value);
  });

  /** One unit of work: the order as decided, its reference, its answer. */
  const commit = (
    { shelf, context: { by, idempotency } }: Placing,
    { contact }: Captured,
    { decision, context: facts, drop }: HeldDecision,
    guards: Pick<Unit, "reads" | "absent">,
  ) =>
    Effect.suspend(() => {
      const { document, writes, record } = actors.writesOf({
        stored: null,
        after: { ...decision.after, version: 1 },
        contact,
        events: decision.events,
        stock: decision.stock,
        now: facts.now,
        by: by.id,
      });
      const result: Placed = { created: true, document };
      const submitted = ledger.submit({
        ...guards,
        reads: idempotency === undefined ? guards.reads : [...guards.reads, idempotency.claim.read],
        partitions: [shelfPartition(shelf)],
        stock: decision.stock,
        writes: idempotency === undefined
          ? writes
          : [...writes, ...idempotency.claim.write(idempotency.respond(result))],
        records: [record],
        onSettled: drop,
      });
      return Effect.map(submitted, () => result);
    });

  /** With all that it needs in memory, this waits for nothing but its commit. */
  const placeOnce = Effect.fnUntraced(function* (placing: Placing, looks: boolean) {
    const { request, shelf, context: { by } } = placing;
    const partition = shelfPartition(shelf);
    const key = orderKeys.reference(request.channel, request.externalId);
    const reads: UnitRead[] = [];
    if (looks) {
      const generation = yield* ledger.generation(partition);
      const { value, versionstamp } = yield* reader.get(key);
      if (value !== null) return yield* repeated(placing, value);
      reads.push({ partition, key, versionstamp, generation });
    }
    const skus = request.lines.map(({ sku }) => sku);
    const items = catalog.cachedItems(skus) ?? (yield* catalog.items(skus));
    const locations = catalog.cachedLocations() ?? (yield* catalog.locations);
    const result = captured(placing, items, locations);
    if (Result.isFailure(result)) return yield* new InvalidOrder({ errors: result.failure });
    const { order } = result.success;
    const held = actors.decideAndHoldNow(order, place, by.id) ??
      (yield* actors.decideAndHold(order, place, by.id));
    const placed = yield* Effect.onError(
      commit(placing, result.success, held, { reads, absent: looks ? [] : [key] }),
      () => Effect.sync(held.drop),
    );
    if (placed.document.order.allocating) yield* actors.resume(placed.document);
    return placed;
  });

  const placeUntilDecided = (placing: Placing) => {
    let isRepeat = false;
    return retryConflicts(
      Effect.suspend(() =>
        Effect.catch(placeOnce(placing, isRepeat || looksFirst()), (error) => {
          if (error._tag === "Refused" || error._tag === "InvalidOrder") {
            return unlessPlaced(placing, error);
          }
          if (error._tag === "Conflict" && error.key?.[0] === "reference") {
            sawRepeat();
            isRepeat = true;
          }
          return Effect.fail(error);
        })
      ),
    );
  };

  return Orders.of({
    place: (request, context) => {
      const reference = JSON.stringify([request.channel, request.externalId]);
      const shelf = shelfOf(reference, meta.shelves);
      const fingerprint = sha256(fingerprintText(request));
      return captures.ask(
        reference,
        () => placeUntilDecided({ request, fingerprint, shelf, context }),
      );
    },
    command: actors.command,
    get,
    find: Effect.fnUntraced(function* (channel, externalId) {
      const entry = yield* reader.get(orderKeys.reference(channel, externalId));
      if (entry.value === null) return null;
      return yield* find(decodeJson<ReferenceDocument>(entry.value).orderId);
    }),
    history: Effect.fnUntraced(function* (orderId, page) {
      const entry = yield* reader.get(orderKeys.order(orderId));
      const stored = yield* Effect.provideContext(valueOf<OrderDocument>(entry), storeContext);
      if (stored === null) return yield* new NotFound({ what: "order", id: orderId });
      const positions = [...stored.value.history, stored.versionstamp]
        .slice(page.after, page.after + Math.min(page.limit, requestLimits.pageSize));
      const entries = yield* store.getMany(positions.map(keys.log));
      return yield* Effect.forEach(entries, (logEntry, index) =>
        Effect.map(
          Effect.provideContext(
            valueOf<StoredLogEntry>(logEntry, (n, stamp) => keys.logPart(stamp, n)),
            storeContext,
          ),
          (found): LogEntry => ({
            position: positions[index] ?? "",
            commitId: found?.value.commitId ?? "",
            at: found?.value.at ?? "",
            records: (found?.value.records ?? []).filter((record) =>
              record.kind === "order" && record.orderId === orderId
            ),
          }),
        ));
    }),
  });
});
