/**
 * Ends calls of a database in time, whatever the database does. Clients of KV servers repeat a failing call
 * for ever, so a call that was given up goes on unseen and may still be carried out. Few such calls may go
 * on.
 */
import { Effect, Metric } from "effect";
import { storeLimits } from "./limits.ts";
import { StoreError } from "./store.ts";
import { storeError } from "./troubles.ts";

const unansweredCalls = Metric.counter("allot_store_unanswered_calls_total", {
  description: "Calls that the store did not answer in time, and that were given up",
  incremental: true,
});

/** A server may answer reads and no commits: the state of one line says nothing of the other. */
class Line {
  /** Calls that were given up and still go on. */
  goingOn = 0;
  /** Calls that failed, for no reason that is known, since one was answered. */
  failures = 0;
}

interface Call {
  readonly line: Line;
  readonly begunAtTick: number;
  readonly giveUp: () => void;
  isGivenUp: boolean;
}

export interface CallsOptions {
  /** How long a call may take; null: as long as it likes. */
  readonly callMs: number | null;
  /** Runs something beside the calls, until the store is closed. */
  readonly fork: (effect: Effect.Effect<void>) => void;
  /** Several calls have failed one after another. */
  readonly onFailing: () => void;
}

const unanswered = (operation: StoreError["operation"], detail: string): StoreError =>
  new StoreError({ operation, detail, reason: "unanswered", cause: new Error(detail) });

export class Calls {
  /** Calls in the order in which they began. */
  readonly #underWay = new Set<Call>();
  #reads = new Line();
  #commits = new Line();
  /** Time by ticks, not by a clock: a process that was stopped meanwhile has not waited. */
  #tick = 0;
  #isTicking = false;

  constructor(private readonly options: CallsOptions) {}

  /** Runs a call to its answer, or to the end of its time. Nobody hears its answer after that. */
  run<A>(
    operation: StoreError["operation"],
    call: () => Promise<A>,
  ): Effect.Effect<A, StoreError> {
    return Effect.callback<A, StoreError>((resume) => {
      const line = operation === "commit" ? this.#commits : this.#reads;
      if (line.goingOn >= storeLimits.callsGoingOn) {
        const detail = `The store has not answered ${line.goingOn} calls before this one.`;
        return resume(Effect.fail(unanswered(operation, detail)));
      }
      const begun: Call = {
        line,
        begunAtTick: this.#tick,
        isGivenUp: false,
        giveUp: () => {
          const detail = `The store did not answer within ${this.options.callMs} ms.`;
          resume(Effect.fail(unanswered(operation, detail)));
        },
      };
      this.#underWay.add(begun);
      if (!this.#isTicking) this.#startTicking();
      call().then(
        (value) => {
          this.#end(begun);
          line.failures = 0;
          resume(Effect.succeed(value));
        },
        (cause) => {
          this.#end(begun);
          const error = storeError(operation, cause);
          if (error.reason === undefined) this.#failed(line);
          resume(Effect.fail(error));
        },
      );
    });
  }

  /** Whether several calls have failed one after another, and none was answered since. */
  get isFailing(): boolean {
    return this.#reads.failures >= storeLimits.failuresBeforeReopening ||
      this.#commits.failures >= storeLimits.failuresBeforeReopening;
  }

  /**
   * Calls go to another handle from now on. Those that still go on at the old handle say nothing of the new
   * one.
   */
  renew(): void {
    this.#reads = new Line();
    this.#commits = new Line();
  }

  #end(call: Call): void {
    if (call.isGivenUp) call.line.goingOn--;
    else this.#underWay.delete(call);
  }

  #failed(line: Line): void {
    line.failures++;
    if (this.isFailing) this.options.onFailing();
  }

  #startTicking(): void {
    const { callMs, fork } = this.options;
    this.#isTicking = true;
    if (callMs !== null) fork(this.#ticking(Math.ceil(callMs / storeLimits.callTickMs)));
  }

  /** Ticks for as long as there are calls. */
  readonly #ticking = Effect.fnUntraced(function* (this: Calls, callTicks: number) {
    while (this.#underWay.size > 0) {
      yield* Effect.sleep(storeLimits.callTickMs);
      this.#tick++;
      for (const call of this.#underWay) {
        // One that began within a tick has not had all of it.
        if (this.#tick - call.begunAtTick <= callTicks) break;
        this.#giveUp(call);
        yield* Metric.update(unansweredCalls, 1);
      }
    }
    this.#isTicking = false;
  });

  #giveUp(call: Call): void {
    this.#underWay.delete(call);
    call.isGivenUp = true;
    call.line.goingOn++;
    call.giveUp();
    this.#failed(call.line);
  }
}
