/** A page of the events feed while it is filled, entry by entry. Pure. */
import type { LogEntry } from "../store/log.ts";
import {
  cloudEventOf,
  type EntryEvent,
  eventIdOf,
  type EventPlace,
  eventsOfRecord,
} from "../subject/event.ts";
import type { RecordKinds } from "../subject/record.ts";
import { type ChangeFilter, isSeen, isTypeSeen } from "./changes.ts";

/** The events of an entry, told and made into text when somebody first asks: readers share them. */
export class ToldEntry {
  readonly #told: (readonly EntryEvent[] | undefined)[] = [];
  readonly #texts = new Map<number, string>();

  constructor(
    readonly entry: LogEntry,
    readonly kinds: RecordKinds,
    private readonly source: string,
  ) {}

  /** The events of the nth record; `first` is the index of its first. */
  eventsOf(n: number, first: number): readonly EntryEvent[] {
    const known = this.#told[n];
    if (known !== undefined) return known;
    const { position, records } = this.entry;
    const record = records[n];
    const told = record === undefined ? [] : eventsOfRecord(position, record, first, this.kinds);
    this.#told[n] = told;
    return told;
  }

  textOf({ index, event }: EntryEvent): string {
    let text = this.#texts.get(index);
    if (text === undefined) {
      text = JSON.stringify(cloudEventOf(event, this.source));
      this.#texts.set(index, text);
    }
    return text;
  }
}

export interface FeedBounds {
  /** Events of the page. */
  readonly events: number;
  /** Characters of the page: one that has so many ends. */
  readonly characters: number;
  /** Events that are looked at for it, those of others and of other types too. */
  readonly lookedAt: number;
}

export class FeedPage {
  readonly #texts: string[] = [];
  #characters = 0;
  #lookedAt = 0;

  /** `place`: everything up to there was looked at. */
  constructor(
    readonly filter: ChangeFilter,
    private readonly bounds: FeedBounds,
    private place: EventPlace,
  ) {}

  /** CloudEvents as JSON, in the order of the log. */
  get events(): readonly string[] {
    return this.#texts;
  }

  get position(): string {
    return this.place.position;
  }

  get nextAfter(): string {
    return eventIdOf(this.place.position, this.place.index);
  }

  /** How many more events have room. */
  get room(): number {
    return this.bounds.events - this.#texts.length;
  }

  get isFull(): boolean {
    return this.room <= 0 || this.#characters >= this.bounds.characters;
  }

  /** Whether nothing more is to be looked at. */
  get isDone(): boolean {
    return this.isFull || this.#lookedAt >= this.bounds.lookedAt;
  }

  /** Whether something of the entry at a position is left. */
  isWithin(position: string): boolean {
    return this.place.position === position && this.place.index !== null;
  }

  /** Takes what it may of an entry: that of the place itself, or the next. */
  take(told: ToldEntry): void {
    const { entry: { position, records }, kinds } = told;
    const seen = position === this.place.position ? this.place.index ?? Infinity : -1;
    let first = 0;
    for (const [n, record] of records.entries()) {
      const kind = kinds.kindOf(record);
      const types = kind.typesOf(record);
      const behind = first + types.length;
      const mayShow = (this.filter.confidential || kind.confidential !== true) &&
        types.some((type) => isTypeSeen(type, this.filter));
      if (behind > seen + 1) {
        // What cannot be of the page need not be read.
        if (!mayShow) this.#lookedAt += behind - first;
        else if (!this.#takeEvents(told, n, first, seen)) return;
      }
      first = behind;
    }
    this.pass(position);
  }

  /** Leaves the rest of an entry behind. */
  pass(position: string): void {
    this.place = { position, index: null };
  }

  /** False when the page was full before all were taken. */
  #takeEvents(told: ToldEntry, n: number, first: number, seen: number): boolean {
    for (const each of told.eventsOf(n, first)) {
      if (each.index <= seen) continue;
      if (this.isFull) return false;
      this.#lookedAt++;
      if (isSeen(each, this.filter)) {
        const text = told.textOf(each);
        this.#texts.push(text);
        this.#characters += text.length;
      }
      this.place = { position: told.entry.position, index: each.index };
    }
    return true;
  }
}
