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
import { type Deliveries, Outbound } from "../actors/outbound/outbound.ts";
import { OutboundHttp } from "../actors/outbound/http.ts";
import { Collector } from "../actors/payment/collector.ts";
import { PaymentProviders } from "../actors/payment/payment-providers.ts";
import { httpProvider } from "../actors/payment/http-provider.ts";
import { ProviderWebhooks } from "../actors/payment/provider-webhooks.ts";
import { stripeProvider } from "../actors/payment/stripe/stripe-provider.ts";
import { feedDelivery } from "../actors/stock-feed/feed-sink.ts";
import { StockFeeds } from "../actors/stock-feed/stock-feeds.ts";
import { WebhookDeliveries } from "../actors/webhook/webhook-deliveries.ts";
import { makeMail } from "../actors/message/mail.ts";
import { MessageRecords } from "../actors/message/message-records.ts";
import { messageDelivery } from "../actors/message/message-sink.ts";
import { messageOutboxName } from "../src/message/outbox.ts";
import { webhookKeys } from "../actors/webhook/webhook-keys.ts";
import { webhookDelivery } from "../actors/webhook/webhook-sink.ts";
import { Webhooks } from "../actors/webhook/webhooks.ts";
import { noExceptions } from "../src/outbound/allow-list.ts";
import type { ProviderPorts } from "../src/payment/port.ts";
import { Sealing } from "../src/secrets/sealing.ts";
import { feedLanes } from "../src/stock-feed/outbox.ts";
import { webhookLanes } from "../src/webhook/outbox.ts";
import { orderInWebhooks } from "./webhook/order-in-webhooks.ts";
import type { SubjectList } from "../src/subject/subject.ts";
import type { Store, StoreError } from "../src/store/store.ts";
import { Bodies } from "./http/bodies.ts";
import { makeApp } from "./http/app.ts";
import { Attempts } from "./http/attempts.ts";
import { Authenticator } from "./http/authenticator.ts";
import { makeDashboard } from "./dashboard/app.tsx";
import { sessionsSignedWith } from "./dashboard/session.ts";
import { dashboardEngine } from "./dashboard/engine.ts";
import { type AccessLog, makeAccessLog, type Sink } from "./http/access-log.ts";
import { makeCors, openTo } from "./http/cors.ts";
import { answerHead } from "./http/head.ts";
import type { Peer } from "./http/peer.ts";
import { processMetrics } from "./http/process-metrics.ts";
import { givenRequestId, makeRequestIds } from "./http/request-id.ts";
import { makeInProcessApi } from "./http/in-process.ts";
import { type RouteServices, routesOf } from "./routes.ts";
import { sessionSecretOf } from "./session-secret.ts";
import type { Settings } from "./settings.ts";
import { type ApiSubject, apiSubjects } from "./subjects.ts";
import { telemetryLayer } from "./telemetry.ts";

const logFormats = { json: Logger.formatJson, logfmt: Logger.formatLogFmt } as const;

/** Logs are lines on the standard error, so that the standard output is for people. */
const loggerLayer = (settings: Pick<Settings, "logLevel" | "logFormat">) =>
  Layer.mergeAll(
    Logger.layer([Logger.withConsoleError(logFormats[settings.logFormat ?? "json"])]),
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
  /** What calls payment providers, by their type; over HTTP where absent. */
  readonly providers?: ProviderPorts;
  /** Takes the access log, where the settings have one. */
  readonly accessLogSink?: Sink;
}

/** What endpoints, feeds and payment providers need beside the engine. */
const outsideServices = ({ outboundAllow = noExceptions }: Settings) =>
  Layer.mergeAll(
    Webhooks.layer(outboundAllow),
    WebhookDeliveries.layer,
    webhookKeys,
    PaymentProviders.layer(outboundAllow),
    ProviderWebhooks.layer,
    StockFeeds.layer(outboundAllow),
  );

/** The deliveries of the engine's own outboxes. Without a mail server nobody sends messages to customers. */
const ownDeliveries = Effect.fnUntraced(function* ({ mail }: Settings) {
  const webhook = yield* webhookDelivery(orderInWebhooks);
  const told: Deliveries = {
    [webhookLanes.name]: webhook,
    [feedLanes.name]: yield* feedDelivery,
  };
  return mail === undefined
    ? told
    : { ...told, [messageOutboxName]: yield* messageDelivery(yield* makeMail(mail)) };
});

/** Those who can be called, by their type. */
const ownPorts = Effect.all({ http: httpProvider, stripe: stripeProvider });

const applicationLayer = (
  settings: Settings,
  store: Layer.Layer<Store, StoreError>,
  { subjects, deliveries = {}, providers }: ApplicationParts,
) =>
  Layer.mergeAll(authenticatorLayer, outsideServices(settings)).pipe(
    Layer.provideMerge(
      engineLayer({
        settings: { autoCloseAfterMs: settings.autoCloseAfterMs },
        shelves: settings.shelves,
        lanes: settings.lanes ?? true,
        ...(subjects === undefined ? {} : { subjects }),
        providers: Effect.map(ownPorts, (own) => providers ?? own),
        deliveries: Effect.map(ownDeliveries(settings), (own) => ({ ...own, ...deliveries })),
      }),
    ),
    Layer.provideMerge(MessageRecords.layer(settings.mail !== undefined)),
    Layer.provideMerge(Sealing.layer({ secretsKey: settings.secretsKey, kvPath: settings.kvPath })),
    Layer.provideMerge(OutboundHttp.layer({ allow: settings.outboundAllow ?? noExceptions })),
    Layer.provideMerge(store),
    Layer.provideMerge(processMetrics),
    Layer.provideMerge(telemetryLayer(settings.telemetry)),
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
  /** Fires due timers and lets consumers and lanes catch up: for isolates that are woken for it. */
  readonly catchUp: () => Promise<void>;
  /** Ends streams; requests in flight go on. */
  readonly stopStreams: () => void;
  /** Finishes work that was begun, saves the state of consumers, closes the store. */
  readonly close: () => Promise<void>;
  readonly context: Context.Context<Layer.Success<ReturnType<typeof applicationLayer>>>;
}

type Fetch = Application["fetch"];

/** Takes the lines of the access log; null where there is none. */
const sinkOf = ({ accessLog }: Settings, { accessLogSink }: ApplicationParts): Sink | null =>
  accessLog === undefined
    ? null
    : accessLogSink ?? (accessLog === "stdout" ? Deno.stdout : Deno.stderr);

/** Pages and API as one, with what is done for both. */
const frontOf = (
  api: Fetch,
  pages: { readonly fetch: Fetch; readonly isPage: (url: string) => boolean },
  { corsOrigins = [] }: Settings,
  log: AccessLog | null,
  requestIdPrefix: string,
): Fetch => {
  const cors = corsOrigins.length === 0 ? null : makeCors(corsOrigins);
  const open = cors === null ? api : openTo(cors, api);
  const nextId = makeRequestIds(`page-${requestIdPrefix}`);
  const page: Fetch = async (request, peer) => {
    const answer = await pages.fetch(request, peer);
    answer.headers.set("x-request-id", givenRequestId(request.headers) ?? nextId());
    return answer;
  };
  const serve: Fetch = (request, peer) =>
    pages.isPage(request.url) ? page(request, peer) : open(request, peer);
  const told = log === null ? serve : log.telling(serve);
  return (request, peer) =>
    request.method === "HEAD" ? answerHead(told, request, peer) : told(request, peer);
};

const sessionsEnd =
  "Sessions of the dashboard end with this process, and others do not know them: set ALLOT_SESSION_SECRET";

/** Starts the engine on a store. Rejects with the store's error when it cannot be opened. */
export const startApplication = async (
  settings: Settings,
  store: Layer.Layer<Store, StoreError>,
  parts: ApplicationParts = {},
): Promise<Application> => {
  const { api: listed = apiSubjects } = parts;
  const routes = routesOf(listed, parts.subjects);
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
    const requestIdPrefix = Context.get(context, Clock.Clock).currentTimeMillisUnsafe()
      .toString(36);
    const sink = sinkOf(settings, parts);
    const log = sink === null ? null : makeAccessLog(sink, context);
    const app = makeApp(routes, context, {
      inFlightCommands: settings.inFlightCommands,
      bodies,
      stopping: stopping.signal,
      requestIdPrefix,
      ...(log === null ? {} : { note: log.note }),
    });
    const api = makeInProcessApi(routes, context, stopping.signal);
    const dashboard = makeDashboard(
      dashboardEngine(api, bodies, sessions, context, log?.note),
      listed.flatMap(({ pages }) => pages ?? []),
    );
    return {
      fetch: frontOf(app.fetch, dashboard, settings, log, requestIdPrefix),
      isPage: dashboard.isPage,
      adminKey: made,
      refusedAdminKey: refused,
      catchUp: () => runtime.runPromise(catchUp),
      stopStreams: () => stopping.abort(),
      close: async () => {
        bodies.close();
        await runtime.dispose();
        await log?.written();
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
  const outbound = yield* Outbound;
  const collector = yield* Collector;
  yield* timers.fireDue;
  yield* collector.callDue;
  yield* indexes.passed(tail.position());
  yield* outbound.caughtUp;
}).pipe(
  Effect.timeoutOrElse({
    duration: Duration.millis(timerLimits.catchUpMs),
    // The next round goes on where this one ended.
    orElse: () => Effect.logInfo("Timers, consumers or lanes are behind"),
  }),
);
