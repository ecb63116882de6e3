/**
 * The types of events: what a subject says of each, once, beside its records. Documents of the API, filters
 * and tests are made from it.
 */
import { Schema } from "effect";

/** What a subject says of one type of its events. */
export interface EventDefinition {
  /** In the words of somebody who gets one. */
  readonly description: string;
  /** The schema of `details`. They are open: members may be added. */
  readonly details: Schema.Constraint;
}

/** All events of a kind of records. */
export interface EventTypes {
  /** The members that each has beside those of every event. */
  readonly members: Schema.Struct.Fields;
  readonly types: Readonly<Record<string, EventDefinition>>;
}

/** One type, as the machine knows it. */
export interface EventType extends EventDefinition {
  readonly type: string;
  readonly members: Schema.Struct.Fields;
  /** Whether only administrators may hear of it. */
  readonly confidential: boolean;
}

/** The types of a kind of records. */
export const eventTypesOf = (
  { events: { members, types }, confidential = false }: {
    readonly events: EventTypes;
    readonly confidential?: boolean;
  },
): readonly EventType[] =>
  Object.entries(types).map(([type, definition]) => ({
    type,
    members,
    confidential,
    ...definition,
  }));

/** Schemas that the details of events are made of. */
export const eventTime = Schema.String.annotate({ format: "date-time" });
export const eventCount = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
/** Of events that have nothing more to say. A struct of no fields would be any value but null. */
export const noDetails = Schema.Record(Schema.String, Schema.Never);

/** The status of a thing of that name before and after all events of a commit. */
export const statusSchema = (name: string, status: Schema.Constraint) =>
  Schema.Struct({
    from: Schema.NullOr(status).annotate({ description: "Null for a new one" }),
    to: status,
  }).annotate({
    identifier: `${name}StatusChange`,
    description: "Before and after all events of the commit",
  });

/** The locations that may hear of an event. */
export const locationIdsSchema = Schema.Array(Schema.String).annotate({
  description: "The locations that it concerns",
});

/** What an event happened to, where that has no id of its own kind: words with slashes between them. */
export const subjectOf = (...words: readonly string[]): string =>
  words.map(encodeURIComponent).join("/");

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A type in words: `key.created` is "key created". */
export const wordsOf = (type: string): string => type.replaceAll(/[._]/g, " ");

/** The name of a schema of a type: `order.placed` and `Event` make `OrderPlacedEvent`. */
export const schemaNameOf = (type: string, of: string): string =>
  type.split(/[._]/).map(capital).join("") + of;

/** A type in the words of a heading. */
export const titleOf = (type: string): string => capital(wordsOf(type));
