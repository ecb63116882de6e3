/** The report of a verification. */
import type { Key } from "../kernel/key.ts";
import { verifyLimits } from "./limits.ts";
import type { Position } from "../store/log.ts";

/** The invariants of the machine; subjects have others of their own. */
type MachineInvariant =
  /** Every stored value can be read as the kind that its key names. */
  | "readable"
  /** Every key is of a family that somebody defines. */
  | "known-families"
  /** Every row of a balance is sound: nothing is promised that is not there. */
  | "row-sound"
  /** A state is the fold of its log records, and its history names each of them. */
  | "state-is-its-log"
  /** The log's changes of balances for an aggregate are those that its state claims. */
  | "claims"
  /** The status follows from the rest of the state. */
  | "status"
  /** Every change has its author, its time and its reason; no commit is there twice. */
  | "log-attributed"
  /** Texts that the law may ask to erase are not in the log. */
  | "log-without-personal-data"
  /** The keys that point at an aggregate are those that its state asks for. */
  | "links"
  /** An aggregate has the timers that its state asks for, and no others. */
  | "timers"
  /** Lists hold the ids that documents say, and no others. */
  | "lists"
  /** Counters are the fold of the log. */
  | "counters"
  /** A reference stands under its own id, and agrees with the log. */
  | "references"
  /** No consumer has gone further than the log. */
  | "cursors"
  /** Messages that wait or died are made of the log, and somebody sends them. */
  | "lanes"
  /** A value that is stored in pages has the pages that its head names. */
  | "pages"
  /** An idempotency key has one whole response. */
  | "idempotency";

/** The name of an invariant, in reports. */
export type Invariant = MachineInvariant | (string & Record<never, never>);

export interface Violation {
  readonly invariant: Invariant;
  /** Where to look: keys of the store. */
  readonly keys: readonly Key[];
  readonly detail: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  /** The newest log entry that balances were compared with. */
  readonly position: Position;
  /** How many there are of each thing, and sums over them, by name. */
  readonly counts: Readonly<Record<string, number>>;
  readonly violationsFound: number;
  /** The first `verifyLimits.reportedViolations` of them. */
  readonly violations: readonly Violation[];
  /** Keys that changed each time they were looked at, so that nothing can be said of them. */
  readonly unsettled: number;
}

/** Collects a report; bounded, however much is wrong. */
export class Findings {
  readonly #counts = new Map<string, number>();
  readonly #violations: Violation[] = [];
  #found = 0;
  unsettled = 0;

  /** `names` are shown as zero where nothing of them is counted. */
  constructor(names: readonly string[] = []) {
    for (const name of names) this.#counts.set(name, 0);
  }

  count(name: string, change = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + change);
  }

  countAll(measures: Readonly<Record<string, number>>): void {
    for (const name of Object.keys(measures)) this.count(name, measures[name]);
  }

  add(invariant: Invariant, keys: readonly Key[], detail: string): void {
    this.#found++;
    if (this.#violations.length < verifyLimits.reportedViolations) {
      this.#violations.push({ invariant, keys, detail });
    }
  }

  report(position: Position): VerifyReport {
    return {
      ok: this.#found === 0,
      position,
      counts: Object.fromEntries(this.#counts),
      violationsFound: this.#found,
      violations: [...this.#violations],
      unsettled: this.unsettled,
    };
  }
}
