/**
 * The units of work that wait for a commit, and when commits start. While one commit is in flight the next
 * gathers; several are in flight when they share no partition.
 */
import { type Cause, Effect, Exit, type Fiber } from "effect";
import { ledgerLimits } from "./limits.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { Store, StoreLimits, Versionstamp } from "../../src/store/store.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { fitsAlone, takeBatch, takeMore, waitingUnit } from "./batch.ts";
import type { BusyPartitions } from "./busy-partitions.ts";
import { Overloaded, TooLarge, type Unit } from "./unit.ts";
import { bounce, type SubmitError, type SubmittedUnit } from "./waiting.ts";

export interface CommitQueueOptions {
  readonly limits: StoreLimits;
  readonly subjects: SubjectList;
  readonly busy: BusyPartitions;
  /** Runs something in the next tick. */
  readonly nextTick: (run: () => void) => void;
  readonly runFork: <A, E>(effect: Effect.Effect<A, E, Store>) => Fiber.Fiber<A, E>;
  /** Commits a batch, and ends with how long others should go first, in milliseconds. */
  readonly commit: (
    batch: SubmittedUnit[],
    names: ReadonlySet<string>,
  ) => Effect.Effect<number, SubmitError, Store>;
  /** How many parcels of this process have no answer yet. */
  readonly waitingForAnswer: () => number;
  /** Called when nothing waits and nothing is in flight, after something was. */
  readonly rested: () => void;
}

export class CommitQueue {
  readonly #waiting: SubmittedUnit[] = [];
  readonly #idle: (() => void)[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(private readonly options: CommitQueueOptions) {}

  /** Units that wait for a commit. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Adds a unit of this process; ends when it is settled. */
  submit(unit: Unit): Effect.Effect<Versionstamp, SubmitError> {
    return Effect.uninterruptible(Effect.callback<Versionstamp, SubmitError>((resume) => {
      let settled = false;
      const item: SubmittedUnit = {
        ...waitingUnit(unit, this.options.subjects),
        offers: 0,
        contends: false,
        settle: (exit) => {
          if (settled) return;
          settled = true;
          if (Exit.isFailure(exit)) unit.onSettled?.(false);
          resume(exit);
        },
      };
      const refusal = this.#refusalOf(item);
      if (refusal === null) this.add(item);
      else item.settle(Exit.fail(refusal));
    }));
  }

  add(item: SubmittedUnit): void {
    this.#waiting.push(item);
    this.schedule();
  }

  /** Lets units wait again, before all others. */
  putBack(units: readonly SubmittedUnit[]): void {
    this.#waiting.unshift(...units);
  }

  /** Takes units that came meanwhile and touch no more than a commit that has to be built again. */
  takeMore(batch: readonly SubmittedUnit[], names: ReadonlySet<string>): readonly SubmittedUnit[] {
    return takeMore(this.#waiting, batch, names, this.options.limits);
  }

  /** Drops the parcels that touch none of the partitions that this process still holds. */
  leaveParcels(holds: (partitions: readonly string[]) => boolean): void {
    const kept = this.#waiting.filter(({ drop, partitions }) => {
      if (drop === undefined || holds(partitions)) return true;
      drop();
      return false;
    });
    this.#waiting.splice(0, this.#waiting.length, ...kept);
  }

  /**
   * Sends back waiting units that are larger than a commit may be now: they are decided again, within the new
   * bounds.
   */
  bounceLarge(): void {
    const large = this.#waiting.filter((item) => !fitsAlone(item, this.options.limits));
    if (large.length === 0) return;
    const kept = this.#waiting.filter((item) => !large.includes(item));
    this.#waiting.splice(0, this.#waiting.length, ...kept);
    for (const item of large) bounce(item, "The store takes less at once than was believed.");
  }

  /** A whole tick gathers before the commit starts: requests that arrive together commit together. */
  schedule(): void {
    if (this.#scheduled || this.#inFlight >= ledgerLimits.commitsInFlight) return;
    this.#scheduled = true;
    this.options.nextTick(() => this.#dispatch());
  }

  /** Completes when nothing is waiting or in flight. */
  readonly drained = Effect.callback<void>((resume) => {
    if (this.#isIdle()) resume(Effect.void);
    else this.#idle.push(() => resume(Effect.void));
  });

  #refusalOf(item: SubmittedUnit): Overloaded | TooLarge | null {
    if (this.#waiting.length >= ledgerLimits.waitingUnits) {
      const { retryAfterSeconds } = requestLimits;
      return new Overloaded({ what: "changes to commit", retryAfterSeconds });
    }
    if (fitsAlone(item, this.options.limits)) return null;
    return new TooLarge({ detail: "This is more than the store can change at once; divide it." });
  }

  #isIdle(): boolean {
    return this.#inFlight === 0 && this.#waiting.length === 0 &&
      this.options.waitingForAnswer() === 0;
  }

  /** Starts as many commits as may be in flight. */
  #dispatch(): void {
    const { busy, limits } = this.options;
    this.#scheduled = false;
    while (this.#inFlight < ledgerLimits.commitsInFlight) {
      const batch = takeBatch(this.#waiting, busy.names, limits);
      if (batch.length === 0) break;
      this.#start(batch);
    }
    if (this.#inFlight === 0 && this.#waiting.length === 0) this.options.rested();
    if (this.#isIdle()) { for (const done of this.#idle.splice(0)) done(); }
  }

  #start(batch: SubmittedUnit[]): void {
    const { busy, commit, runFork } = this.options;
    const names = new Set(batch.flatMap((item) => item.partitions));
    busy.take(names);
    this.#inFlight++;
    runFork(Effect.uninterruptible(commit(batch, names)))
      .addObserver((exit) => this.#ended(batch, names, exit));
  }

  #ended(
    batch: readonly SubmittedUnit[],
    names: ReadonlySet<string>,
    exit: Exit.Exit<number, SubmitError>,
  ): void {
    this.#inFlight--;
    if (Exit.isSuccess(exit) && exit.value > 0) this.#releaseLater(names, exit.value);
    else this.options.busy.release(names);
    if (Exit.isFailure(exit)) settleAll(batch, exit.cause);
    // Another such commit waits already: it need not wait for the next requests of callers that are answered
    // now.
    if (this.#waiting.length >= batch.length) this.#dispatch();
    else this.schedule();
  }

  /** Lets other processes go first. */
  #releaseLater(names: ReadonlySet<string>, restMs: number): void {
    this.options.runFork(Effect.andThen(
      Effect.sleep(restMs),
      Effect.sync(() => {
        this.options.busy.release(names);
        this.schedule();
      }),
    ));
  }
}

/** Units that were settled before do not listen any more. */
const settleAll = (batch: readonly SubmittedUnit[], cause: Cause.Cause<SubmitError>): void => {
  for (const { settle } of batch) settle(Exit.failCause(cause));
};
