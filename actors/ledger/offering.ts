/** Leaves units of work to other processes, and settles the units by their answers. */
import { Effect, Exit, type Fiber } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import type { Entry, Store, Versionstamp } from "../../src/store/store.ts";
import type { OfferAnswer, SentParcel } from "./parcel-answer.ts";
import { guardsItself, restsOn } from "./parcel-body.ts";
import type { Offers } from "./parcel-offers.ts";
import { Conflict, Unavailable } from "./unit.ts";
import type { SubmittedUnit } from "./waiting.ts";

export interface OfferingOptions {
  readonly offers: Offers;
  readonly runFork: <A, E>(effect: Effect.Effect<A, E, Store>) => Fiber.Fiber<A, E>;
  /** Takes over fences of partitions, and rows of balances that were read together with them. */
  readonly takeOver: (
    partitions: readonly string[],
    fences: readonly Entry[],
    rows: readonly Entry[],
  ) => void;
  /** Units of this process were committed. */
  readonly committed: (versionstamp: Versionstamp) => void;
  /** Lets units wait again, before all others. */
  readonly putBack: (units: readonly SubmittedUnit[]) => void;
  /** A parcel has its answer. */
  readonly ended: () => void;
}

export class Offering {
  #waitingForAnswer = 0;

  constructor(private readonly options: OfferingOptions) {}

  /** How many parcels have no answer yet. */
  get waitingForAnswer(): number {
    return this.#waitingForAnswer;
  }

  /**
   * Leaves units of the batch to the process that holds the place, and ends when more may be left there;
   * answers the units that stay. After a race it also leaves units that others have not taken before.
   */
  readonly offer = Effect.fnUntraced(
    function* (
      this: Offering,
      place: string,
      batch: readonly SubmittedUnit[],
      raced: boolean,
    ): Effect.fn.Return<readonly SubmittedUnit[]> {
      const { offers, putBack } = this.options;
      const fit = batch.filter((item) =>
        (raced || !item.contends) && item.offers < parcelLimits.offersPerUnit &&
        item.partitions.includes(place) && guardsItself(item)
      );
      if (fit.length === 0) return batch;
      const body = offers.pack(fit);
      const going = fit.slice(0, body.units);
      const sent = yield* offers.send(place, body);
      if (sent === null) {
        for (const item of going) item.contends = true;
        return batch;
      }
      for (const item of going) item.offers++;
      this.#awaitAnswer(sent, going);
      // Units that one parcel does not hold go with the next.
      putBack(fit.slice(body.units));
      const offered = new Set<SubmittedUnit>(fit);
      const left = batch.filter((item) => !offered.has(item));
      if (left.length === 0) yield* offers.room(place);
      return left;
    },
  );

  #awaitAnswer(sent: SentParcel, units: readonly SubmittedUnit[]): void {
    const { offers, ended, runFork } = this.options;
    this.#waitingForAnswer++;
    runFork(Effect.map(Effect.exit(offers.answer(sent)), (exit) => {
      this.#waitingForAnswer--;
      if (Exit.isSuccess(exit)) this.#takeAnswer(sent, units, exit.value);
      else for (const { settle } of units) settle(Exit.failCause(exit.cause));
      ended();
    }));
  }

  #takeAnswer(
    { partitions }: SentParcel,
    units: readonly SubmittedUnit[],
    answer: OfferAnswer,
  ): void {
    switch (answer._tag) {
      case "Served": {
        const { versionstamp, fences, rows } = answer;
        // Rows and holds change in one tick here, too.
        this.options.takeOver(partitions, fences, rows);
        for (const { unit } of units) unit.onSettled?.(true);
        for (const { settle } of units) settle(Exit.succeed(versionstamp));
        return this.options.committed(versionstamp);
      }
      case "Bounced": {
        const { key } = answer;
        const stale = key === undefined ? [] : units.filter((item) => restsOn(item, key));
        const detail = "Another process changed what this was decided upon.";
        for (const { settle } of stale) {
          settle(Exit.fail(new Conflict({ detail, ...(key === undefined ? {} : { key }) })));
        }
        return this.#putBack(units.filter((item) => !stale.includes(item)), stale.length === 0);
      }
      case "Reclaimed":
        return this.#putBack(units, true);
      case "Unknown": {
        const { retryAfterSeconds } = requestLimits;
        const detail = `The store does not confirm commits: ${answer.detail}`;
        for (const { settle } of units) {
          settle(Exit.fail(new Unavailable({ detail, retryAfterSeconds })));
        }
      }
    }
  }

  /** Units that others did not commit go first, and perhaps their own way. */
  #putBack(units: readonly SubmittedUnit[], contends: boolean): void {
    for (const item of units) item.contends = contends;
    this.options.putBack(units);
  }
}
