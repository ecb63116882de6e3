/** The whole application on a store, without the process around it: `main.ts` runs it, and tests start it. */
import {
  Clock,
  Context,
  Duration,
  Effect,
  Layer,
  Logger,
  ManagedRuntime,
  References,
} from "effect";
import { nanoid } from "nanoid";
import { Access } from "../actors/access/access.ts";
import { engineLayer } from "../actors/engine.ts";
import { Indexes } from "../actors/index/indexes.ts";
import { LogTail } from "../actors/log/log-tail.ts";
import { Timers } from "../actors/aggregate/timers.ts";
import { timerLimits } from "../actors/aggregate/limits.ts";
import type { Deliveries } from "../actors/outbound/outbound.ts";
import type { SubjectList } from "../src/subject/subject.ts";
import type { Store, StoreError } from "../src/store/store.ts";
import { Bodies } from "./http/bodies.ts";
import { makeApp } from "./http/app.ts";
import { Attempts } from "./http/attempts.ts";
import { Authenticator } from "./http/authenticator.ts";
import { makeDashboard } from "./dashboard/app.tsx";
import { sessionsSignedWith } from "./dashboard/session.ts";
import { dashboardEngine } from "./dashboard/engine.ts";
import type { Peer } from "./http/peer.ts";
import { makeInProcessApi } from "./http/in-process.ts";
import { type RouteServices, routesOf } from "./routes.ts";
import { sessionSecretOf } from "./session-secret.ts";
import type { Settings } from "./settings.ts";
import { type ApiSubject, apiSubjects } from "./subjects.ts";

/** Logs are JSON lines on the standard error, so that the standard output is for people. */
const loggerLayer = (settings: Pick<Settings, "logLevel">) =>
  Layer.mergeAll(
    Logger.layer([Logger.withConsoleError(Logger.formatJson)]),
    Layer.succeed(References.MinimumLogLevel, settings.logLevel),
  );

const authenticatorLayer = Attempts.layer.pipe(
  Layer.provideMerge(Layer.effect(
    Authenticator,
    Effect.gen(function* () {
      return yield* Access;
    }),
  )),
);

/** The parts of an application; the engine's own where absent. */
export interface ApplicationParts {
  readonly subjects?: SubjectList;
  readonly api?: readonly ApiSubject<RouteServices>[];
  /** For each outbox of the subjects, the function that delivers its messages. */
  readonly deliveries?: Deliveries;
}

const applicationLayer = (
  settings: Settings,
  store: Layer.Layer<Store, StoreError>,
  { subjects, deliveries }: ApplicationParts,
) =>
  authenticatorLayer.pipe(
    Layer.provideMerge(
      engineLayer({
        settings: { autoCloseAfterMs: settings.autoCloseAfterMs },
        shelves: settings.shelves,
        ...(subjects === undefined ? {} : { subjects }),
        ...(deliveries === undefined ? {} : { deliveries }),
      }),
    ),
    Layer.provideMerge(store),
    Layer.provideMerge(loggerLayer(settings)),
  );

export interface Application {
  /** `peer`: at the other end of the connection, where there is one. */
  readonly fetch: (request: Request, peer?: Peer) => Response | Promise<Response>;
  /** Whether an address is one of the dashboard's; all others are the API's. */
  readonly isPage: (url: string) => boolean;
  /** Shown this once: the admin key that was made because the store had none. */
  readonly adminKey: string | null;
  /** Why the admin key of the settings lets nobody in; null when it does, and when there is none. */
  readonly refusedAdminKey: string | null;
  /** Fires due timers and lets the consumers catch up: for isolates that are woken for it. */
  readonly catchUp: () => Promise<void>;
  /** Ends streams; requests in flight go on. */
  readonly stopStreams: () => void;
  /** Finishes work that was begun, saves the state of consumers, closes the store. */
  readonly close: () => Promise<void>;
  readonly context: Context.Context<Layer.Success<ReturnType<typeof applicationLayer>>>;
}

const sessionsEnd =
  "Sessions of the dashboard end with this process, and others do not know them: set ALLOT_SESSION_SECRET";

/** Starts the engine on a store. Rejects with the store's error when it cannot be opened. */
export const startApplication = async (
  settings: Settings,
  store: Layer.Layer<Store, StoreError>,
  parts: ApplicationParts = {},
): Promise<Application> => {
  const { api: listed = apiSubjects } = parts;
  const routes = routesOf(listed);
  const runtime = ManagedRuntime.make(applicationLayer(settings, store, parts));
  const stopping = new AbortController();
  const bodies = new Bodies();
  try {
    const context = await runtime.context();
    const access = Context.get(context, Access);
    const { made, refused } = await runtime.runPromise(access.bootstrap(settings.adminKey));
    if (refused !== null) {
      await runtime.runPromise(Effect.logError(`ALLOT_ADMIN_KEY lets nobody in: ${refused}`));
    }
    const secret = sessionSecretOf(
      refused === null ? settings : { ...settings, adminKey: undefined },
    );
    if (secret === null && settings.kvPath !== ":memory:") {
      await runtime.runPromise(Effect.logWarning(sessionsEnd));
    }
    const sessions = sessionsSignedWith(secret ?? nanoid());
    const startedAt = Context.get(context, Clock.Clock).currentTimeMillisUnsafe();
    const app = makeApp(routes, context, {
      inFlightCommands: settings.inFlightCommands,
      bodies,
      stopping: stopping.signal,
      requestIdPrefix: startedAt.toString(36),
    });
    const api = makeInProcessApi(routes, context, stopping.signal);
    const dashboard = makeDashboard(
      dashboardEngine(api, bodies, sessions, context),
      listed.flatMap(({ pages }) => pages ?? []),
    );
    return {
      fetch: (request, peer) =>
        dashboard.isPage(request.url) ? dashboard.fetch(request, peer) : app.fetch(request, peer),
      isPage: dashboard.isPage,
      adminKey: made,
      refusedAdminKey: refused,
      catchUp: () => runtime.runPromise(catchUp),
      stopStreams: () => stopping.abort(),
      close: () => {
        bodies.close();
        return runtime.dispose();
      },
      context,
    };
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
};

const catchUp = Effect.gen(function* () {
  const timers = yield* Timers;
  const tail = yield* LogTail;
  const indexes = yield* Indexes;
  yield* timers.fireDue;
  yield* indexes.passed(tail.position());
}).pipe(
  Effect.timeoutOrElse({
    duration: Duration.millis(timerLimits.catchUpMs),
    // The next round goes on where this one ended.
    orElse: () => Effect.logInfo("Timers and consumers are behind"),
  }),
);
