/**
 * An event as everybody is told of it. There is one shape, whoever asks: the history of an order and of a stock
 * row, a `change` of the status stream, `data` of the events feed (CloudEvents 1.0) and `data` of a webhook
 * (Standard Webhooks 1.0) are this object. Its text is made from the log alone, and is the same each time.
 */
import { Schema } from "effect";
import type { Instant } from "../kernel/instant.ts";
import { eventTime, type EventType, schemaNameOf } from "./event-type.ts";
import type { LogRecord, RecordKinds, Told } from "./record.ts";

/** What its record tells, with its name, its place in the log, its time and its author. */
export interface EventEnvelope extends Told {
  /** `evt_<position>_<index>`: the same for good, and as text in the order of the log. */
  readonly id: string;
  /** The id again: who has applied a later one of the same thing leaves this one alone. */
  readonly sequence: string;
  /** The log entry's position, 20 hexadecimal digits. */
  readonly position: string;
  readonly at: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
  /** Set where `details` were too large and are left out. */
  readonly truncated?: true;
}

/** An event of a log entry. */
export interface EntryEvent {
  /** Counts the entry's events from 0: with the position it names the event for good. */
  readonly index: number;
  readonly event: EventEnvelope;
  /** For administrators only. */
  readonly confidential: boolean;
}

const indexDigits = 5;

/** In an id: after all events of the entry, of which there are fewer. */
const wholeEntry = 10 ** indexDigits - 1;

/** A reader's place in the log: everything up to that event has been seen. */
export interface EventPlace {
  readonly position: string;
  /** Null: the whole entry. */
  readonly index: number | null;
}

/** The id of an event; without an index, that of the place behind the whole entry. */
export const eventIdOf = (position: string, index: number | null): string =>
  `evt_${position}_${String(index ?? wholeEntry).padStart(indexDigits, "0")}`;

const idForm = /^evt_([0-9a-f]{20})_([0-9]{5})$/;
/** As earlier versions made them; and bare positions, as the status has them. */
const formerIdForm = /^([0-9a-f]{20})(?:\.(\d{1,7}))?$/;

/** The place that an id names, of today's form or of the former one; null for a text that is neither. */
export const parseEventId = (id: string): EventPlace | null => {
  const [, position, index] = idForm.exec(id) ?? formerIdForm.exec(id) ?? [];
  if (position === undefined) return null;
  const isWhole = index === undefined || id.startsWith("evt_") && Number(index) === wholeEntry;
  return { position, index: isWhole ? null : Number(index) };
};

/** The events of one record; `first` is the index of its first in the entry. */
export const eventsOfRecord = (
  position: string,
  record: LogRecord,
  first: number,
  kinds: RecordKinds,
): readonly EntryEvent[] => {
  const { at, by } = record;
  const kind = kinds.kindOf(record);
  const confidential = kind.confidential ?? false;
  return kind.tell(record).map(({ type, ...told }, n) => {
    const index = first + n;
    const id = eventIdOf(position, index);
    return {
      index,
      event: { id, sequence: id, type, position, at, by, ...told },
      confidential,
    };
  });
};

/** All events of a log entry, in order. */
export const eventsOf = (
  { position, records }: { readonly position: string; readonly records: readonly LogRecord[] },
  kinds: RecordKinds,
): readonly EntryEvent[] => {
  const events: EntryEvent[] = [];
  for (const record of records) {
    events.push(...eventsOfRecord(position, record, events.length, kinds));
  }
  return events;
};

/** How many events a record has, without reading them. */
export const eventCountOf = (record: LogRecord, kinds: RecordKinds): number =>
  kinds.kindOf(record).typesOf(record).length;

/** The event without its details where its text is longer than that, in UTF-16 code units. */
export const withinLength = (event: EventEnvelope, length: number): EventEnvelope => {
  if (JSON.stringify(event).length <= length) return event;
  const { details: _details, ...rest } = event;
  return { ...rest, truncated: true } as EventEnvelope;
};

/** CloudEvents wants a type's name to say whose it is. */
export const cloudPrefix = "allot.";

/** A type's name as it is without the prefix of CloudEvents. */
const plainType = (pattern: string): string =>
  pattern.startsWith(cloudPrefix) ? pattern.slice(cloudPrefix.length) : pattern;

/** Whether a type is one of a pattern: its name, the beginning of names (`order.*`), or `*`. */
export const isOfPattern = (type: string, pattern: string): boolean => {
  const plain = plainType(pattern);
  return plain === "*" || plain === type ||
    plain.endsWith(".*") && type.startsWith(plain.slice(0, -1));
};

/** An event as CloudEvents 1.0 has it. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: Instant;
  readonly sequence: string;
  readonly data: EventEnvelope;
}

/** `source` names the store: `/stores/<id>`. */
export const cloudEventOf = (event: EventEnvelope, source: string): CloudEvent => ({
  specversion: "1.0",
  id: event.id,
  source,
  type: cloudPrefix + event.type,
  subject: event.subject,
  time: event.at,
  sequence: event.sequence,
  data: event,
});

/** The body of a webhook, as Standard Webhooks 1.0 has it. */
export interface WebhookBody {
  readonly type: string;
  readonly timestamp: Instant;
  readonly data: EventEnvelope;
}

export const webhookBodyOf = (event: EventEnvelope): WebhookBody => ({
  type: event.type,
  timestamp: event.at,
  data: event,
});

const eventId = Schema.String.check(
  Schema.makeFilter(
    (text: string) => idForm.test(text) || "must be the id of an event",
    { toJsonSchema: () => ({ pattern: idForm.source }) },
  ),
).annotate({ identifier: "EventId" });

/** What is told of a type, under a name of its own; of one that tells nothing there is nothing to name. */
const detailsOf = ({ type, details }: Pick<EventType, "type" | "details">): Schema.Constraint =>
  Schema.isSchema(details) && "fields" in details
    ? details.annotate({ identifier: schemaNameOf(type, "Details") })
    : details;

/** The members of events of a type. */
export const eventFieldsOf = ({ type, members, details }: Omit<EventType, "confidential">) => ({
  id: eventId.annotate({
    description: "The same for good; ids sort as text in the order of the log",
  }),
  sequence: eventId.annotate({
    description: "The id: what was told of the same thing with a greater one is newer",
  }),
  type: Schema.Literal(type),
  position: Schema.String.annotate({ description: "The commit's position in the log" }),
  at: eventTime,
  by: Schema.String.annotate({ description: "The id of an API key, or `system`" }),
  subject: Schema.String.annotate({ description: "What it happened to" }),
  ...members,
  details: Schema.optionalKey(detailsOf({ type, details })),
  truncated: Schema.optionalKey(
    Schema.Literal(true).annotate({ description: "`details` are too large and left out" }),
  ),
});

/** The schema of events of a type. */
export const eventSchemaOf = (type: EventType) =>
  Schema.Struct(eventFieldsOf(type)).annotate({
    identifier: schemaNameOf(type.type, "Event"),
    description: type.description,
  });

/** The schema of bodies of webhooks of a type. */
export const webhookSchemaOf = (type: EventType) =>
  Schema.Struct({
    type: Schema.Literal(type.type),
    timestamp: eventTime,
    data: eventSchemaOf(type),
  }).annotate({ identifier: schemaNameOf(type.type, "Webhook") });

/** A schema of one of several things that are told apart by their `type`. */
export const oneOf = <S extends Schema.Constraint>(
  schemas: readonly S[],
  identifier: string,
  description: string,
) => Schema.Union(schemas, { mode: "oneOf" }).annotate({ identifier, description });

/** The schema of events of any of the types, told apart by `type`. */
export const eventsSchemaOf = (types: readonly EventType[], identifier: string) =>
  oneOf(types.map(eventSchemaOf), identifier, "An event, by its `type`");

/** The schema of CloudEvents, with `data` of one of the types. */
export const cloudEventSchemaOf = (types: readonly EventType[], identifier: string) =>
  Schema.Struct({
    specversion: Schema.Literal("1.0"),
    id: eventId,
    source: Schema.String.annotate({ description: "`/stores/` and the store's id" }),
    type: Schema.Literals(types.map(({ type }) => cloudPrefix + type)).annotate({
      description: `\`${cloudPrefix}\` and the type of the event`,
    }),
    subject: Schema.String,
    time: eventTime,
    sequence: eventId,
    data: eventsSchemaOf(types, "Event"),
  }).annotate({ identifier, description: "An event as CloudEvents 1.0 has it" });
