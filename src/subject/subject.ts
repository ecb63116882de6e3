/** A subject: everything that the machine must know of one business matter, in one value. */
import { Context } from "effect";
import type { Aggregate } from "./aggregate.ts";
import type { Balance } from "./balance.ts";
import type { Json } from "../kernel/packed.ts";
import type { Dimension } from "./dimension.ts";
import type { LogRecord, RecordKind, RecordKinds } from "./record.ts";
import type { Reference } from "./reference.ts";
import type { StatusSection } from "./tally.ts";

export interface Subject {
  readonly name: string;
  readonly aggregates?: readonly Aggregate[];
  readonly balances?: readonly Balance[];
  readonly references?: readonly Reference[];
  /** Records beside those of its aggregates. */
  readonly records?: readonly RecordKind[];
  /** Of the lists that its records and aggregates name. */
  readonly dimensions?: readonly Dimension[];
  /** What it shows in the status. */
  readonly status?: readonly StatusSection[];
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

const unknownKind = (what: string): never => {
  throw new TypeError(`A log record ${what}, which this version does not know.`);
};

/** The subjects of an engine, and what they define, by name. */
export class SubjectList implements RecordKinds {
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly balances: ReadonlyMap<string, Balance>;
  readonly references: ReadonlyMap<string, Reference>;
  readonly records: ReadonlyMap<string, RecordKind>;
  /** Packed layouts of records, by their number. */
  readonly layouts: ReadonlyMap<number, RecordKind>;
  readonly dimensions: ReadonlyMap<string, Dimension>;
  readonly sections: readonly StatusSection[];

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
    this.dimensions = byName(
      "dimensions",
      subjects.flatMap(({ dimensions = [] }) => dimensions),
      ({ name }) => name,
    );
    this.sections = subjects.flatMap(({ status = [] }) => status);
  }

  kindOf({ kind }: LogRecord): RecordKind {
    return this.records.get(kind) ?? unknownKind(`is of the kind ${kind}`);
  }

  kindOfStored(first: Json): RecordKind {
    if (Array.isArray(first)) {
      return this.layouts.get(first[0]) ?? unknownKind(`has the layout ${first[0]}`);
    }
    return this.kindOf(first as unknown as LogRecord);
  }

  /** A dimension that no subject has declared has nothing special about it. */
  dimensionOf(name: string): Dimension {
    return this.dimensions.get(name) ?? { name };
  }
}

/** The list that the engine was made for: the machine knows subjects by it alone. */
export class Subjects extends Context.Service<Subjects, SubjectList>()("allot/Subjects") {}
