/** Reads from the shape of a schema how a request for it is to be read. */
import { type JsonSchema, Schema } from "effect";

/** The root's properties as JSON Schema tells them. */
const propertiesOf = (
  schema: Schema.Constraint,
): Readonly<Record<string, JsonSchema.JsonSchema>> => {
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema);
  const reference = typeof root.$ref === "string" ? root.$ref.slice("#/$defs/".length) : "";
  const properties: unknown = (definitions[reference] ?? root).properties;
  return typeof properties === "object" && properties !== null
    ? properties as Record<string, JsonSchema.JsonSchema>
    : {};
};

/** The arrays directly below the root that have a largest length. */
export const longestArrays = (schema: Schema.Constraint): ReadonlyMap<string, number> => {
  const longest = new Map<string, number>();
  for (const [name, { maxItems }] of Object.entries(propertiesOf(schema))) {
    if (typeof maxItems === "number") longest.set(name, maxItems);
  }
  return longest;
};

/** `list`: of texts, apart by commas. */
export type Scalar = "number" | "boolean" | "list";

/** The properties that are not one text. */
export const scalarsOf = (schema: Schema.Constraint): ReadonlyMap<string, Scalar> => {
  const scalars = new Map<string, Scalar>();
  for (const [name, { type }] of Object.entries(propertiesOf(schema))) {
    if (type === "integer" || type === "number") scalars.set(name, "number");
    if (type === "boolean") scalars.set(name, "boolean");
    if (type === "array") scalars.set(name, "list");
  }
  return scalars;
};

/**
 * Query parameters with numbers, booleans and lists where the texts are such; other texts stay, to be refused.
 */
export const withScalars = (
  scalars: ReadonlyMap<string, Scalar>,
  query: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> => {
  const values: Record<string, unknown> = { ...query };
  for (const [name, scalar] of scalars) {
    const text = query[name];
    if (text === undefined) continue;
    if (scalar === "number" && /^-?\d{1,15}(\.\d{1,10})?$/.test(text)) values[name] = Number(text);
    if (scalar === "list") values[name] = text.split(",");
    if (scalar === "boolean" && (text === "true" || text === "false")) {
      values[name] = text === "true";
    }
  }
  return values;
};
