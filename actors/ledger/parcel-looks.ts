/**
 * The holder's side of parcels (`src/store/parcel.ts`): whoever was the last to commit at a location looks for
 * what others have left there, and commits it along with his own. A process that is alone looks seldom.
 */
import { Clock, Effect, Result, type Scope } from "effect";
import { parcelLimits } from "../../src/kernel/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { unpackRecords } from "../../src/store/log-entry.ts";
import { answerWrites, headOf, joinBody, unpackBody } from "../../src/store/parcel.ts";
import { type Entry, Store, type StoreError, type Versionstamp } from "../../src/store/store.ts";
import { type Key } from "../../src/kernel/key.ts";
import type { RecordKinds } from "../../src/subject/record.ts";
import { fitsAlone, waitingParcel, type WaitingUnit } from "./batch.ts";

/** A parcel of another process on its way into a commit. */
export interface TakenParcel extends WaitingUnit {
  /** It cannot be, because of this key where it is one. */
  readonly bounce: (key: Key | undefined) => void;
  /** It stays where it is, for whoever is next. */
  readonly drop: () => void;
}

interface Head {
  readonly key: Key;
  readonly versionstamp: Versionstamp;
  readonly parts: number;
}

/** What is known of looks at one partition. */
interface Place {
  /** Whether this process was the last to write there, as far as it knows. Others are not to take the same. */
  held: boolean;
  looking: boolean;
  lookedAtMs: number;
  /** When a parcel was found there. */
  foundAtMs: number;
  /** When it last told others that it looks, and how long it goes on. */
  toldAtMs: number;
  lingerMs: number;
  /** When another process was seen to have written there. */
  othersAtMs: number;
  /** Heads that were answered and are still there, and since when they were seen. */
  readonly answered: Map<string, number>;
}

const never = Number.NEGATIVE_INFINITY;

/** Clocks may be set meanwhile: anything but lately is long ago. */
const isWithin = (nowMs: number, atMs: number, spanMs: number): boolean =>
  Math.abs(nowMs - atMs) < spanMs;

/** Others need some calls before they have offered what they lost with. */
const lingerMsFor = (commitMs: number): number =>
  Math.min(
    Math.max(commitMs * parcelLimits.lingerCommits, parcelLimits.lingerMs),
    parcelLimits.lingerCapMs,
  );

const idOf = (key: Key): string => String(key.at(-1));

export const makeLooks = (options: {
  readonly isOwn: (parcelId: string) => boolean;
  readonly kinds: RecordKinds;
  readonly take: (parcel: TakenParcel) => void;
}): Effect.Effect<
  {
    /** Where others are to be told, by a commit there, that this process looks for their parcels. */
    readonly serving: (partitions: readonly string[]) => readonly string[];
    /** This process has committed there, and told so where it is serving: looks, when it is time to. */
    readonly committed: (
      partitions: readonly string[],
      serving: readonly string[],
      tookMs: number,
    ) => Effect.Effect<void>;
    /** Others were seen writing there. */
    readonly sawOthers: (partition: string) => void;
    /** Whether this process goes on taking parcels of one of the partitions. */
    readonly holds: (partitions: readonly string[]) => boolean;
  },
  never,
  Store | Scope.Scope
> =>
  Effect.gen(function* () {
    const store = yield* Store;
    const clock = yield* Clock.Clock;
    const scope = yield* Effect.scope;
    const runFork = Effect.runForkWith(yield* Effect.context<never>());
    const places = new Map<string, Place>();
    /** Parcels that are dealt with, or have been: a look may show what it saw before that. */
    const known = new Set<string>();

    const nowMs = () => clock.currentTimeMillisUnsafe();

    const placeOf = (name: string): Place => {
      let place = places.get(name);
      if (place === undefined) {
        place = {
          held: false,
          looking: false,
          lookedAtMs: never,
          foundAtMs: never,
          toldAtMs: never,
          lingerMs: parcelLimits.lingerMs,
          othersAtMs: never,
          answered: new Map(),
        };
        places.set(name, place);
      }
      return place;
    };

    const remember = (id: string): void => {
      known.add(id);
      if (known.size <= parcelLimits.remembered) return;
      for (const oldest of known) {
        known.delete(oldest);
        return;
      }
    };

    const answerBounced = Effect.fnUntraced(function* (
      { key, versionstamp, parts }: Head,
      why: { readonly key?: Key; readonly isStale?: boolean },
    ) {
      remember(idOf(key));
      const answer = yield* Effect.result(store.commit({
        checks: [{ key, versionstamp }],
        mutations: answerWrites(key, parts, { state: "bounced", ...why }),
      }));
      // Whether or not it was answered: the next look shows.
      if (Result.isFailure(answer)) known.delete(idOf(key));
    });

    const take = Effect.fnUntraced(function* (head: Head, body: Uint8Array) {
      const id = idOf(head.key);
      const unpacked = unpackBody(body);
      if (unpacked === null) return yield* answerBounced(head, {});
      const waiting = waitingParcel(unpacked, head, unpackRecords(options.kinds, unpacked.records));
      if (!fitsAlone(waiting, store.limits)) return yield* answerBounced(head, {});
      remember(id);
      options.take({
        ...waiting,
        bounce: (key) => void runFork(answerBounced(head, key === undefined ? {} : { key })),
        drop: () => void known.delete(id),
      });
    });

    /** Heads of processes that came to an end would be in the way of others for as long as the store keeps them. */
    const sweep = Effect.fnUntraced(function* (place: Place, heads: readonly Entry[]) {
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
    });

    /** Takes what is there; answers whether it was anything. */
    const look = Effect.fnUntraced(function* (
      name: string,
    ): Effect.fn.Return<boolean, StoreError> {
      const place = placeOf(name);
      const heads = yield* store.list({
        ...below(["parcel", name]),
        limit: parcelLimits.headsPerLook,
      });
      if (heads.length === 0 && place.answered.size === 0) return false;
      const fresh: Head[] = [];
      const answered: Entry[] = [];
      for (const entry of heads) {
        const { key, versionstamp } = entry;
        const head = headOf(entry);
        const id = idOf(key);
        if (head === null || versionstamp === null) continue;
        if (head.state !== "offered") answered.push(entry);
        else if (!options.isOwn(id) && !known.has(id)) {
          const { parts } = head;
          if (nowMs() - Number(key[2]) > parcelLimits.staleMs) {
            yield* answerBounced({ key, versionstamp, parts }, { isStale: true });
          } else if (fresh.length < parcelLimits.parcelsPerLook) {
            fresh.push({ key, versionstamp, parts });
          }
        }
      }
      yield* sweep(place, answered);
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
        if (body !== null && place.held && !known.has(idOf(head.key))) yield* take(head, body);
      }
      return true;
    });

    const lingers = (place: Place): boolean =>
      isWithin(nowMs(), place.foundAtMs, place.lingerMs) ||
      isWithin(nowMs(), place.toldAtMs, place.lingerMs);

    const keepLooking = Effect.fnUntraced(function* (name: string, place: Place) {
      do {
        place.lookedAtMs = nowMs();
        const found = yield* Effect.result(look(name));
        // Its commits will tell what is wrong with the store; the next of them looks again.
        if (Result.isFailure(found)) return;
        yield* Effect.sleep(parcelLimits.lookMs);
      } while (place.held && lingers(place));
    });

    return {
      serving: (partitions) => {
        const now = nowMs();
        return partitions.flatMap((name) => {
          const place = places.get(name);
          const isWanted = place !== undefined &&
            (isWithin(now, place.othersAtMs, parcelLimits.othersMs) ||
              isWithin(now, place.foundAtMs, parcelLimits.othersMs));
          return isWanted ? [name] : [];
        });
      },
      committed: (partitions, serving, tookMs) =>
        store.shared
          ? Effect.forEach(partitions, (name) =>
            Effect.suspend(() => {
              const place = placeOf(name);
              place.held = true;
              place.lingerMs = lingerMsFor(tookMs);
              if (serving.includes(name)) place.toldAtMs = nowMs();
              const mayRest = isWithin(nowMs(), place.lookedAtMs, parcelLimits.lookAloneMs);
              if (place.looking || (mayRest && !lingers(place))) return Effect.void;
              place.looking = true;
              return Effect.forkIn(
                Effect.ensuring(
                  keepLooking(name, place),
                  Effect.sync(() => {
                    place.looking = false;
                  }),
                ),
                scope,
              );
            }), { discard: true })
          : Effect.void,
      sawOthers: (partition) => {
        const place = placeOf(partition);
        place.othersAtMs = nowMs();
        place.held = false;
      },
      holds: (partitions) => partitions.some((name) => places.get(name)?.held === true),
    };
  });
