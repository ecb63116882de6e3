/** Server-Sent Events (HTML standard, section 9.2) as bytes. Changes are written once for all readers. Pure. */
import type { LogEntry } from "../store/log.ts";
import type { RecordKinds } from "../subject/record.ts";
import { type EntryEvent, eventIdOf, eventsOf } from "../subject/event.ts";
import { type ChangeFilter, isSeen } from "./changes.ts";

const encoder = new TextEncoder();

/** Some messages of the stream, ready to send. */
export interface Frame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly messages: number;
}

export const frameOf = (event: string, data: unknown, id?: string): Frame => ({
  bytes: encoder.encode(
    `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
  ),
  messages: 1,
});

export const retryFrame = (retryMs: number): Frame => ({
  bytes: encoder.encode(`retry: ${retryMs}\n\n`),
  messages: 1,
});

export const heartbeatFrame: Frame = {
  bytes: encoder.encode(": heartbeat\n\n"),
  messages: 1,
};

/** Members that narrow a filter, the first one first; each value has readers of its own. */
export const narrowings = ["orderId", "locationId", "channel"] as const;
export type Narrowing = typeof narrowings[number];

/** The first of them that a filter has; null when it has none. */
export const narrowingOf = (filter: ChangeFilter): Narrowing | null =>
  narrowings.find((each) => filter[each] !== undefined) ?? null;

const valuesOf = ({ event }: EntryEvent, narrowing: Narrowing): readonly string[] => {
  if (narrowing === "locationId") return event.locationIds ?? [];
  const value = event[narrowing];
  return value === undefined ? [] : [value];
};

/** Names a filter: readers with the same name get the same frames. */
export const filterName = (filter: ChangeFilter): string =>
  JSON.stringify([
    filter.confidential,
    filter.brief ?? false,
    filter.types ?? null,
    filter.orderId ?? null,
    filter.channel ?? null,
    filter.locationId ?? null,
  ]);

type ChangeGroups = ReadonlyMap<string, readonly EntryEvent[]>;

const groupBy = (changes: readonly EntryEvent[], narrowing: Narrowing): ChangeGroups => {
  const groups = new Map<string, EntryEvent[]>();
  for (const change of changes) {
    for (const value of valuesOf(change, narrowing)) {
      const group = groups.get(value);
      if (group === undefined) groups.set(value, [change]);
      else group.push(change);
    }
  }
  return groups;
};

/** The changes of one entry for any number of readers: each change is made into text at most once. */
export class EntryFrames {
  readonly #changes: readonly EntryEvent[];
  readonly #texts = new Map<number, string>();
  readonly #frames = new Map<string, Frame | null>();
  readonly #groups = new Map<Narrowing, ChangeGroups>();

  constructor(private readonly entry: LogEntry, kinds: RecordKinds) {
    this.#changes = eventsOf(entry, kinds);
  }

  get length(): number {
    return this.#changes.length;
  }

  /** The changes that a filter lets through; null when there are none. `name` is its `filterName`. */
  frame(filter: ChangeFilter, name: string): Frame | null {
    let frame = this.#frames.get(name);
    if (frame === undefined) {
      frame = this.frameAfter(filter, -1);
      this.#frames.set(name, frame);
    }
    return frame;
  }

  /** The changes after an index that a filter lets through. */
  frameAfter(filter: ChangeFilter, index: number): Frame | null {
    const seen = this.#candidates(filter)
      .filter((change) => change.index > index && isSeen(change, filter));
    const last = seen.at(-1);
    if (last === undefined) return null;
    const { position } = this.entry;
    if (filter.brief === true) {
      return frameOf("change", { position, changes: seen.length }, eventIdOf(position, last.index));
    }
    const texts = seen.map((change) => this.#text(change));
    return { bytes: encoder.encode(texts.join("")), messages: texts.length };
  }

  /** Values that readers may be narrowed to and then see something of this entry. */
  values(narrowing: Narrowing): Iterable<string> {
    return this.#grouped(narrowing).keys();
  }

  /** Two thousand readers with a filter each must not look at every change. */
  #candidates(filter: ChangeFilter): readonly EntryEvent[] {
    const narrowing = narrowingOf(filter);
    if (narrowing === null) return this.#changes;
    return this.#grouped(narrowing).get(filter[narrowing] ?? "") ?? [];
  }

  #grouped(narrowing: Narrowing): ChangeGroups {
    let groups = this.#groups.get(narrowing);
    if (groups === undefined) {
      groups = groupBy(this.#changes, narrowing);
      this.#groups.set(narrowing, groups);
    }
    return groups;
  }

  #text({ index, event }: EntryEvent): string {
    let text = this.#texts.get(index);
    if (text === undefined) {
      text = `id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`;
      this.#texts.set(index, text);
    }
    return text;
  }
}
