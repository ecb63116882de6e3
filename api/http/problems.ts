/**
 * Errors as clients see them: `application/problem+json` (RFC 9457). Here are the problem types that every
 * subject may use; a subject has its own beside its routes, which list them.
 */
import { Data, Schema } from "effect";
import type { StoredResponse } from "../../src/store/documents.ts";

/** A kind of problem. Its URI is `/problems/<name>`, and never changes. */
export interface ProblemType {
  readonly name: string;
  readonly status: number;
  readonly title: string;
  /** Members of the problem object beside the general ones, as RFC 9457 section 3.2 allows. */
  readonly members?: Schema.Struct.Fields;
  /** Members of each of its `errors` beside the general ones. */
  readonly errorMembers?: Schema.Struct.Fields;
}

const named = <Name extends string>(
  types: Readonly<Record<Name, Omit<ProblemType, "name">>>,
): Readonly<Record<Name, ProblemType>> =>
  Object.fromEntries(
    Object.entries<Omit<ProblemType, "name">>(types).map(([name, type]) => [name, {
      name,
      ...type,
    }]),
  ) as Record<Name, ProblemType>;

/** The problem types of every subject. */
export const problemTypes = named({
  "malformed-request": { status: 400, title: "The request cannot be read" },
  "unauthorized": { status: 401, title: "No valid key" },
  "forbidden": { status: 403, title: "The key does not allow this" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here" },
  "request-timeout": { status: 408, title: "The request did not come in time" },
  "conflict": { status: 409, title: "It conflicts with what is there" },
  "idempotency-in-flight": { status: 409, title: "The same request is being worked on" },
  "limit-reached": {
    status: 409,
    title: "There are as many as there may be",
    members: {
      limit: Schema.optionalKey(
        Schema.Int.annotate({ description: "Of `limit-reached`: how many there may be" }),
      ),
    },
  },
  "precondition-failed": { status: 412, title: "It was changed in the meantime" },
  "payload-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body's media type is not understood" },
  "idempotency-mismatch": { status: 422, title: "The idempotency key belongs to another request" },
  "too-large": { status: 422, title: "Too much is asked for at once" },
  "invalid-request": { status: 422, title: "The request is not valid" },
  "too-many-attempts": { status: 429, title: "Too many wrong keys" },
  "internal-error": { status: 500, title: "Something went wrong here" },
  "store-full": { status: 503, title: "The store has no room" },
  "overloaded": { status: 503, title: "Too much is being asked at once" },
  "unavailable": { status: 503, title: "The store does not answer" },
});
export type ProblemName = keyof typeof problemTypes;

/** One thing that is wrong, and where: in the body (a JSON pointer) or in a query or path parameter. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

export interface Problem {
  readonly type: ProblemType;
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[] | undefined;
  /** The members that its type has beside the general ones. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** General types go by their name, a subject's own by themselves. */
export type NamedProblem = ProblemName | ProblemType;

export const problemTypeOf = (type: NamedProblem): ProblemType =>
  typeof type === "string" ? problemTypes[type] : type;

export const problem = (
  type: NamedProblem,
  detail: string,
  more: Omit<Problem, "type" | "detail"> = {},
): Problem => ({ type: problemTypeOf(type), detail, ...more });

/** A problem as a failure, for handlers that fail in a way of which no service knows. */
export class ApiProblem extends Data.TaggedError("ApiProblem")<{ readonly problem: Problem }> {}

export const fail = (
  type: NamedProblem,
  detail: string,
  more: Omit<Problem, "type" | "detail"> = {},
): ApiProblem => new ApiProblem({ problem: problem(type, detail, more) });

export const invalidParameter = (parameter: string, detail: string): ApiProblem =>
  fail("invalid-request", "A parameter is not valid.", { errors: [{ parameter, detail }] });

/** The problem object's text. `instance` is the request's id, which the log has too. */
export const problemBody = (
  { type: { name, status, title }, detail, errors, extensions }: Problem,
  requestId: string,
): string =>
  JSON.stringify({
    type: `/problems/${name}`,
    title,
    status,
    detail,
    instance: `/requests/${requestId}`,
    ...(errors === undefined ? {} : { errors }),
    ...extensions,
  });

export const problemResponse = (problem: Problem, requestId: string): StoredResponse => ({
  status: problem.type.status,
  headers: { "content-type": "application/problem+json", ...problem.headers },
  body: problemBody(problem, requestId),
});
