/**
 * The owner's side of parcels (`src/store/parcel.ts`). A process that keeps losing the race for a fence leaves
 * its decided units of work in the store, and whoever wins commits them along with his own.
 */
import { stockKey } from "../../src/stock/keys.ts";
import { Clock, Effect, Metric, Random, Result, type Scope } from "effect";
import { sumByRow } from "../../src/stock/stock.ts";
import { ledgerLimits, parcelLimits, textLimits } from "../../src/kernel/limits.ts";
import { keys } from "../../src/store/keys.ts";
import {
  answerWrites,
  headOf,
  offerWrites,
  packBody,
  type ParcelBody,
  reclaimWrites,
} from "../../src/store/parcel.ts";
import {
  type Entry,
  keysPerSnapshot,
  type Mutation,
  Store,
  type StoreLimits,
  type Versionstamp,
} from "../../src/store/store.ts";
import { type Key } from "../../src/kernel/key.ts";
import { fitsAlone, keyBytesOf, recordsOf, waitingParcel, type WaitingUnit } from "./batch.ts";
import { Identifiers } from "./identifiers.ts";
import { backOff } from "./write-commit.ts";

const answeredParcels = Metric.counter("allot_ledger_parcels_total", {
  description: "Parcels of this process by what became of them",
  incremental: true,
});

/** What became of a parcel. */
export type OfferAnswer =
  /** With the fences of its partitions, as young as that or younger, and stock rows as of the same moment. */
  | {
    readonly _tag: "Served";
    readonly versionstamp: Versionstamp;
    readonly fences: readonly Entry[];
    readonly rows: readonly Entry[];
  }
  | { readonly _tag: "Bounced"; readonly key: Key | undefined; readonly isStale: boolean }
  /** It was not committed, and will not be. */
  | { readonly _tag: "Reclaimed" }
  | { readonly _tag: "Unknown"; readonly detail: string };

export interface SentParcel {
  readonly place: string;
  readonly key: Key;
  readonly parts: number;
  readonly partitions: readonly string[];
  /** Keys of stock rows that it changes, when they are few. */
  readonly rows: readonly Key[];
  /** Null while it is not known whether the offer stands in the store. */
  readonly versionstamp: Versionstamp | null;
  /** Whether the store said that something is not as the units take it to be. */
  readonly refused: boolean;
  readonly sentAtMs: number;
}

/** Races that a batch has lost in a row. */
export interface LostRaces {
  readonly place: string | undefined;
  readonly times: number;
  /** Whether the winner says that he looks for parcels. */
  readonly served: boolean;
}

/** What is known of offers at one partition. */
interface Place {
  inFlight: number;
  servedAtMs: number;
  /** How long serving took lately, milliseconds. */
  servingMs: number;
  /** Nobody serves here, or our clock is wrong: no offers until then. */
  restsUntilMs: number;
  waiting: (() => void)[];
}

/** As large as any, to measure a parcel before it has a key. */
const largestHead = {
  key: keys.parcel("x".repeat(textLimits.id), 0, "x".repeat(textLimits.id)),
  versionstamp: "",
  parts: 8,
};

const sameKey = (one: Key, other: Key): boolean =>
  one.length === other.length && one.every((part, index) => part === other[index]);

/**
 * Whether a unit cannot take effect twice, whoever commits it and however late: it writes a key that it checks
 * or has read.
 */
export const guardsItself = ({ unit }: WaitingUnit): boolean => {
  const isWritten = (key: Key) => unit.writes.some((write) => sameKey(write.key, key));
  return unit.expectedOnHand === undefined &&
    (unit.reads.some(({ key }) => isWritten(key)) || (unit.absent ?? []).some(isWritten));
};

/** Whether a unit takes a key to be as it has read it, or absent. */
export const restsOn = ({ unit }: WaitingUnit, key: Key): boolean =>
  unit.reads.some((read) => sameKey(read.key, key)) ||
  (unit.absent ?? []).some((absent) => sameKey(absent, key));

/** Keys of a commit have bytes for what it checks, and as many for all else. */
const checkedShare = 0.5;

const bodyOf = (units: readonly WaitingUnit[], limits: StoreLimits): ParcelBody => {
  const reads = units.flatMap(({ unit }) => [
    ...unit.reads.map(({ key, versionstamp }) => ({ key, versionstamp })),
    ...(unit.absent ?? []).map((key) => ({ key, versionstamp: null })),
  ]);
  const keyBytes = reads.reduce((sum, { key }) => sum + keyBytesOf(key), 0);
  return {
    partitions: [...new Set(units.flatMap(({ partitions }) => partitions))],
    reads,
    // The parcel's own key takes one.
    checked: reads.length < limits.checks && keyBytes <= limits.keyBytesPerCommit * checkedShare,
    stock: sumByRow(units.flatMap(({ unit }) => unit.stock)),
    writes: units.flatMap(({ unit }) => unit.writes),
    records: recordsOf(units),
    units: units.length,
  };
};

/** Whoever was served decides upon these rows next; with the fences they are known for one read. */
const rowsOf = ({ stock, partitions }: ParcelBody): readonly Key[] =>
  stock.length <= parcelLimits.rowsWithAnswer &&
    1 + partitions.length + stock.length <= keysPerSnapshot
    ? stock.map(({ locationId, sku }) => stockKey(locationId, sku))
    : [];

export const makeOffers: Effect.Effect<
  {
    /** The partition at which a batch is offered rather than committed here: where it lost, or others serve. */
    readonly placeFor: (
      partitions: readonly { readonly name: string }[],
      lost: LostRaces,
    ) => string | undefined;
    /** As many of the units, in their order, as fit one parcel. */
    readonly pack: (units: readonly WaitingUnit[]) => ParcelBody;
    /** Leaves them in the store; null when the store has refused that for sure. */
    readonly send: (place: string, body: ParcelBody) => Effect.Effect<SentParcel | null>;
    /** Waits until it is certain what became of a parcel, or for longer than anybody should. */
    readonly answer: (sent: SentParcel) => Effect.Effect<OfferAnswer>;
    /** Waits until another parcel may be sent there. */
    readonly room: (place: string) => Effect.Effect<void>;
    readonly isOwn: (parcelId: string) => boolean;
    /** Deletes the heads of parcels that were answered. */
    readonly clean: Effect.Effect<void>;
  },
  never,
  Store | Identifiers | Scope.Scope
> = Effect.gen(function* () {
  const store = yield* Store;
  const identifiers = yield* Identifiers;
  const clock = yield* Clock.Clock;
  const scope = yield* Effect.scope;

  const places = new Map<string, Place>();
  const own = new Set<string>();
  /** Heads that nobody needs any more: deleted by the next offer, or in a while. */
  const answered: Key[] = [];
  let cleaning = false;

  const nowMs = () => clock.currentTimeMillisUnsafe();

  const placeOf = (name: string): Place => {
    let place = places.get(name);
    if (place === undefined) {
      place = {
        inFlight: 0,
        servedAtMs: Number.NEGATIVE_INFINITY,
        servingMs: 0,
        restsUntilMs: Number.NEGATIVE_INFINITY,
        waiting: [],
      };
      places.set(name, place);
    }
    return place;
  };

  const clean = Effect.gen(function* () {
    const heads = answered.splice(0);
    if (heads.length === 0) return;
    // What is not deleted now the store drops by itself.
    yield* Effect.result(store.commit({
      checks: [],
      mutations: heads.map((key): Mutation => ({ type: "delete", key })),
    }));
  });

  const cleanLater = Effect.gen(function* () {
    yield* Effect.sleep(parcelLimits.cleanMs);
    cleaning = false;
    yield* clean;
  });

  const leave = Effect.fnUntraced(function* (key: Key) {
    answered.push(key);
    if (answered.length > parcelLimits.remembered) answered.shift();
    if (cleaning) return;
    cleaning = true;
    yield* Effect.forkIn(cleanLater, scope);
  });

  const send = Effect.fnUntraced(function* (place: string, body: ParcelBody) {
    const id = identifiers.commitId();
    const sentAtMs = nowMs();
    const key = keys.parcel(place, sentAtMs, id);
    const { parts, mutations } = offerWrites(key, packBody(body), store.limits.valueBytes);
    // Before it is there for our own looks, too.
    own.add(id);
    const heads = answered.slice(0, parcelLimits.headsPerLook);
    const result = yield* Effect.result(store.commit({
      checks: [{ key, versionstamp: null }, ...(body.checked ? body.reads : [])],
      mutations: [...mutations, ...heads.map((head): Mutation => ({ type: "delete", key: head }))],
    }));
    const isSent = Result.isSuccess(result) && result.success.ok;
    if (isSent) {
      for (const head of heads) {
        const index = answered.indexOf(head);
        if (index >= 0) answered.splice(index, 1);
      }
    }
    if (Result.isFailure(result) && result.failure.reason !== undefined) {
      own.delete(id);
      return null;
    }
    placeOf(place).inFlight++;
    const sent: SentParcel = {
      place,
      key,
      parts,
      partitions: body.partitions,
      rows: rowsOf(body),
      versionstamp: Result.isSuccess(result) && result.success.ok
        ? result.success.versionstamp
        : null,
      refused: Result.isSuccess(result) && !result.success.ok,
      sentAtMs,
    };
    return sent;
  });

  const patienceMs = Effect.fnUntraced(function* (place: Place, offerMs: number) {
    const longMs = Math.max(
      place.servingMs * parcelLimits.patienceServings,
      offerMs * parcelLimits.patienceCommits,
      parcelLimits.patienceMs,
    );
    return Math.min(longMs, parcelLimits.patienceCapMs) * (0.75 + 0.5 * (yield* Random.next));
  });

  const settle = Effect.fnUntraced(function* (
    sent: SentParcel,
  ): Effect.fn.Return<OfferAnswer> {
    const { key, parts } = sent;
    const place = placeOf(sent.place);
    const wanted = [key, ...sent.partitions.map(keys.fence), ...sent.rows];
    const patient = yield* patienceMs(place, Math.abs(nowMs() - sent.sentAtMs));
    let stands = sent.versionstamp !== null;
    let reclaiming = false;
    let failures = 0;
    let detail = "It was never answered.";
    for (
      let polls = 0;
      polls < parcelLimits.polls && failures < ledgerLimits.commitTries;
      polls++
    ) {
      const read = yield* Effect.result(store.getMany(wanted));
      if (Result.isFailure(read)) {
        detail = read.failure.detail;
        yield* backOff(failures++);
        continue;
      }
      const [head, ...others] = read.success;
      const fences = others.slice(0, sent.partitions.length);
      const rows = others.slice(sent.partitions.length);
      const versionstamp = head?.versionstamp ?? null;
      const state = head === undefined ? null : headOf(head);
      if (state === null || versionstamp === null) {
        if (reclaiming) return { _tag: "Reclaimed" };
        if (stands) return { _tag: "Unknown", detail: "What was left for others is gone." };
        // The offer may still arrive: what stands there then keeps it out.
        yield* Effect.result(store.commit({
          checks: [{ key, versionstamp: null }],
          mutations: answerWrites(key, 0, { state: "withdrawn" }),
        }));
        yield* backOff(failures++);
        continue;
      }
      stands = true;
      switch (state.state) {
        case "withdrawn":
          return { _tag: "Reclaimed" };
        case "bounced":
          return { _tag: "Bounced", key: state.key, isStale: state.isStale === true };
        case "done":
          if (fences.every((fence) => (fence.versionstamp ?? "") >= versionstamp)) {
            return { _tag: "Served", versionstamp, fences, rows };
          }
          break;
        case "offered":
          if (nowMs() - sent.sentAtMs > patient || polls > parcelLimits.polls / 2) {
            reclaiming = true;
            const taken = yield* Effect.result(store.commit({
              checks: [{ key, versionstamp }],
              mutations: reclaimWrites(key, parts),
            }));
            if (Result.isSuccess(taken) && taken.success.ok) return { _tag: "Reclaimed" };
            if (Result.isFailure(taken)) detail = taken.failure.detail;
            yield* backOff(failures++);
          } else {
            // Clocks may be set meanwhile, so that the difference is anything.
            const leftMs = place.servingMs / 2 - Math.abs(nowMs() - sent.sentAtMs);
            yield* Effect.sleep(Math.max(parcelLimits.pollMs, leftMs));
          }
      }
    }
    return { _tag: "Unknown", detail };
  });

  const answer = Effect.fnUntraced(function* (sent: SentParcel) {
    const place = placeOf(sent.place);
    const answer = yield* settle(sent);
    const endedMs = nowMs();
    place.inFlight--;
    own.delete(String(sent.key.at(-1)));
    for (const proceed of place.waiting.splice(0)) proceed();
    if (answer._tag === "Served") {
      place.servedAtMs = endedMs;
      const tookMs = Math.abs(endedMs - sent.sentAtMs);
      const lastMs = place.servingMs === 0 ? tookMs : (place.servingMs * 3 + tookMs) / 4;
      place.servingMs = Math.min(lastMs, parcelLimits.patienceCapMs);
    } else if (!sent.refused && (answer._tag !== "Bounced" || answer.isStale)) {
      place.servedAtMs = Number.NEGATIVE_INFINITY;
      place.restsUntilMs = endedMs + parcelLimits.unservedMs;
    }
    // What keeps a late offer out must stay for a while: the store drops it by itself.
    if (answer._tag === "Served" || answer._tag === "Bounced") yield* leave(sent.key);
    yield* Metric.update(
      Metric.withAttributes(answeredParcels, { answer: answer._tag.toLowerCase() }),
      1,
    );
    return answer;
  });

  return {
    placeFor: (partitions, lost) => {
      if (
        lost.place !== undefined && lost.times >= (lost.served ? 1 : parcelLimits.lossesBeforeOffer)
      ) {
        return nowMs() < placeOf(lost.place).restsUntilMs ? undefined : lost.place;
      }
      if (places.size === 0) return undefined;
      return partitions.find(({ name }) => {
        const place = places.get(name);
        return place !== undefined && nowMs() - place.servedAtMs < parcelLimits.servedMs;
      })?.name;
    },
    pack: (units) => {
      let bytes = 0;
      let count = 0;
      for (const { size } of units) {
        bytes += size.bytes;
        if (count === parcelLimits.units || (count > 0 && bytes > parcelLimits.bytes)) break;
        count++;
      }
      while (true) {
        const body = bodyOf(units.slice(0, count), store.limits);
        // Where commits have few checks, the fences of many partitions and the parcel's own do not fit.
        if (count <= 1 || fitsAlone(waitingParcel(body, largestHead, []), store.limits)) {
          return body;
        }
        count >>= 1;
      }
    },
    send,
    answer,
    room: (name) =>
      Effect.callback<void>((resume) => {
        const place = placeOf(name);
        if (place.inFlight < parcelLimits.inFlight) resume(Effect.void);
        else place.waiting.push(() => resume(Effect.void));
      }),
    isOwn: (parcelId) => own.has(parcelId),
    clean,
  };
});
