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
  /** What it is, in sentences for whoever meets it: the page at its URI. */
  readonly meaning: string;
  /** What to do then. */
  readonly remedy: string;
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

const asBefore = "Send the same request again with the same `Idempotency-Key`: it is done once.";

/** The problem types of every subject. */
export const problemTypes = named({
  "malformed-request": {
    status: 400,
    title: "The request cannot be read",
    meaning:
      "The body is no JSON in UTF-8, has a member twice, or did not arrive whole; or a header, such as " +
      "`Idempotency-Key` or `If-Match`, is not written as it must be.",
    remedy:
      "Mend the request: `errors` tells where, as far as it can be told. As it is it cannot succeed.",
  },
  "unauthorized": {
    status: 401,
    title: "No valid key",
    meaning:
      "There is no key in `Authorization: Bearer <key>`, or it is nobody's: it was never given, or was " +
      "revoked or replaced.",
    remedy: "Send a valid key. Administrators make keys.",
  },
  "forbidden": {
    status: 403,
    title: "The key does not allow this",
    meaning:
      "The key is valid, and its role, its channel or its location does not allow the operation.",
    remedy: "Use a key that may: the description of the operation names the roles.",
  },
  "not-found": {
    status: 404,
    title: "Not found",
    meaning:
      "There is no such thing or no such route; or it is of a channel or a location that is not the key's.",
    remedy: "Check the path and the ids in it.",
  },
  "method-not-allowed": {
    status: 405,
    title: "The method is not allowed here",
    meaning: "The route is there, and does not have this method.",
    remedy: "Use one of the methods that the header `Allow` names.",
  },
  "request-timeout": {
    status: 408,
    title: "The request did not come in time",
    meaning: "The body took too long to arrive. Nothing was done.",
    remedy: `Send it faster, or less of it. ${asBefore}`,
  },
  "conflict": {
    status: 409,
    title: "It conflicts with what is there",
    meaning:
      "What is there already does not go together with the request: `detail` says what. Nothing was done.",
    remedy: "Read what is there, and decide whether the request is still wanted.",
  },
  "idempotency-in-flight": {
    status: 409,
    title: "The same request is being worked on",
    meaning: "A request with this `Idempotency-Key` came before and is not finished.",
    remedy:
      "Wait as long as `Retry-After` says and send the same again: the answer is that of the first.",
  },
  "limit-reached": {
    status: 409,
    title: "There are as many as there may be",
    meaning: "There may be only so many of these. Nothing was done.",
    remedy: "Change one that is there, or take away one that nobody needs.",
    members: {
      limit: Schema.optionalKey(
        Schema.Int.annotate({ description: "Of `limit-reached`: how many there may be" }),
      ),
    },
  },
  "precondition-failed": {
    status: 412,
    title: "It was changed in the meantime",
    meaning: "The version that `If-Match` names is not the one that is there. Nothing was done.",
    remedy: "Read it again, decide anew, and send the `ETag` that came with it.",
  },
  "payload-too-large": {
    status: 413,
    title: "The body is too large",
    meaning: "The body has more bytes than the operation takes, or came in too many small pieces.",
    remedy: "Send it in several requests. Files of orders are for imports, which take large ones.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body's media type is not understood",
    meaning:
      "`Content-Type` names a media type or a charset that the operation does not take, or the body is " +
      "encoded in a way that it does not take.",
    remedy: "Send one of the media types in the header `Accept` of the answer.",
  },
  "idempotency-mismatch": {
    status: 422,
    title: "The idempotency key belongs to another request",
    meaning: "This `Idempotency-Key` came before, with another request. Nothing was done.",
    remedy: "Make a new key for each request, and keep it only to send that request again.",
  },
  "too-large": {
    status: 422,
    title: "Too much is asked for at once",
    meaning: "The request is valid, and more than can be done as a whole. Nothing was done.",
    remedy: "Ask for it in parts.",
  },
  "invalid-request": {
    status: 422,
    title: "The request is not valid",
    meaning:
      "The request can be read, and something in it is missing, not known here, of another type or out of " +
      "bounds. Nothing was done, and nothing is kept under its `Idempotency-Key`.",
    remedy:
      "Mend what `errors` names: by `pointer` a place in the body, by `parameter` or `header` another.",
  },
  "too-many-attempts": {
    status: 429,
    title: "Too many wrong keys",
    meaning: "Keys that are nobody's came from this address, too often.",
    remedy: "Wait as long as `Retry-After` says, and send a valid key.",
  },
  "internal-error": {
    status: 500,
    title: "Something went wrong here",
    meaning: "The engine has a fault. Whether the request was done is not known.",
    remedy: `${asBefore} The log of the engine tells more under the id in \`instance\`.`,
  },
  "store-full": {
    status: 503,
    title: "The store has no room",
    meaning: "The disk is full. What is there can be read, and nothing can be changed.",
    remedy: `Whoever runs the engine makes room. ${asBefore}`,
  },
  "overloaded": {
    status: 503,
    title: "Too much is being asked at once",
    meaning:
      "More is asked, of the engine or by this key, than is taken in at once. Nothing was done.",
    remedy: "Wait as long as `Retry-After` says, longer each time, and ask again.",
  },
  "unavailable": {
    status: 503,
    title: "The store does not answer",
    meaning:
      "The store did not answer, or did not confirm. Whether a change was made may not be known.",
    remedy: `Wait as long as \`Retry-After\` says. ${asBefore}`,
  },
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
  /** As much of its type as it shows: one that was kept knows no more. */
  readonly type: Pick<ProblemType, "name" | "status" | "title">;
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
