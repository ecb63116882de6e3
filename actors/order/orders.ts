/** Orders: placing, finding and changing them. */
import { Aggregates } from "../aggregate/aggregates.ts";
import type { DecidedTurn } from "../aggregate/decided-turns.ts";
import { Deciding, type HeldDecision } from "../aggregate/deciding.ts";
import { joinParts, unitOf } from "../command/unit-of.ts";
import { orders } from "../../src/order/definition.ts";
import type { Order, OrderEvent } from "../../src/order/order.ts";
import {
  conversionFor,
  hasEnded,
  isElsewhere,
  noReservation,
  tooLarge,
} from "./with-reservation.ts";
import { orderNaming } from "./name-lots.ts";
import { LargeOrders } from "./large-orders.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { hash } from "node:crypto";
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Key } from "../../src/kernel/key.ts";
import { ledgerLimits } from "../ledger/limits.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import { orderLimits } from "../../src/order/limits.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import { locations } from "../../src/catalog/references.ts";
import { capture, type Captured, type CaptureFacts } from "../../src/order/capture.ts";
import { type EarlierForm, earlierForms, fingerprintText } from "../../src/order/fingerprint.ts";
import type { OrderCommand, OrderRejection } from "../../src/order/order.ts";
import { normalForm } from "../../src/order/normal-form.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import type { OrderDocument, ReferenceDocument } from "../../src/order/document.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { shelfOf } from "../../src/store/shelves.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Catalog } from "../catalog/catalog.ts";
import { References } from "../reference/references.ts";
import {
  type Alongside,
  type CommandContext,
  type CommandFailure,
  type NotFound,
  type PreconditionFailed,
  type Refused,
} from "../command/command.ts";
import { makeDirectory } from "../aggregate/directory.ts";
import type { OwnEntry } from "../aggregate/history.ts";
import { answerOnly } from "../command/idempotency.ts";
import { Ledger } from "../ledger/ledger.ts";
import { retryConflicts } from "../command/retry-conflicts.ts";
import { Conflict, type UnitRead } from "../ledger/unit.ts";

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

export type PlaceFailure =
  | OrderExists
  | InvalidOrder
  | Refused<OrderRejection>
  /** A command that goes along with it is for an aggregate that is not there. */
  | NotFound
  | CommandFailure;

/** Every order is an actor: its commands run one after another, from all callers. */
export class Orders extends Context.Service<Orders, {
  readonly place: (
    request: PlaceOrderRequest,
    context: CommandContext<Placed>,
  ) => Effect.Effect<Placed, PlaceFailure>;
  readonly command: (
    orderId: string,
    command: OrderCommand,
    context: CommandContext<OrderDocument>,
  ) => Effect.Effect<
    OrderDocument,
    NotFound | PreconditionFailed | Refused<OrderRejection> | CommandFailure
  >;
  /** The order as a command would leave it, by what is known now: nothing is done. */
  readonly preview: (
    orderId: string,
    command: OrderCommand,
    by: string,
  ) => Effect.Effect<OrderDocument, NotFound | Refused<OrderRejection> | Conflict | StoreError>;
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
  ) => Effect.Effect<readonly OwnEntry[], NotFound | StoreError>;
}>()("allot/Orders") {
  static readonly layer = Layer.effect(Orders, Effect.suspend(() => makeOrders));
}

/** A request on its way to become an order. */
interface Placing {
  /** In its normal form. */
  readonly request: PlaceOrderRequest;
  readonly sent: PlaceOrderRequest;
  readonly fingerprint: string;
  readonly shelf: number;
  readonly context: CommandContext<Placed>;
}

/** The order takes nothing of what the reservation keeps. */
class ReservationUnused extends Data.TaggedError("ReservationUnused")<Record<never, never>> {}

/** Why an order, as it is decided, does not take over the units of its reservation; null where it does. */
const faultOfUse = (order: Order): InvalidOrder | ReservationUnused | null => {
  if (order.reservation?.used !== true) return null;
  if (order.allocating) return new InvalidOrder({ errors: [tooLarge] });
  return order.fulfillmentOrders.length === 0 ? new ReservationUnused() : null;
};

const noFault = () => null;

const withoutReservation = ({ order, ...captured }: Captured): Captured => {
  const { reservation } = order;
  if (reservation === undefined) return { order, ...captured };
  return { ...captured, order: { ...order, reservation: { ...reservation, used: false } } };
};

/** The command that makes an order. */
const place = { type: "place" } as const;

const noTurns: readonly DecidedTurn[] = [];

const sha256 = (text: string, digest: EarlierForm["digest"] = "base64url"): string =>
  hash("sha256", text, digest);

/**
 * Whether a reference with another fingerprint is of this request: an earlier version made the fingerprint of
 * the request as it was sent, or the request says when the order was placed, as the engine did for it.
 */
const isSaidOtherwise = (
  { fingerprint }: ReferenceDocument,
  { request, sent }: Placing,
  { state }: OrderDocument,
): boolean => {
  const isOf = (request: PlaceOrderRequest, sent: PlaceOrderRequest): boolean =>
    sha256(fingerprintText(request)) === fingerprint ||
    earlierForms.some(({ textOf, digest }) => sha256(textOf(sent), digest) === fingerprint);
  if (isOf(request, sent)) return true;
  if (request.placedAt !== state.placedAt) return false;
  const { placedAt: _, ...undated } = request;
  const { placedAt: __, ...undatedSent } = sent;
  return isOf(undated, undatedSent);
};

/**
 * The key of an order that an earlier version placed with white space as a part of its number; null where the
 * request has none around it.
 */
const keyAsSent = ({ request, sent }: Placing): Key | null =>
  sent.externalId === request.externalId && sent.channel === request.channel
    ? null
    : orderKeys.reference(sent.channel, sent.externalId);

/** The order that stands under the reference, if the request is a repeat of it. */
const existing = Effect.fnUntraced(function* (
  aggregates: (typeof Aggregates)["Service"],
  placing: Placing,
  reference: ReferenceDocument,
) {
  const { channel, externalId } = placing.request;
  const document = yield* Effect.catchTag(
    aggregates.get(orders, reference.orderId),
    "NotFound",
    ({ id }) => Effect.fail(new Conflict({ detail: `Order ${id} is not readable now.` })),
  );
  if (
    reference.fingerprint !== placing.fingerprint && !isSaidOtherwise(reference, placing, document)
  ) {
    return yield* new OrderExists({ orderId: reference.orderId, channel, externalId });
  }
  return { created: false, document };
});

interface PlaceServices {
  readonly aggregates: (typeof Aggregates)["Service"];
  readonly deciding: (typeof Deciding)["Service"];
  readonly ledger: (typeof Ledger)["Service"];
  readonly subjects: (typeof Subjects)["Service"];
}

/** One unit of work: the decided order, the commands that go along with it, its reference, its answer. */
const commit = (
  { aggregates, deciding, ledger, subjects }: PlaceServices,
  { context }: Placing,
  { contact }: Captured,
  held: HeldDecision<Order, OrderEvent>,
  reads: readonly UnitRead[],
  turns: readonly DecidedTurn[],
): Effect.Effect<Placed, CommandFailure> => {
  const made = { personal: contact, held };
  const { document, part } = aggregates.newChange(orders, made, context.by.id);
  const placed: Placed = { created: true, document };
  // A reference that was read is guarded by its shelf's fence; else the commit itself checks it.
  const own = reads.length === 0 ? part : { ...part, reads, absent: [] };
  const whole = turns.length === 0
    ? own
    : joinParts([own, ...turns.map((turn) => turn.part)], subjects.merge);
  const drop = turns.length === 0
    ? held.drop
    : deciding.holdTogether([held, ...turns.map((turn) => turn.held)], whole.balances);
  const submitted = ledger.submit(unitOf(whole, context, placed, { onSettled: drop }));
  return Effect.as(Effect.onError(submitted, () => Effect.sync(drop)), placed);
};

/** Decides the order on top of commands that go along with it, and commits all of it. */
type CommitAlongside = <E>(
  placing: Placing,
  captured: Captured,
  reads: readonly UnitRead[],
  alongside: readonly Alongside[] | undefined,
  /** Why the order, as it is decided, is not placed like this. */
  faultOf: (order: Order) => E | null,
) => Effect.Effect<Placed, PlaceFailure | E>;

/** Places the order on top of its reservation; without it, where that does nothing for the order. */
const commitWithReservation = (
  commitAlongside: CommitAlongside,
  placing: Placing,
  captured: Captured,
  reads: readonly UnitRead[],
  conversion: Alongside,
): Effect.Effect<Placed, PlaceFailure> => {
  const { alongside = [] } = placing.context;
  const without = Effect.suspend(() =>
    commitAlongside<never>(placing, withoutReservation(captured), reads, alongside, noFault)
  );
  const none = () =>
    Effect.fail<PlaceFailure>(new InvalidOrder({ errors: [noReservation(captured.order)] }));
  return commitAlongside(placing, captured, reads, [...alongside, conversion], faultOfUse).pipe(
    Effect.catchTag("ReservationUnused", () => without),
    Effect.catchTag("NotFound", (missing) => missing.id === conversion.id ? none() : missing),
    Effect.catchTag(
      "Refused",
      (refused) =>
        hasEnded(refused.rejection)
          ? without
          : isElsewhere(refused.rejection)
          ? none()
          : Effect.fail(refused),
    ),
  );
};

const makeOrders = Effect.gen(function* () {
  const store = yield* Store;
  const meta = yield* StoreMeta;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;
  const catalog = yield* Catalog;
  const references = yield* References;
  const aggregates = yield* Aggregates;
  const deciding = yield* Deciding;
  const largeOrders = yield* LargeOrders;
  const services = { aggregates, deciding, ledger, subjects: yield* Subjects };
  const naming = yield* orderNaming;
  const clock = yield* Clock.Clock;

  /** Until it has an id, an order is known by its reference: repeats of a request wait here for the first. */
  const captures = makeDirectory<null>({
    name: "requests for order",
    mailbox: actorLimits.mailbox,
    initial: () => null,
  });

  const captured = (
    { request, fingerprint, shelf }: Placing,
    items: CaptureFacts["items"],
    locations: readonly Location[],
  ) => {
    const nowMs = clock.currentTimeMillisUnsafe();
    return capture(request, {
      id: aggregates.newId(orders, shelf, nowMs),
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
    clock.currentTimeMillisUnsafe() - repeatSeenAtMs < orderLimits.repeatsExpectedMs;

  const sawRepeat = (): void => {
    repeatSeenAtMs = clock.currentTimeMillisUnsafe();
  };

  /** The order that was placed before, with its answer kept under the new idempotency key, if there is one. */
  const repeated = Effect.fnUntraced(function* (
    placing: Placing,
    entry: Uint8Array,
  ) {
    sawRepeat();
    const { idempotency } = placing.context;
    const placed = yield* existing(aggregates, placing, decodeJson<ReferenceDocument>(entry));
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

  /** Decides the order on top of the commands that go along with it. */
  const commitAlongside: CommitAlongside = <E>(
    placing: Placing,
    captured: Captured,
    reads: readonly UnitRead[],
    alongside: readonly Alongside[] | undefined,
    faultOf: (order: Order) => E | null,
  ) => {
    const { by } = placing.context;
    return aggregates.alongside(alongside, by, (turns, beside) =>
      Effect.flatMap(
        deciding.decideAndHold(orders, captured.order, place, by.id, beside),
        (held): Effect.Effect<Placed, PlaceFailure | E> => {
          const fault = faultOf(held.decision.after);
          if (fault === null) return commit(services, placing, captured, held, reads, turns);
          held.drop();
          return Effect.fail(fault);
        },
        // Refusals of commands that go along say by their tags and fields what is wrong, as orders' own do.
      )) as Effect.Effect<Placed, PlaceFailure | E>;
  };

  /** With all that it needs in memory, this waits for nothing but its commit. */
  const placeOnce = Effect.fnUntraced(function* (placing: Placing, looks: boolean) {
    const { request, shelf, context: { by } } = placing;
    const sentKey = keyAsSent(placing);
    if (sentKey !== null) {
      const { value } = yield* reader.get(sentKey);
      if (value !== null) return yield* repeated(placing, value);
    }
    const partition = shelfPartition(shelf);
    const key = orderKeys.reference(request.channel, request.externalId);
    const reads: UnitRead[] = [];
    // A repeat finds its reservation used up: the order is looked for before that.
    if (looks || request.reservationId !== undefined) {
      const generation = yield* ledger.generation(partition);
      const { value, versionstamp } = yield* reader.get(key);
      if (value !== null) return yield* repeated(placing, value);
      reads.push({ partition, key, versionstamp, generation });
    }
    const skus = request.lines.map(({ sku }) => sku);
    const items = catalog.cachedItems(skus) ?? (yield* catalog.items(skus));
    const known = references.knownAll(locations) ?? (yield* references.all(locations));
    const result = captured(placing, items, known);
    if (Result.isFailure(result)) return yield* new InvalidOrder({ errors: result.failure });
    const { order } = result.success;
    const conversion = conversionFor(order);
    const placed = conversion !== null
      ? yield* commitWithReservation(commitAlongside, placing, result.success, reads, conversion)
      : placing.context.alongside !== undefined
      ? yield* commitAlongside<never>(
        placing,
        result.success,
        reads,
        placing.context.alongside,
        noFault,
      )
      : yield* commit(
        services,
        placing,
        result.success,
        deciding.decideAndHoldNow(orders, order, place, by.id) ??
          (yield* deciding.decideAndHold(orders, order, place, by.id)),
        reads,
        noTurns,
      );
    if (placed.document.state.allocating) yield* largeOrders.resume(placed.document);
    return placed;
  });

  const placeUntilDecided = (placing: Placing): Effect.Effect<Placed, PlaceFailure> => {
    let isRepeat = false;
    return retryConflicts(
      Effect.suspend(() =>
        Effect.catch(placeOnce(placing, isRepeat || looksFirst()), (
          error,
        ): Effect.Effect<Placed, PlaceFailure> => {
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
    place: (sent, context) => {
      const request = normalForm(sent);
      const reference = JSON.stringify([request.channel, request.externalId]);
      const shelf = shelfOf(reference, meta.shelves);
      const fingerprint = sha256(fingerprintText(request));
      return captures.ask(
        reference,
        () => placeUntilDecided({ request, sent, fingerprint, shelf, context }),
      );
    },
    command: (orderId, asked, context) => {
      const done = naming.command(orderId, asked, context);
      // A call that allocates goes on by itself.
      return asked.type === "allocate" ? done : Effect.tap(done, largeOrders.resume);
    },
    preview: (orderId, asked, by) =>
      retryConflicts(Effect.gen(function* () {
        const document = yield* aggregates.get(orders, orderId);
        const held = yield* deciding.decideAndHold(orders, document.state, asked, by);
        held.drop();
        const { events, after } = held.decision;
        const personal = orders.personalAfter(document.personal, asked);
        return events.length === 0 ? document : { ...document, personal, state: after };
      })),
    get: (orderId) => aggregates.get(orders, orderId),
    find: Effect.fnUntraced(function* (channel, externalId) {
      const entry = yield* reader.get(orderKeys.reference(channel, externalId));
      if (entry.value === null) return null;
      const { orderId } = decodeJson<ReferenceDocument>(entry.value);
      return yield* Effect.catchTag(
        aggregates.get(orders, orderId),
        "NotFound",
        () => Effect.succeed(null),
      );
    }),
    history: (orderId, page) => aggregates.history(orders, orderId, page),
  });
});
