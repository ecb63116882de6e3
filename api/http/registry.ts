/**
 * The definition of routes. Every resource file exports definitions; `app.ts` serves them and `openapi.ts`
 * describes them, so that no route exists without its documentation.
 *
 * @example
 * ```ts
 * export const locationRoutes = [
 *   route({
 *     method: "GET",
 *     path: "/v1/locations/{locationId}",
 *     operationId: "getLocation",
 *     summary: "A location",
 *     tags: [catalogTag],
 *     permission: "catalog:read",
 *     params: Schema.Struct({ locationId: Identifier }),
 *     responses: { 200: { description: "The location", schema: LocationView } },
 *     handler: Effect.fnUntraced(function* ({ params }) {
 *       const catalog = yield* Catalog;
 *       return json(200, yield* catalog.location(params.locationId));
 *     }),
 *   }),
 * ];
 * ```
 *
 * Handlers are not `Effect.gen` within an arrow function: a generator function that is made anew for each
 * request takes two microseconds to get started.
 */
// Compiles decoders when they are first used: a third of the time. Where code may not be made, it changes nothing.
import "effect/schema/SchemaJITCompiler/enable";
import { Effect, Result, Schema, SchemaParser } from "effect";
import type { Correlation } from "../../src/kernel/correlation.ts";
import type { Principal, Session } from "../../src/kernel/principal.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { detailsOfIssue, pointerOf } from "../../src/kernel/issues.ts";
import type { Deprecation } from "./deprecation.ts";
import { longestArrays, scalarsOf, withScalars } from "./shape.ts";
import {
  type FailureOf,
  type FailureTable,
  type GeneralFailure,
  type Tagged,
  withGeneral,
} from "./failures.ts";
import type { Permission } from "./permissions.ts";
import { type ApiProblem, fail, type NamedProblem, type ProblemDetail } from "./problems.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Text is kept whole for repeats; a stream (Server-Sent Events, ...) is a `Response`. */
export type Answer = StoredResponse | Response;

export interface IdempotencyRequest {
  readonly key: string;
  /** SHA-256 of method, path and body; of a streamed body only its media type and declared length. */
  readonly fingerprint: string;
}

/** A request after authentication and before its route has looked at it. */
export interface RawRequest {
  /** Also in the answer's `X-Request-Id` and in the log. */
  readonly id: string;
  readonly by: Principal;
  /** The session in which a page asks. */
  readonly session: Session | undefined;
  /** The names that the request's sender gave it; undefined when it gave none. */
  readonly correlation?: Correlation | undefined;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: Headers;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The body's value, or its text; undefined when there was none, or when it is streamed. */
  readonly json: unknown;
  readonly stream: StreamedBody | undefined;
  readonly idempotency: IdempotencyRequest | undefined;
  /** The entity tag without its quotes, or `*`. */
  readonly ifMatch: string | undefined;
  /** Aborts when the server stops, to end an endless answer. When the client goes, the body is cancelled. */
  readonly stopping: AbortSignal;
}

export interface ApiRequest<Params, Query, Body>
  extends Omit<RawRequest, "params" | "query" | "json" | "stream"> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The route's table, for refusals of a command that are kept. */
  readonly failures: FailureTable;
}

/** A body that is read while it arrives; reading fails with `BodyRefused` where it is not as it may be. */
export interface StreamedBody {
  /** Without parameters, in lower case. */
  readonly mediaType: string;
  /** In lower case; null when the request does not say. */
  readonly charset: string | null;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

export interface BodyDefinition<Body> {
  /** `text`: JSON whose very bytes are signed, so that its route reads it. */
  readonly kind: "json" | "text" | "stream";
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  readonly required: boolean;
  /** Describes the body; for streams only when there is something to describe. */
  readonly schema: Schema.Constraint | null;
  readonly decode: (
    request: Pick<RawRequest, "json" | "stream">,
  ) => Result.Result<Body, readonly ProblemDetail[]>;
}

/** The query of a request that has none. */
export const noQuery: Readonly<Record<string, string>> = {};

/** Whether decoding has left nothing out: every member of the input, at any depth, is in the output. */
const keptAll = (input: unknown, output: unknown): boolean => {
  if (typeof input !== "object" || input === null || input === output) return true;
  if (typeof output !== "object" || output === null) return false;
  if (Array.isArray(input)) {
    return Array.isArray(output) && input.every((entry, index) => keptAll(entry, output[index]));
  }
  const given = input as Readonly<Record<string, unknown>>;
  const kept = output as Readonly<Record<string, unknown>>;
  for (const name in given) {
    if (!Object.hasOwn(kept, name) || !keptAll(given[name], kept[name])) return false;
  }
  return true;
};

/**
 * The decoder that knows all that is wrong takes five times as long, most of it for the look for unknown
 * members. So it is asked only where one that drops them has failed or has dropped any.
 */
const decoderOf = <A>(schema: Schema.Decoder<A>) => {
  const decodeQuickly = SchemaParser.decodeUnknownResult(schema);
  const decode = SchemaParser.decodeUnknownResult(schema, {
    errors: "all",
    onExcessProperty: "error",
  });
  return (raw: unknown): Result.Result<A, readonly ProblemDetail[]> => {
    const quick = decodeQuickly(raw);
    if (Result.isSuccess(quick) && keptAll(raw, quick.success)) {
      return Result.succeed(quick.success);
    }
    const result = decode(raw);
    return Result.isSuccess(result)
      ? Result.succeed(result.success)
      : Result.fail(detailsOfIssue(result.failure));
  };
};

/** An array far over its limit is refused before all its entries are looked at and complained about. */
const tooLong = (longest: ReadonlyMap<string, number>, json: unknown) => {
  if (typeof json !== "object" || json === null) return undefined;
  for (const [name, maxItems] of longest) {
    const value = Object.hasOwn(json, name) ? Reflect.get(json, name) : undefined;
    if (Array.isArray(value) && value.length > maxItems) {
      return Result.fail([{
        pointer: pointerOf([name]),
        detail: `must have at most ${maxItems} entries, and has ${value.length}`,
      }]);
    }
  }
  return undefined;
};

export const jsonBody = <Body>(
  schema: Schema.Decoder<Body>,
  options: { readonly required?: boolean; readonly maxBytes?: number } = {},
): BodyDefinition<Body> => {
  const decode = decoderOf(schema);
  const longest = longestArrays(schema);
  const required = options.required ?? true;
  return {
    kind: "json",
    mediaTypes: ["application/json"],
    maxBytes: options.maxBytes ?? requestLimits.bodyBytes,
    required,
    schema,
    decode: ({ json }) => {
      // Clients that have nothing to say where nothing need be said write `null`, or nothing.
      const isAbsent = json === undefined || json === null && !required;
      return tooLong(longest, json) ?? decode(isAbsent ? {} : json);
    },
  };
};

/** For routes that need nothing said: no body, or an object without members. */
export const emptyBody = (): BodyDefinition<Readonly<Record<string, never>>> =>
  // A struct of no fields would take any value but null.
  jsonBody(
    Schema.Record(Schema.String, Schema.Never).annotate({ identifier: "EmptyRequest" }),
    { required: false },
  );

/** The handler gets the text of the body, which is no JSON until it says so. */
export const textBody = (
  schema: Schema.Constraint,
  maxBytes: number,
): BodyDefinition<string> => ({
  kind: "text",
  mediaTypes: ["application/json"],
  maxBytes,
  required: true,
  schema,
  decode: ({ json }) =>
    typeof json === "string"
      ? Result.succeed(json)
      : Result.fail([{ pointer: "", detail: "is required" }]),
});

/** The handler gets the body as it arrives. */
export const streamBody = (options: {
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
}): BodyDefinition<StreamedBody> => ({
  kind: "stream",
  mediaTypes: options.mediaTypes,
  maxBytes: options.maxBytes,
  required: true,
  schema: null,
  decode: ({ stream }) =>
    stream === undefined
      ? Result.fail([{ pointer: "", detail: "is required" }])
      : Result.succeed(stream),
});

export interface ResponseDefinition {
  readonly description: string;
  /** None: no body, or text of another media type. */
  readonly schema?: Schema.Constraint;
  /** `application/json` when there is a schema. */
  readonly mediaType?: string;
  /** Schemas of other media types, for clients that ask for them by `Accept`. */
  readonly onRequest?: Readonly<Record<string, Schema.Constraint>>;
  /** Name and meaning of headers beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The effect of a key's scope on this route. `narrowed`: the handler shows and changes only what is of the
 * scope; `open`: the scope plays no part; `refused`: 403.
 */
export type ScopeRule = "narrowed" | "open" | "refused";

export interface ScopeRules {
  readonly channel?: ScopeRule;
  readonly location?: ScopeRule;
}

/** A chapter of the API's description. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

interface RouteDescription {
  readonly method: Method;
  /** With parameters in braces, as OpenAPI writes it. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly Tag[];
  /** `public`: no key is asked for. */
  readonly permission: Permission | "public";
  /** Absent members are `open`. */
  readonly scopes?: ScopeRules;
  /** Request headers of this route beside the general ones. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly responses: Readonly<Record<number, ResponseDefinition>>;
  /** Problem types beside those that follow from the definition. */
  readonly problems?: readonly NamedProblem[];
  /** Announces that it goes. */
  readonly deprecated?: Deprecation;
}

export interface RouteDefinition<out Services = never> extends RouteDescription {
  /** It changes one thing that has a version, so `If-Match` is read; elsewhere there is nothing to match. */
  readonly conditional: boolean;
  readonly params: Schema.Constraint | null;
  readonly query: Schema.Constraint | null;
  readonly body: BodyDefinition<unknown> | null;
  /** The problems that its failures are to the client. */
  readonly failures: FailureTable;
  readonly handle: (request: RawRequest) => Effect.Effect<Answer, Tagged, Services>;
}

/** The pattern of this route's paths. */
export const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);

/** A definition without its handler. */
export type RouteDescriptor = Omit<RouteDefinition, "handle" | "failures">;

/** Whether the route's answers have the version of the thing that they show. */
export const hasVersion = ({ responses }: Pick<RouteDescription, "responses">): boolean =>
  Object.values(responses).some(({ headers }) => headers?.etag);

const invalid = (errors: readonly ProblemDetail[]): ApiProblem =>
  fail(
    "invalid-request",
    errors.length === 1
      ? "One thing is not as it must be."
      : `${errors.length} things are not as they must be.`,
    { errors: errors.slice(0, requestLimits.reportedErrors) },
  );

/** Of one of the values of a parameter, the parameter is named. */
const asParameters = (errors: readonly ProblemDetail[]): readonly ProblemDetail[] =>
  errors.map(({ pointer, detail }) => ({ parameter: pointer?.split("/")[1] ?? "", detail }));

/** Whether the bytes that a path escapes are UTF-8; where they are not, the router leaves the escapes in. */
const isText = (target: string): boolean => {
  const end = target.indexOf("?");
  const path = end < 0 ? target : target.slice(0, end);
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    // URIError, the only one there is.
    return false;
  }
};

const notText = (name: string): ProblemDetail => ({
  pointer: pointerOf([name]),
  detail: "must be text in UTF-8",
});

/** For routes without parameters: every parameter is one too many. */
const unknownParameters = (query: Readonly<Record<string, string>>): readonly ProblemDetail[] =>
  Object.keys(query).map((parameter) => ({ parameter, detail: "is not known here" }));

const generalTable = withGeneral({});

/** A route definition whose handler gets the request as its schemas decode it. */
export const route = <
  Services = never,
  Params = undefined,
  Query = undefined,
  Body = undefined,
  Own extends FailureTable = Readonly<Record<never, never>>,
>(
  definition: RouteDescription & {
    readonly params?: Schema.Decoder<Params>;
    /** Numbers and booleans come as such: texts are turned into them before the schema looks. */
    readonly query?: Schema.Decoder<Query>;
    readonly body?: BodyDefinition<Body>;
    /** Rules for failures of the subject; the failures that any command can meet have theirs. */
    readonly failures?: Own;
    readonly handler: (
      request: ApiRequest<Params, Query, Body>,
    ) => Effect.Effect<Answer, GeneralFailure | FailureOf<Own>, Services>;
  },
): RouteDefinition<Services> => {
  const { params, query, body, handler, failures: own, ...description } = definition;
  const failures = own === undefined ? generalTable : withGeneral(own);
  const decodeParams = params === undefined ? undefined : decoderOf(params);
  const decodeQuery = query === undefined ? undefined : decoderOf(query);
  const scalars = scalarsOf(query ?? Schema.Struct({}));
  return {
    ...description,
    conditional: description.method !== "GET" && description.path.includes("{") &&
      hasVersion(description),
    params: params ?? null,
    query: query ?? null,
    body: body ?? null,
    failures,
    handle: (request) => {
      // A part that a definition leaves out has the type `undefined`, which the compiler cannot conclude
      // here.
      let paramsValue = undefined as Params;
      let queryValue = undefined as Query;
      let bodyValue = undefined as Body;
      if (decodeParams !== undefined) {
        const result = isText(request.target)
          ? decodeParams(request.params)
          : Result.fail(Object.keys(request.params).map(notText));
        if (Result.isFailure(result)) {
          return Effect.fail(
            description.method === "PUT"
              ? invalid(asParameters(result.failure))
              : fail("not-found", "There is no such thing."),
          );
        }
        paramsValue = result.success;
      }
      if (decodeQuery !== undefined) {
        const result = decodeQuery(withScalars(scalars, request.query));
        if (Result.isFailure(result)) return Effect.fail(invalid(asParameters(result.failure)));
        queryValue = result.success;
      } else if (request.query !== noQuery) {
        const unknown = unknownParameters(request.query);
        if (unknown.length > 0) return Effect.fail(invalid(unknown));
      }
      if (body !== undefined) {
        const result = body.decode(request);
        if (Result.isFailure(result)) return Effect.fail(invalid(result.failure));
        bodyValue = result.success;
      }
      return handler({
        ...request,
        params: paramsValue,
        query: queryValue,
        body: bodyValue,
        failures,
      });
    },
  };
};
