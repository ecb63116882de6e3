/**
 * Decides from memory, loads facts that are missing there, and holds the units that the decision takes, in
 * one tick.
 */
import { Clock, Context, Effect, Layer, Result } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { below } from "../../src/kernel/key.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import { spacePartition } from "../../src/subject/balance.ts";
import type { WholeReference } from "../../src/subject/reference.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { type BalanceRow, Books } from "../balance/books.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Conflict } from "../ledger/unit.ts";
import { References } from "../reference/references.ts";
import { Refused } from "../command/command.ts";
import { showConflicts } from "../command/retry-conflicts.ts";
import type { Beside } from "./beside.ts";
import {
  type Decision,
  type DecisionMoment,
  foldEvents,
  LookNow,
  type Missing,
  type Overlay,
  ReadLinks,
} from "./decision.ts";

/** A decision that stands, with its units held. */
export interface HeldDecision<State = AggregateState, Event = AggregateEvent> {
  readonly decision: Decision<State, Event>;
  readonly moment: DecisionMoment;
  /** Drops the holds, once. */
  readonly drop: () => void;
}

/** The outcome of a decision from memory: it stands, it is refused, or memory does not know enough. */
export type DecidedNow<State, Event, Rejection> =
  | {
    readonly _tag: "Decided";
    readonly decision: Decision<State, Event>;
    readonly isShort: boolean;
  }
  | { readonly _tag: "Refused"; readonly rejection: Rejection; readonly isShort: boolean }
  | { readonly _tag: "Missing"; readonly missing: Missing };

/** Further fences that a unit may touch: the shelves of the aggregate and of the key. */
const fencesBesideBalances = 2;

/**
 * Bytes of keys beside those of balances and links: of parts of the document, of the log entry and of the answer
 * that is kept under an idempotency key, which may be long; of references, shelves and timers.
 */
const keyBytesBesideBalances = 14_000;

export class Deciding extends Context.Service<Deciding, {
  readonly momentNow: (by: string) => DecisionMoment;
  /** Decides in one tick; `state` is as the command finds it. */
  readonly decideNow: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    F,
    R extends AggregateRejection,
  >(
    definition: Aggregate<S, C, E, F, R>,
    state: S,
    command: C,
    moment: DecisionMoment,
    overlay?: Overlay,
    /** Narrows the facts. */
    refine?: (facts: F) => F,
    read?: ReadLinks,
  ) => DecidedNow<S, E, R>;
  /**
   * Decides, and holds the units that the decision takes, in one tick; loads facts that memory does not have.
   */
  readonly decideAndHold: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
  >(
    definition: Aggregate<S, C, E, unknown, R>,
    state: S,
    command: C,
    by: string,
    /** The rest of the unit of work. */
    beside?: Beside,
  ) => Effect.Effect<HeldDecision<S, E>, Refused<R> | Conflict | StoreError>;
  /** Decides and holds where all is in memory, and nothing is short or refused; otherwise undefined. */
  readonly decideAndHoldNow: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
  >(
    definition: Aggregate<S, C, E, unknown, R>,
    state: S,
    command: C,
    by: string,
  ) => HeldDecision<S, E> | undefined;
  /** Makes rows known to the books, together with the fences that they stand behind. */
  readonly loadRows: (rows: readonly BalanceRow[]) => Effect.Effect<void, StoreError>;
  /** Loads the facts that a decision asked for; links into those that are read for it. */
  readonly load: (missing: Missing, read?: ReadLinks) => Effect.Effect<void, StoreError>;
}>()("allot/Deciding") {
  static readonly layer = Layer.effect(Deciding, Effect.suspend(() => makeDeciding));
}

const makeDeciding = Effect.gen(function* () {
  yield* showConflicts;
  const store = yield* Store;
  const subjects = yield* Subjects;
  const ledger = yield* Ledger;
  const books = yield* Books;
  const references = yield* References;
  const clock = yield* Clock.Clock;

  const momentNow = (by: string): DecisionMoment => ({
    now: instantOf(clock.currentTimeMillisUnsafe()),
    by,
    spacesPerCommit: store.limits.checks - fencesBesideBalances,
    keyBytesPerCommit: store.limits.keyBytesPerCommit - keyBytesBesideBalances,
  });

  /** The decision may not use the fences that the rest of the unit of work uses. */
  const momentBeside = (by: string, beside: Beside | undefined): DecisionMoment => {
    const moment = momentNow(by);
    return beside === undefined
      ? moment
      : { ...moment, spacesPerCommit: Math.max(0, moment.spacesPerCommit - beside.fences) };
  };

  /** Decides in one tick. `state` is as the command finds it. */
  const decideNow = <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    F,
    R extends AggregateRejection,
  >(
    definition: Aggregate<S, C, E, F, R>,
    state: S,
    command: C,
    moment: DecisionMoment,
    overlay?: Overlay,
    refine: (facts: F) => F = (facts) => facts,
    read?: ReadLinks,
  ): DecidedNow<S, E, R> => {
    const look = new LookNow(books, references, moment, overlay, read);
    const decided = definition.decide(state, command, refine(definition.facts(look, state)));
    const { missing } = look;
    if (missing !== null) return { _tag: "Missing", missing };
    const isShort = definition.isShort(decided);
    if (Result.isFailure(decided)) return { _tag: "Refused", rejection: decided.failure, isShort };
    const events = decided.success;
    const folded = foldEvents(definition, state, events, moment.now, subjects.merge);
    const after = { ...folded.state, version: state.version + 1 };
    const decision = { after, events, balances: folded.balances };
    return { _tag: "Decided", decision, isShort };
  };

  /** Makes rows known to the books, together with the fences that they stand behind. */
  const loadRows = Effect.fnUntraced(function* (rows: readonly BalanceRow[]) {
    const fences = new Set(
      rows.map(({ balance, space }) => spacePartition(subjects.balance(balance), space)),
    );
    const unknown = [...fences].filter((name) => ledger.generationNow(name) === undefined);
    yield* Effect.forEach(unknown, ledger.generation, { discard: true, concurrency: "unbounded" });
    yield* books.load(rows);
  });

  const load = Effect.fnUntraced(function* (
    { rows, references: wanted, links }: Missing,
    read?: ReadLinks,
  ) {
    if (rows.length > 0) yield* loadRows(rows);
    for (const { of, id } of wanted) {
      yield* id === null ? references.all(of as WholeReference) : references.find(of, id);
    }
    for (const link of read === undefined ? [] : links) {
      const entries = yield* store.list({ ...below(link.prefix), limit: link.limit });
      read?.set(link, entries.flatMap(({ value }) => value === null ? [] : [decodeJson(value)]));
    }
  });

  const hold = <S, E>(decision: Decision<S, E>, moment: DecisionMoment): HeldDecision<S, E> => ({
    decision,
    moment,
    drop: books.hold(decision.balances),
  });

  /** The decision with its holds, where all is in memory and nothing is short; otherwise undefined. */
  const decideAndHoldNow = <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
  >(
    definition: Aggregate<S, C, E, unknown, R>,
    state: S,
    command: C,
    by: string,
  ): HeldDecision<S, E> | undefined => {
    const moment = momentNow(by);
    const decided = decideNow(definition, state, command, moment);
    return decided._tag === "Decided" && !decided.isShort
      ? hold(decided.decision, moment)
      : undefined;
  };

  const decideAndHold = Effect.fnUntraced(function* <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
  >(
    definition: Aggregate<S, C, E, unknown, R>,
    state: S,
    command: C,
    by: string,
    beside?: Beside,
  ): Effect.fn.Return<HeldDecision<S, E>, Refused<R> | Conflict | StoreError> {
    const moment = momentBeside(by, beside);
    // No refusal for want of units that another process brought in and this process has not seen yet.
    let looked = !store.shared;
    const read = new ReadLinks();
    for (let tries = 0; tries < actorLimits.decisionTries; tries++) {
      const overlay = beside?.overlay;
      const decided = decideNow(definition, state, command, moment, overlay, undefined, read);
      if (decided._tag === "Missing") yield* load(decided.missing, read);
      else if (!looked && decided.isShort) {
        looked = true;
        read.forget();
        yield* ledger.refreshBalances;
      } else if (decided._tag === "Refused") {
        return yield* new Refused({ rejection: decided.rejection });
      } else return hold(decided.decision, moment);
    }
    return yield* new Conflict({
      detail: "What it rests on keeps being changed by other processes.",
    });
  });

  return Deciding.of({
    ...{ momentNow, decideNow, decideAndHold, decideAndHoldNow, loadRows, load },
  });
});
