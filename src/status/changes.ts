/** Which events of the log a reader of the status stream, or of the feed, sees. Pure. */
import { type EntryEvent, isOfPattern } from "../subject/event.ts";

/** Which events a reader sees; a member that is absent does not matter. */
export interface ChangeFilter {
  readonly channel?: string | undefined;
  readonly locationId?: string | undefined;
  readonly orderId?: string | undefined;
  /** Patterns of types, of which one fits. */
  readonly types?: readonly string[] | undefined;
  /** Tells only that there are changes, once for each log entry. */
  readonly brief?: boolean | undefined;
  /** Whether confidential changes are seen. */
  readonly confidential: boolean;
}

/** Whether a filter lets events of a type through. */
export const isTypeSeen = (type: string, { types }: ChangeFilter): boolean =>
  types === undefined || types.some((pattern) => isOfPattern(type, pattern));

export const isSeen = ({ event, confidential }: EntryEvent, filter: ChangeFilter): boolean =>
  (filter.confidential || !confidential) &&
  isTypeSeen(event.type, filter) &&
  (filter.orderId === undefined || event.orderId === filter.orderId) &&
  (filter.channel === undefined || event.channel === filter.channel) &&
  (filter.locationId === undefined || (event.locationIds?.includes(filter.locationId) ?? false));
