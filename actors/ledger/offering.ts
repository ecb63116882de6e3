/** What a process does with units of work that it leaves to others, and with what they answer. */
import { Effect, Exit } from "effect";
import { parcelLimits, requestLimits } from "../../src/kernel/limits.ts";
import { keyText } from "../../src/kernel/key.ts";
import type { Entry, StoreError, Versionstamp } from "../../src/store/store.ts";
import type { WaitingUnit } from "./batch.ts";
import {
  guardsItself,
  type makeOffers,
  type OfferAnswer,
  restsOn,
  type SentParcel,
} from "./parcel-offers.ts";
import { Conflict, type Overloaded, type TooLarge, Unavailable } from "./unit.ts";

export type SubmitError = Conflict | Overloaded | TooLarge | Unavailable | StoreError;

export interface Waiting extends WaitingUnit {
  readonly settle: (exit: Exit.Exit<Versionstamp, SubmitError>) => void;
  /** Times it was offered to others. */
  offers: number;
  /** An offer of it was not taken: it is not offered again without a race. */
  contends: boolean;
  /** Of another process: leaves it to whoever is next. */
  readonly drop?: () => void;
}

/** Left to whoever comes first, by a process that did not. */
export const withoutParcels = (batch: readonly Waiting[]): readonly Waiting[] =>
  batch.filter(({ drop }) => {
    drop?.();
    return drop === undefined;
  });

/**
 * Without parcels that change what other units of the batch rest on, or the other way round. Of one process's
 * own units no two do, as they wait for each other; and what was read of a parcel's keys, before the commit,
 * says nothing of what the same commit writes.
 */
export const withoutClashes = (batch: readonly Waiting[]): readonly Waiting[] => {
  if (!batch.some(({ claim }) => claim !== undefined)) return batch;
  const read = new Set<string>();
  const written = new Set<string>();
  const kept = new Set<Waiting>();
  const own = batch.filter(({ claim }) => claim === undefined);
  for (const item of [...own, ...batch.filter(({ claim }) => claim !== undefined)]) {
    const { unit, claim, drop } = item;
    const reads = [...unit.reads.map(({ key }) => key), ...(unit.absent ?? [])].map(keyText);
    const writes = unit.writes.map(({ key }) => keyText(key));
    const clashes = reads.some((key) => written.has(key)) ||
      writes.some((key) => written.has(key) || read.has(key));
    if (claim !== undefined && clashes) {
      drop?.();
      continue;
    }
    kept.add(item);
    for (const key of reads) read.add(key);
    for (const key of writes) written.add(key);
  }
  return batch.filter((item) => kept.has(item));
};

/** Where a batch writes for others. */
export const partitionsOfParcels = (batch: readonly Waiting[]): ReadonlySet<string> =>
  new Set(batch.flatMap(({ claim, partitions }) => claim === undefined ? [] : partitions));

/** What of the ledger this needs. */
export interface OfferingLedger {
  readonly offers: Effect.Success<typeof makeOffers>;
  readonly run: (effect: Effect.Effect<void>) => void;
  /** Takes over fences of partitions as they were read, and stock rows that were read with them. */
  readonly takeOver: (
    partitions: readonly string[],
    fences: readonly Entry[],
    rows: readonly Entry[],
  ) => void;
  /** Units of this process were committed. */
  readonly committed: (versionstamp: Versionstamp) => void;
  /** Lets units wait again, before all others. */
  readonly putBack: (units: readonly Waiting[]) => void;
  /** A parcel has its answer. */
  readonly ended: () => void;
}

export const makeOffering = (ledger: OfferingLedger) => {
  const { offers } = ledger;
  let waitingForAnswer = 0;

  /** What others did not commit goes first, and perhaps its own way. */
  const putBack = (units: readonly Waiting[], contends: boolean): void => {
    for (const item of units) item.contends = contends;
    ledger.putBack(units);
  };

  const takeAnswer = (
    { partitions }: SentParcel,
    units: readonly Waiting[],
    answer: OfferAnswer,
  ): void => {
    switch (answer._tag) {
      case "Served": {
        const { versionstamp, fences, rows } = answer;
        // Rows and holds change in one tick here, too.
        ledger.takeOver(partitions, fences, rows);
        for (const { unit } of units) unit.onSettled?.(true);
        for (const { settle } of units) settle(Exit.succeed(versionstamp));
        return ledger.committed(versionstamp);
      }
      case "Bounced": {
        const { key } = answer;
        const stale = key === undefined ? [] : units.filter((item) => restsOn(item, key));
        const detail = "Another process changed what this was decided upon.";
        for (const { settle } of stale) {
          settle(Exit.fail(new Conflict({ detail, ...(key === undefined ? {} : { key }) })));
        }
        return putBack(units.filter((item) => !stale.includes(item)), stale.length === 0);
      }
      case "Reclaimed":
        return putBack(units, true);
      case "Unknown": {
        const { retryAfterSeconds } = requestLimits;
        const detail = `The store does not confirm commits: ${answer.detail}`;
        for (const { settle } of units) {
          settle(Exit.fail(new Unavailable({ detail, retryAfterSeconds })));
        }
      }
    }
  };

  /**
   * Leaves units of the batch to whoever holds the place, and ends when more may be left there; answers those
   * that stay. After a race, those too that others have not taken before.
   */
  const offer = Effect.fnUntraced(function* (
    place: string,
    batch: readonly Waiting[],
    raced: boolean,
  ) {
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
    waitingForAnswer++;
    ledger.run(Effect.map(Effect.exit(offers.answer(sent)), (exit) => {
      waitingForAnswer--;
      if (Exit.isSuccess(exit)) takeAnswer(sent, going, exit.value);
      else for (const { settle } of going) settle(Exit.failCause(exit.cause));
      ledger.ended();
    }));
    // What one parcel does not hold goes with the next.
    ledger.putBack(fit.slice(body.units));
    const offered = new Set<Waiting>(fit);
    const left = batch.filter((item) => !offered.has(item));
    if (left.length === 0) yield* offers.room(place);
    return left;
  });

  return { offer, waitingForAnswer: () => waitingForAnswer };
};
