/** The OpenAPI 3.1 document, made from the same definitions that serve and validate. */
import { JsonSchema, Schema } from "effect";
import { permissions } from "../permissions.ts";
import { type ProblemName, problemTypes } from "./problems.ts";
import { hasVersion, type ResponseDefinition, type RouteDescriptor } from "./registry.ts";

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly security: readonly Json[];
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Json; readonly securitySchemes: Json };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly Json[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

const ProblemDetails = Schema.Struct({
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
    sku: Schema.optionalKey(Schema.String),
    requested: Schema.optionalKey(Schema.Int),
    available: Schema.optionalKey(Schema.Int),
    expected: Schema.optionalKey(Schema.Int),
    actual: Schema.optionalKey(Schema.Int),
  }))),
  shortages: Schema.optionalKey(Schema.Array(Schema.Struct({
    sku: Schema.String,
    requested: Schema.Int,
    available: Schema.Int,
  }))).annotate({ description: "Of `insufficient-stock`" }),
  action: Schema.optionalKey(
    Schema.String.annotate({ description: "Of `illegal-transition`: what was asked for" }),
  ),
  currentStatus: Schema.optionalKey(
    Schema.String.annotate({ description: "Of `illegal-transition`: what does not allow it" }),
  ),
  fulfillmentOrderId: Schema.optionalKey(Schema.String),
  orderId: Schema.optionalKey(
    Schema.String.annotate({ description: "Of `order-exists`: the order that is there" }),
  ),
  channel: Schema.optionalKey(Schema.String),
  externalId: Schema.optionalKey(Schema.String),
  limit: Schema.optionalKey(
    Schema.Int.annotate({ description: "Of `limit-reached`: how many there may be" }),
  ),
}).annotate({ identifier: "Problem", description: "RFC 9457 problem details" });

const tags = [
  { name: "Orders", description: "Placing orders and following them" },
  { name: "Fulfillment", description: "What locations and carriers do" },
  { name: "Inventory", description: "What is where" },
  { name: "Catalog", description: "Locations and items" },
  { name: "Imports", description: "Orders from files" },
  { name: "Status", description: "What goes on now" },
  { name: "Admin", description: "Keys and proofs" },
  { name: "System", description: "The process" },
];

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

/** The headers that a route reads: those that its kind has, and its own. */
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

/** The problems that follow from what a route is, and those that it names. */
const problemsOf = (route: RouteDescriptor): readonly ProblemName[] => {
  const names = new Set<ProblemName>(route.problems);
  names.add("invalid-request").add("internal-error").add("unavailable").add("store-full");
  if (route.permission !== "public") names.add("unauthorized").add("forbidden");
  if (route.path.includes("{") && route.method !== "PUT") names.add("not-found");
  if (route.body !== null) {
    names.add("malformed-request").add("payload-too-large").add("unsupported-media-type");
  }
  if (route.method !== "GET") names.add("overloaded");
  if (route.method === "POST") {
    names.add("malformed-request").add("idempotency-in-flight").add("idempotency-mismatch");
  }
  if (route.conditional) {
    names.add("malformed-request").add("precondition-failed");
  }
  return [...names].sort();
};

const responseOf = (
  { description, schema, mediaType, headers }: ResponseDefinition,
  schemaOf: SchemaOf,
): Json => ({
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

/** What who has it already is answered (RFC 9110 section 15.4.5). */
const notModified = {
  304: {
    description: "The entity tag of If-None-Match is still this one",
    headers: { etag: { description: "The entity tag", schema: text } },
  },
};

const problemResponses = (route: RouteDescriptor): Readonly<Record<string, Json>> => {
  const byStatus = new Map<number, ProblemName[]>();
  for (const name of problemsOf(route)) {
    const { status } = problemTypes[name];
    byStatus.set(status, [...byStatus.get(status) ?? [], name]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [status, {
      description: names.map((name) => `\`/problems/${name}\`: ${problemTypes[name].title}`)
        .join("; "),
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

const operationOf = (route: RouteDescriptor, schemaOf: SchemaOf): Operation => {
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
    tags: route.tags,
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
  schemaOf(ProblemDetails);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, schemaOf),
    };
  }
  const used = new Set(routes.flatMap((route) => route.tags));
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
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components: {
      schemas,
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
};
