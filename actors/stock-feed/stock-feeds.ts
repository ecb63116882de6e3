/** Stock feeds: saved, removed, and told of everything anew; and how they do. */
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { locations } from "../../src/catalog/references.ts";
import { feedRecordKind, feedRecords, type StockFeed } from "../../src/stock-feed/feed.ts";
import { levelLimits } from "../../src/stock-feed/limits.ts";
import { feedLanes } from "../../src/stock-feed/outbox.ts";
import { placeOfFeedSecret, stockFeeds } from "../../src/stock-feed/references.ts";
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { AllowList } from "../../src/outbound/allow-list.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Waiting } from "../../src/outbound/message.ts";
import { laneOf } from "../../src/outbound/place.ts";
import { webhookSecret } from "../../src/outbound/signature.ts";
import { newSecrets, rotated, type SigningSecrets } from "../../src/outbound/signing.ts";
import type { LaneState } from "../../src/outbound/state.ts";
import { type TargetNotAllowed, targetOf } from "../../src/outbound/target.ts";
import { Sealing, type SecretsKeyMissing } from "../../src/secrets/sealing.ts";
import type { StoreError } from "../../src/store/store.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import type { Described } from "../../src/subject/reference.ts";
import {
  type CommandContext,
  type CommandFailure,
  LimitReached,
  NotFound,
} from "../command/command.ts";
import { Ledger } from "../ledger/ledger.ts";
import { LogTail } from "../log/log-tail.ts";
import { requestWrite } from "../outbound/lane-rows.ts";
import { Outbound } from "../outbound/outbound.ts";
import type { RemoveFailure, SaveFailure } from "../reference/change.ts";
import { References, type SaveResult } from "../reference/references.ts";

/** The part of a feed that requests say. */
export type FeedSettings = Pick<
  StockFeed,
  | "url"
  | "locationIds"
  | "buffer"
  | "minIntervalMs"
  | "batchSize"
  | "description"
  | "enabled"
>;

/** Nothing is told it until somebody enables it. */
export class FeedDisabled extends Data.TaggedError("FeedDisabled")<{ readonly id: string }> {}

/** Some of its locations are none. */
export class LocationsUnknown extends Data.TaggedError("LocationsUnknown")<{
  /** Their places in the list. */
  readonly at: readonly number[];
}> {}

/** A feed as it was saved, with the secret that was made for it now: shown this once. */
export interface SavedFeed {
  readonly feed: StockFeed;
  readonly created: boolean;
  readonly secret: string | null;
}

/** How the lane of a feed does. */
export interface FeedLane extends LaneState {
  /** Seconds of the log that it is behind. */
  readonly secondsBehind: number;
}

type SavingFailure = TargetNotAllowed | LocationsUnknown | SecretsKeyMissing | SaveFailure;

export class StockFeeds extends Context.Service<StockFeeds, {
  readonly get: (id: string) => Effect.Effect<StockFeed, NotFound | StoreError>;
  /** All, by id. */
  readonly all: Effect.Effect<readonly StockFeed[], StoreError>;
  readonly lane: (feed: StockFeed) => Effect.Effect<FeedLane, StoreError>;
  /** Some SKUs that are to be told of again because that failed. */
  readonly troubles: (feed: StockFeed) => Effect.Effect<readonly Waiting[], StoreError>;
  /**
   * Makes a feed or its next version. A secret that is not the one of now takes its place. The response that
   * `context.idempotency.respond` makes is stored, so it must leave out the secret.
   */
  readonly save: (
    id: string,
    settings: FeedSettings,
    secret: string | undefined,
    context: CommandContext<SavedFeed>,
  ) => Effect.Effect<SavedFeed, SavingFailure>;
  readonly remove: (
    id: string,
    context: CommandContext<StockFeed>,
  ) => Effect.Effect<StockFeed, RemoveFailure>;
  /** Has all SKUs told of, whether or not they changed. */
  readonly resync: (
    feed: StockFeed,
    context: CommandContext<StockFeed>,
  ) => Effect.Effect<StockFeed, FeedDisabled | LimitReached | CommandFailure>;
}>()("allot/StockFeeds") {
  static readonly layer = (
    allow: AllowList,
  ): Layer.Layer<StockFeeds, never, References | Sealing | Outbound | Ledger | LogTail> =>
    Layer.effect(StockFeeds, makeFeeds(allow));
}

/** Lanes of feeds are known: their outbox is one of the engine. */
const ofLane = <A>(
  read: Effect.Effect<A, StoreError | { readonly _tag: "UnknownLane" }>,
): Effect.Effect<A, StoreError> =>
  Effect.catch(
    read,
    (error) => error._tag === "UnknownLane" ? Effect.die(error) : Effect.fail(error),
  );

interface Parts {
  readonly references: References["Service"];
  readonly sealing: Sealing["Service"];
  readonly outbound: Outbound["Service"];
  readonly ledger: Ledger["Service"];
  readonly tail: LogTail["Service"];
  readonly allow: AllowList;
}

/** The lane of a feed. */
export const laneOfFeed = (id: string): string => laneOf(feedLanes, id);

/** The secrets of a document from now on, and the one that was made for it. */
interface Secrets {
  readonly secrets: SigningSecrets;
  readonly made: string | null;
}

class Feeds {
  constructor(private readonly parts: Parts) {}

  readonly get = (id: string): Effect.Effect<StockFeed, NotFound | StoreError> =>
    this.parts.references.get(stockFeeds, id);

  get all(): Effect.Effect<readonly StockFeed[], StoreError> {
    return this.parts.references.all(stockFeeds);
  }

  readonly lane = ({ id }: StockFeed): Effect.Effect<FeedLane, StoreError> => {
    const name = laneOfFeed(id);
    return Effect.map(ofLane(this.parts.outbound.lane(name)), (lane) => {
      const lag = this.parts.tail.lags().find((each) => each.name === name);
      return { ...lane, secondsBehind: lag?.secondsBehind ?? 0 };
    });
  };

  readonly troubles = ({ id }: StockFeed): Effect.Effect<readonly Waiting[], StoreError> => {
    const { waitingRows } = outboundLimits;
    const rows = this.parts.outbound.waiting(laneOfFeed(id), "", waitingRows);
    return Effect.map(
      ofLane(rows),
      (all) => all.filter(({ reason }) => reason !== null).slice(0, levelLimits.troubles),
    );
  };

  readonly save: StockFeeds["Service"]["save"] = (id, settings, secret, context) => {
    const { parts } = this;
    const { by, ifMatch, idempotency } = context;
    const secretsOf = this.#secretsOf;
    const requireSettings = this.#requireSettings(settings);
    const saving = Effect.fnUntraced(function* (): Effect.fn.Return<SavedFeed, SavingFailure> {
      yield* requireSettings;
      for (let tries = 1;; tries++) {
        const before = yield* parts.references.find(stockFeeds, id);
        const now = instantOf(yield* Clock.currentTimeMillis);
        const { secrets, made } = yield* secretsOf(id, before, secret, now);
        const feed: Described<StockFeed> = {
          ...{ ...settings, id, secrets, madeBy: by.id },
          disabled: settings.enabled
            ? null
            : before?.disabled ?? { code: "by_hand", reason: "Saved as disabled.", at: now },
        };
        const resultOf = ({ created, value }: SaveResult<StockFeed>): SavedFeed => ({
          ...{ feed: value, created, secret: made },
        });
        const saved = yield* Effect.result(parts.references.save(stockFeeds, feed, {
          by,
          ifMatch: ifMatch ?? (before === null ? "nothing" : String(before.version)),
          ...(idempotency === undefined ? {} : {
            idempotency: {
              claim: idempotency.claim,
              respond: (result) => idempotency.respond(resultOf(result)),
            },
          }),
        }));
        if (Result.isSuccess(saved)) return resultOf(saved.success);
        const { failure } = saved;
        const isOvertaken = failure._tag === "PreconditionFailed" && ifMatch === undefined;
        if (!isOvertaken || tries >= levelLimits.changeTries) return yield* failure;
        parts.references.forget(stockFeeds, id);
      }
    });
    return saving();
  };

  readonly remove: StockFeeds["Service"]["remove"] = (id, context) =>
    this.parts.references.remove(stockFeeds, id, context);

  readonly resync: StockFeeds["Service"]["resync"] = Effect.fnUntraced(function* (
    this: Feeds,
    feed: StockFeed,
    { by, idempotency }: CommandContext<StockFeed>,
  ) {
    const { outbound, ledger, tail } = this.parts;
    const { id, enabled } = feed;
    if (!enabled) return yield* new FeedDisabled({ id });
    const lane = laneOfFeed(id);
    const limit = outboundLimits.requestsPerLook;
    if ((yield* ofLane(outbound.requests(lane))).length >= limit) {
      return yield* new LimitReached({ what: "resyncs of a feed", limit });
    }
    const at = instantOf(yield* Clock.currentTimeMillis);
    const record: LogRecord & { readonly type: string; readonly stockFeedId: string } = {
      ...{ kind: feedRecordKind, type: feedRecords.resynced, at, by: by.id, stockFeedId: id },
    };
    const position = tail.committedPosition();
    yield* ledger.submit({
      reads: idempotency === undefined ? [] : [idempotency.claim.read],
      partitions: [stockFeeds.partition],
      balances: noDeltas,
      writes: [
        requestWrite(lane, { type: "sweep", position, after: "" }),
        ...(idempotency === undefined ? [] : idempotency.claim.write(idempotency.respond(feed))),
      ],
      records: [record],
    });
    return feed;
  }).bind(this);

  readonly #requireSettings = Effect.fnUntraced(function* (
    this: Feeds,
    { url, locationIds }: FeedSettings,
  ) {
    yield* Effect.fromResult(targetOf(url, this.parts.allow));
    const at: number[] = [];
    for (const [n, locationId] of locationIds.entries()) {
      if ((yield* this.parts.references.find(locations, locationId)) === null) at.push(n);
    }
    if (at.length > 0) return yield* new LocationsUnknown({ at });
  }).bind(this);

  readonly #secretsOf = Effect.fnUntraced(function* (
    this: Feeds,
    id: string,
    before: StockFeed | null,
    given: string | undefined,
    now: Instant,
  ): Effect.fn.Return<Secrets, SecretsKeyMissing> {
    const { sealing } = this.parts;
    const place = placeOfFeedSecret(id);
    if (before === null) {
      const random = crypto.getRandomValues(new Uint8Array(levelLimits.secretBytes));
      const made = given === undefined ? webhookSecret(random) : null;
      const sealed = yield* sealing.seal(place, given ?? made ?? "");
      return { secrets: newSecrets(sealed, now), made };
    }
    const [current] = before.secrets;
    if (given === undefined) return { secrets: before.secrets, made: null };
    const opened = yield* Effect.result(sealing.open(place, current.sealed));
    if (Result.isSuccess(opened) && opened.success === given) {
      return { secrets: before.secrets, made: null };
    }
    const keepUntil = instantOf(epochMsOf(now) + levelLimits.keepOldHours * 3_600_000);
    const sealed = yield* sealing.seal(place, given);
    return { secrets: rotated(before, sealed, now, keepUntil).secrets, made: null };
  }).bind(this);
}

const makeFeeds = Effect.fnUntraced(function* (allow: AllowList) {
  return StockFeeds.of(
    new Feeds({
      references: yield* References,
      sealing: yield* Sealing,
      outbound: yield* Outbound,
      ledger: yield* Ledger,
      tail: yield* LogTail,
      allow,
    }),
  );
});
