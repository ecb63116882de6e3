/**
 * The log record of an aggregate that has no packed form of its own: a line that most readers need, and a
 * line with its events, which is parsed when a reader asks for them.
 */
import { Schema } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { Json } from "../kernel/packed.ts";
import type {
  AggregateChange,
  AggregateEvent,
  AggregateState,
  ListEntry,
  Part,
  Scoped,
} from "./state.ts";
import type { BalanceDeltas } from "./balance.ts";
import {
  type EventDefinition,
  locationIdsSchema,
  schemaNameOf,
  statusSchema,
} from "./event-type.ts";
import { type ListChange, type LogRecord, type RecordKind, recordKind } from "./record.ts";
import type { Tallies } from "./tally.ts";

/** The first line of a record. */
interface AggregateHead extends LogRecord {
  readonly id: string;
  readonly version: number;
  /** Null for a new one. */
  readonly from: string | null;
  readonly to: string;
  readonly channel?: string;
  readonly locationIds?: readonly string[];
  readonly lists: readonly ListChange[];
  readonly balances: readonly BalanceDeltas[];
  readonly types: readonly string[];
}

export interface AggregateRecord<Event extends AggregateEvent = AggregateEvent>
  extends AggregateHead {
  readonly events: readonly Event[];
}

/** A record whose events are read when somebody asks for them. */
class UnreadAggregateRecord implements AggregateRecord {
  readonly kind: string;
  readonly id: string;
  readonly at: Instant;
  readonly by: string;
  readonly version: number;
  readonly from: string | null;
  readonly to: string;
  declare readonly channel?: string;
  declare readonly locationIds?: readonly string[];
  readonly lists: readonly ListChange[];
  readonly balances: readonly BalanceDeltas[];
  readonly types: readonly string[];
  #eventsLine: string;
  #events: readonly AggregateEvent[] | undefined;

  constructor(head: AggregateHead, eventsLine: string) {
    this.kind = head.kind;
    this.id = head.id;
    this.at = head.at;
    this.by = head.by;
    this.version = head.version;
    this.from = head.from;
    this.to = head.to;
    if (head.channel !== undefined) this.channel = head.channel;
    if (head.locationIds !== undefined) this.locationIds = head.locationIds;
    this.lists = head.lists;
    this.balances = head.balances;
    this.types = head.types;
    this.#eventsLine = eventsLine;
  }

  get events(): readonly AggregateEvent[] {
    this.#events ??= JSON.parse(this.#eventsLine) as readonly AggregateEvent[];
    return this.#events;
  }
}

/** The ids of a state, each with the lists that it stands in. */
const placesOf = <State extends AggregateState>(
  state: State,
  { listsOf, partsOf }: {
    listsOf(state: State): readonly ListEntry[];
    partsOf(state: State): readonly Part[];
  },
): readonly Part[] => [{ id: state.id, lists: listsOf(state) }, ...partsOf(state)];

const placeName = (id: string, [dimension, value]: ListEntry): string =>
  JSON.stringify([dimension, value, id]);

/** The list changes that a change of state makes. */
export const listChangesBetween = <State extends AggregateState>(
  before: State | null,
  after: State,
  definition: {
    listsOf(state: State): readonly ListEntry[];
    partsOf(state: State): readonly Part[];
  },
): readonly ListChange[] => {
  const had = new Map<string, ListChange>();
  const has = new Map<string, ListChange>();
  const gather = (to: Map<string, ListChange>, state: State, present: boolean): void => {
    for (const { id, lists } of placesOf(state, definition)) {
      for (const entry of lists) {
        const [dimension, value] = entry;
        to.set(placeName(id, entry), { dimension, value, id, present });
      }
    }
  };
  if (before !== null) gather(had, before, false);
  gather(has, after, true);
  return [
    ...[...had].filter(([name]) => !has.has(name)).map(([, change]) => change),
    ...[...has].filter(([name]) => !had.has(name)).map(([, change]) => change),
  ];
};

/** The part of an aggregate's definition that its records need. */
export interface RecordSource<State extends AggregateState> {
  readonly name: string;
  scopeOf(state: State): Scoped;
  listsOf(state: State): readonly ListEntry[];
  partsOf(state: State): readonly Part[];
}

export const aggregateRecordOf = <State extends AggregateState, Event extends AggregateEvent>(
  definition: RecordSource<State>,
  { before, after, events, balances, at, by }: AggregateChange<State, Event>,
): AggregateRecord<Event> => {
  const { channel, locationIds } = definition.scopeOf(after);
  return {
    kind: definition.name,
    id: after.id,
    at,
    by,
    version: after.version,
    from: before?.status ?? null,
    to: after.status,
    ...(channel === undefined ? {} : { channel }),
    ...(locationIds === undefined ? {} : { locationIds }),
    lists: listChangesBetween(before, after, definition),
    balances,
    types: events.map(({ type }) => type),
    events,
  };
};

/** The members in the order in which they are stored; undefined members are left out. */
const headOf = (record: AggregateRecord): AggregateHead => ({
  kind: record.kind,
  id: record.id,
  at: record.at,
  by: record.by,
  version: record.version,
  from: record.from,
  to: record.to,
  ...(record.channel === undefined ? {} : { channel: record.channel }),
  ...(record.locationIds === undefined ? {} : { locationIds: record.locationIds }),
  lists: record.lists,
  balances: record.balances,
  types: record.types,
});

const isHead = (value: Json): value is Json & Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && "lists" in value;

/** Tallied where a channel's key may see it, else for all. */
const noChannel = "";

const count = (plural: string, record: AggregateRecord, tallies: Tallies): void => {
  if (typeof record.to !== "string") throw new TypeError("A record has no status.");
  if (record.from === record.to) return;
  const group = record.channel ?? noChannel;
  if (record.from !== null) tallies.add(plural, group, record.from, -1);
  tallies.add(plural, group, record.to, 1);
};

/** The part of an aggregate's definition that the kind of its records is made of. */
export interface RecordKindSource {
  readonly name: string;
  readonly plural: string;
  readonly statuses: readonly string[];
  readonly events: Readonly<Record<string, EventDefinition>>;
}

/** The kind of the records of an aggregate. */
export const aggregateRecords = (
  { name, plural, statuses, events: types }: RecordKindSource,
): RecordKind =>
  recordKind<AggregateRecord>({
    kind: name,
    pack: (record) => ({
      first: JSON.stringify(headOf(record)),
      second: JSON.stringify(record.events),
    }),
    unpack: (first, second) => {
      if (!isHead(first)) throw new TypeError(`A record of ${name} has no known form.`);
      return new UnreadAggregateRecord(first as unknown as AggregateHead, second);
    },
    whole: (record) => ({ ...headOf(record), events: record.events }),
    ownerOf: ({ id }) => ({ aggregate: name, id }),
    deltasOf: ({ balances }) => balances,
    listChangesOf: ({ lists }) => lists,
    typesOf: ({ types }) => types,
    tell: ({ id, channel, locationIds, version, from, to, events }) =>
      events.map(({ type, ...details }) => ({
        type,
        subject: id,
        [`${name}Id`]: id,
        ...(channel === undefined ? {} : { channel }),
        ...(locationIds === undefined ? {} : { locationIds }),
        version,
        status: { from, to },
        details,
      })),
    events: {
      members: {
        [`${name}Id`]: Schema.String,
        channel: Schema.optionalKey(Schema.String),
        locationIds: Schema.optionalKey(locationIdsSchema),
        version: Schema.Int.annotate({ description: "Its version after the commit" }),
        status: statusSchema(
          schemaNameOf(name, ""),
          Schema.Literals(statuses).annotate({ identifier: schemaNameOf(name, "Status") }),
        ),
      },
      types,
    },
    count: (record, tallies) => count(plural, record, tallies),
  });
