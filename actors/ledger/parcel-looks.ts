/**
 * The holder's side of parcels (`src/store/parcel.ts`): the process that was the last to commit at a partition
 * looks for parcels that others have left there, and commits them along with its own units. A process that is
 * alone looks seldom.
 */
import { Clock, Effect, Result, type Scope } from "effect";
import { parcelLimits } from "../../src/store/limits.ts";
import { Store, type Versionstamp } from "../../src/store/store.ts";
import { Books } from "../balance/books.ts";
import { CommitTimes, isWithin } from "./commit-times.ts";
import { type LookedAt, ParcelTaker, type ParcelTakerOptions } from "./take-parcels.ts";

/** The state of looks at one partition. */
interface LookPlace extends LookedAt {
  /**
   * Whether this process was the last to write there, as far as it knows. Only then it takes parcels, so that
   * no two processes take the same.
   */
  held: boolean;
  looking: boolean;
  lookedAtMs: number;
  /** When it last told others that it looks, and how long it goes on. */
  toldAtMs: number;
  lingerMs: number;
  /** When another process was seen to have written there. */
  othersAtMs: number;
}

const never = Number.NEGATIVE_INFINITY;

const makePlace = (): LookPlace => ({
  held: false,
  looking: false,
  lookedAtMs: never,
  foundAtMs: never,
  toldAtMs: never,
  lingerMs: parcelLimits.lingerMs,
  othersAtMs: never,
  answered: new Map(),
});

/** Others need some calls before they have offered what they lost with. */
const lingerMsFor = (commitMs: number): number =>
  Math.min(
    Math.max(commitMs * parcelLimits.lingerCommits, parcelLimits.lingerMs),
    parcelLimits.lingerCapMs,
  );

/** A commit of this process. */
export interface OwnCommit {
  readonly versionstamp: Versionstamp;
  readonly beganAtMs: number;
  readonly tookMs: number;
}

export interface LooksOptions extends ParcelTakerOptions {
  readonly scope: Scope.Scope;
}

export class Looks {
  readonly #places = new Map<string, LookPlace>();
  readonly #taker: ParcelTaker;

  constructor(private readonly options: LooksOptions) {
    this.#taker = new ParcelTaker(options);
  }

  /** The partitions where a commit is to tell others that this process looks for their parcels. */
  serving(partitions: readonly string[]): readonly string[] {
    const nowMs = this.options.nowMs();
    return partitions.filter((name) => {
      const place = this.#places.get(name);
      return place !== undefined &&
        (isWithin(nowMs, place.othersAtMs, parcelLimits.othersMs) ||
          isWithin(nowMs, place.foundAtMs, parcelLimits.othersMs));
    });
  }

  /** This process has committed there, and told so where it is serving: looks, when it is time to. */
  committed(
    partitions: readonly string[],
    serving: readonly string[],
    { versionstamp, beganAtMs, tookMs }: OwnCommit,
  ): Effect.Effect<void> {
    if (!this.options.store.shared) return Effect.void;
    this.options.commitTimes.add(versionstamp, beganAtMs);
    return Effect.forEach(partitions, (name) =>
      Effect.suspend(() => {
        const place = this.#placeOf(name);
        const nowMs = this.options.nowMs();
        place.held = true;
        place.lingerMs = lingerMsFor(tookMs);
        if (serving.includes(name)) place.toldAtMs = nowMs;
        const mayRest = isWithin(nowMs, place.lookedAtMs, parcelLimits.lookAloneMs);
        if (place.looking || (mayRest && !this.#lingers(place))) return Effect.void;
        return this.#beginLooking(name, place);
      }), { discard: true });
  }

  /** Others were seen writing there. */
  sawOthers(partition: string): void {
    const place = this.#placeOf(partition);
    place.othersAtMs = this.options.nowMs();
    place.held = false;
  }

  /** Whether this process goes on taking parcels of one of the partitions. */
  holds(partitions: readonly string[]): boolean {
    return partitions.some((name) => this.#places.get(name)?.held === true);
  }

  #placeOf(name: string): LookPlace {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = makePlace();
      this.#places.set(name, place);
    }
    return place;
  }

  #lingers(place: LookPlace): boolean {
    const nowMs = this.options.nowMs();
    return isWithin(nowMs, place.foundAtMs, place.lingerMs) ||
      isWithin(nowMs, place.toldAtMs, place.lingerMs);
  }

  #beginLooking(name: string, place: LookPlace) {
    place.looking = true;
    const end = Effect.sync(() => {
      place.looking = false;
    });
    return Effect.forkIn(
      Effect.ensuring(this.#keepLooking(name, place), end),
      this.options.scope,
    );
  }

  readonly #keepLooking = Effect.fnUntraced(
    function* (this: Looks, name: string, place: LookPlace) {
      do {
        place.lookedAtMs = this.options.nowMs();
        const found = yield* Effect.result(this.#taker.look(name, place));
        // This process's commits will tell the store's fault; the next of them looks again.
        if (Result.isFailure(found)) return;
        yield* Effect.sleep(parcelLimits.lookMs);
      } while (place.held && this.#lingers(place));
    },
  );
}

export const makeLooks = (
  options: Pick<LooksOptions, "isOwn" | "take">,
): Effect.Effect<Looks, never, Store | Books | Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock;
    return new Looks({
      ...options,
      store: yield* Store,
      books: yield* Books,
      scope: yield* Effect.scope,
      runFork: Effect.runForkWith(yield* Effect.context<never>()),
      nowMs: () => clock.currentTimeMillisUnsafe(),
      commitTimes: new CommitTimes(),
    });
  });
