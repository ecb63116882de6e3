/**
 * The API for pages of the same process. A page's request passes the same roles, scopes, schemas and handlers
 * as a client's; only HTTP is left out.
 */
import { Cause, Context, Effect, Exit, Result } from "effect";
import type { Principal, Session } from "../../src/kernel/principal.ts";
import { Authenticator } from "./authenticator.ts";
import { type FailureTable, problemOf, type Tagged } from "./failures.ts";
import { type Problem, problem } from "./problems.ts";
import { fingerprintOf } from "./headers.ts";
import type { RawRequest, RouteDefinition, StreamedBody } from "./registry.ts";
import { refusal } from "./scope.ts";

export interface Ask {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly stream?: StreamedBody;
  readonly headers?: Headers;
  /** The session in which it asks: a stream or an upload ends with it. */
  readonly session?: Session;
  /** `Authenticator.changes` when the key was last found to be good. */
  readonly since?: number;
  /** A repeat of the request with the same key gets the first answer. */
  readonly idempotencyKey?: string | undefined;
  /** The version that a change stands on. */
  readonly ifMatch?: string | undefined;
}

/** A refusal as a page tells it. */
export interface RefusedReply {
  readonly ok: false;
  readonly status: number;
  readonly title: string;
  readonly problem: Problem;
}

/** The answer of the API: `value` is the body's JSON, or the response itself where that is a stream. */
export type Reply<Value = unknown> =
  | { readonly ok: true; readonly status: number; readonly value: Value }
  | RefusedReply;

/** An operation of the API, and of which type its answers are. */
export interface Operation<out Value = unknown> {
  readonly operationId: string;
  /** Never there: it tells the compiler. The routes' own tests hold answers to their schemas. */
  readonly answers?: Value;
}

/** The operation of a route, or of an action. */
export const operation = <Value>(
  { operationId }: { readonly operationId: string },
): Operation<Value> => ({ operationId });

export interface InProcessApi {
  readonly ask: <Value>(
    operation: Operation<Value>,
    by: Principal,
    ask?: Ask,
  ) => Promise<Reply<Value>>;
  /** Whether the key's role and scope let it try. */
  readonly allows: (operation: Operation, by: Principal) => boolean;
}

const refused = (problem: Problem): RefusedReply => {
  const { status, title } = problem.type;
  return { ok: false, status, title, problem };
};

type KeptProblem =
  & { readonly type: string; readonly status: number; readonly title: string }
  & Pick<Problem, "detail" | "errors">;

/** A problem as it was kept for repeats of its request. */
const readProblem = (body: unknown): Problem => {
  const { type, status, title, detail, errors } = body as KeptProblem;
  return { type: { name: type.slice("/problems/".length), status, title }, detail, errors };
};

/** Why a page that has been open for a while may not ask any more; null when it may. */
const whyOver = (context: Context.Context<Authenticator>) => {
  const authenticator = Context.get(context, Authenticator);
  const run = Effect.runPromiseWith(context);
  return async (by: Principal, { since, session }: Ask): Promise<string | null> =>
    since === undefined || since === authenticator.changes()
      ? null
      : await run(authenticator.whyNot(by, session));
};

export const makeInProcessApi = <Services>(
  routes: readonly RouteDefinition<Services>[],
  context: Context.Context<NoInfer<Services> | Authenticator>,
  stopping: AbortSignal,
): InProcessApi => {
  const run = Effect.runPromiseExitWith(context);
  const log = Effect.runForkWith(context);
  const over = whyOver(context);
  const byOperation = new Map(routes.map((route) => [route.operationId, route]));

  const routeOf = ({ operationId }: Operation): RouteDefinition<Services> => {
    const route = byOperation.get(operationId);
    if (route === undefined) throw new Error(`There is no operation ${operationId}.`);
    return route;
  };

  const failed = (
    cause: Cause.Cause<Tagged>,
    failures: FailureTable,
    { operationId }: Operation,
  ): RefusedReply => {
    const failure = Cause.findError(cause);
    const found = Result.isSuccess(failure) ? problemOf(failures, failure.success) : null;
    if (found !== null) return refused(found);
    log(
      Effect.logError("A page's request failed unexpectedly", cause).pipe(
        Effect.annotateLogs({ operationId }),
      ),
    );
    return refused(problem("internal-error", "The log has more about it."));
  };

  return {
    allows: (operation, by) => refusal(routeOf(operation), by) === null,
    ask: async <Value>(operation: Operation<Value>, by: Principal, ask: Ask = {}) => {
      const route = routeOf(operation);
      const detail = refusal(route, by);
      if (detail !== null) return refused(problem("forbidden", detail));
      const why = await over(by, ask);
      if (why !== null) return refused(problem("unauthorized", why));
      const { params = {}, query = {}, json, stream, idempotencyKey, headers, session, ifMatch } =
        ask;
      const target = `${route.path}?${new URLSearchParams({ ...params, ...query })}`;
      const content = JSON.stringify(json) ?? "";
      const request: RawRequest = {
        id: "page",
        by,
        session,
        target,
        headers: headers ?? new Headers(),
        params,
        query,
        json,
        stream,
        idempotency: idempotencyKey === undefined ? undefined : {
          key: idempotencyKey,
          fingerprint: fingerprintOf(route.method, target, content),
        },
        ifMatch,
        stopping,
      };
      const exit = await run(route.handle(request));
      if (Exit.isFailure(exit)) return failed(exit.cause, route.failures, operation);
      const answer = exit.value;
      const { status } = answer;
      if (answer instanceof Response) return { ok: true, status, value: answer as Value };
      const value: unknown = JSON.parse(answer.body || "null");
      return status < 400
        ? { ok: true, status, value: value as Value }
        : refused(readProblem(value));
    },
  };
};
