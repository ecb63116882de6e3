/** What a lane makes messages of: an outbox of a subject, or one document of it. */
import { digestOf } from "../kernel/hash.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import type { LogEntry } from "../store/log.ts";
import { type EntryEvent, eventsOfRecord, isOfPattern } from "../subject/event.ts";
import type { DocumentOutbox, LaneEnding, LatestOnly, Outbox } from "../subject/reactor.ts";
import type { LogRecord, RecordKinds } from "../subject/record.ts";
import { idConcernedBy, type Saved } from "../subject/reference.ts";
import { checked, messagesOf } from "./entry-messages.ts";
import { outboundLimits } from "./limits.ts";
import { type Message, messageId } from "./message.ts";
import { laneOf } from "./place.ts";

/** How a lane tells how things are. */
export interface LatestSource {
  /** How many keys one request tells of. */
  readonly batch: number;
  readonly isSweepDue: (lastMs: number | null, nowMs: number) => boolean;
}

export interface LaneSource {
  /** The lane's. */
  readonly name: string;
  readonly retryAfterMs: readonly number[];
  /** Whether a lane that never was begins with what the log gets from now on; else with all that it has. */
  readonly beginsNow: boolean;
  /** Null for the one lane of an outbox. */
  readonly document: Saved | null;
  /** Set where only the newest of each key matters. */
  readonly latest: LatestSource | null;
  /** The same for the same entry, each time. Throws what the outbox throws, and TypeError for too much. */
  readonly messagesOf: (entry: LogEntry) => readonly Message[];
  /** Whether a message is of an event of one of these types; false where it is of no event. */
  readonly isOfType: (entry: LogEntry, id: string, types: readonly string[]) => boolean;
  /** Whether the entry may tell of another version of the document than this one. */
  readonly isNews: (entry: LogEntry) => boolean;
  /** Why the lane takes nothing of the entry and all that follow; null while it goes on. */
  readonly endedBy: (entry: LogEntry) => LaneEnding | null;
}

export const sourceOf = (outbox: Outbox): LaneSource => ({
  name: outbox.name,
  retryAfterMs: outbox.retryAfterMs ?? outboundLimits.retryAfterMs,
  beginsNow: outbox.isOptional ?? false,
  document: null,
  latest: null,
  messagesOf: (entry) => messagesOf(outbox, entry),
  isOfType: () => false,
  isNews: () => false,
  endedBy: () => null,
});

/** An event, and which record of its entry tells it. */
interface Told {
  readonly event: EntryEvent;
  readonly record: number;
}

const toldIn = ({ position, records }: LogEntry, kinds: RecordKinds): readonly Told[] => {
  const told: Told[] = [];
  for (const [n, record] of records.entries()) {
    for (const event of eventsOfRecord(position, record, told.length, kinds)) {
      told.push({ event, record: n });
    }
  }
  return told;
};

/** The events of the last entries that lanes looked at: many lanes look at the same ones. */
export class SharedEvents {
  readonly #known = new WeakMap<LogEntry, readonly Told[]>();
  readonly #changes = new WeakMap<LogEntry, readonly (readonly BalanceDeltas[])[]>();

  constructor(private readonly kinds: RecordKinds) {}

  of(entry: LogEntry): readonly Told[] {
    let events = this.#known.get(entry);
    if (events === undefined) {
      events = toldIn(entry, this.kinds);
      this.#known.set(entry, events);
    }
    return events;
  }

  /** What each record of the entry did to balances. */
  changesOf(entry: LogEntry): readonly (readonly BalanceDeltas[])[] {
    let changes = this.#changes.get(entry);
    if (changes === undefined) {
      changes = entry.records.map((record) => this.kinds.kindOf(record).deltasOf(record));
      this.#changes.set(entry, changes);
    }
    return changes;
  }
}

/** One message for each key that an entry marks, named by the first record that does. */
const marksIn = (
  latest: LatestOnly<Saved>,
  document: Saved,
  { position }: LogEntry,
  changes: readonly (readonly BalanceDeltas[])[],
): readonly Message[] => {
  const messages = new Map<string, Message>();
  for (const [n, each] of changes.entries()) {
    for (const [m, { key, afterMs }] of latest.marksOf(document, each).entries()) {
      const known = messages.get(key);
      const message = known ?? checked({ key, body: "" }, messageId(position, n, m));
      messages.set(key, { ...message, afterMs: Math.min(afterMs, known?.afterMs ?? afterMs) });
    }
  }
  return [...messages.values()];
};

export const sourceOfDocument = (
  outbox: DocumentOutbox,
  document: Saved,
  id: string,
  events: SharedEvents,
): LaneSource => {
  const { reference, latest } = outbox;
  const digest = digestOf(document);
  const isOther = (record: LogRecord): boolean =>
    record.kind === reference.records.kind && idConcernedBy(reference, record) === id &&
    (record as LogRecord & { readonly digest?: string }).digest !== digest;
  return {
    name: laneOf(outbox, id),
    retryAfterMs: outbox.retryAfterMs ?? outboundLimits.retryAfterMs,
    // The commit of its document says where.
    beginsNow: false,
    document,
    latest: latest === undefined ? null : {
      batch: latest.batchOf(document),
      isSweepDue: (lastMs, nowMs) => latest.isSweepDue(lastMs, nowMs),
    },
    messagesOf: (entry) => {
      if (latest !== undefined) return marksIn(latest, document, entry, events.changesOf(entry));
      const messages: Message[] = [];
      for (const { event, record } of events.of(entry)) {
        const outgoing = outbox.messageOf(document, event);
        if (outgoing === null) continue;
        const message = checked(outgoing, event.event.id);
        const correlation = entry.correlations?.[record];
        messages.push(correlation === undefined ? message : { ...message, correlation });
      }
      return messages;
    },
    isOfType: (entry, id, types) => {
      const found = events.of(entry).find(({ event: { event } }) => event.id === id);
      return found !== undefined &&
        types.some((pattern) => isOfPattern(found.event.event.type, pattern));
    },
    isNews: ({ records }) => records.some(isOther),
    endedBy: ({ records }) => {
      if (outbox.endedBy === undefined) return null;
      for (const record of records) {
        const ending = outbox.endedBy(document, record);
        if (ending !== null) return ending;
      }
      return null;
    },
  };
};
