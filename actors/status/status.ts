/** The live picture of the engine: counters folded from the log, and the stream of its changes. */
import { Clock, Context, Effect, Latch, Layer, Metric } from "effect";
import type { Scope as KeyScope } from "../../src/kernel/principal.ts";
import { statusLimits, streamLimits } from "../../src/status/limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import { StatusCounters } from "../../src/status/counters.ts";
import {
  countsOf,
  snapshotOf,
  type StatusSnapshot,
  type StoreState,
} from "../../src/status/snapshot.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry, Position } from "../../src/store/log.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { packValue, readValue, splitValue } from "../../src/store/values.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { LogTail } from "../log/log-tail.ts";
import { LaneBoard } from "../outbound/lane-board.ts";
import type { Aside } from "../log/set-aside.ts";
import { StatusLooks } from "./looks.ts";
import { type StatusReader, StatusStream, type StreamRequest } from "./status-stream.ts";
import { type StoreFailing, StoreHealth } from "./store-health.ts";
import type { Overloaded } from "../ledger/unit.ts";

export class Status extends Context.Service<Status, {
  /** Up to here everything is counted. */
  readonly position: () => Position;
  /** The status as a key may see it; waits, within bounds, until the last commit of this process counts. */
  readonly snapshot: (scope: KeyScope) => Effect.Effect<StatusSnapshot, StoreError>;
  /** A new stream: `body` is the response. Too many readers are refused as overloaded. */
  readonly stream: (
    request: StreamRequest,
  ) => Effect.Effect<StatusReader, Overloaded | StoreError>;
  /** Reads from the store what the metrics show of it; to be called before they are read. */
  readonly measure: Effect.Effect<void, StoreError>;
  /** Ends all streams and takes no more: first thing of a shutdown, else the server waits for them. */
  readonly closeStreams: () => void;
}>()("allot/Status") {
  static readonly layer = Layer.effect(Status, Effect.suspend(() => makeStatus));
}

export const statusConsumer = "status";

const entriesBehind = Metric.gauge("allot_consumer_lag_entries", {
  description: "Log entries that a consumer is behind",
});
const secondsBehind = Metric.gauge("allot_consumer_lag_seconds", {
  description: "Seconds of the log that a consumer is behind",
});

const storeState = (failing: StoreFailing | null): StoreState => {
  if (failing === null) return { takesCommits: true };
  const { since, error: { reason } } = failing;
  return { takesCommits: false, since, ...(reason === undefined ? {} : { reason }) };
};

const setAsideEntries = Metric.gauge("allot_consumer_set_aside_entries", {
  description: "Log entries that a consumer could not handle and left out",
});

const aggregates = Metric.gauge("allot_aggregates", {
  description: "Aggregates of a kind in a status",
});

const oldestWaiting = Metric.gauge("allot_oldest_waiting_seconds", {
  description: "How long the oldest that waits has waited, by what it waits as; 0 where none does",
});

/** Shows how long the longest has waited, as the looks found it. */
const showOldest = Effect.fnUntraced(function* (
  looks: StatusLooks["Service"],
  looked: Readonly<Record<string, unknown>>,
) {
  for (const { name, waitingSeconds } of looks) {
    for (const [what, seconds] of Object.entries(waitingSeconds?.(looked[name]) ?? {})) {
      yield* Metric.update(Metric.withAttributes(oldestWaiting, { what }), seconds);
    }
  }
});

const makeStatus = Effect.gen(function* () {
  const store = yield* Store;
  const tail = yield* LogTail;
  const health = yield* StoreHealth;
  const subjects = yield* Subjects;
  const looks = yield* StatusLooks;
  const board = yield* LaneBoard;
  const clock = yield* Clock.Clock;
  const checkpointKey = keys.cursor(statusConsumer);

  const saved = yield* readValue<unknown>(checkpointKey);
  const counters = saved === null
    ? new StatusCounters(subjects)
    : StatusCounters.from(saved.value, subjects) ?? new StatusCounters(subjects);
  let savedPosition = counters.position;
  let savedParts = saved?.parts ?? 0;
  const looked: Record<string, unknown> = {};
  for (const { name, before } of looks) looked[name] = before;
  let setAside: readonly SetAside[] = [];
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  const counted = Latch.makeUnsafe(false);

  const snapshot = (scope: KeyScope): StatusSnapshot =>
    snapshotOf(counters, subjects, scope, {
      nowMs: clock.currentTimeMillisUnsafe(),
      looked,
      consumers: tail.lags(),
      lanes: board.lanes(),
      setAside,
      streamReaders: stream.readers,
      store: storeState(health.failing()),
    });

  const stream: StatusStream = new StatusStream({
    tail,
    kinds: subjects,
    position: () => counters.position,
    isTooOld: (position) => counters.isTooOld(position),
    snapshot,
    scope: yield* Effect.scope,
  });

  const handle = Effect.fnUntraced(function* (entries: readonly LogEntry[]) {
    for (const entry of entries) {
      // Counted in a try that a later entry spoiled.
      if (entry.position <= counters.position) continue;
      // An entry that cannot be told throws here, before it is counted: it is tried again as a whole.
      const frames = stream.framesOf(entry);
      // In one tick: a snapshot counts exactly the entries that have been broadcast.
      counters.apply(entry);
      stream.broadcast(entry, frames);
      yield* counted.release;
      // Lets the readers take their messages.
      yield* Effect.yieldNow;
    }
  });

  /** Reads the parts of a snapshot that are in the store. */
  const refresh = Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis;
    if (nowMs - lookedAtMs < statusLimits.oldestMs) return;
    lookedAtMs = nowMs;
    for (const { name, look } of looks) {
      looked[name] = yield* Effect.provideService(look(nowMs), Store, store);
    }
    setAside = yield* tail.setAside;
  });

  const upTo = Effect.fnUntraced(function* (position: Position) {
    while (counters.position < position) yield* counted.await;
  });

  /** Any process may save: the one that reads it goes on from its position. */
  const checkpoint = Effect.suspend(() => {
    if (counters.position === savedPosition) return Effect.void;
    const position = counters.position;
    const { head, mutations } = splitValue(packValue(counters.save()), {
      valueBytes: store.limits.valueBytes,
      stamp: position,
      previousParts: savedParts,
      partKey: (n) => keys.part(checkpointKey, n),
    });
    return Effect.map(
      store.commit({
        checks: [],
        mutations: [{ type: "set", key: checkpointKey, value: head }, ...mutations],
      }),
      () => {
        savedPosition = position;
        savedParts = mutations.filter(({ type }) => type === "set").length;
      },
    );
  });

  const updateMetrics = Effect.gen(function* () {
    const entries = yield* tail.setAside;
    for (const lag of tail.lags()) {
      const attributes = { consumer: lag.name };
      const left = entries.filter(({ consumer }) => consumer === lag.name).length;
      yield* Metric.update(Metric.withAttributes(setAsideEntries, attributes), left);
      yield* Metric.update(Metric.withAttributes(entriesBehind, attributes), lag.entriesBehind);
      yield* Metric.update(Metric.withAttributes(secondsBehind, attributes), lag.secondsBehind);
    }
    for (const definition of subjects.aggregates.values()) {
      const { byStatus } = countsOf(counters, definition, undefined);
      for (const [status, count] of Object.entries(byStatus)) {
        const attributes = { kind: definition.name, status };
        yield* Metric.update(Metric.withAttributes(aggregates, attributes), count);
      }
    }
    yield* stream.updateMetrics;
  });

  const every = (ms: number, effect: Effect.Effect<void, StoreError>) =>
    Effect.forkScoped(Effect.forever(
      Effect.andThen(
        Effect.sleep(ms),
        Effect.catch(effect, (error) => Effect.logWarning("The status falls behind", error)),
      ),
    ));

  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.sync(() => stream.close()),
      Effect.catch(checkpoint, (error) => Effect.logWarning("The status was not saved", error)),
    )
  );
  /** Kept in the very state that lacks the entries, so that a process that goes on from it knows. */
  const aside: Aside = {
    add: (setAside, entry) =>
      Effect.andThen(
        Effect.sync(() => {
          counters.skip(setAside);
          // Readers that resume are told all that can be told, and so are readers that read on.
          stream.broadcast(entry, stream.readableFrames(entry));
        }),
        counted.release,
      ),
    // Whatever counts an entry takes it off the list.
    remove: () => Effect.void,
    list: Effect.sync(() => counters.setAside),
  };
  const again = (entry: LogEntry) => Effect.sync(() => counters.applySkipped(entry));

  yield* tail.follow(statusConsumer, counters.position, handle, { aside, again });
  yield* every(logLimits.checkpointMs, checkpoint);
  yield* every(statusLimits.metricsMs, updateMetrics);
  yield* every(streamLimits.heartbeatMs, Effect.sync(() => stream.heartbeat()));
  yield* every(
    streamLimits.snapshotMs,
    Effect.suspend(() =>
      stream.readers === 0 ? Effect.void : Effect.map(refresh, () => stream.broadcastSnapshot())
    ),
  );

  return Status.of({
    position: () => counters.position,
    snapshot: Effect.fnUntraced(function* (scope) {
      yield* Effect.timeoutOption(upTo(tail.committedPosition()), statusLimits.waitMs);
      yield* refresh;
      return snapshot(scope);
    }),
    stream: (request) => Effect.andThen(refresh, stream.open(request)),
    measure: Effect.andThen(refresh, Effect.suspend(() => showOldest(looks, looked))),
    closeStreams: () => stream.close(),
  });
});
