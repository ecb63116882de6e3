/**
 * JSON Schema in the words that generators of clients read: no `allOf`, null as a second `type`, a format for
 * every number, alternatives as `oneOf`. Names are given in `components.ts`.
 */
import type { JsonSchema as EffectJsonSchema } from "effect";

export type JsonSchema = EffectJsonSchema.JsonSchema;

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const schemasOf = (value: unknown): readonly JsonSchema[] =>
  Array.isArray(value) ? value.filter(isSchema) : [];

/** An integer that fits into four bytes, which a schema must say: others are of eight. */
export const int32 = { format: "int32" } as const;

/** Bounds that say no more than that the number is exact in JavaScript. */
const isExactness = (bound: unknown): boolean =>
  typeof bound === "number" && Math.abs(bound) === Number.MAX_SAFE_INTEGER;

const without = (schema: JsonSchema, ...names: readonly string[]): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));

/** The members of `allOf`, which only narrow the same value, as members of the schema itself. */
export const withoutAllOf = (schema: JsonSchema): JsonSchema => {
  if (schema.allOf === undefined) return schema;
  const parts = schemasOf(schema.allOf).map(withoutAllOf);
  const whole: JsonSchema = Object.assign(without(schema, "allOf"), ...parts);
  const rest = parts.find(({ type, properties }) => type === "object" && properties === undefined);
  // An object with members of its own and any others.
  return rest === undefined
    ? whole
    : { ...whole, additionalProperties: rest.additionalProperties ?? true };
};

/** An integer or a number with its format, and without bounds that are no bounds. */
export const withFormat = (schema: JsonSchema): JsonSchema => {
  const { type, format } = schema;
  const bounded = without(
    schema,
    ...["minimum", "maximum"].filter((name) => isExactness(schema[name])),
  );
  return { ...bounded, format: format ?? (type === "integer" ? "int64" : "double") };
};

const isNull = ({ type }: JsonSchema): boolean => type === "null";

/** The alternatives of a union, and whether null is one of them; null where the schema is no union. */
export const alternativesOf = (
  schema: JsonSchema,
): { readonly others: readonly JsonSchema[]; readonly nullable: boolean } | null => {
  const all = schemasOf(schema.anyOf ?? schema.oneOf);
  if (all.length === 0) return null;
  const others = all.filter((each) => !isNull(each));
  return { others, nullable: others.length < all.length };
};

/** The same or null, of a schema without choices. */
export const orNull = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  type: [schema.type, "null"],
});

/** The names of the members that a schema must have. */
export const requiredOf = ({ required }: JsonSchema): readonly string[] =>
  Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];

export const propertiesOf = ({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  isSchema(properties) ? properties as Readonly<Record<string, JsonSchema>> : {};

/** The only text that a member may be; undefined where there are more. */
const onlyText = (schema: JsonSchema | undefined): string | undefined => {
  const [text, ...more] = Array.isArray(schema?.enum) ? schema.enum : [];
  return more.length === 0 && typeof text === "string" ? text : undefined;
};

/** A member by which every alternative can be told, with its text in each. */
export const discriminatorOf = (
  alternatives: readonly JsonSchema[],
): { readonly propertyName: string; readonly texts: readonly string[] } | null => {
  const [first = {}] = alternatives;
  for (const propertyName of requiredOf(first)) {
    const texts = alternatives.flatMap((each) =>
      (requiredOf(each).includes(propertyName)
        ? onlyText(propertiesOf(each)[propertyName])
        : undefined) ?? []
    );
    if (texts.length === alternatives.length && new Set(texts).size === texts.length) {
      return { propertyName, texts };
    }
  }
  return null;
};

/** Whether generators can make an identifier of each of these. */
const areNameable = (values: readonly unknown[]): boolean =>
  values.every((value) => typeof value !== "string" || /^[\w./-]*[A-Za-z0-9][\w./-]*$/.test(value));

/** A character as a class of a regular expression has it, in all dialects. */
const inClass = (character: string): string =>
  character === "\t" ? "\\t" : /[\\\]^-]/.test(character) ? `\\${character}` : character;

/**
 * A choice of signs, such as `;` and a tab, as a pattern, since no generator can name them; and one of truth
 * values as any of them, since languages have no choice of those.
 */
export const choiceOf = (schema: JsonSchema): JsonSchema => {
  if (schema.type === "boolean") return without(schema, "enum");
  const values: readonly unknown[] = Array.isArray(schema.enum) ? schema.enum : [];
  const signs = values.filter((value) => typeof value === "string" && value.length === 1);
  return areNameable(values) || signs.length < values.length ? schema : {
    ...without(schema, "enum"),
    pattern: `^[${signs.map((sign) => inClass(String(sign))).join("")}]$`,
  };
};
