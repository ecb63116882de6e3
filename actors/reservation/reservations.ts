/**
 * Reservations by their carts: a cart that is kept already is kept otherwise, in the turn of the reservation
 * that it has, and a new one is made where it has none.
 */
import { Context, Effect, Layer } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { reservations } from "../../src/reservation/definition.ts";
import { referenceKey, type ReservationReference } from "../../src/reservation/keys.ts";
import { reservationLimits } from "../../src/reservation/limits.ts";
import { makingOf } from "../../src/reservation/making.ts";
import { type ReserveRequest, wantedBy } from "../../src/reservation/request.ts";
import type { Reservation, ReservationRejection } from "../../src/reservation/reservation.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { makeDirectory } from "../aggregate/directory.ts";
import type {
  CommandContext,
  CommandFailure,
  PreconditionFailed,
  Refused,
} from "../command/command.ts";
import { Conflict } from "../ledger/unit.ts";

export type ReservationDocument = AggregateDocument<Reservation, null>;

export interface Reserved {
  /** False when the cart had a reservation, which keeps what is wanted now. */
  readonly created: boolean;
  readonly document: ReservationDocument;
}

export class Reservations extends Context.Service<Reservations, {
  /** Keeps what a cart wants, whole, and nothing that it wanted before. */
  readonly reserve: (
    request: ReserveRequest,
    context: CommandContext<Reserved>,
  ) => Effect.Effect<
    Reserved,
    PreconditionFailed | Refused<ReservationRejection> | CommandFailure
  >;
}>()("allot/Reservations") {
  static readonly layer = Layer.effect(Reservations, Effect.suspend(() => makeReservations));
}

/** The context of the step that carries the request out: it answers with more than the document. */
const stepContext = (
  context: CommandContext<Reserved>,
  created: boolean,
): CommandContext<ReservationDocument> => {
  const { idempotency, ...rest } = context;
  return idempotency === undefined ? rest : {
    ...rest,
    idempotency: {
      claim: idempotency.claim,
      respond: (document) => idempotency.respond({ created, document }),
    },
  };
};

const isOver = ({ rejection }: Refused<ReservationRejection>): boolean =>
  rejection._tag === "IllegalTransition";

const makeReservations = Effect.gen(function* () {
  const aggregates = yield* Aggregates;
  const reader = yield* BatchReader;

  /** Requests for one cart one after another, so that they do not make each other begin again. */
  const carts = makeDirectory<null>({
    name: "requests for cart",
    mailbox: actorLimits.mailbox,
    initial: () => null,
  });

  /** Null where somebody else ended, or made, the cart's reservation meanwhile. */
  const reserveOnce = Effect.fnUntraced(function* (
    request: ReserveRequest,
    context: CommandContext<Reserved>,
  ) {
    const { value } = yield* reader.get(referenceKey(request.channel, request.externalId));
    if (value === null) {
      return yield* aggregates.create(reservations, makingOf(request), stepContext(context, true))
        .pipe(
          Effect.map((document): Reserved | null => ({ created: true, document })),
          Effect.catchTags({
            AlreadyThere: () => Effect.succeed(null),
            NotFound: () => Effect.succeed(null),
          }),
        );
    }
    const { reservationId } = decodeJson<ReservationReference>(value);
    const { expiresInSeconds } = request;
    const replace = { type: "replace", ...wantedBy(request), expiresInSeconds } as const;
    return yield* aggregates.command(
      reservations,
      reservationId,
      replace,
      stepContext(context, false),
    ).pipe(
      Effect.map((document): Reserved | null => ({ created: false, document })),
      Effect.catchTags({
        NotFound: () => Effect.succeed(null),
        Refused: (refused) => isOver(refused) ? Effect.succeed(null) : Effect.fail(refused),
      }),
    );
  });

  const reserve = Effect.fnUntraced(function* (
    request: ReserveRequest,
    context: CommandContext<Reserved>,
  ) {
    for (let n = 0; n < reservationLimits.tries; n++) {
      const reserved = yield* reserveOnce(request, context);
      if (reserved !== null) return reserved;
    }
    return yield* new Conflict({
      detail: "The reservation of the cart keeps being ended and made.",
    });
  });

  return Reservations.of({
    reserve: (request, context) =>
      carts.ask(
        JSON.stringify([request.channel, request.externalId]),
        () => reserve(request, context),
      ),
  });
});
