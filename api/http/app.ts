/**
 * The Hono app: serves route definitions. One function does what every route needs, in the order in which
 * a request can fail: key, role, scope, load, headers, media type, size, JSON, shape, handler.
 */
import { Cause, Clock, Context, Effect, Exit, LogLevel, References } from "effect";
import { type Context as HonoContext, Hono } from "hono";
import type { Principal } from "../../src/kernel/principal.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { Answers } from "./answers.ts";
import { Attempts, Slowed } from "./attempts.ts";
import { Authenticator } from "./authenticator.ts";
import { Bodies } from "./bodies.ts";
import { readBody } from "./body.ts";
import { makeGathering } from "./gather.ts";
import { bearerKey, fingerprintOf, idempotencyKey, ifMatchTag } from "./headers.ts";
import { registerInFlight, routeMetrics } from "./metrics.ts";
import { type Peer, peerOf } from "./peer.ts";
import { ApiProblem, fail, problem } from "./problems.ts";
import {
  noQuery,
  pathPattern,
  type RawRequest,
  type RouteDefinition,
  type StreamedBody,
} from "./registry.ts";
import { refusal } from "./scope.ts";
import { sendProblem } from "./send.ts";
import { Shares } from "./shares.ts";

export interface AppOptions {
  /** Commands being worked on at once; beyond it the answer is 503. */
  readonly inFlightCommands?: number;
  /** Looks after bodies on their way. */
  readonly bodies?: Bodies;
  /** Aborts when the server stops: ends streams. */
  readonly stopping?: AbortSignal;
  /** Begins every request id of this process. */
  readonly requestIdPrefix?: string;
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

/** The methods that a path has, for 405 and `Allow`. */
const methodsByPath = (routes: readonly RouteDefinition<unknown>[]) => {
  const patterns = routes.map(({ path, method }) => ({
    pattern: pathPattern(path),
    methods: method === "GET" ? ["GET", "HEAD"] : [method],
  }));
  return (path: string): readonly string[] => [
    ...new Set(patterns.flatMap(({ pattern, methods }) => pattern.test(path) ? methods : [])),
  ];
};

/** Finds the caller, where the route admits it; else the answer that refuses it. */
const makeAdmission = (context: Context.Context<Attempts>, answers: Answers) => {
  const attempts = Context.get(context, Attempts);
  const run = Effect.runPromiseExitWith(context);
  const judge = (
    by: Principal | Slowed | null,
    route: RouteDefinition<unknown>,
    requestId: string,
  ): Principal | Response => {
    if (by === null) return sendProblem(unauthorized, requestId);
    if (by instanceof Slowed) return sendProblem(by.problem, requestId);
    const detail = refusal(route, by);
    return detail === null ? by : sendProblem(problem("forbidden", detail), requestId);
  };
  // Nearly every key is known, and then there is nothing to wait for.
  return (
    route: RouteDefinition<unknown>,
    c: HttpContext,
    requestId: string,
  ): Principal | Response | Promise<Principal | Response> => {
    const key = bearerKey(c.req.raw.headers);
    const known = key === null ? null : attempts.known(key);
    if (key === null || known !== undefined) return judge(known ?? null, route, requestId);
    return run(attempts.enter(key, peerOf(c))).then((exit) =>
      Exit.isFailure(exit)
        ? answers.failed(exit.cause, requestId, route)
        : judge(exit.value, route, requestId)
    );
  };
};

/** The app over these routes. `context` holds the services that their handlers ask for. */
export const makeApp = <Services>(
  routes: readonly RouteDefinition<Services>[],
  context: Context.Context<NoInfer<Services> | Authenticator | Attempts>,
  options: AppOptions = {},
): Hono<HttpEnvironment> => {
  const app = new Hono<HttpEnvironment>();
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
  const prefix = options.requestIdPrefix ?? "req";
  const gathered = makeGathering();
  const bodies = options.bodies ?? new Bodies();
  const answers = new Answers(context);
  const commands = new Shares(limit);
  const uploads = new Shares(requestLimits.uploads);
  let requests = 0;
  registerInFlight(() => commands.taken, context);
  const nextId = (): string => `${prefix}-${(++requests).toString(36)}`;

  const admit = makeAdmission(context, answers);

  const answer = async (
    route: RouteDefinition<Services>,
    c: HttpContext,
    requestId: string,
  ): Promise<Response> => {
    const request = c.req.raw;
    const { headers, url } = request;
    const isPublic = route.permission === "public";
    const changes = authenticator.changes();
    const admitted = isPublic ? anonymous : admit(route, c, requestId);
    const by = admitted instanceof Promise ? await admitted : admitted;
    if (by instanceof Response) return by;
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
    if (route.method === "GET") {
      return answers.outcome(await run(route.handle(raw)), route, { request, requestId, holder });
    }
    // Only now: a client that sends its body slowly takes no share from others meanwhile.
    const shares = raw.stream === undefined ? commands : uploads;
    if (!shares.take(holder)) return sendProblem(overloaded, requestId);
    try {
      const handled = route.handle(raw);
      await gathered();
      return answers.outcome(await run(handled), route, { request, requestId, holder });
    } finally {
      shares.giveBack(holder);
    }
  };

  for (const route of routes) {
    const count = routeMetrics(route.method, route.path, context);
    app.on(route.method, honoPath(route.path), async (c) => {
      const startedAt = clock.monotonicTimeNanosUnsafe();
      const requestId = nextId();
      let response: Response;
      try {
        response = await answer(route, c, requestId);
      } catch (error) {
        // Nothing thrown leaves here: it is a fault of ours, and a 500.
        response = answers.failed(Cause.die(error), requestId, route);
      }
      const seconds = Number(clock.monotonicTimeNanosUnsafe() - startedAt) / 1e9;
      count(response.status, seconds);
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

  const allowed = methodsByPath(routes);
  app.notFound((c) => {
    const methods = allowed(c.req.path).join(", ");
    return methods === ""
      ? sendProblem(problem("not-found", "There is no such route."), nextId())
      : sendProblem(
        problem("method-not-allowed", `This route allows ${methods}.`, {
          headers: { allow: methods },
        }),
        nextId(),
      );
  });
  return app;
};
