/** The saved counters of the status are the fold of the log up to where they stand. */
import { Effect } from "effect";
import { keys } from "../store/keys.ts";
import type { LogEntry } from "../store/log.ts";
import type { Store, StoreError } from "../store/store.ts";
import { StatusCounters } from "../status/counters.ts";
import type { RecordKinds } from "../subject/record.ts";
import { readAgain } from "./read.ts";
import type { Findings } from "./report.ts";
import { guarded } from "./guarded.ts";

/** Each group's keys and numbers, in one order; groups without any are left out. */
const textOf = (counters: StatusCounters): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [tally, groups] of counters.save().tallies) {
    for (const [group, counts] of groups) {
      const numbers = counts.filter(([, n]) => n !== 0).map((each) => JSON.stringify(each)).sort();
      if (numbers.length > 0) found.set(`${tally} of ${group || "all"}`, numbers.join(" "));
    }
  }
  return found;
};

const cursorKey = keys.cursor("status");

export class CounterAudit {
  readonly #counted: StatusCounters;
  #saved: StatusCounters | null = null;

  constructor(kinds: RecordKinds, private readonly findings: Findings) {
    this.#counted = new StatusCounters(kinds);
  }

  /** To be run before the log is read: it is counted up to where the saved counters stand. */
  readonly read = (kinds: RecordKinds): Effect.Effect<void, StoreError, Store> =>
    Effect.map(readAgain<unknown>(cursorKey), (stored) => {
      if (stored === null) return;
      guarded(this.findings, cursorKey, () => {
        this.#saved = StatusCounters.from(stored.value, kinds);
      });
    });

  add(entry: LogEntry): void {
    const saved = this.#saved;
    if (saved === null || entry.position > saved.position) return;
    if (saved.setAside.some(({ position }) => position === entry.position)) return;
    guarded(this.findings, keys.log(entry.position), () => this.#counted.apply(entry));
  }

  finish(): void {
    if (this.#saved === null) return;
    const saved = textOf(this.#saved);
    const counted = textOf(this.#counted);
    for (const name of new Set([...saved.keys(), ...counted.keys()])) {
      if (saved.get(name) === counted.get(name)) continue;
      const detail = `${name}: ${saved.get(name) ?? "nothing"}, by the log ` +
        `${counted.get(name) ?? "nothing"}.`;
      this.findings.add("counters", [cursorKey], detail);
    }
  }
}
