/**
 * The API for pages of the same process. What a page asks for passes the same roles, scopes, schemas and
 * handlers as a client's request; only HTTP is left out.
 */
import { Cause, type Context, Effect, Exit, Result } from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import type { Problem, ProblemName } from "./problems.ts";
import { fail, type HandlerFailure, problemOf, problemTypes } from "./problems.ts";
import { fingerprintOf } from "./headers.ts";
import type { RawRequest, RouteDefinition, StreamedBody } from "./registry.ts";
import { refusal } from "./scope.ts";

export interface Ask {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly stream?: StreamedBody;
  readonly headers?: Headers;
  /** The same ask with the same key again gets the first answer. */
  readonly idempotencyKey?: string | undefined;
}

/** A refusal as a page tells it. */
export interface Refused {
  readonly ok: false;
  readonly status: number;
  readonly title: string;
  readonly problem: Problem;
}

/** What the API answered: `value` is the body's JSON, or the response itself where that is a stream. */
export type Told<Value = unknown> =
  | { readonly ok: true; readonly status: number; readonly value: Value }
  | Refused;

export interface InProcessApi {
  readonly ask: (operationId: string, by: Principal, ask?: Ask) => Promise<Told>;
  /** Whether the key's role and scope let it try. */
  readonly allows: (operationId: string, by: Principal) => boolean;
}

const refused = (problem: Problem): Refused => {
  const { status, title } = problemTypes[problem.name];
  return { ok: false, status, title, problem };
};

/** A problem as it was kept for repeats of its request. */
const readProblem = (body: unknown): Problem => {
  const { type, detail, errors } = body as { type: string } & Pick<Problem, "detail" | "errors">;
  return { name: type.slice("/problems/".length) as ProblemName, detail, errors };
};

export const makeInProcessApi = <Services>(
  routes: readonly RouteDefinition<Services>[],
  context: Context.Context<NoInfer<Services>>,
  stopping: AbortSignal,
): InProcessApi => {
  const run = Effect.runPromiseExitWith(context);
  const log = Effect.runForkWith(context);
  const byOperation = new Map(routes.map((route) => [route.operationId, route]));

  const routeOf = (operationId: string): RouteDefinition<Services> => {
    const route = byOperation.get(operationId);
    if (route === undefined) throw new Error(`There is no operation ${operationId}.`);
    return route;
  };

  const failed = (cause: Cause.Cause<HandlerFailure>, operationId: string): Refused => {
    const failure = Cause.findError(cause);
    if (Result.isSuccess(failure)) return refused(problemOf(failure.success));
    log(
      Effect.logError("A page's request failed unexpectedly", cause).pipe(
        Effect.annotateLogs({ operationId }),
      ),
    );
    return refused(fail("internal-error", "The log has more about it.").problem);
  };

  return {
    allows: (operationId, by) => refusal(routeOf(operationId), by) === null,
    ask: async (operationId, by, ask = {}) => {
      const route = routeOf(operationId);
      const detail = refusal(route, by);
      if (detail !== null) return refused({ name: "forbidden", detail });
      const { params = {}, query = {}, json, stream, idempotencyKey, headers } = ask;
      const target = `${route.path}?${new URLSearchParams({ ...params, ...query })}`;
      const content = JSON.stringify(json) ?? "";
      const request: RawRequest = {
        id: "page",
        by,
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
        ifMatch: undefined,
        stopping,
      };
      const exit = await run(route.handle(request));
      if (Exit.isFailure(exit)) return failed(exit.cause, operationId);
      const answer = exit.value;
      const { status } = answer;
      if (answer instanceof Response) return { ok: true, status, value: answer };
      const value: unknown = JSON.parse(answer.body || "null");
      return status < 400 ? { ok: true, status, value } : refused(readProblem(value));
    },
  };
};
