/** A subject: everything that the machine must know of one business matter, in one value. */
import { Context } from "effect";
import type { Aggregate } from "./aggregate.ts";
import { type Balance, type BalanceDeltas, noDeltas } from "./balance.ts";
import type { BalanceSum } from "./balance-sum.ts";
import type { Json } from "../kernel/packed.ts";
import type { Dimension } from "./dimension.ts";
import { type EventType, eventTypesOf } from "./event-type.ts";
import type { LogRecord, RecordKind, RecordKinds } from "./record.ts";
import type { DocumentOutbox, Reactor } from "./reactor.ts";
import type { Reference } from "./reference.ts";
import { referenceRecordKind } from "./reference-record.ts";
import type { Paged } from "./paged.ts";
import type { StatusSection } from "./tally.ts";

export interface Subject {
  readonly name: string;
  readonly aggregates?: readonly Aggregate[];
  readonly balances?: readonly Balance[];
  /** What holds over rows of several balances. */
  readonly sums?: readonly BalanceSum[];
  readonly references?: readonly Reference[];
  /** Records beside those of its aggregates. */
  readonly records?: readonly RecordKind[];
  /** Consumers of the log. */
  readonly reactors?: readonly Reactor[];
  /** The dimensions of the lists that its records and aggregates name. */
  readonly dimensions?: readonly Dimension[];
  /** Its sections of the status. */
  readonly status?: readonly StatusSection[];
  /** What it stores in pages. */
  readonly paged?: readonly Paged[];
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

const noOutboxes: readonly DocumentOutbox[] = [];

const unknownKind = (what: string): never => {
  throw new TypeError(`A log record ${what}, which this version does not know.`);
};

/** The subjects of an engine, and what they define, by name. */
export class SubjectList implements RecordKinds {
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly balances: ReadonlyMap<string, Balance>;
  readonly references: ReadonlyMap<string, Reference>;
  readonly records: ReadonlyMap<string, RecordKind>;
  /** The types of events, by name. */
  readonly eventTypes: ReadonlyMap<string, EventType>;
  readonly reactors: ReadonlyMap<string, Reactor>;
  /** Packed layouts of records, by their number. */
  readonly layouts: ReadonlyMap<number, RecordKind>;
  readonly dimensions: ReadonlyMap<string, Dimension>;
  readonly sections: readonly StatusSection[];
  readonly paged: readonly Paged[];
  readonly sums: readonly BalanceSum[];
  /** Dimensions that nobody has declared, so that each is one value. */
  readonly #plain = new Map<string, Dimension>();
  readonly #byPrefix: ReadonlyMap<string, Aggregate>;
  readonly #outboxes: ReadonlyMap<string, readonly DocumentOutbox[]>;

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
    this.reactors = byName(
      "reactors",
      subjects.flatMap(({ reactors = [] }) => reactors),
      ({ name }) => name,
    );
    this.#outboxes = Map.groupBy(
      [...this.reactors.values()].filter((each) => each.type === "document outbox"),
      ({ reference }) => reference.name,
    );
    const records = [
      ...[...this.aggregates.values()].map(({ record }) => record),
      ...subjects.flatMap(({ records = [] }) => records),
      ...[...Map.groupBy(this.references.values(), (each) => each.records.kind)]
        .map(([kind, references]) => referenceRecordKind(kind, references)),
    ];
    this.records = byName("kinds of records", records, ({ kind }) => kind);
    this.eventTypes = byName("types of events", records.flatMap(eventTypesOf), ({ type }) => type);
    this.#byPrefix = byName(
      "kinds of ids",
      [...this.aggregates.values()],
      ({ ids }) => ids.prefix,
    );
    this.layouts = new Map(
      records.flatMap((kind) => (kind.layouts ?? []).map((layout) => [layout, kind] as const)),
    );
    this.dimensions = byName(
      "dimensions",
      subjects.flatMap(({ dimensions = [] }) => dimensions),
      ({ name }) => name,
    );
    this.sections = subjects.flatMap(({ status = [] }) => status);
    this.paged = subjects.flatMap(({ paged = [] }) => paged);
    this.sums = subjects.flatMap(({ sums = [] }) => sums);
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
    const known = this.dimensions.get(name) ?? this.#plain.get(name);
    if (known !== undefined) return known;
    const plain = { name };
    this.#plain.set(name, plain);
    return plain;
  }

  /** Throws TypeError for a name that no subject defines. */
  balance(name: string): Balance {
    return this.balances.get(name) ?? unknownName("balance", name);
  }

  /** The outboxes that have a lane for each document of a reference. */
  outboxesOf({ name }: Reference): readonly DocumentOutbox[] {
    return this.#outboxes.get(name) ?? noOutboxes;
  }

  /** Throws TypeError for a name that no subject defines, as `balance` does. */
  aggregate(name: string): Aggregate {
    return this.aggregates.get(name) ?? unknownName("aggregate", name);
  }

  /** The aggregate whose id a text is; null when it is none. */
  aggregateOf(id: string): Aggregate | null {
    const found = this.#byPrefix.get(id.slice(0, id.indexOf("_")));
    return found?.ids.is(id) ? found : null;
  }

  /** The aggregate that an id is of, or of a part of; null when it is of none. */
  ownerOf(id: string): { readonly definition: Aggregate; readonly id: string } | null {
    const own = this.aggregateOf(id);
    if (own !== null) return { definition: own, id };
    for (const definition of this.aggregates.values()) {
      for (const part of definition.partIds) {
        const owner = part.ownerOf(id);
        if (owner !== null) return { definition, id: owner };
      }
    }
    return null;
  }

  /** The first words of the keys that the subjects write. */
  get families(): ReadonlySet<string> {
    return new Set([
      ...[...this.aggregates.values()].flatMap((each) => [
        String(each.key("")[0]),
        ...each.linkFamilies,
      ]),
      ...[...this.balances.values()].map(({ family }) => family),
      ...[...this.references.values()].flatMap((each) => [each.family, ...each.linkFamilies]),
      ...this.paged.flatMap(({ family, pageFamily }) => [family, pageFamily]),
      ...[...this.reactors.values()].flatMap((each) => each.type === "fold" ? [each.family] : []),
      ...this.subjects.flatMap(({ families = [] }) => families),
    ]);
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
