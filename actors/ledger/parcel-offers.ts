/**
 * The owner's side of parcels (`src/store/parcel.ts`). A process that keeps losing the race for a fence leaves
 * its decided units of work in the store, and the process that wins commits them along with its own.
 */
import { Clock, Effect, Metric, Result, type Scope } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { offerWrites, packBody, type ParcelBody } from "../../src/store/parcel.ts";
import {
  type CommitResult,
  keysPerSnapshot,
  Store,
  type StoreError,
  wroteNothing,
} from "../../src/store/store.ts";
import { type BookList, Books } from "../balance/books.ts";
import { AnsweredHeads } from "./answered-heads.ts";
import type { WaitingUnit } from "./batch.ts";
import { Identifiers } from "./identifiers.ts";
import { awaitAnswer, type OfferAnswer, type SentParcel } from "./parcel-answer.ts";
import { packUnits } from "./parcel-body.ts";

const answeredParcels = Metric.counter("allot_ledger_parcels_total", {
  description: "Parcels of this process by what became of them",
  incremental: true,
});

/** Races that a batch has lost in a row. */
export interface LostRaces {
  readonly place: string | undefined;
  readonly times: number;
  /** Whether the winner says that it looks for parcels. */
  readonly served: boolean;
}

export const noneLost: LostRaces = { place: undefined, times: 0, served: false };

/** The state of offers at one partition. */
interface OfferPlace {
  inFlight: number;
  servedAtMs: number;
  /** How long serving took lately, milliseconds. */
  servingMs: number;
  /** Nobody serves here, or our clock is wrong: no offers until then. */
  restsUntilMs: number;
  waiting: (() => void)[];
}

const never = Number.NEGATIVE_INFINITY;

/** The owner of a served parcel decides upon these rows next; with the fences they are known for one read. */
const rowsOf = ({ balances, partitions }: ParcelBody, books: BookList): readonly Key[] => {
  const rows = balances.reduce((sum, { deltas }) => sum + deltas.length, 0);
  return rows <= parcelLimits.rowsWithAnswer && 1 + partitions.length + rows <= keysPerSnapshot
    ? books.keysOf(balances)
    : [];
};

export interface OffersOptions {
  readonly store: Store["Service"];
  readonly identifiers: Identifiers["Service"];
  readonly books: BookList;
  readonly clock: Clock.Clock;
  readonly scope: Scope.Scope;
}

export class Offers {
  readonly #places = new Map<string, OfferPlace>();
  readonly #own = new Set<string>();
  readonly #answered: AnsweredHeads;

  constructor(private readonly options: OffersOptions) {
    this.#answered = new AnsweredHeads(options.store, options.scope);
  }

  /** The partition at which a batch is offered rather than committed here: where it lost, or others serve. */
  placeFor(
    partitions: readonly { readonly name: string }[],
    lost: LostRaces,
  ): string | undefined {
    if (
      lost.place !== undefined && lost.times >= (lost.served ? 1 : parcelLimits.lossesBeforeOffer)
    ) {
      return this.#nowMs() < this.#placeOf(lost.place).restsUntilMs ? undefined : lost.place;
    }
    if (this.#places.size === 0) return undefined;
    return partitions.find(({ name }) => {
      const place = this.#places.get(name);
      return place !== undefined && this.#nowMs() - place.servedAtMs < parcelLimits.servedMs;
    })?.name;
  }

  /** Packs as many of the units, in their order, as fit one parcel. */
  pack(units: readonly WaitingUnit[]): ParcelBody {
    const { store, books } = this.options;
    return packUnits(units, store.limits, books.subjects);
  }

  /** Leaves them in the store; null when the store has refused that for sure. */
  readonly send = Effect.fnUntraced(
    function* (this: Offers, place: string, body: ParcelBody): Effect.fn.Return<SentParcel | null> {
      const { store, identifiers, books } = this.options;
      const id = identifiers.commitId();
      const sentAtMs = this.#nowMs();
      const key = keys.parcel(place, sentAtMs, id);
      const { parts, mutations } = offerWrites(key, packBody(body), store.limits.valueBytes);
      // Before it is there for our own looks, too.
      this.#own.add(id);
      const heads = this.#answered.some();
      const result: Result.Result<CommitResult, StoreError> = yield* Effect.result(store.commit({
        checks: [{ key, versionstamp: null }, ...(body.checked ? body.reads : [])],
        mutations: [...mutations, ...this.#answered.deletions(heads)],
      }));
      if (Result.isSuccess(result) && result.success.ok) this.#answered.deleted(heads);
      if (Result.isFailure(result) && wroteNothing(result.failure)) {
        this.#own.delete(id);
        return null;
      }
      this.#placeOf(place).inFlight++;
      return {
        place,
        key,
        parts,
        partitions: body.partitions,
        rows: rowsOf(body, books),
        versionstamp: Result.isSuccess(result) && result.success.ok
          ? result.success.versionstamp
          : null,
        refused: Result.isSuccess(result) && !result.success.ok,
        sentAtMs,
      };
    },
  );

  /** Waits until the fate of a parcel is certain, or for longer than any process should. */
  readonly answer = Effect.fnUntraced(
    function* (this: Offers, sent: SentParcel): Effect.fn.Return<OfferAnswer> {
      const place = this.#placeOf(sent.place);
      const answer = yield* awaitAnswer({
        store: this.options.store,
        nowMs: () => this.#nowMs(),
        sent,
        place,
      });
      this.#learn(place, sent, answer);
      // The answer keeps a late offer out, so it must stay for a while. The store drops it by itself.
      if (answer._tag === "Served" || answer._tag === "Bounced") {
        yield* this.#answered.add(sent.key);
      }
      yield* Metric.update(
        Metric.withAttributes(answeredParcels, { answer: answer._tag.toLowerCase() }),
        1,
      );
      return answer;
    },
  );

  /** Waits until another parcel may be sent there. */
  room(name: string): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const place = this.#placeOf(name);
      if (place.inFlight < parcelLimits.inFlight) resume(Effect.void);
      else place.waiting.push(() => resume(Effect.void));
    });
  }

  isOwn(parcelId: string): boolean {
    return this.#own.has(parcelId);
  }

  /** Deletes the heads of parcels that were answered. */
  get clean(): Effect.Effect<void> {
    return this.#answered.clean;
  }

  #nowMs(): number {
    return this.options.clock.currentTimeMillisUnsafe();
  }

  #placeOf(name: string): OfferPlace {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = { inFlight: 0, servedAtMs: never, servingMs: 0, restsUntilMs: never, waiting: [] };
      this.#places.set(name, place);
    }
    return place;
  }

  /** Remembers how long serving takes at the place, or that nobody serves there. */
  #learn(place: OfferPlace, sent: SentParcel, answer: OfferAnswer): void {
    const endedMs = this.#nowMs();
    place.inFlight--;
    this.#own.delete(String(sent.key.at(-1)));
    for (const proceed of place.waiting.splice(0)) proceed();
    if (answer._tag === "Served") {
      place.servedAtMs = endedMs;
      const tookMs = Math.abs(endedMs - sent.sentAtMs);
      const lastMs = place.servingMs === 0 ? tookMs : (place.servingMs * 3 + tookMs) / 4;
      place.servingMs = Math.min(lastMs, parcelLimits.patienceCapMs);
    } else if (!sent.refused && (answer._tag !== "Bounced" || answer.isStale)) {
      place.servedAtMs = never;
      place.restsUntilMs = endedMs + parcelLimits.unservedMs;
    }
  }
}

export const makeOffers: Effect.Effect<Offers, never, Store | Books | Identifiers | Scope.Scope> =
  Effect.gen(function* () {
    return new Offers({
      store: yield* Store,
      identifiers: yield* Identifiers,
      books: yield* Books,
      clock: yield* Clock.Clock,
      scope: yield* Effect.scope,
    });
  });
