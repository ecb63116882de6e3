/** The counters of the status: nothing but the fold of the log, so that a recount finds the same. Pure. */
import { epochMsOf } from "../kernel/instant.ts";
import { statusLimits, streamLimits } from "./limits.ts";
import { logLimits } from "../store/limits.ts";
import type { SetAside } from "../store/documents.ts";
import { beginning, type LogEntry, type Position } from "../store/log.ts";
import type { RecordKinds } from "../subject/record.ts";
import type { Counts, TallyReader } from "../subject/tally.ts";
import { NotedTallies } from "./noted.ts";
import { format, readSaved, type SavedCounters, type SavedSpans } from "./saved.ts";
import { SpanCounts } from "./span-counts.ts";

const noGroups: ReadonlyMap<string, Counts> = new Map();

const secondMs = 1_000;
const minuteMs = 60_000;

export class StatusCounters implements TallyReader {
  /** Up to here everything is counted. */
  position: Position = beginning;
  /** Log entries since the beginning of the log. */
  entries = 0;
  /** Entries up to the position that are not counted, oldest first. */
  setAside: readonly SetAside[] = [];
  readonly #tallies = new Map<string, Map<string, Map<string, number>>>();
  readonly #seconds = new SpanCounts(statusLimits.secondsKept);
  readonly #minutes = new SpanCounts(statusLimits.minutesKept);
  /** Every so many entries a position, oldest first: tells how far back a position is. */
  #marks: Position[] = [];
  readonly #noted = new NotedTallies();

  constructor(private readonly kinds: RecordKinds) {}

  /** Reads saved counters; null when they cannot be read, and everything has to be counted again. */
  static from(saved: unknown, kinds: RecordKinds): StatusCounters | null {
    const read = readSaved(saved);
    if (read === null) return null;
    const counters = new StatusCounters(kinds);
    counters.position = read.position;
    counters.setAside = read.setAside ?? [];
    counters.entries = read.entries;
    counters.#marks = [...read.marks];
    for (const [tally, groups] of read.tallies) {
      const known = new Map<string, Map<string, number>>();
      for (const [group, counts] of groups) known.set(group, new Map(counts));
      counters.#tallies.set(tally, known);
    }
    for (const [second, counts] of read.seconds) counters.#seconds.set(second, counts);
    for (const [minute, counts] of read.minutes) counters.#minutes.set(minute, counts);
    return counters;
  }

  /** Counts all of the entry, or throws and counts nothing of it. */
  apply(entry: LogEntry): void {
    this.#note(entry);
    this.#pass(entry.position);
    this.#count(entry);
  }

  /** Leaves out an entry that cannot be counted. */
  skip(entry: SetAside): void {
    this.#pass(entry.position);
    this.setAside = [...this.setAside, entry].slice(-logLimits.setAsideListed);
  }

  /**
   * Counts an entry that was left out: sums do not mind the order. Tallies that never go below zero do mind:
   * a thing whose end is counted before its beginning stays counted until the next recount.
   */
  applySkipped(entry: LogEntry): void {
    if (!this.setAside.some(({ position }) => position === entry.position)) return;
    this.#note(entry);
    this.#count(entry);
    this.setAside = this.setAside.filter(({ position }) => position !== entry.position);
  }

  /** Whether more entries came after a position than a reader may resume over. */
  isTooOld(position: Position): boolean {
    const oldest = this.#marks[0];
    return this.#marks.length >= marksKept && oldest !== undefined && position < oldest;
  }

  groups(tally: string): ReadonlyMap<string, Counts> {
    return this.#tallies.get(tally) ?? noGroups;
  }

  perSecond(rate: string, nowMs: number, overSeconds: number): number {
    const now = Math.floor(nowMs / secondMs);
    return this.#seconds.sum(rate, now - overSeconds, now) / overSeconds;
  }

  lastMinutes(series: string, nowMs: number, minutes: number): readonly number[] {
    const now = Math.floor(nowMs / minuteMs);
    return Array.from(
      { length: minutes },
      (_, i) => this.#minutes.at(now - minutes + 1 + i, series),
    );
  }

  save(): SavedCounters {
    const spans = (counts: SpanCounts): SavedSpans =>
      counts.entries().map(([span, counts]) => [span, [...counts]] as const);
    return {
      format,
      position: this.position,
      ...(this.setAside.length === 0 ? {} : { setAside: this.setAside }),
      entries: this.entries,
      marks: [...this.#marks],
      tallies: [...this.#tallies].map(([tally, groups]) =>
        [tally, [...groups].map(([group, counts]) => [group, [...counts]] as const)] as const
      ),
      seconds: spans(this.#seconds),
      minutes: spans(this.#minutes),
    };
  }

  #pass(position: Position): void {
    this.position = position;
    if (this.entries % statusLimits.entriesPerMark === 0) this.#mark(position);
    this.entries++;
  }

  /** Whatever is wrong with a record shows here, before anything of its entry is counted. */
  #note(entry: LogEntry): void {
    this.#noted.clear();
    for (const record of entry.records) this.kinds.kindOf(record).count(record, this.#noted);
  }

  #count(entry: LogEntry): void {
    const atMs = epochMsOf(entry.at);
    const second = Math.floor(atMs / secondMs);
    const minute = Math.floor(atMs / minuteMs);
    this.#noted.give({
      add: (tally, group, key, change) => this.#add(tally, group, key, change, false),
      addAtLeastZero: (tally, group, key, change) => this.#add(tally, group, key, change, true),
      happened: (rate, times) => this.#seconds.add(second, rate, times),
      perMinute: (series, amount) => this.#minutes.add(minute, series, amount),
    });
  }

  #add(tally: string, group: string, key: string, change: number, atLeastZero: boolean): void {
    let groups = this.#tallies.get(tally);
    if (groups === undefined) {
      groups = new Map();
      this.#tallies.set(tally, groups);
    }
    let counts = groups.get(group);
    if (counts === undefined) {
      counts = new Map();
      groups.set(group, counts);
    }
    const sum = (counts.get(key) ?? 0) + change;
    const now = atLeastZero ? Math.max(0, sum) : sum;
    if (now === 0) counts.delete(key);
    else counts.set(key, now);
  }

  #mark(position: Position): void {
    this.#marks.push(position);
    if (this.#marks.length > marksKept) this.#marks.shift();
  }
}

const marksKept = Math.ceil(streamLimits.resumeEntries / statusLimits.entriesPerMark) + 1;
