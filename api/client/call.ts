/** Calls: the routes of the engine by method and path, with what goes in and what comes out. */
import createClient, {
  type Client,
  type ClientPathsWithMethod,
  defaultBodySerializer,
  type FetchOptions,
  type ParseAs,
  type ParseAsResponse,
} from "openapi-fetch";
import type { paths } from "./openapi.ts";
import { AllotProblem } from "./problem.ts";
import { retrying, type RetryOptions, type Surroundings } from "./retry.ts";

/** Where the engine is, and who asks. */
export interface AllotOptions extends RetryOptions {
  /** `https://orders.example.com`. */
  readonly baseUrl: string;
  /** An API key: `allot_...`. */
  readonly key: string;
  /** Instead of the one of the platform. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** What a call was answered. */
export interface Answer<Data> {
  /** The body; undefined where the answer has none. */
  readonly data: Data;
  /** With its headers, such as `etag`. */
  readonly response: Response;
}

export type Method = "get" | "post" | "put" | "delete";
export type PathOf<Of extends Method> = ClientPathsWithMethod<
  Client<paths>,
  Of
>;
type OperationOf<Of extends Method, Path extends PathOf<Of>> = NonNullable<
  paths[Path][Of]
>;

/** As it is written; openapi-fetch's own type loses the arrays that cannot be changed. */
type BodyOption<Operation> = Operation extends
  { readonly requestBody: { readonly content: infer Content } }
  ? { readonly body: Content[keyof Content] }
  : Operation extends { readonly requestBody?: { readonly content: infer Content } }
    ? { readonly body?: Content[keyof Content] }
  : { readonly body?: never };

/** `params`, `body`, `headers`, `signal`, and what else `fetch` takes. */
export type InitOf<Of extends Method, Path extends PathOf<Of>> =
  & Omit<
    FetchOptions<OperationOf<Of, Path>>,
    "body" | "fetch" | "baseUrl" | "parseAs"
  >
  & BodyOption<OperationOf<Of, Path>>;

type Success = 200 | 201 | 202 | 204;

/** The bodies of an operation's successes; undefined for those that have none. */
type DataOf<Operation> = Operation extends { readonly responses: infer Responses } ? {
    [Status in keyof Responses & Success]: Responses[Status] extends
      { readonly content: infer Content } ? Content[keyof Content] : undefined;
  }[keyof Responses & Success]
  : never;

/** How to read the answer where it is no JSON. */
type ParsedAs<As, Data> = As extends "json" ? Data
  : ParseAsResponse<Data, { parseAs: As }>;

/** An argument that may be left out where nothing in it is needed. */
export type Rest<Init> = Record<never, never> extends Init ? [init?: Init]
  : [init: Init];

/** Throws AllotProblem for every answer that is no success, and AllotUnreachable where none came. */
export type Call<Of extends Method> = <
  Path extends PathOf<Of>,
  As extends ParseAs = "json",
>(
  path: Path,
  ...init: Rest<InitOf<Of, Path> & { readonly parseAs?: As }>
) => Promise<Answer<ParsedAs<As, DataOf<OperationOf<Of, Path>>>>>;

/** Any call, for who knows what it answers. */
export type Send = (
  method: Method,
  path: string,
  init: object,
) => Promise<Answer<unknown>>;

/** Objects are written as JSON; texts and bytes, such as a file of orders, go as they are. */
const bodySerializer = (body: unknown): unknown =>
  typeof body === "string" || body instanceof Blob || ArrayBuffer.isView(body)
    ? body
    : defaultBodySerializer(body);

export const makeSend = (
  { baseUrl, key, fetch, ...retry }: AllotOptions,
  surroundings: Surroundings,
): Send => {
  const client = createClient<paths>({
    baseUrl,
    bodySerializer,
    // As the document has it: several values of one parameter stand apart by commas.
    querySerializer: { array: { style: "form", explode: false } },
    headers: { authorization: `Bearer ${key}` },
    fetch: retrying(
      fetch === undefined ? surroundings : { ...surroundings, fetch },
      retry,
    ),
  });
  const request = client.request as (
    method: Method,
    path: string,
    init: object,
  ) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
  return async (method, path, init) => {
    const { data, error, response } = await request(method, path, init);
    if (!response.ok) throw new AllotProblem(response, error);
    return { data, response };
  };
};

/** The calls of one method. */
export const callsOf = <Of extends Method>(
  send: Send,
  method: Of,
): Call<Of> => {
  const call = (path: string, init: object = {}) => send(method, path, init);
  return call as Call<Of>;
};
