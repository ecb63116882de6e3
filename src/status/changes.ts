/** The status stream tells a log entry as changes, one for each event. Pure. */
import type { Instant } from "../kernel/instant.ts";
import type { LogEntry, Position } from "../store/log.ts";
import type { RecordKinds, Told } from "../subject/record.ts";

/** A record tells of an event; the change adds its place in the log, its time and its author. */
export interface ChangeData extends Told {
  readonly position: Position;
  readonly at: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
}

export interface StatusChange {
  /** Counts the entry's changes from 0: with the position it names the change for good. */
  readonly index: number;
  readonly data: ChangeData;
  /** For administrators only. */
  readonly confidential: boolean;
}

/** Which changes a reader sees; a member that is absent does not matter. */
export interface ChangeFilter {
  readonly channel?: string | undefined;
  readonly locationId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly type?: string | undefined;
  /** Tells only that there are changes, once for each log entry. */
  readonly brief?: boolean | undefined;
  /** Whether confidential changes are seen. */
  readonly confidential: boolean;
}

/** All changes of an entry, in order. */
export const statusChanges = (entry: LogEntry, kinds: RecordKinds): readonly StatusChange[] => {
  const changes: StatusChange[] = [];
  for (const record of entry.records) {
    const { at, by } = record;
    const kind = kinds.kindOf(record);
    for (const { type, ...told } of kind.tell(record)) {
      changes.push({
        index: changes.length,
        data: { type, position: entry.position, at, by, ...told },
        confidential: kind.confidential ?? false,
      });
    }
  }
  return changes;
};

export const isSeen = ({ data, confidential }: StatusChange, filter: ChangeFilter): boolean =>
  (filter.confidential || !confidential) &&
  (filter.type === undefined || data.type === filter.type) &&
  (filter.orderId === undefined || data.orderId === filter.orderId) &&
  (filter.channel === undefined || data.channel === filter.channel) &&
  (filter.locationId === undefined || (data.locationIds?.includes(filter.locationId) ?? false));

/** A reader's place in the log: everything up to that change has been seen. */
export interface StreamPosition {
  readonly position: Position;
  /** Null: the whole entry. */
  readonly index: number | null;
}

export const eventId = (position: Position, index: number): string => `${position}.${index}`;

/** The position that a stream's event id names; null when it is none of ours. */
export const parseEventId = (id: string): StreamPosition | null => {
  const found = /^([0-9a-f]{20})(?:\.(\d{1,7}))?$/.exec(id);
  const position = found?.[1];
  if (position === undefined) return null;
  return { position, index: found?.[2] === undefined ? null : Number(found[2]) };
};
