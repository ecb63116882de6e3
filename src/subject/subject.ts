/** A subject: everything that the machine must know of one business matter, in one value. */
import { Context } from "effect";
import type { Aggregate } from "./aggregate.ts";
import type { Balance } from "./balance.ts";
import type { RecordKind } from "./record.ts";
import type { Reference } from "./reference.ts";
import { recordKindsOf } from "./reference-records.ts";

export interface Subject {
  readonly name: string;
  readonly aggregates?: readonly Aggregate[];
  readonly balances?: readonly Balance[];
  readonly references?: readonly Reference[];
  /** Records beside those of its aggregates and references. */
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
    const own = [
      ...[...this.aggregates.values()].map(({ record }) => record),
      ...subjects.flatMap(({ records = [] }) => records),
    ];
    const records = [
      ...own,
      ...recordKindsOf(this.references.values()).filter(({ kind }) =>
        own.every((each) => each.kind !== kind)
      ),
    ];
    this.records = byName("kinds of records", records, ({ kind }) => kind);
    this.layouts = new Map(
      records.flatMap((kind) => (kind.layouts ?? []).map((layout) => [layout, kind] as const)),
    );
  }
}

/** The list that the engine was made for: the machine knows subjects by it alone. */
export class Subjects extends Context.Service<Subjects, SubjectList>()("allot/Subjects") {}
