/**
 * An aggregate: a thing with an id that changes by commands, one at a time. Its definition is everything that
 * differs between an order, a purchase order and a quote; actors, units of work, log records, lists, status
 * counts, streams, histories, timers, verify and the generic tests are made from it.
 */
import type { Result } from "effect";
import type { IdKind, PartIdKind } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { Json } from "../kernel/packed.ts";
import { aggregateRecordOf, aggregateRecords } from "./aggregate-record.ts";
import { type BalanceDeltas, noDeltas } from "./balance.ts";
import type { EventDefinition } from "./event-type.ts";
import { type Link, noLinks } from "./link.ts";
import type { LogRecord, RecordKind } from "./record.ts";
import type { Reference, WholeReference } from "./reference.ts";
import type {
  AggregateChange,
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
  ListEntry,
  Part,
  Scoped,
} from "./state.ts";

/**
 * The facts that a decision may ask for beside its aggregate. It finds them in memory. A missing fact is
 * noted and loaded, and the decision is made again, so decisions stay pure and take one tick.
 */
export interface Look {
  readonly now: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
  /** Units of a balance that may be promised now: those that are there, less those that others hold. */
  available(balance: string, space: string, row: string): number;
  /** A field of a balance's row, as committed. */
  value(balance: string, space: string, row: string, field: string): number;
  /** A reference document; null where there is none. */
  reference<Document extends object>(of: Reference<Document>, id: string): Document | null;
  /** All documents of a reference, by id. */
  references<Document extends object>(of: WholeReference<Document>): readonly Document[];
  /**
   * Values of links of any aggregates whose keys begin so, in the order of the keys, as committed; no more than
   * so many. Nothing guards them: a commit may come in between. What is taken must be a balance's.
   */
  linked(prefix: Key, limit: number): readonly Json[];
  /** Spaces of balances that one commit may touch: each has a fence, and a store allows only so many checks. */
  readonly spacesPerCommit: number;
  /** Bytes of keys that rows, fences and links of one commit may have together; see `keyBytesOf`. */
  readonly keyBytesPerCommit: number;
}

/** Texts that belong to a person: verify looks for them in the log. */
export interface PersonalTexts {
  /** Personal as whole texts. */
  readonly whole: readonly string[];
  /** Personal inside other texts, too: nothing else looks like it. */
  readonly within: readonly string[];
}

const noPersonalTexts: PersonalTexts = { whole: [], within: [] };

/** A fault of a state by itself. */
export interface Fault {
  /** The invariant that is broken, by its name in reports. */
  readonly invariant: string;
  readonly detail: string;
}

/**
 * A document as it is stored: the state, the data that the law may ask to erase, and the log positions that
 * made it.
 */
export interface AggregateDocument<State, Personal> {
  readonly state: State;
  /** Kept out of the log; null when there is none. */
  readonly personal: Personal;
  /** Log positions of earlier commits, oldest first; the last is the versionstamp of the document. */
  readonly history: readonly string[];
}

/** How documents are stored. An aggregate without a form of its own has `jsonCodec`. */
export interface DocumentCodec<State, Personal> {
  pack(document: AggregateDocument<State, Personal>): string;
  /** Reads all forms that were ever written. */
  unpack(stored: string): AggregateDocument<State, Personal>;
}

const jsonCodec = <State, Personal>(): DocumentCodec<State, Personal> => ({
  pack: (document) => JSON.stringify(document),
  unpack: (stored) => JSON.parse(stored) as AggregateDocument<State, Personal>,
});

/** Operator's choices that links depend on. */
export type SubjectSettings = Readonly<Record<string, number>>;

/** For callers that ask which links there are, and not when timers are due. */
export const noSettings: SubjectSettings = {};

/**
 * Methods, not function values: so that the definition of one aggregate is one of aggregates in general.
 * None of them reads a clock or a store.
 */
export interface Aggregate<
  State extends AggregateState = AggregateState,
  Command extends AggregateCommand = AggregateCommand,
  Event extends AggregateEvent = AggregateEvent,
  Facts = unknown,
  Rejection extends AggregateRejection = AggregateRejection,
  Personal = unknown,
> {
  /** The first word of its documents' keys, and its name in log records and messages. */
  readonly name: string;
  /** Several of them, as in paths and in the status. */
  readonly plural: string;
  readonly ids: IdKind;
  key(id: string): Key;
  /** The ids of its parts: each tells its owner. */
  readonly partIds: readonly PartIdKind[];
  /** Families of keys that only its links use, beside timers. */
  readonly linkFamilies: readonly string[];
  /** The invariant of a family of its links, by its name in reports. */
  linkInvariant(family: string): string;
  readonly statuses: readonly string[];
  /** The events of a command, or why not. Never throws. None: there is nothing to commit. */
  decide(state: State, command: Command, facts: Facts): Result.Result<readonly Event[], Rejection>;
  /** The state after an event. `version` stays: the machine counts it, once a commit. */
  evolve(state: State | null, event: Event, at: Instant): State;
  /** The status is nothing but a function of the rest. */
  statusOf(state: State): string;
  /** Members that documents of before lack, though their logs would make them. */
  readonly laterMembers?: readonly string[];
  /** The type of the event that makes it: the first of those that its opening command decides. */
  readonly createdType: string;
  /** The facts that a decision about a state rests on. */
  facts(look: Look, state: State): Facts;
  /** Whether the decision came out as it did for want of units: then other processes' changes are looked at. */
  isShort(decided: Result.Result<readonly Event[], Rejection>): boolean;
  scopeOf(state: State): Scoped;
  listsOf(state: State): readonly ListEntry[];
  partsOf(state: State): readonly Part[];
  linksOf(state: State, settings: SubjectSettings): readonly Link[];
  /** The changes that an event makes to balances. Before the first event stands the captured state. */
  effectsOf(before: State, event: Event): readonly BalanceDeltas[];
  /** The sum of all its events' changes of balances, by its state alone. Laws and verify compare the two. */
  claimsOf(state: State): readonly BalanceDeltas[];
  /** The personal data after a command that was decided: commands may bring what events may not. */
  personalAfter(personal: Personal, command: Command): Personal;
  /** Texts that must not be in the log. */
  personalTexts(personal: Personal, state: State): PersonalTexts;
  /** Numbers that verify adds up over all aggregates, by name: lines, units shipped. */
  measuresOf(state: State): Readonly<Record<string, number>>;
  /** The faults of a state by itself; empty when it has none. */
  faultsOf(state: State): readonly Fault[];
  readonly codec: DocumentCodec<State, Personal>;
  readonly record: RecordKind;
  /** The log record of a change, of the kind `record`. */
  recordOf(change: AggregateChange<State, Event>): LogRecord;
}

/** Members that a definition may leave out, since they have defaults. */
type Optional =
  | "key"
  | "partIds"
  | "linkFamilies"
  | "isShort"
  | "scopeOf"
  | "listsOf"
  | "partsOf"
  | "linksOf"
  | "effectsOf"
  | "claimsOf"
  | "personalAfter"
  | "personalTexts"
  | "faultsOf"
  | "measuresOf"
  | "linkInvariant"
  | "codec"
  | "record"
  | "recordOf";

/** The types of its events: all of them, in its own list or in that of records of its own. */
type Told<Event extends AggregateEvent> =
  | { readonly record: RecordKind }
  | { readonly events: Readonly<Record<Event["type"], EventDefinition>> };

/** A definition with what it leaves out: no parts, no links, no balances, stored and logged as JSON. */
export const aggregate = <
  State extends AggregateState,
  Command extends AggregateCommand,
  Event extends AggregateEvent,
  Facts,
  Rejection extends AggregateRejection,
  Personal = null,
>(
  given:
    & Omit<Aggregate<State, Command, Event, Facts, Rejection, Personal>, Optional>
    & Partial<
      Omit<Pick<Aggregate<State, Command, Event, Facts, Rejection, Personal>, Optional>, "record">
    >
    & Told<NoInfer<Event>>,
): Aggregate<State, Command, Event, Facts, Rejection, Personal> => {
  const definition: Aggregate<State, Command, Event, Facts, Rejection, Personal> = {
    key: (id) => [given.name, id],
    partIds: [],
    linkFamilies: [],
    isShort: () => false,
    scopeOf: () => ({}),
    listsOf: () => [],
    partsOf: () => [],
    linksOf: () => noLinks,
    effectsOf: () => noDeltas,
    claimsOf: () => noDeltas,
    personalAfter: (personal) => personal,
    personalTexts: () => noPersonalTexts,
    faultsOf: () => [],
    measuresOf: () => ({}),
    linkInvariant: () => "links",
    codec: jsonCodec(),
    record: "record" in given ? given.record : aggregateRecords(given),
    recordOf: (change) => aggregateRecordOf(definition, change),
    ...given,
  };
  return definition;
};
