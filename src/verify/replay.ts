/**
 * An aggregate and its log records side by side. A document names the log positions that made it, and the log
 * never changes: so this holds at every moment, however busy the store is. Pure.
 */
import { type Key } from "../kernel/key.ts";
import { keys } from "../store/keys.ts";
import type { Position } from "../store/log.ts";
import type { Aggregate, AggregateDocument } from "../subject/aggregate.ts";
import { type BalanceDeltas, rowKey } from "../subject/balance.ts";
import type { LogRecord } from "../subject/record.ts";
import type { AggregateEvent, AggregateState } from "../subject/state.ts";
import type { SubjectList } from "../subject/subject.ts";
import { findPersonalData, type PersonalData, personalDataOf } from "./personal-data.ts";
import type { Findings, Invariant } from "./report.ts";
import { differences, differencesOfGiven, sameJson } from "./same.ts";

/** Sums of the changes of rows, by balance, space and row. */
class RowSums {
  readonly #sums = new Map<string, number>();

  constructor(private readonly subjects: SubjectList) {}

  add(changes: readonly BalanceDeltas[], sign: 1 | -1): void {
    for (const { balance: name, deltas } of changes) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) {
        for (const field of balance.fields) {
          const place = [name, balance.spaceOf(delta), balance.rowOf(delta), field];
          const key = JSON.stringify(place);
          this.#sums.set(key, (this.#sums.get(key) ?? 0) + sign * balance.change(delta, field));
        }
      }
    }
  }

  *notZero(): IterableIterator<readonly [place: readonly string[], sum: number]> {
    for (const [key, sum] of this.#sums) {
      if (sum !== 0) yield [JSON.parse(key) as readonly string[], sum];
    }
  }
}

/** A log record of an aggregate, with its events. */
interface FoldedRecord extends LogRecord {
  readonly events: readonly AggregateEvent[];
}

export class Replay {
  readonly id: string;
  /** The document's own versionstamp: its last log position. */
  readonly last: Position;
  /** The log positions that the document names, its own last. */
  readonly positions: readonly Position[];
  readonly #personal: PersonalData;
  /** By the log; the document's claims are taken away at the end. */
  readonly #rows: RowSums;
  #next = 0;
  #folded: AggregateState | null = null;
  #broken = false;

  constructor(
    private readonly definition: Aggregate,
    private readonly subjects: SubjectList,
    private readonly document: AggregateDocument<AggregateState, unknown>,
    versionstamp: Position,
    private readonly findings: Findings,
  ) {
    const { state, personal, history } = document;
    this.id = state.id;
    this.last = versionstamp;
    this.positions = [...history, versionstamp];
    this.#personal = personalDataOf(definition.personalTexts(personal, state));
    this.#rows = new RowSums(subjects);
  }

  get key(): Key {
    return this.definition.key(this.id);
  }

  #wrong(invariant: Invariant, detail: string, position?: Position): void {
    this.findings.add(
      invariant,
      position === undefined ? [this.key] : [this.key, keys.log(position)],
      `${this.definition.name} ${this.id}: ${detail}`,
    );
  }

  #wrongFold(detail: string, position?: Position): void {
    this.#wrong(`${this.definition.name}-is-its-log`, detail, position);
  }

  /** The aggregate's records at its positions must come in the order of the log. */
  add(position: Position, record: LogRecord): void {
    const kind = this.definition.record;
    const whole = kind.whole(record) as FoldedRecord;
    const leak = findPersonalData(whole, this.#personal);
    if (leak !== null) {
      const detail = `its record has personal data at ${leak}.`;
      this.#wrong("log-without-personal-data", detail, position);
    }
    this.#skipTo(position);
    this.#rows.add(kind.deltasOf(record), 1);
    this.#fold(position, whole);
  }

  #skipTo(position: Position): void {
    while ((this.positions[this.#next] ?? "~") < position) {
      this.#missing(this.positions[this.#next] ?? "");
    }
    if (this.positions[this.#next] === position) this.#next++;
  }

  #missing(position: Position): void {
    this.#wrongFold("its history names a position without its record.", position);
    this.#broken = true;
    this.#next++;
  }

  #fold(position: Position, record: FoldedRecord): void {
    if (this.#broken) return;
    const before = this.#folded;
    let state = before;
    for (const event of record.events) {
      if (state === null && !this.#isCreation(event)) {
        this.#wrongFold(`it begins with ${event.type}.`, position);
        this.#broken = true;
        return;
      }
      state = this.definition.evolve(state, event, record.at);
    }
    if (state === null) return;
    this.#folded = { ...state, version: (before?.version ?? 0) + 1 };
    this.#compareRecord(position, before, record);
  }

  /** Only the event that makes an aggregate has a whole state in it. */
  #isCreation(event: AggregateEvent): boolean {
    return event.type === this.definition.createdType;
  }

  /** The record is the one that is made of its events. Those of earlier versions may lack members. */
  #compareRecord(position: Position, before: AggregateState | null, record: FoldedRecord): void {
    if (this.#folded === null) return;
    const { events, at, by } = record;
    const balances = this.definition.record.deltasOf(record);
    const made = this.definition.recordOf({
      ...{ before, after: this.#folded, events, balances, at, by },
    });
    const names = differencesOfGiven(record, made);
    if (names.length > 0) {
      this.#wrongFold(`a record tells something else of its ${names.join(", ")}.`, position);
    }
  }

  /** To be called when the log was read up to the document's own position. */
  finish(): void {
    while (this.#next < this.positions.length) this.#missing(this.positions[this.#next] ?? "");
    // A missing record is reported already. Each difference that it makes would report it again.
    if (this.#broken) return;
    const { state } = this.document;
    if (this.#folded !== null && !sameJson(this.#folded, state)) {
      const { laterMembers = [] } = this.definition;
      const names = differences(this.#folded, state)
        .filter((name) => Object.hasOwn(state, name) || !laterMembers.includes(name));
      if (names.length > 0) {
        this.#wrongFold(`its log makes something else of it: ${names.join(", ")}.`, this.last);
      }
    }
    this.#rows.add(this.definition.claimsOf(state), -1);
    for (const [[name = "", space = "", row = "", field = ""], more] of this.#rows.notZero()) {
      const balance = this.subjects.balance(name);
      this.findings.add(
        balance.invariantOf(field),
        [this.key, rowKey(balance, space, row)],
        `${this.definition.name} ${this.id}: by the log ${field} of ${row} at ${space} was changed ` +
          `by ${more} more than it says.`,
      );
    }
  }
}
