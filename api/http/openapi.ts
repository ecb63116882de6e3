/** The OpenAPI 3.1 document, made from the definitions that serve and validate. */
import { JsonSchema, Schema } from "effect";
import { permissions } from "./permissions.ts";
import { type ProblemName, type ProblemType, problemTypeOf, problemTypes } from "./problems.ts";
import { hasVersion, type ResponseDefinition, type RouteDescriptor } from "./registry.ts";

type OpenApiJson = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: OpenApiJson;
  readonly servers: readonly OpenApiJson[];
  readonly security: readonly OpenApiJson[];
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: OpenApiJson; readonly securitySchemes: OpenApiJson };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
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
  readonly schema: OpenApiJson;
}

/** The problem object: its general members, and those that any of the problem types adds. */
const problemSchema = (types: readonly ProblemType[]) =>
  Schema.Struct({
    type: Schema.String.annotate({ description: "`/problems/<name>`, stable" }),
    title: Schema.String,
    status: Schema.Int,
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

/** Turns schemas into JSON Schema and gathers the named ones. */
const makeComponents = () => {
  const schemas: Record<string, unknown> = {};
  const sources = new Map<string, string>();
  const schemaOf = (schema: Schema.Constraint): JsonSchema.JsonSchema => {
    const document = Schema.toJsonSchemaDocument(schema, {
      onExcessProperty: "error",
    });
    const multi = JsonSchema.toMultiDocumentOpenApi3_1({
      dialect: "draft-2020-12",
      schemas: [document.schema],
      definitions: document.definitions,
    });
    for (const [name, definition] of Object.entries(multi.definitions)) {
      const source = JSON.stringify(definition);
      if (sources.has(name) && sources.get(name) !== source) {
        throw new Error(`two schemas are named ${name}`);
      }
      sources.set(name, source);
      schemas[name] = definition;
    }
    return multi.schemas[0];
  };
  return { schemas, schemaOf };
};

type SchemaOf = ReturnType<typeof makeComponents>["schemaOf"];

const parametersOf = (
  schema: Schema.Constraint | null,
  place: "path" | "query",
  schemaOf: SchemaOf,
): readonly Parameter[] => {
  if (schema === null) return [];
  const { properties, required } = schemaOf(schema);
  return Object.entries(properties as Record<string, JsonSchema.JsonSchema> ?? {}).map(
    ([name, property]) => {
      const { description, ...rest } = property;
      return {
        name,
        in: place,
        required: Array.isArray(required) && required.includes(name),
        ...(typeof description === "string" ? { description } : {}),
        schema: rest,
      };
    },
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
          "refused. What was wrong with a request is not kept",
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
const problemsOf = (route: RouteDescriptor): readonly ProblemType[] => {
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

const responseOf = (
  { description, schema, mediaType, headers }: ResponseDefinition,
  schemaOf: SchemaOf,
): OpenApiJson => ({
  description,
  ...(headers === undefined ? {} : {
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, meaning]) => [
        name,
        { description: meaning, schema: text },
      ]),
    ),
  }),
  ...(schema === undefined && mediaType === undefined ? {} : {
    content: {
      [mediaType ?? "application/json"]: { schema: schema === undefined ? text : schemaOf(schema) },
    },
  }),
});

/** The answer to a client that has this version already (RFC 9110 section 15.4.5). */
const notModified = {
  304: {
    description: "The entity tag of If-None-Match is still this one",
    headers: { etag: { description: "The entity tag", schema: text } },
  },
};

const problemResponses = (route: RouteDescriptor): Readonly<Record<string, OpenApiJson>> => {
  const byStatus = new Map<number, ProblemType[]>();
  for (const type of problemsOf(route)) {
    byStatus.set(type.status, [...byStatus.get(type.status) ?? [], type]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, types]) => [status, {
      description: types.map(({ name, title }) => `\`/problems/${name}\`: ${title}`).join("; "),
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    }]),
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

const operationOf = (route: RouteDescriptor, schemaOf: SchemaOf): OpenApiOperation => {
  const { body } = route;
  const parameters = [
    ...parametersOf(route.params, "path", schemaOf),
    ...parametersOf(route.query, "query", schemaOf),
    ...headersOf(route),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: `${route.description === undefined ? "" : `${route.description}\n\n`}${
      accessOf(route)
    }`,
    tags: route.tags.map(({ name }) => name),
    ...(route.permission === "public" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : {
      requestBody: {
        required: body.required,
        content: Object.fromEntries(body.mediaTypes.map((mediaType) => [
          mediaType,
          { schema: body.schema === null ? text : schemaOf(body.schema) },
        ])),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [
          status,
          responseOf(response, schemaOf),
        ]),
      ),
      ...(route.method === "GET" && hasVersion(route) ? notModified : {}),
      ...problemResponses(route),
    },
  };
};

export const openApiDocument = (
  routes: readonly RouteDescriptor[],
  version: string,
): OpenApiDocument => {
  const { schemas, schemaOf } = makeComponents();
  schemaOf(problemSchema(problemTypesOf(routes)));
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, schemaOf),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Allot",
      version,
      summary: "An order management engine: orders from every channel, and never one unit too many",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ key: [] }],
    tags: [...new Set(routes.flatMap((route) => route.tags))],
    paths,
    components: {
      schemas,
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
};
