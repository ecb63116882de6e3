/**
 * Turns of one unit of work: each is decided on top of the turns before it, and all are committed together.
 */
import { Effect } from "effect";
import type { AggregateState } from "../../src/subject/state.ts";
import type { Versionstamp } from "../../src/store/store.ts";
import { type Alongside, type CommandContext, NotFound } from "../command/command.ts";
import { emptyPart, type UnitPart } from "../command/unit-of.ts";
import type { Beside } from "./beside.ts";
import type { Deciding, HeldDecision } from "./deciding.ts";
import {
  type ChangePart,
  changePart,
  checkVersion,
  type KnownAggregate,
  readOf,
  readTurn,
  type Slot,
  type TurnServices,
} from "./turns.ts";

/** A turn that has decided. */
export interface DecidedTurn {
  readonly slot: Slot;
  readonly known: KnownAggregate;
  readonly held: HeldDecision;
  readonly part: UnitPart;
  /** Null when there is nothing to change. */
  readonly written: ChangePart<AggregateState, unknown> | null;
}

/** Drops the holds of several decisions. */
export const dropHolds = (held: readonly { readonly drop: () => void }[]) => (): void => {
  for (const { drop } of held) drop();
};

export const dropAll = (turns: readonly DecidedTurn[]): () => void =>
  dropHolds(turns.map(({ held }) => held));

/** Slots of the aggregates of a unit of work, by id. */
export type Slots = ReadonlyMap<string, Slot>;

type TurnContext = Pick<CommandContext<unknown>, "by" | "ifMatch">;

export interface TurnDeciders extends TurnServices {
  readonly deciding: Deciding["Service"];
}

/** Decides one turn on top of the rest of the unit. */
const decideTurn = Effect.fnUntraced(function* (
  services: TurnDeciders,
  { aggregate, id, command }: Alongside,
  slot: Slot,
  beside: Beside | undefined,
  context: TurnContext,
) {
  const { deciding } = services;
  const known = yield* readTurn(services, aggregate, id, slot);
  if (known === null) return yield* new NotFound({ what: aggregate.name, id });
  const { state, personal: before } = known.stored.value;
  yield* checkVersion(state, context);
  const by = context.by.id;
  const held =
    (beside === undefined ? deciding.decideAndHoldNow(aggregate, state, command, by) : undefined) ??
      (yield* deciding.decideAndHold(aggregate, state, command, by, beside));
  const { after, events, balances } = held.decision;
  const { now } = held.moment;
  const personal = aggregate.personalAfter(before, command);
  const written = events.length === 0
    ? null
    : changePart(services, aggregate, known, { after, personal, events, balances, now, by });
  const part = written?.part ?? { ...emptyPart, reads: [readOf(aggregate, known)] };
  beside?.addHeld(part);
  return { slot, known, held, part, written } satisfies DecidedTurn;
});

/** Decides several turns, each on top of the turns before; drops their holds when one fails. */
export const decideTurns = Effect.fnUntraced(function* (
  services: TurnDeciders,
  steps: readonly Alongside[],
  slots: Slots,
  beside: Beside | undefined,
  { by, ifMatch }: TurnContext,
) {
  const turns: DecidedTurn[] = [];
  if (slots.size < steps.length) {
    return yield* Effect.die(new TypeError("A unit of work has two commands to one aggregate."));
  }
  yield* Effect.onError(
    Effect.forEach(steps, (step, index) => {
      const slot = slots.get(step.id);
      if (slot === undefined) {
        return Effect.die(new Error(`The turn of ${step.id} was not taken.`));
      }
      const context = index === 0 ? { by, ifMatch } : { by };
      return Effect.map(
        decideTurn(services, step, slot, beside, context),
        (turn) => void turns.push(turn),
      );
    }, { discard: true }),
    () => Effect.sync(dropAll(turns)),
  );
  return turns;
});

/** After the commit each slot knows its aggregate as it is now. */
export const settleTurns = (turns: readonly DecidedTurn[], versionstamp: Versionstamp): void => {
  for (const { slot, known, written } of turns) {
    // The generation is that of the read, not of now: should others have written here since, even before
    // this fiber went on, the next turn must see it.
    slot.known = written === null ? undefined : {
      stored: { value: written.document, versionstamp, parts: written.parts },
      generation: known.generation,
    };
  }
};

/** After any failure, the next try begins with the documents in the store. */
export const forgetSlots = (slots: Slots) => (): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const slot of slots.values()) slot.known = undefined;
  });
