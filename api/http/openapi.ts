/** The OpenAPI 3.1 document, made from the definitions that serve and validate. */
import { Schema } from "effect";
import type { EventType } from "../../src/subject/event-type.ts";
import { Components } from "./components.ts";
import { whatMayChange } from "./contract.ts";
import { deprecationHeaders, deprecationText } from "./deprecation.ts";
import { documentedHeader, headerName } from "./documented-headers.ts";
import { int32 } from "./json-schema.ts";
import { permissions } from "./permissions.ts";
import { type ProblemName, type ProblemType, problemTypeOf, problemTypes } from "./problems.ts";
import { hasVersion, type ResponseDefinition, type RouteDescriptor } from "./registry.ts";
import { webhookOf } from "./webhooks.ts";
import { pascal } from "./words.ts";

type OpenApiJson = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: OpenApiJson;
  readonly servers: readonly OpenApiJson[];
  readonly security: readonly OpenApiJson[];
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  /** What is sent to those who asked for it, by the type of the event. */
  readonly webhooks: Readonly<Record<string, OpenApiJson>>;
  readonly components: {
    readonly schemas: OpenApiJson;
    readonly headers: OpenApiJson;
    readonly responses: OpenApiJson;
    readonly securitySchemes: OpenApiJson;
  };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly security?: readonly OpenApiJson[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: OpenApiJson;
  readonly responses: Readonly<Record<string, OpenApiJson>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  /** Of a list: its values are apart by commas. */
  readonly style?: "form";
  readonly explode?: false;
  readonly schema: OpenApiJson;
}

/** The problem object: its general members, and those that any of the problem types adds. */
const problemSchema = (types: readonly ProblemType[]) =>
  Schema.Struct({
    type: Schema.String.annotate({ description: "`/problems/<name>`, stable" }),
    title: Schema.String,
    status: Schema.Int.annotate(int32),
    detail: Schema.String,
    instance: Schema.String.annotate({ description: "The request's id is in it" }),
    errors: Schema.optionalKey(Schema.Array(Schema.Struct({
      pointer: Schema.optionalKey(
        Schema.String.annotate({ description: "JSON pointer into the body" }),
      ),
      parameter: Schema.optionalKey(Schema.String),
      header: Schema.optionalKey(Schema.String),
      detail: Schema.String,
      ...Object.assign({}, ...types.map(({ errorMembers }) => errorMembers)),
    }))),
    ...Object.assign({}, ...types.map(({ members }) => members)),
  }).annotate({ identifier: "Problem", description: "RFC 9457 problem details" });

/** The problem types of routes, and then the general ones, each once. */
export const problemTypesOf = (routes: readonly RouteDescriptor[]): readonly ProblemType[] => {
  const general = Object.values(problemTypes);
  const own = routes.flatMap(({ problems = [] }) => problems.map(problemTypeOf))
    .filter((type) => !general.includes(type));
  return [...new Set([...own, ...general])];
};

const parametersOf = (
  route: RouteDescriptor,
  place: "path" | "query",
  components: Components,
): readonly Parameter[] => {
  const struct = place === "path" ? route.params : route.query;
  if (struct === null) return [];
  return components.members(struct, "request", pascal(route.operationId)).map(
    ({ name, required, schema: { description, ...schema } }) => ({
      name,
      in: place,
      required,
      ...(typeof description === "string" ? { description } : {}),
      ...(schema.type === "array" ? { style: "form", explode: false } as const : {}),
      schema,
    }),
  );
};

const text = { type: "string" };

/** The headers that a route reads: those of its kind, and its own. */
const headersOf = (route: RouteDescriptor): readonly Parameter[] => {
  const header = (name: string, description: string): Parameter => ({
    name,
    in: "header",
    required: false,
    description,
    schema: text,
  });
  return [
    ...(route.method === "POST"
      ? [header(
        "Idempotency-Key",
        "The same key with the same request answers with the first response, whether it was done or " +
          "refused, and then with `Idempotent-Replayed: true`. What was wrong with a request is not kept",
      )]
      : []),
    ...(route.conditional
      ? [header("If-Match", "The entity tag that the change stands on; 412 when it is another")]
      : []),
    ...(route.method === "GET" && hasVersion(route)
      ? [header("If-None-Match", "304 when the entity tag is still this one")]
      : []),
    ...Object.entries(route.headers ?? {}).map(([name, description]) => header(name, description)),
  ];
};

/** The problems that follow from a route's definition, and those that it names, by name. */
export const problemsOf = (route: RouteDescriptor): readonly ProblemType[] => {
  const types = new Set((route.problems ?? []).map(problemTypeOf));
  const add = (...names: readonly ProblemName[]) => {
    for (const name of names) types.add(problemTypes[name]);
  };
  add("invalid-request", "internal-error", "unavailable", "store-full");
  if (route.permission !== "public") add("unauthorized", "forbidden", "too-many-attempts");
  if (route.path.includes("{") && route.method !== "PUT") add("not-found");
  if (route.body !== null) {
    add("malformed-request", "payload-too-large", "request-timeout", "unsupported-media-type");
  }
  if (route.method !== "GET") add("overloaded");
  if (route.method === "POST") {
    add("malformed-request", "idempotency-in-flight", "idempotency-mismatch");
  }
  if (route.conditional) add("malformed-request", "precondition-failed");
  return [...types].sort((a, b) => a.name < b.name ? -1 : 1);
};

/** References to headers, with whether an answer always has them. */
const headersOfAnswer = (
  headers: Readonly<Record<string, { readonly meaning?: string; readonly always: boolean }>>,
  components: Components,
): OpenApiJson => {
  const entries = Object.entries(headers).map(([name, header]) => [
    headerName(name),
    components.header(headerName(name), documentedHeader(name, header)),
  ]);
  return entries.length === 0 ? {} : { headers: Object.fromEntries(entries) };
};

const isPage = ({ schema }: ResponseDefinition): boolean =>
  schema !== undefined && "fields" in schema &&
  Object.hasOwn(schema.fields as object, "nextCursor");

const responseOf = (
  response: ResponseDefinition,
  route: RouteDescriptor,
  components: Components,
): OpenApiJson => {
  const { description, schema, mediaType, onRequest = {}, headers = {} } = response;
  const own = Object.entries(headers).map(([name, meaning]) => [name, { meaning, always: true }]);
  const announced = deprecationHeaders(route).map(([name]) => [name, { always: true }]);
  const contentOf = (content: Schema.Constraint) => ({
    schema: components.schema(content, "response", `${pascal(route.operationId)}Response`),
  });
  const others = Object.entries(onRequest).map(([type, other]) => [type, contentOf(other)]);
  return {
    description,
    ...headersOfAnswer({
      ...Object.fromEntries(own),
      ...(isPage(response) ? { "link": { always: false } } : {}),
      ...Object.fromEntries(announced),
    }, components),
    ...(schema === undefined && mediaType === undefined ? {} : {
      content: {
        [mediaType ?? "application/json"]: schema === undefined
          // Of a stream each event would be held to it.
          ? mediaType === "text/event-stream" ? {} : { schema: text }
          : contentOf(schema),
        ...Object.fromEntries(others),
      },
    }),
  };
};

/** The answer to a client that has this version already (RFC 9110 section 15.4.5). */
const notModified = (components: Components) => ({
  304: {
    description: "The entity tag of If-None-Match is still this one",
    ...headersOfAnswer({ etag: { always: true } }, components),
  },
});

const problemContent = {
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

/** The headers that a problem comes with, by its status. */
const headersOfProblem: Readonly<Record<number, string>> = {
  429: "retry-after",
  503: "retry-after",
};

const problemResponses = (
  route: RouteDescriptor,
  components: Components,
): Readonly<Record<string, OpenApiJson>> => {
  const byStatus = new Map<number, ProblemType[]>();
  for (const type of problemsOf(route)) {
    byStatus.set(type.status, [...byStatus.get(type.status) ?? [], type]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, types]) => {
      const header = headersOfProblem[status];
      return [status, {
        description: types.map(({ name, title }) => `\`/problems/${name}\`: ${title}`).join("; "),
        ...(header === undefined
          ? {}
          : headersOfAnswer({ [header]: { always: true } }, components)),
        ...problemContent,
      }];
    }),
  );
};

const accessOf = ({ permission, scopes }: RouteDescriptor): string => {
  if (permission === "public") return "Needs no key.";
  const rules = Object.entries(scopes ?? {}).map(([scope, rule]) =>
    rule === "refused"
      ? ` Not for keys of one ${scope}.`
      : rule === "narrowed"
      ? ` Keys of one ${scope} see and change only what is of it.`
      : ""
  );
  return `Roles: ${permissions[permission].join(", ")}.${rules.join("")}`;
};

const bodyOf = (
  { body, operationId }: RouteDescriptor,
  components: Components,
): OpenApiJson => {
  if (body === null) return {};
  const schema = body.schema === null
    ? text
    : components.schema(body.schema, "request", `${pascal(operationId)}Request`);
  const example = components.exampleOf(schema);
  return {
    requestBody: {
      required: body.required,
      content: Object.fromEntries(
        body.mediaTypes.map((mediaType) => [
          mediaType,
          example === undefined ? { schema } : { schema, example },
        ]),
      ),
    },
  };
};

const operationOf = (route: RouteDescriptor, components: Components): OpenApiOperation => {
  const parameters = [
    ...parametersOf(route, "path", components),
    ...parametersOf(route, "query", components),
    ...headersOf(route),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: [
      ...(route.deprecated === undefined ? [] : [deprecationText(route.deprecated)]),
      ...(route.description === undefined ? [] : [route.description]),
      accessOf(route),
    ].join("\n\n"),
    ...(route.deprecated === undefined ? {} : { deprecated: true }),
    tags: route.tags.map(({ name }) => name),
    ...(route.permission === "public" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(route, components),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [
          status,
          responseOf(response, route, components),
        ]),
      ),
      ...(route.method === "GET" && hasVersion(route) ? notModified(components) : {}),
      ...problemResponses(route, components),
      default: { $ref: "#/components/responses/Problem" },
    },
  };
};

export const openApiDocument = (
  routes: readonly RouteDescriptor[],
  version: string,
  eventTypes: Iterable<EventType> = [],
): OpenApiDocument => {
  const components = new Components();
  components.schema(problemSchema(problemTypesOf(routes)), "response", "Problem");
  const described: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    described[route.path] = {
      ...described[route.path],
      [route.method.toLowerCase()]: operationOf(route, components),
    };
  }
  const told = Object.fromEntries(
    [...eventTypes].map((type) => [
      type.type,
      webhookOf(type, (schema) => components.unnamed(schema, "response", pascal(type.type))),
    ]),
  );
  const { document, schemas, headers } = components.written({ paths: described, webhooks: told });
  const { paths, webhooks } = document;
  return {
    openapi: "3.1.0",
    info: {
      title: "Allot",
      version,
      summary: "An order management engine: orders from every channel, and never one unit too many",
      description: ["## What may change", ...whatMayChange].join("\n\n"),
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ key: [] }],
    tags: [...new Set(routes.flatMap((route) => route.tags))],
    paths,
    webhooks,
    components: {
      schemas,
      headers,
      responses: {
        Problem: { description: "A problem of any other kind", ...problemContent },
      },
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
};
