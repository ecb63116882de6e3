/**
 * The named parts of the OpenAPI document, each declared once. What the definitions of routes leave without a
 * name gets one by its place, such as `OrderCustomer`: generators would make up others, and change them.
 *
 * What is asked for is closed, and what is answered is open: clients must not fail over members that later
 * versions add. A schema that has both forms is two, such as `Money` and `MoneyInput`.
 */
import { Schema } from "effect";
import {
  alternativesOf,
  choiceOf,
  discriminatorOf,
  isSchema,
  type JsonSchema,
  orNull,
  propertiesOf,
  requiredOf,
  withFormat,
  withoutAllOf,
} from "./json-schema.ts";
import { pascal, singular } from "./words.ts";

/** Which side makes values of it: the client, or the engine. */
export type Direction = "request" | "response";

export type Ref = { readonly $ref: string };

type Forms = { readonly [Side in Direction]?: JsonSchema };

const schemaPath = "#/components/schemas/";
const definitionPath = "#/$defs/";

/** A reference that has no final name yet. */
const pending = (direction: Direction, name: string): string => `${direction} ${name}`;
const pendingPattern = /^(request|response) ([\w.-]+)$/;

const pendingOf = (value: unknown): { direction: Direction; name: string } | null => {
  const [, direction, name] = typeof value === "string" ? pendingPattern.exec(value) ?? [] : [];
  return (direction === "request" || direction === "response") && name !== undefined
    ? { direction, name }
    : null;
};

/** The name that a schema was given; copies with other words have a number behind it. */
const givenName = (name: string): string => name.replace(/_\d+$/, "");

const withoutDescription = ({ description: _, ...rest }: JsonSchema): JsonSchema => rest;

const isChoice = ({ enum: values }: JsonSchema): boolean =>
  Array.isArray(values) && values.length > 1;

const isText = (schema: JsonSchema): boolean =>
  schema.type === "string" && !Array.isArray(schema.enum);

const isStructure = (schema: JsonSchema): boolean =>
  schema.type === "object" && Object.keys(propertiesOf(schema)).length > 0;

/** Turns every part of a value that is an object, beginning with the innermost. */
const turned = (
  value: unknown,
  turn: (part: Readonly<Record<string, unknown>>) => unknown,
): unknown => {
  if (Array.isArray(value)) return value.map((part) => turned(part, turn));
  if (!isSchema(value)) return value;
  return turn(
    Object.fromEntries(Object.entries(value).map(([name, part]) => [name, turned(part, turn)])),
  );
};

/** `deprecated` marks a field that goes. */
const jsonSchemaOf = (schema: Schema.Constraint) =>
  Schema.toJsonSchemaDocument(schema, {
    onExcessProperty: "error",
    includeAnnotationKey: (key) => key === "deprecated",
  });

export class Components {
  readonly #schemas = new Map<string, Forms>();
  readonly #headers = new Map<string, JsonSchema>();
  readonly #examples = new Map<string, unknown>();

  /** The schema as it stands in the document; `place` names what has no name of its own. */
  schema(schema: Schema.Constraint, direction: Direction, place: string): JsonSchema {
    const document = jsonSchemaOf(schema);
    return new Conversion(this, direction, document.definitions).schema(document.schema, place);
  }

  /** The same, but for the name that the whole would have: of what stands in one place alone. */
  unnamed(schema: Schema.Constraint, direction: Direction, place: string): JsonSchema {
    const { schema: root, definitions } = jsonSchemaOf(schema);
    return new Conversion(this, direction, definitions).unnamed(root, place);
  }

  /** Its members, each with whether it is required: of a struct that is none itself, as parameters are. */
  members(
    schema: Schema.Constraint,
    direction: Direction,
    place: string,
  ): readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[] {
    const document = jsonSchemaOf(schema);
    const conversion = new Conversion(this, direction, document.definitions);
    const required = requiredOf(document.schema);
    return Object.entries(propertiesOf(document.schema)).map(([name, member]) => ({
      name,
      required: required.includes(name),
      schema: conversion.schema(member, place + pascal(name)),
    }));
  }

  /** A header of answers. */
  header(name: string, header: JsonSchema): Ref {
    const key = pascal(name);
    const known = this.#headers.get(key);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(header)) {
      throw new Error(`two headers are named ${name}`);
    }
    this.#headers.set(key, header);
    return { $ref: `#/components/headers/${key}` };
  }

  /** A request as its schema exemplifies it; undefined where it does not. */
  exampleOf({ $ref }: JsonSchema): unknown {
    const found = pendingOf($ref);
    return found === null ? undefined : this.#examples.get(found.name);
  }

  form(name: string, direction: Direction): JsonSchema | undefined {
    return this.#schemas.get(name)?.[direction];
  }

  add(name: string, direction: Direction, given: JsonSchema): void {
    const { examples, ...schema } = given;
    if (Array.isArray(examples)) this.#examples.set(name, examples[0]);
    const known = this.form(name, direction);
    if (known === undefined) {
      this.#schemas.set(name, { ...this.#schemas.get(name), [direction]: schema });
      return;
    }
    const [one, other] = [known, schema].map((each) => JSON.stringify(withoutDescription(each)));
    if (one !== other) throw new Error(`two schemas are named ${name}`);
  }

  /** The document with its references as they are in the end, and the components that they lead to. */
  written<Document extends object>(document: Document) {
    const texts = this.#texts();
    const write = (value: unknown): unknown =>
      turned(value, (part) => {
        const shared = part.type === "string" && part.pattern !== undefined
          ? texts.get(JSON.stringify(withoutDescription(part)))
          : undefined;
        const named = Object.fromEntries(
          Object.entries(part).map(([name, each]) => [name, this.#finalPath(each) ?? each]),
        );
        return shared === undefined ? named : { $ref: schemaPath + shared };
      });
    const schemas: Record<string, unknown> = {};
    for (const [name, forms] of this.#schemas) {
      for (const direction of ["response", "request"] as const) {
        const form = forms[direction];
        if (form === undefined) continue;
        // A text with a pattern is not one of itself.
        schemas[this.#finalName(name, direction)] = form.pattern === undefined ? write(form) : form;
      }
    }
    return {
      document: write(document) as Document,
      schemas,
      headers: Object.fromEntries(this.#headers),
    };
  }

  /** Texts with a pattern, by what they are: where one has no name, such as a key of a record, it is meant. */
  #texts(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#schemas].flatMap(([name, { request, response }]) => {
        const form = request ?? response ?? {};
        return form.pattern === undefined ? [] : [[JSON.stringify(withoutDescription(form)), name]];
      }),
    );
  }

  #finalPath(value: unknown): string | undefined {
    const found = pendingOf(value);
    return found === null ? undefined : schemaPath + this.#finalName(found.name, found.direction);
  }

  #finalName(name: string, direction: Direction): string {
    if (direction === "response" || !this.#hasTwoForms(name)) return name;
    if (this.#schemas.has(`${name}Input`)) throw new Error(`two schemas are named ${name}Input`);
    return `${name}Input`;
  }

  /** Whether it is closed in requests and open in answers: itself, or anything that it leads to. */
  #hasTwoForms(name: string, seen: ReadonlySet<string> = new Set()): boolean {
    const { request, response } = this.#schemas.get(name) ?? {};
    if (request === undefined || response === undefined || seen.has(name)) return false;
    const led = new Set<string>();
    const [one, other] = [request, response].map((form) =>
      JSON.stringify(turned(withoutDescription(form), (part) => {
        const entries = Object.entries(part).map(([key, value]) => {
          const found = pendingOf(value);
          if (found !== null) led.add(found.name);
          return [key, found?.name ?? value];
        });
        return Object.fromEntries(entries);
      }))
    );
    return one !== other ||
      [...led].some((each) => this.#hasTwoForms(each, new Set(seen).add(name)));
  }
}

/** Converts one document of Effect's, whose named schemas become components. */
class Conversion {
  readonly #done = new Set<string>();

  constructor(
    readonly components: Components,
    readonly direction: Direction,
    readonly definitions: Readonly<Record<string, JsonSchema>>,
  ) {}

  /** With a name where clients need one. */
  schema(raw: JsonSchema, place: string): JsonSchema {
    const schema = withoutAllOf(raw);
    if (typeof schema.$ref === "string") return this.#reference(schema.$ref, schema.description);
    const alternatives = alternativesOf(schema);
    if (alternatives?.nullable && alternatives.others.length === 1) {
      const [other = {}] = alternatives.others;
      return this.#nullable(other, schema.description, place);
    }
    const needsName = isStructure(schema) || isChoice(choiceOf(schema)) && schema.type === "string";
    if (!needsName) return this.#body(schema, place);
    const { description, ...rest } = schema;
    this.components.add(place, this.direction, this.#body(rest, place));
    return this.#to(place, description);
  }

  unnamed(raw: JsonSchema, place: string): JsonSchema {
    const name = typeof raw.$ref === "string" ? raw.$ref.slice(definitionPath.length) : undefined;
    const definition = name === undefined ? raw : this.definitions[name] ?? {};
    return this.#body(withoutAllOf(definition), name === undefined ? place : givenName(name));
  }

  #to(name: string, description: unknown): JsonSchema {
    return {
      $ref: pending(this.direction, name),
      ...(typeof description === "string" ? { description } : {}),
    };
  }

  #reference(path: string, description: unknown): JsonSchema {
    const key = path.slice(definitionPath.length);
    const name = givenName(key);
    const definition = this.definitions[key] ?? {};
    if (!this.#done.has(key)) {
      this.#done.add(key);
      const body = this.#body(withoutAllOf(definition), name);
      // What a text means is said where it stands.
      this.components.add(name, this.direction, isText(body) ? withoutDescription(body) : body);
    }
    const own = description ?? definition.description;
    // While a schema that leads to itself is converted, it has no form yet.
    const general = this.components.form(name, this.direction)?.description;
    return this.#to(name, own === general ? undefined : own);
  }

  /** Without a name for the schema itself. */
  #body(schema: JsonSchema, place: string): JsonSchema {
    const alternatives = alternativesOf(schema);
    if (alternatives !== null) return this.#union(schema, alternatives.others, place);
    if (Array.isArray(schema.enum)) return choiceOf(schema);
    switch (schema.type) {
      case "integer":
      case "number":
        return withFormat(schema);
      case "array":
        return isSchema(schema.items)
          ? { ...schema, items: this.schema(schema.items, singular(place)) }
          : schema;
      case "object":
        return this.#object(schema, place);
      default:
        return schema;
    }
  }

  #object(schema: JsonSchema, place: string): JsonSchema {
    const { additionalProperties, properties: _, propertyNames, ...rest } = schema;
    const properties = Object.entries(propertiesOf(schema)).map(([name, property]) => [
      name,
      this.schema(property, place + pascal(name)),
    ]);
    const others = isSchema(additionalProperties)
      ? this.schema(additionalProperties, singular(place))
      : additionalProperties;
    const isOpen = others === false && this.direction === "response";
    return {
      ...rest,
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...(others === undefined || isOpen ? {} : { additionalProperties: others }),
      // Answers may have keys that later versions allow.
      ...(propertyNames === undefined || this.direction === "response" ? {} : { propertyNames }),
    };
  }

  /** What has a name keeps it: generators know this form of "that, or null", and no other, beside two types. */
  #nullable(other: JsonSchema, given: unknown, place: string): JsonSchema {
    const { description: own, ...inner } = this.schema(other, place);
    const description = given ?? own;
    return {
      ...(inner.$ref === undefined ? orNull(inner) : { oneOf: [inner, { type: "null" }] }),
      ...(typeof description === "string" ? { description } : {}),
    };
  }

  #union(schema: JsonSchema, others: readonly JsonSchema[], place: string): JsonSchema {
    const { anyOf: _, oneOf: __, ...rest } = schema;
    const members = others.map((other, n) =>
      this.schema(other, place + this.#distinction(others, n))
    );
    const forms = members.map(({ $ref }) => {
      const found = pendingOf($ref);
      return found === null ? {} : this.components.form(found.name, this.direction) ?? {};
    });
    if (!forms.every(isStructure)) return { ...rest, anyOf: members };
    const discriminator = discriminatorOf(forms);
    return {
      ...rest,
      oneOf: members,
      ...(discriminator === null ? {} : {
        discriminator: {
          propertyName: discriminator.propertyName,
          mapping: Object.fromEntries(
            discriminator.texts.map((text, n) => [text, members[n]?.$ref]),
          ),
        },
      }),
    };
  }

  /** What one alternative must have and no other one: what it is called by. */
  #distinction(others: readonly JsonSchema[], n: number): string {
    const required = others.map(requiredOf);
    const own = required[n]?.find((name) =>
      required.every((names, m) => m === n || !names.includes(name))
    );
    return pascal(own ?? String(n + 1));
  }
}
