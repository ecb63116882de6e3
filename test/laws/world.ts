/** A world in memory for one kind of aggregate: rows of balances, documents, and what its commits leave. */
import assert from "node:assert/strict";
import { Result } from "effect";
import { foldEvents } from "../../actors/aggregate/decision.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Json } from "../../src/kernel/packed.ts";
import type { Look } from "../../src/subject/aggregate.ts";
import { listChangesBetween } from "../../src/subject/aggregate-record.ts";
import type { BalanceDeltas } from "../../src/subject/balance.ts";
import { linkChanges, linkName, noLinks } from "../../src/subject/link.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import type { AggregateCommand, AggregateEvent, AggregateState } from "../../src/subject/state.ts";
import type { Reference } from "../../src/subject/reference.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { sameJson } from "../../src/verify/same.ts";
import { judgeOf } from "../support/events.ts";
import type { Workout } from "../support/workout.ts";

export const settings = { autoCloseAfterMs: 86_400_000 };

const rowName = (...place: readonly string[]): string => JSON.stringify(place);

/** What one commit did. */
export interface Committed {
  readonly before: AggregateState | null;
  readonly after: AggregateState;
  readonly events: readonly AggregateEvent[];
  readonly record: LogRecord;
}

export class LawWorld {
  readonly #rows = new Map<string, unknown>();
  /** Names of links that the commits have written and not deleted. */
  readonly links = new Set<string>();
  /** Where the keys of timers stand: by when they were due as they were written. */
  readonly #written = new Map<string, number>();
  /** Lists and ids as the records' changes leave them. */
  readonly lists = new Set<string>();
  /** Sums of what the records say was done to balances. */
  readonly sums = new Map<string, number>();
  state: AggregateState | null = null;
  /** Says what is wrong with an event. */
  readonly judge;
  #nowMs = Date.parse("2026-03-01T12:00:00.000Z");

  constructor(readonly subjects: SubjectList, readonly workout: Workout) {
    this.judge = judgeOf(subjects);
    this.#apply(workout.supplies);
  }

  get now(): string {
    return instantOf(this.#nowMs);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  #apply(changes: readonly BalanceDeltas[]): void {
    for (const { balance: name, deltas } of changes) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) {
        const [space, row] = [balance.spaceOf(delta), balance.rowOf(delta)];
        const place = rowName(name, space, row);
        const after = balance.apply(this.#rows.get(place) ?? balance.empty(space, row), delta);
        assert.ok(balance.isSound(after), `${place} is not sound: ${JSON.stringify(after)}`);
        assert.equal(balance.overdrawn(after), null, place);
        this.#rows.set(place, after);
      }
    }
  }

  look(): Look {
    const row = (name: string, space: string, id: string): unknown =>
      this.#rows.get(rowName(name, space, id)) ?? this.subjects.balance(name).empty(space, id);
    const documents = (name: string): readonly object[] => this.workout.documents[name] ?? [];
    return {
      now: this.now,
      by: "key_laws",
      spacesPerCommit: 90,
      keyBytesPerCommit: 64_000,
      available: (name, space, id) => this.subjects.balance(name).available(row(name, space, id)),
      value: (name, space, id, field) =>
        this.subjects.balance(name).field(row(name, space, id), field),
      reference: <D extends object>(of: Reference<D>, id: string) =>
        (documents(of.name) as readonly D[]).find((each) => of.idOf(each) === id) ?? null,
      references: <D extends object>(of: Reference<D>) => documents(of.name) as readonly D[],
      linked: () => [],
    };
  }

  /** Makes the aggregate; null when what is asked of it at once is refused. */
  make(state: AggregateState, opening: AggregateCommand): Committed | null {
    const { definition } = this.workout;
    const decided = definition.decide(state, opening, definition.facts(this.look(), state));
    return Result.isFailure(decided) ? null : this.#commit(null, decided.success, state);
  }

  /** Null when it is refused, or changes nothing. */
  command(command: { readonly type: string }): Committed | null {
    const { definition } = this.workout;
    const { state } = this;
    assert.ok(state !== null);
    const decided = definition.decide(state, command, definition.facts(this.look(), state));
    if (Result.isFailure(decided) || decided.success.length === 0) return null;
    return this.#commit(state, decided.success, state);
  }

  #commit(
    before: AggregateState | null,
    events: readonly AggregateEvent[],
    base: AggregateState,
  ): Committed {
    const { definition } = this.workout;
    const folded = foldEvents(definition, base, events, this.now, this.subjects.merge);
    const version = base.version + 1;
    const after: AggregateState = { ...folded.state, version };
    this.#apply(folded.balances);
    const record = definition.recordOf({
      ...{ before, after, events, balances: folded.balances, at: this.now, by: "key_laws" },
    });
    this.#follow(before, after, record);
    this.state = after;
    return { before, after, events, record };
  }

  /** What a commit does to links, and its record to lists and sums. */
  #follow(before: AggregateState | null, after: AggregateState, record: LogRecord): void {
    const { definition } = this.workout;
    const { added, removed } = linkChanges(
      before === null ? noLinks : definition.linksOf(before, settings),
      definition.linksOf(after, settings),
    );
    for (const link of removed) {
      const name = linkName(link);
      this.links.delete(name);
      if (link.type !== "timer") continue;
      assert.equal(link.dueMs, this.#written.get(name), `the timer "${name}" is not where it was`);
    }
    for (const link of added) {
      this.links.add(linkName(link));
      if (link.type === "timer") this.#written.set(link.name, link.dueMs);
    }
    for (const { dimension, value, id, present } of definition.record.listChangesOf(record)) {
      const place = rowName(dimension, value, id);
      if (present) this.lists.add(place);
      else this.lists.delete(place);
    }
    this.addTo(this.sums, definition.record.deltasOf(record), 1);
  }

  addTo(sums: Map<string, number>, changes: readonly BalanceDeltas[], sign: 1 | -1): void {
    for (const { balance: name, deltas } of changes) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) {
        for (const field of balance.fields) {
          const place = rowName(name, balance.spaceOf(delta), balance.rowOf(delta), field);
          sums.set(place, (sums.get(place) ?? 0) + sign * balance.change(delta, field));
        }
      }
    }
  }

  /** The lists in which the state says that it and its parts stand. */
  listsOfState(): ReadonlySet<string> {
    const { definition } = this.workout;
    if (this.state === null) return new Set();
    return new Set(
      listChangesBetween(null, this.state, definition).map(({ dimension, value, id }) =>
        rowName(dimension, value, id)
      ),
    );
  }
}

/** A record as it comes back from the store. */
export const stored = (workout: Workout, record: LogRecord): LogRecord => {
  const kind = workout.definition.record;
  const { first, second } = kind.pack(record);
  return kind.whole(kind.unpack(JSON.parse(first) as Json, second));
};

export const assertSame = (left: unknown, right: unknown, what: string): void =>
  assert.ok(
    sameJson(left, right),
    `${what}: ${JSON.stringify(left)} is not ${JSON.stringify(right)}`,
  );
