/**
 * The Hono app: serves route definitions. One function does what every route needs, in the order in which
 * a request can fail: key, role, scope, load, headers, media type, size, JSON, shape, handler.
 */
import { Cause, Clock, Context, Effect, Exit, LogLevel, References } from "effect";
import { type Context as HonoContext, Hono } from "hono";
import type { Correlation } from "../../src/kernel/correlation.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { allowedBy } from "./allow.ts";
import { Answers } from "./answers.ts";
import { Attempts, Slowed } from "./attempts.ts";
import { Authenticator } from "./authenticator.ts";
import { Bodies } from "./bodies.ts";
import { readBody } from "./body.ts";
import { deprecationHeaders } from "./deprecation.ts";
import { makeGathering } from "./gather.ts";
import { bearerKey, fingerprintOf, idempotencyKey, ifMatchTag } from "./headers.ts";
import {
  type AuthFailure,
  countAuthFailure,
  countUnmatched,
  registerInFlight,
  routeMetrics,
  showFailures,
} from "./metrics.ts";
import { type Peer, peerOf } from "./peer.ts";
import { ApiProblem, fail, type Problem, problem } from "./problems.ts";
import { noQuery, type RawRequest, type RouteDefinition, type StreamedBody } from "./registry.ts";
import { givenRequestId, makeRequestIds } from "./request-id.ts";
import { PathRouter } from "./router.ts";
import { refusal } from "./scope.ts";
import { send, sendProblem } from "./send.ts";
import { Shares } from "./shares.ts";
import { makeTracing, type RequestTrace } from "./tracing.ts";

export interface AppOptions {
  /** Commands being worked on at once; beyond it the answer is 503. */
  readonly inFlightCommands?: number;
  /** Looks after bodies on their way. */
  readonly bodies?: Bodies;
  /** Aborts when the server stops: ends streams. */
  readonly stopping?: AbortSignal;
  /** Begins every request id of this process. */
  readonly requestIdPrefix?: string;
  /** Hears whose request it is, once that is known. */
  readonly note?: (request: Request, keyId: string) => void;
}

/** The data that the server hands over with a request. */
type HttpEnvironment = { Bindings: Peer };
type HttpContext = HonoContext<HttpEnvironment>;

const anonymous: Principal = { id: "anonymous", role: "viewer", scope: {} };

const overloaded = problem(
  "overloaded",
  "Too many commands are being worked on. Nothing was done; ask again.",
  { headers: { "retry-after": String(requestLimits.retryAfterSeconds) } },
);

const unauthorized = problem("unauthorized", "Send a valid key: Authorization: Bearer <key>.", {
  headers: { "www-authenticate": 'Bearer realm="allot"' },
});

/** A plain request names nothing, and the log says nothing of it. */
const correlationOf = (
  requestId: string | null,
  trace: RequestTrace | undefined,
): Correlation | undefined => {
  if (requestId === null && trace?.isKept !== true) return undefined;
  return {
    ...(requestId === null ? {} : { requestId }),
    ...(trace?.isKept === true ? { traceparent: trace.traceparent } : {}),
  };
};

/** A request by its names. */
interface Named {
  readonly requestId: string;
  readonly trace: RequestTrace | undefined;
  readonly correlation: Correlation | undefined;
}

const same = <A>(value: A): A => value;

/** Describes a streamed body by what is known before it is read. */
const streamName = ({ mediaType, charset }: StreamedBody, headers: Headers): string =>
  `${mediaType} ${headers.get("content-length") ?? ""}${charset === null ? "" : ` ${charset}`}`;

/** `/v1/orders/{orderId}` as Hono writes it. */
const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/** Path and query of a URL, as they came. */
const targetOf = (url: string): string => url.slice(url.indexOf("/", url.indexOf("//") + 2));

const queryOf = (url: string): Readonly<Record<string, string>> | ApiProblem => {
  const start = url.indexOf("?");
  if (start < 0) return noQuery;
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (query.has(name)) {
      return fail("invalid-request", "A parameter comes twice.", {
        errors: [{ parameter: name, detail: "may come only once" }],
      });
    }
    query.set(name, value);
  }
  return Object.fromEntries(query);
};

/** Finds the caller, where the route admits it; else the answer that refuses it. */
const makeAdmission = (context: Context.Context<Attempts>, answers: Answers) => {
  const attempts = Context.get(context, Attempts);
  const run = Effect.runPromiseExitWith(context);
  const refused = (reason: AuthFailure, found: Problem, requestId: string): Response => {
    countAuthFailure(reason, context);
    return sendProblem(found, requestId);
  };
  const judge = (
    by: Principal | Slowed | null,
    route: RouteDefinition<unknown>,
    requestId: string,
  ): Principal | Response => {
    if (by === null) return refused("wrong_key", unauthorized, requestId);
    if (by instanceof Slowed) return refused("too_many_attempts", by.problem, requestId);
    const detail = refusal(route, by);
    return detail === null ? by : refused("forbidden", problem("forbidden", detail), requestId);
  };
  // Nearly every key is known, and then there is nothing to wait for.
  return (
    route: RouteDefinition<unknown>,
    c: HttpContext,
    requestId: string,
  ): Principal | Response | Promise<Principal | Response> => {
    const key = bearerKey(c.req.raw.headers);
    if (key === null) return refused("no_key", unauthorized, requestId);
    const known = attempts.known(key);
    if (known !== undefined) return judge(known, route, requestId);
    return run(attempts.enter(key, peerOf(c))).then((exit) =>
      Exit.isFailure(exit)
        ? answers.failed(exit.cause, requestId, route)
        : judge(exit.value, route, requestId)
    );
  };
};

/** Answers what no route has: OPTIONS, and the wrong method or path. */
const makeUnmatched = (
  routes: readonly RouteDefinition<unknown>[],
  nextId: () => string,
  context: Context.Context<never>,
) => {
  const allowed = allowedBy(routes);
  const refuse = (found: Problem, requestId: string): Response => {
    countUnmatched(found.type.status, context);
    return sendProblem(found, requestId);
  };
  return (c: HttpContext): Response => {
    const allow = allowed(c.req.path);
    const requestId = givenRequestId(c.req.raw.headers) ?? nextId();
    if (allow === null) return refuse(problem("not-found", "There is no such route."), requestId);
    if (c.req.method === "OPTIONS") {
      return send({ status: 204, headers: { allow }, body: "" }, requestId);
    }
    const detail = `This route allows ${allow}.`;
    return refuse(problem("method-not-allowed", detail, { headers: { allow } }), requestId);
  };
};

/** The app over these routes. `context` holds the services that their handlers ask for. */
export const makeApp = <Services>(
  routes: readonly RouteDefinition<Services>[],
  context: Context.Context<NoInfer<Services> | Authenticator | Attempts>,
  options: AppOptions = {},
): Hono<HttpEnvironment> => {
  const app = new Hono<HttpEnvironment>({ router: new PathRouter() });
  const authenticator = Context.get(context, Authenticator);
  const clock = Context.get(context, Clock.Clock);
  const run = Effect.runPromiseExitWith(context);
  const log = Effect.runForkWith(context);
  const logsRequests = LogLevel.isLessThanOrEqualTo(
    Context.get(context, References.MinimumLogLevel),
    "Debug",
  );
  const limit = options.inFlightCommands ?? requestLimits.inFlightCommands;
  const stopping = options.stopping ?? new AbortController().signal;
  const nextId = makeRequestIds(options.requestIdPrefix ?? "req");
  const traceOf = makeTracing(context);
  const gathered = makeGathering();
  const bodies = options.bodies ?? new Bodies();
  const answers = new Answers(context);
  const commands = new Shares(limit);
  const uploads = new Shares(requestLimits.uploads);
  registerInFlight(() => commands.taken, context);
  showFailures(context);
  const admit = makeAdmission(context, answers);

  const answer = async (
    route: RouteDefinition<Services>,
    c: HttpContext,
    { requestId, trace, correlation }: Named,
  ): Promise<Response> => {
    const request = c.req.raw;
    const { headers, url } = request;
    const isPublic = route.permission === "public";
    const changes = authenticator.changes();
    const admitted = isPublic ? anonymous : admit(route, c, requestId);
    const by = admitted instanceof Promise ? await admitted : admitted;
    if (by instanceof Response) return by;
    if (!isPublic) options.note?.(request, by.id);
    const query = queryOf(url);
    if (query instanceof ApiProblem) return sendProblem(query.problem, requestId);
    const ifMatch = route.conditional ? ifMatchTag(headers) : undefined;
    if (ifMatch instanceof ApiProblem) return sendProblem(ifMatch.problem, requestId);
    const key = route.method === "POST" ? idempotencyKey(headers) : undefined;
    if (key instanceof ApiProblem) return sendProblem(key.problem, requestId);
    // The holder whose share of bounded resources the request takes; nobody where the route is public.
    const holder = isPublic ? undefined : by.id;
    const body = route.body === null
      ? undefined
      : await readBody(request, route.body, bodies, holder);
    if (body instanceof ApiProblem) return sendProblem(body.problem, requestId);
    if (!isPublic && authenticator.changes() !== changes) {
      // While the body came, something became of keys: perhaps of this one.
      const still = await admit(route, c, requestId);
      if (still instanceof Response) return still;
    }
    const target = targetOf(url);
    const raw: RawRequest = {
      id: requestId,
      by,
      correlation,
      session: undefined,
      target,
      headers,
      params: c.req.param(),
      query,
      json: body?.json,
      stream: body?.stream,
      idempotency: key === undefined ? undefined : {
        key,
        fingerprint: fingerprintOf(
          route.method,
          target,
          body?.stream === undefined ? body?.bytes ?? "" : streamName(body.stream, headers),
        ),
      },
      ifMatch,
      stopping,
    };
    const within = trace?.within ?? same;
    if (route.method === "GET") {
      const exit = await run(within(route.handle(raw)));
      return answers.outcome(exit, route, { request, requestId, holder });
    }
    // Only now: a client that sends its body slowly takes no share from others meanwhile.
    const shares = raw.stream === undefined ? commands : uploads;
    if (!shares.take(holder)) return sendProblem(overloaded, requestId);
    try {
      const handled = within(route.handle(raw));
      await gathered();
      return answers.outcome(await run(handled), route, { request, requestId, holder });
    } finally {
      shares.giveBack(holder);
    }
  };

  for (const route of routes) {
    const count = routeMetrics(route.method, route.path, context);
    const announced = deprecationHeaders(route);
    app.on(route.method, honoPath(route.path), async (c) => {
      const startedAt = clock.monotonicTimeNanosUnsafe();
      const { headers } = c.req.raw;
      const given = givenRequestId(headers);
      const requestId = given ?? nextId();
      const trace = traceOf(route, headers);
      const named = { requestId, trace, correlation: correlationOf(given, trace) };
      let response: Response;
      try {
        response = await answer(route, c, named);
      } catch (error) {
        // Nothing thrown leaves here: it is a fault of ours, and a 500.
        response = answers.failed(Cause.die(error), requestId, route);
      }
      for (const [name, value] of announced) response.headers.append(name, value);
      const seconds = Number(clock.monotonicTimeNanosUnsafe() - startedAt) / 1e9;
      count(response.status, seconds);
      if (trace !== undefined) {
        response.headers.set("traceparent", trace.traceparent);
        trace.end(response.status, { "allot.request_id": requestId });
      }
      if (logsRequests) {
        log(
          Effect.logDebug("Request").pipe(
            Effect.annotateLogs({
              requestId,
              method: c.req.method,
              route: route.path,
              status: response.status,
              durationMs: seconds * 1_000,
            }),
          ),
        );
      }
      return response;
    });
  }

  app.notFound(makeUnmatched(routes, nextId, context));
  return app;
};
