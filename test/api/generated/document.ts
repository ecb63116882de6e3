/**
 * The API as its served OpenAPI document tells it: what may be sent, what may come back. Whether a value fits
 * is asked of a validator that knows nothing of the engine, so that the engine is not measured by itself.
 */
import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** The keywords of JSON Schema that the document uses and the generator reads. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface MediaType {
  readonly schema: JsonSchema;
}

export interface Header {
  readonly required: boolean;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly description: string;
  readonly isPublic: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: {
    readonly required: boolean;
    readonly mediaTypes: readonly string[];
    /** Of JSON; null where the body is text of another kind. */
    readonly schema: JsonSchema | null;
  } | null;
  readonly responses: Readonly<Record<string, Response>>;
}

/** One thing that does not fit, as a JSON pointer to where it is or should be. */
export interface Misfit {
  readonly pointer: string;
  readonly message: string;
}

const methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

const pointerOf = (...path: readonly string[]): string =>
  path.map((name) => `/${escaped(name)}`).join("");

/** RFC 3339 section 5.6, with days that the month has. */
const isDateTime = (text: string): boolean => {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/
      .exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 &&
    day <= new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();
};

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, Header>>;
  };
}

/**
 * Answers are open in the document, for what later versions add. This version adds nothing that the document does
 * not have: every structure is taken as closed.
 */
const closed = (schema: JsonSchema): JsonSchema =>
  schema.properties === undefined || schema.additionalProperties !== undefined
    ? schema
    : { ...schema, additionalProperties: false };

const closedDocument = (document: OpenApi): OpenApi => ({
  ...document,
  components: {
    ...document.components,
    schemas: Object.fromEntries(
      Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(schema)]),
    ),
  },
});

const int32 = (value: number): boolean => value === Math.trunc(value) && value === (value | 0);

export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #document: OpenApi;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(text: string) {
    this.#document = closedDocument(JSON.parse(text));
    this.#ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      formats: {
        "date": (text: string) => isDateTime(`${text}T00:00:00Z`),
        "date-time": isDateTime,
        "int32": { type: "number", validate: int32 },
        "int64": true,
        "double": true,
      },
    });
    this.#ajv.addSchema(this.#document, "openapi");
    this.operations = Object.entries(this.#document.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod)
        .filter(([method]) => methods.includes(method))
        .map(([method, operation]) => this.#operationOf(method, path, operation))
    );
  }

  operation(id: string): Operation {
    const found = this.operations.find((operation) => operation.id === id);
    assert.ok(found !== undefined, `the document has no operation ${id}`);
    return found;
  }

  /** The schema that a reference leads to; itself where it is none. */
  resolved(schema: JsonSchema): JsonSchema {
    if (schema.$ref === undefined) return schema;
    const name = schema.$ref.slice("#/components/schemas/".length);
    const found = this.#document.components.schemas[name];
    assert.ok(found !== undefined, `the document has no schema ${name}`);
    return this.resolved(found);
  }

  /** What of a request's body does not fit; empty when it is as the document wants it. */
  bodyMisfits(operation: Operation, body: unknown): readonly Misfit[] {
    // A body that may be absent may say so.
    if (body === null && operation.body?.required === false) return [];
    return this.#misfits(
      ["paths", operation.path, operation.method.toLowerCase(), "requestBody", "content"].concat(
        "application/json",
        "schema",
      ),
      body,
    );
  }

  parameterMisfits(operation: Operation, parameter: Parameter, text: string): readonly Misfit[] {
    const index = operation.parameters.indexOf(parameter);
    const { type } = this.resolved(parameter.schema);
    const isNumber = type === "integer" || type === "number";
    const value = type === "array"
      ? text.split(",")
      : isNumber && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)
      ? Number(text)
      : text;
    return this.#misfits(
      ["paths", operation.path, operation.method.toLowerCase(), "parameters"].concat(
        String(index),
        "schema",
      ),
      value,
    );
  }

  responseMisfits(
    operation: Operation,
    status: number,
    mediaType: string,
    body: unknown,
  ): readonly Misfit[] {
    return this.#misfits(
      ["paths", operation.path, operation.method.toLowerCase(), "responses"].concat(
        String(status),
        "content",
        mediaType,
        "schema",
      ),
      body,
    );
  }

  webhookMisfits(type: string, body: unknown): readonly Misfit[] {
    const content = ["requestBody", "content", "application/json", "schema"];
    return this.#misfits(["webhooks", type, "post", ...content], body);
  }

  problemMisfits(body: unknown): readonly Misfit[] {
    return this.#misfits(["components", "schemas", "Problem"], body);
  }

  /** Named schemas and those that stand in operations, that are no JSON Schema of draft 2020-12. */
  unsoundSchemas(): readonly string[] {
    const unsound: string[] = [];
    const look = (value: unknown, pointer: string): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [name, part] of Object.entries(value)) {
        const isSchema = name === "schema" || pointer === "/components/schemas";
        if (isSchema && this.#ajv.validateSchema(part) !== true) {
          unsound.push(`${pointer}/${name}: ${this.#ajv.errorsText()}`);
        }
        look(part, `${pointer}/${name}`);
      }
    };
    look(this.#document, "");
    return unsound;
  }

  #misfits(place: readonly string[], value: unknown): readonly Misfit[] {
    const pointer = pointerOf(...place);
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
      this.#validators.set(pointer, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, params, message }) => {
      const name = params["missingProperty"] ?? params["additionalProperty"] ??
        params["propertyName"];
      return {
        pointer: typeof name === "string" ? instancePath + pointerOf(name) : instancePath,
        message: message ?? "",
      };
    });
  }

  #operationOf(method: string, path: string, value: unknown): Operation {
    const { operationId, description, security, parameters, requestBody, responses } =
      value as OperationObject;
    return {
      id: operationId,
      method: method.toUpperCase(),
      path,
      description,
      isPublic: security?.length === 0,
      parameters: parameters ?? [],
      body: requestBody === undefined ? null : {
        required: requestBody.required,
        mediaTypes: Object.keys(requestBody.content),
        schema: requestBody.content["application/json"]?.schema ?? null,
      },
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, {
          ...response,
          headers: Object.fromEntries(
            Object.entries(response.headers ?? {}).map(([name, { $ref }]) => [
              name,
              this.#header($ref),
            ]),
          ),
        }]),
      ),
    };
  }

  #header(reference: string): Header {
    const found = this.#document.components.headers[reference.split("/").at(-1) ?? ""];
    assert.ok(found !== undefined, `the document has no header ${reference}`);
    return found;
  }
}

interface OperationObject {
  readonly operationId: string;
  readonly description: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<
    Record<
      string,
      Omit<Response, "headers"> & {
        readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
      }
    >
  >;
}

const documents = new Map<string, ApiDocument>();

/** Documents are the same for all engines of one process: compiled once. */
export const documentOf = (text: string): ApiDocument => {
  const known = documents.get(text) ?? new ApiDocument(text);
  documents.set(text, known);
  return known;
};
