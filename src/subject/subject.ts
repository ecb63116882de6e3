/** A subject: everything that the machine must know of one business matter, in one value. */
import { Context } from "effect";
import type { Aggregate } from "./aggregate.ts";
import { type Balance, type BalanceDeltas, noDeltas } from "./balance.ts";
import type { RecordKind } from "./record.ts";
import type { Reference } from "./reference.ts";

export interface Subject {
  readonly name: string;
  readonly aggregates?: readonly Aggregate[];
  readonly balances?: readonly Balance[];
  readonly references?: readonly Reference[];
  /** Records beside those of its aggregates. */
  readonly records?: readonly RecordKind[];
  /** Families of keys beside those of the above, with what their values are. */
  readonly families?: readonly string[];
}

const byName = <A>(
  what: string,
  all: readonly A[],
  nameOf: (each: A) => string,
): ReadonlyMap<string, A> => {
  const found = new Map<string, A>();
  for (const each of all) {
    const name = nameOf(each);
    if (found.has(name)) throw new TypeError(`Two ${what} are called ${name}.`);
    found.set(name, each);
  }
  return found;
};

/** The subjects of an engine, and what they define, by name. */
export class SubjectList {
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly balances: ReadonlyMap<string, Balance>;
  readonly references: ReadonlyMap<string, Reference>;
  readonly records: ReadonlyMap<string, RecordKind>;
  /** Packed layouts of records, by their number. */
  readonly layouts: ReadonlyMap<number, RecordKind>;

  /** Throws TypeError when two definitions have one name. */
  constructor(readonly subjects: readonly Subject[]) {
    this.aggregates = byName(
      "aggregates",
      subjects.flatMap(({ aggregates = [] }) => aggregates),
      ({ name }) => name,
    );
    this.balances = byName(
      "balances",
      subjects.flatMap(({ balances = [] }) => balances),
      ({ name }) => name,
    );
    this.references = byName(
      "references",
      subjects.flatMap(({ references = [] }) => references),
      ({ name }) => name,
    );
    const records = [
      ...[...this.aggregates.values()].map(({ record }) => record),
      ...subjects.flatMap(({ records = [] }) => records),
    ];
    this.records = byName("kinds of records", records, ({ kind }) => kind);
    this.layouts = new Map(
      records.flatMap((kind) => (kind.layouts ?? []).map((layout) => [layout, kind] as const)),
    );
  }

  /** Throws TypeError for a name that no subject defines. */
  balance(name: string): Balance {
    return this.balances.get(name) ?? unknownName("balance", name);
  }

  /** Changes of balances with one delta for each row. */
  readonly merge = (changes: readonly BalanceDeltas[]): readonly BalanceDeltas[] => {
    if (changes.length === 0) return noDeltas;
    const deltas = Map.groupBy(changes, ({ balance }) => balance);
    return [...deltas]
      .map(([balance, parts]) => ({
        balance,
        deltas: this.balance(balance).merge(parts.flatMap((part) => part.deltas)),
      }))
      .filter((each) => each.deltas.length > 0);
  };
}

const unknownName = (what: string, name: string): never => {
  throw new TypeError(`No subject defines the ${what} ${name}.`);
};

/** The list that the engine was made for: the machine knows subjects by it alone. */
export class Subjects extends Context.Service<Subjects, SubjectList>()("allot/Subjects") {}
