/**
 * What the OpenAPI document promises to clients, as lines of text: each stays, whatever is added. And what it
 * demands of them: of what is there already nothing more may be demanded.
 */
import type { OpenApiDocument, OpenApiOperation } from "../../../api/http/openapi.ts";

type Part = Readonly<Record<string, unknown>>;

const isPart = (value: unknown): value is Part =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const partsOf = (value: unknown): readonly (readonly [string, Part])[] =>
  isPart(value)
    ? Object.entries(value).filter((entry): entry is [string, Part] => isPart(entry[1]))
    : [];

const lastOf = (reference: unknown): string => String(reference).split("/").at(-1) ?? "";

/** A schema in a word: `Order`, `[Order]`, `{int64}`, `string or null`. */
const typeOf = (schema: unknown): string => {
  if (!isPart(schema)) return "anything";
  const { $ref, type, items, additionalProperties, format, oneOf, anyOf, enum: values } = schema;
  if ($ref !== undefined) return lastOf($ref);
  const alternatives = oneOf ?? anyOf;
  if (Array.isArray(alternatives)) return alternatives.map(typeOf).join(" or ");
  if (Array.isArray(values)) return values.join(" or ");
  const [first, ...more] = Array.isArray(type) ? type : [type];
  const own = first === "array"
    ? `[${typeOf(items)}]`
    : first === "object"
    ? `{${typeOf(additionalProperties)}}`
    : String(format ?? first ?? "anything");
  return [own, ...more].join(" or ");
};

const namesOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];

const ofOperation = (method: string, path: string, operation: OpenApiOperation) => {
  const { operationId: id, parameters = [], requestBody, responses } = operation;
  const promises = [`operation ${id} ${method.toUpperCase()} ${path}`];
  const demands: string[] = [];
  for (const { in: place, name, required, schema } of parameters) {
    promises.push(`takes ${id} ${place} ${name} ${typeOf(schema)}`);
    if (required) demands.push(`${id} ${place} ${name}`);
  }
  for (const [mediaType, { schema }] of partsOf(requestBody?.["content"])) {
    promises.push(`takes ${id} ${mediaType} ${typeOf(schema)}`);
  }
  if (requestBody?.["required"] === true) demands.push(`${id} body`);
  for (const [status, { content }] of Object.entries(responses)) {
    if (status >= "400") continue;
    const types = partsOf(content).map(([type, { schema }]) => `${type} ${typeOf(schema)}`);
    promises.push(`answers ${id} ${[status, ...types].join(" ")}`);
  }
  return { promises, demands };
};

const ofSchema = (name: string, schema: Part) => {
  const promises = partsOf(schema["properties"]).map(([member, each]) =>
    `has ${name}.${member} ${typeOf(each)}`
  );
  const choices = namesOf(schema["enum"]).map((choice) => `has ${name} ${choice}`);
  const alternatives = namesOf(
    (Array.isArray(schema["oneOf"]) ? schema["oneOf"] : []).map(typeOf),
  ).map((each) => `has ${name} ${each}`);
  const must = namesOf(schema["required"]).map((member) => `${name}.${member}`);
  const isRequest = schema["additionalProperties"] === false;
  return {
    promises: [
      ...promises,
      ...choices,
      ...alternatives,
      ...(isRequest ? [] : must.map((member) => `always ${member}`)),
    ],
    demands: isRequest ? must : [],
  };
};

export interface Promises {
  readonly promises: readonly string[];
  readonly demands: readonly string[];
}

export const promisesOf = ({ paths, components }: OpenApiDocument): Promises => {
  const all = [
    ...Object.entries(paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]) => ofOperation(method, path, operation))
    ),
    ...partsOf(components.schemas).map(([name, schema]) => ofSchema(name, schema)),
  ];
  return {
    promises: all.flatMap(({ promises }) => promises).sort(),
    demands: all.flatMap(({ demands }) => demands).sort(),
  };
};

/** The thing of which a line tells: an operation, or a schema. */
const thingOf = (line: string): string => line.split(/[ .]/)[0] ?? "";

/** What a client that counted on the former document meets in the latter, in words. */
export const broken = (former: Promises, latter: Promises): readonly string[] => {
  const kept = new Set(latter.promises);
  const demanded = new Set(former.demands);
  const known = new Set(former.promises.map((line) => thingOf(line.replace(/^\w+ /, ""))));
  return [
    ...former.promises.filter((line) => !kept.has(line)).map((line) => `no longer: ${line}`),
    ...latter.demands
      .filter((line) => !demanded.has(line) && known.has(thingOf(line)))
      .map((line) => `newly demanded: ${line}`),
  ];
};
