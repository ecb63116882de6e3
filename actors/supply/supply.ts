/** Purchase orders and transfers: making them once for each reference, and changing them. */
import { Context, Data, Effect, Layer, Result } from "effect";
import type { Instant } from "../../src/kernel/instant.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import type { StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import type { AggregateCommand, AggregateEvent, AggregateState } from "../../src/subject/state.ts";
import type { SupplyRejection } from "../../src/supply/facts.ts";
import { type Referenced, referenceKey, type SupplyReference } from "../../src/supply/links.ts";
import { Aggregates, type Making } from "../aggregate/aggregates.ts";
import type { AggregateDefinition } from "../aggregate/turns.ts";
import {
  type AlreadyThere,
  type CommandContext,
  type CommandFailure,
  type NotFound,
  type PreconditionFailed,
  type Refused,
} from "../command/command.ts";
import { answerOnly } from "../command/idempotency.ts";
import { Ledger } from "../ledger/ledger.ts";

/** Another document has the reference, with other content. */
export class SupplyExists extends Data.TaggedError("SupplyExists")<{
  readonly what: string;
  readonly id: string;
  readonly externalId: string;
}> {}

export interface Made<State> {
  /** False when the same was made before. */
  readonly created: boolean;
  readonly document: AggregateDocument<State, null>;
}

/** A state that may have a reference, and what tells a repeat of its request from another. */
export interface SupplyState extends AggregateState, Referenced {
  readonly fingerprint?: string | undefined;
}

/** A definition of this subject. */
export type SupplyDefinition<
  S extends SupplyState,
  C extends AggregateCommand,
  E extends AggregateEvent,
> = AggregateDefinition<S, C, E, SupplyRejection, null>;

export class Supply extends Context.Service<Supply, {
  /** Makes one, or answers with the one that the same request made before. */
  readonly make: <
    S extends SupplyState,
    C extends AggregateCommand,
    E extends AggregateEvent,
  >(
    definition: SupplyDefinition<S, C, E>,
    making: Making<S, C, null, never>,
    context: CommandContext<Made<S>>,
  ) => Effect.Effect<
    Made<S>,
    | SupplyExists
    | AlreadyThere
    | NotFound
    | PreconditionFailed
    | Refused<SupplyRejection>
    | CommandFailure
  >;
  /** Carries out a command; units that orders are promised may be moved in further commits. */
  readonly command: Aggregates["Service"]["command"];
}>()("allot/Supply") {
  static readonly layer = Layer.effect(Supply, Effect.suspend(() => makeSupply));
}

/** What a request makes says its reference, and not its id: any moment will do to look. */
const anyMoment: Instant = "1970-01-01T00:00:00.000Z";

const makeSupply = Effect.gen(function* () {
  const aggregates = yield* Aggregates;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;

  /** The document of the reference, where the same request made it; null where there is none. */
  const madeBefore = Effect.fnUntraced(function* <
    S extends SupplyState,
    C extends AggregateCommand,
    E extends AggregateEvent,
  >(
    definition: SupplyDefinition<S, C, E>,
    asked: S,
  ): Effect.fn.Return<AggregateDocument<S, null> | null, SupplyExists | NotFound | StoreError> {
    const [family = ""] = definition.linkFamilies;
    const key = referenceKey(family, asked);
    const { value } = key === null ? { value: null } : yield* reader.get(key);
    if (value === null) return null;
    const { id, fingerprint } = decodeJson<SupplyReference>(value);
    if (fingerprint !== asked.fingerprint) {
      const { externalId = "" } = asked;
      return yield* new SupplyExists({ what: definition.name, id, externalId });
    }
    return yield* aggregates.get(definition, id);
  });

  const make: Supply["Service"]["make"] = Effect.fnUntraced(
    function* (definition, making, context) {
      const { idempotency, ...rest } = context;
      const { state: asked } = yield* Effect.fromResult(making.make("", anyMoment));
      const created = aggregates.create(definition, making, {
        ...rest,
        ...(idempotency === undefined ? {} : {
          idempotency: {
            claim: idempotency.claim,
            respond: (document) => idempotency.respond({ created: true, document }),
          },
        }),
      });
      const result = yield* Effect.result(created);
      if (Result.isSuccess(result)) return { created: true, document: result.success };
      const { failure } = result;
      // Nothing is refused that was made before: it may itself have taken the last units.
      const document = failure._tag === "AlreadyThere" || failure._tag === "Refused"
        ? yield* madeBefore(definition, asked)
        : null;
      if (document === null) return yield* Effect.fail(failure);
      const made = { created: false, document };
      if (idempotency !== undefined) {
        yield* ledger.submit(answerOnly(idempotency.claim, idempotency.respond(made)));
      }
      return made;
    },
  );

  return Supply.of({ make, command: aggregates.command });
});
