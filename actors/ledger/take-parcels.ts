/**
 * One look at the parcels of a partition: takes the parcels that can be committed, and answers the others.
 */
import { Effect, type Fiber, Result } from "effect";
import { below, type Key } from "../../src/kernel/key.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { unpackRecords } from "../../src/store/log-entry.ts";
import { answerWrites, headOf, joinBody, unpackBody } from "../../src/store/parcel.ts";
import type { Entry, Store, StoreError, Versionstamp } from "../../src/store/store.ts";
import type { BookList } from "../balance/books.ts";
import { type CommitTimes, isWithin } from "./commit-times.ts";
import { fitsAlone, type OfferedHead, waitingParcel, type WaitingUnit } from "./batch.ts";

/** A parcel of another process on its way into a commit. */
export interface TakenParcel extends WaitingUnit {
  /** It cannot be committed, because of this key where it is one. */
  readonly bounce: (key: Key | undefined) => void;
  /** It stays where it is, for the next process that holds its fences. */
  readonly drop: () => void;
}

export interface ParcelTakerOptions {
  readonly store: Store["Service"];
  readonly books: BookList;
  readonly nowMs: () => number;
  readonly commitTimes: CommitTimes;
  readonly runFork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>;
  readonly isOwn: (parcelId: string) => boolean;
  readonly take: (parcel: TakenParcel) => void;
}

/** The findings of looks at one partition so far. */
export interface LookedAt {
  /** Whether parcels may be taken there. */
  readonly held: boolean;
  /** When a parcel was found there. */
  foundAtMs: number;
  /** Heads that were answered and are still there, and since when they were seen. */
  readonly answered: Map<string, number>;
}

const idOf = (key: Key): string => String(key.at(-1));

export class ParcelTaker {
  /** Parcels that are dealt with, or have been: a look may show their state from before that. */
  readonly #known = new Set<string>();

  constructor(private readonly options: ParcelTakerOptions) {}

  /** Takes the parcels that are there; answers whether there were any. */
  readonly look = Effect.fnUntraced(
    function* (this: ParcelTaker, name: string, place: LookedAt): Effect.fn.Return<
      boolean,
      StoreError
    > {
      const { store, nowMs } = this.options;
      const heads = yield* store.list({
        ...below(["parcel", name]),
        limit: parcelLimits.headsPerLook,
      });
      if (heads.length === 0 && place.answered.size === 0) return false;
      const { fresh, answered } = yield* this.#sort(heads);
      yield* this.#sweep(place, answered);
      if (fresh.length === 0) return false;
      place.foundAtMs = nowMs();
      const parts = yield* store.getMany(
        fresh.flatMap(({ key, parts }) =>
          Array.from({ length: parts }, (_, n) => keys.part(key, n))
        ),
      );
      let from = 0;
      for (const head of fresh) {
        const body = joinBody(parts.slice(from, from += head.parts));
        // Without its body it has just been answered or taken back. Perhaps another fiber was faster.
        if (body !== null && place.held && !this.#known.has(idOf(head.key))) {
          yield* this.#take(head, body);
        }
      }
      return true;
    },
  );

  /** Tells offers from answers, and answers the offers that came too late. */
  readonly #sort = Effect.fnUntraced(
    function* (this: ParcelTaker, heads: readonly Entry[]) {
      const { isOwn } = this.options;
      const fresh: OfferedHead[] = [];
      const answered: Entry[] = [];
      for (const entry of heads) {
        const { key, versionstamp } = entry;
        const head = headOf(entry);
        const id = idOf(key);
        if (head === null || versionstamp === null) continue;
        if (head.state !== "offered") answered.push(entry);
        else if (!isOwn(id) && !this.#known.has(id)) {
          const { parts } = head;
          if (this.#isStale(Number(key[2]), versionstamp)) {
            yield* this.#answerBounced({ key, versionstamp, parts }, { isStale: true });
          } else if (fresh.length < parcelLimits.parcelsPerLook) {
            fresh.push({ key, versionstamp, parts });
          }
        }
      }
      return { fresh, answered };
    },
  );

  /** By the order of the store where that tells, else by the clocks of both processes: one may be wrong. */
  #isStale(offeredAtMs: number, versionstamp: Versionstamp): boolean {
    const { commitTimes, nowMs } = this.options;
    const { staleMs } = parcelLimits;
    return !commitTimes.isYoungerThan(staleMs, versionstamp, nowMs()) &&
      !isWithin(nowMs(), offeredAtMs, staleMs);
  }

  /** Heads of processes that came to an end would be in the way of others for as long as the store keeps them. */
  readonly #sweep = Effect.fnUntraced(
    function* (this: ParcelTaker, place: LookedAt, heads: readonly Entry[]) {
      const { store, nowMs } = this.options;
      const there = new Set(heads.map(({ key }) => idOf(key)));
      for (const id of place.answered.keys()) if (!there.has(id)) place.answered.delete(id);
      for (const { key, versionstamp } of heads) {
        const id = idOf(key);
        const sinceMs = place.answered.get(id);
        if (sinceMs === undefined) place.answered.set(id, nowMs());
        else if (!isWithin(nowMs(), sinceMs, parcelLimits.answeredMs)) {
          yield* store.commit({
            checks: [{ key, versionstamp }],
            mutations: [{ type: "delete", key }],
          });
        }
      }
    },
  );

  readonly #take = Effect.fnUntraced(
    function* (this: ParcelTaker, head: OfferedHead, body: Uint8Array) {
      const { store, books, runFork, take } = this.options;
      const id = idOf(head.key);
      const unpacked = unpackBody(body);
      if (unpacked === null || !books.knows(unpacked.balances)) {
        return yield* this.#answerBounced(head, {});
      }
      const records = unpackRecords(books.subjects, unpacked.records);
      const waiting = waitingParcel(unpacked, head, records, books.subjects);
      if (!fitsAlone(waiting, store.limits)) return yield* this.#answerBounced(head, {});
      this.#remember(id);
      take({
        ...waiting,
        bounce: (key) => void runFork(this.#answerBounced(head, key === undefined ? {} : { key })),
        drop: () => void this.#known.delete(id),
      });
    },
  );

  readonly #answerBounced = Effect.fnUntraced(
    function* (
      this: ParcelTaker,
      { key, versionstamp, parts }: OfferedHead,
      why: { readonly key?: Key; readonly isStale?: boolean },
    ): Effect.fn.Return<void> {
      this.#remember(idOf(key));
      const answer = yield* Effect.result(this.options.store.commit({
        checks: [{ key, versionstamp }],
        mutations: answerWrites(key, parts, { state: "bounced", ...why }),
      }));
      // Whether or not it was answered: the next look shows.
      if (Result.isFailure(answer)) this.#known.delete(idOf(key));
    },
  );

  #remember(id: string): void {
    this.#known.add(id);
    if (this.#known.size <= parcelLimits.remembered) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}
