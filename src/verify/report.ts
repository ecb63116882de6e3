/** What a verification found. */
import { verifyLimits } from "../kernel/limits.ts";
import type { Position } from "../store/log.ts";
import type { Key } from "../kernel/key.ts";

export const invariants = [
  /** A stored value that cannot be read as what its key says it is. */
  "readable",
  /** 0 <= reserved <= onHand - unavailable. */
  "row-sound",
  /** reserved is what open fulfillment orders wait to ship, and nothing else. */
  "reserved-is-allocated",
  /** Rows are the sums of the log's changes; units that left stand in orders and log alike. */
  "units-conserved",
  /** One order for each (channel, externalId), and each found by it. */
  "one-order-per-reference",
  /** The buckets of a line are disjoint, none is negative, together they are the line. */
  "line-buckets",
  /** The status is what the rest of the order says. */
  "order-status",
  /** The order is what its log records make of it, each of which its history names. */
  "order-is-its-log",
  /** Integers of minor units; every total is the sum of its parts. */
  "money",
  /** Every change says who, when and why; no commit is there twice. */
  "log-attributed",
  /** Whatever the law may ask us to erase is not in the log. */
  "log-without-personal-data",
  /** A backorder key for each SKU that an order waits for, and no other. */
  "backorder-keys",
  /** An order that is allocated in several commits is resumed by a timer; a timer has its order. */
  "timers",
  /** An idempotency key has one whole response. */
  "idempotency",
] as const;
export type Invariant = (typeof invariants)[number];

export interface Violation {
  readonly invariant: Invariant;
  /** Where to look: keys of the store. */
  readonly keys: readonly Key[];
  readonly detail: string;
}

export interface VerifyCounts {
  orders: number;
  orderLines: number;
  stockRows: number;
  logEntries: number;
  logRecords: number;
  references: number;
  backorders: number;
  timers: number;
  idempotencyRecords: number;
  unitsOnHand: number;
  unitsReserved: number;
  unitsShipped: number;
}

export interface VerifyReport {
  readonly ok: boolean;
  /** The newest log entry that stock was compared with. */
  readonly position: Position;
  readonly counts: Readonly<VerifyCounts>;
  readonly violationsFound: number;
  /** The first `verifyLimits.reportedViolations` of them. */
  readonly violations: readonly Violation[];
  /** Keys that changed each time they were looked at, so that nothing can be said of them. */
  readonly unsettled: number;
}

/** Collects a report; bounded, however much is wrong. */
export class Findings {
  readonly counts: VerifyCounts = {
    orders: 0,
    orderLines: 0,
    stockRows: 0,
    logEntries: 0,
    logRecords: 0,
    references: 0,
    backorders: 0,
    timers: 0,
    idempotencyRecords: 0,
    unitsOnHand: 0,
    unitsReserved: 0,
    unitsShipped: 0,
  };
  readonly #violations: Violation[] = [];
  #found = 0;
  unsettled = 0;

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
      counts: { ...this.counts },
      violationsFound: this.#found,
      violations: [...this.#violations],
      unsettled: this.unsettled,
    };
  }
}
