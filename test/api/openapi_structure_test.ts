/**
 * The OpenAPI document is one from which generators make clients: these are the rules that it follows for them.
 * Clients are made and run by `deno task test:clients`.
 */
import assert from "node:assert/strict";
import { openApiDocument } from "../../api/http/openapi.ts";
import { routes } from "../../api/routes.ts";
import { subjects } from "../../src/subjects.ts";

const document = openApiDocument(routes, "0.0.0", subjects.eventTypes.values());

type Part = Readonly<Record<string, unknown>>;

const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null;

/** Every schema with where it stands, beginning with those that stand in others. */
const schemasIn = (value: unknown, place: string, isSchema: boolean): readonly [string, Part][] => {
  if (!isPart(value)) return [];
  const inner = Object.entries(value).flatMap(([name, part]) => {
    if (name === "enum" || name === "mapping" || name === "example") return [];
    // In these every member is one; in others it is one by its name.
    const isMap = /\/(?:properties|schemas|anyOf|oneOf|allOf)$/.test(place);
    const byName = ["schema", "items", "additionalProperties", "propertyNames"].includes(name);
    return schemasIn(part, `${place}/${name}`, isMap || byName && !isMap);
  });
  return isSchema ? [...inner, [place, value]] : inner;
};

const schemas = schemasIn(document, "", false);

/** Places of schemas of which something is so that must not be. */
const places = (isWrong: (schema: Part, place: string) => boolean): readonly string[] =>
  schemas.filter(([place, schema]) => isWrong(schema, place)).map(([place]) => place);

const typesOf = ({ type }: Part): readonly unknown[] => Array.isArray(type) ? type : [type];

const isNamed = (place: string): boolean => /^\/components\/schemas\/[\w.-]+$/.test(place);

/** Bodies of webhooks are called as their operations are. */
const isWebhook = (place: string): boolean => /^\/webhooks\/.*\/schema$/.test(place);

const components: Part = document.components.schemas;

Deno.test("the rules look at every schema", () => {
  assert.ok(schemas.length > 500, String(schemas.length));
  for (const name of Object.keys(components)) {
    assert.ok(schemas.some(([place]) => place === `/components/schemas/${name}`), name);
  }
});

Deno.test("every number says how large it can be, and none is bounded by JavaScript", () => {
  const formats = ["int32", "int64", "double"];
  const isNumber = (schema: Part) =>
    typesOf(schema).some((type) => type === "integer" || type === "number");
  assert.deepEqual(places((it) => isNumber(it) && !formats.includes(String(it.format))), []);
  const bounds = ({ minimum, maximum }: Part) => [minimum, maximum];
  assert.deepEqual(
    places((it) => bounds(it).some((bound) => Math.abs(Number(bound)) >= Number.MAX_SAFE_INTEGER)),
    [],
  );
  const isSmall = (bound: unknown) => typeof bound === "number" && Math.abs(bound) <= 0x7fff_ffff;
  assert.deepEqual(
    places((it) =>
      it.format === "int32" && !bounds(it).every((bound) => bound === undefined || isSmall(bound))
    ),
    [],
  );
});

Deno.test("no structure and no choice is without a name", () => {
  const isStructure = (schema: Part) => schema.properties !== undefined;
  assert.deepEqual(
    places((it, place) => isStructure(it) && !isNamed(place) && !isWebhook(place)),
    [],
  );
  const isChoice = ({ enum: values }: Part) => Array.isArray(values) && values.length > 1;
  assert.deepEqual(places((it, place) => isChoice(it) && !isNamed(place)), []);
  for (const name of Object.keys(components)) assert.match(name, /^[A-Z][A-Za-z0-9]*$/);
});

Deno.test("null is a second type, and nothing is a sum of several schemas", () => {
  assert.deepEqual(places(({ allOf, not }) => allOf !== undefined || not !== undefined), []);
  const hasNull = (alternatives: unknown) =>
    ((alternatives ?? []) as readonly Part[]).some(({ type }) => type === "null");
  assert.deepEqual(places(({ anyOf }) => hasNull(anyOf)), []);
  // What has a name cannot have a second type where it is used.
  const isNamedOrNull = (alternatives: unknown) => {
    const [{ $ref } = {}, ...more] = alternatives as readonly Part[];
    return $ref !== undefined && more.length === 1;
  };
  assert.deepEqual(places(({ oneOf }) => hasNull(oneOf) && !isNamedOrNull(oneOf)), []);
  const pairs = places(({ type }) => Array.isArray(type));
  assert.ok(pairs.length > 5);
  assert.deepEqual(
    places(({ type }) => Array.isArray(type) && !(type.length === 2 && type[1] === "null")),
    [],
  );
});

Deno.test("choices are words of which a program can make a name", () => {
  const isWord = (value: unknown) =>
    value === null || typeof value === "string" && /^[\w./-]*[A-Za-z0-9][\w./-]*$/.test(value);
  assert.deepEqual(
    places(({ enum: values }) => Array.isArray(values) && !values.every(isWord)),
    [],
  );
});

Deno.test("a pattern stands in one place", () => {
  const long = schemas.filter(([place, { pattern }]) => pattern !== undefined && !isNamed(place));
  // Of single signs, which are not worth a name.
  assert.deepEqual(long.filter(([, { pattern }]) => String(pattern).length > 12), []);
});

/** The names of the schemas to which a part leads, however far. */
const reachedFrom = (value: unknown, reached = new Set<string>()): ReadonlySet<string> => {
  if (typeof value === "string" && value.startsWith("#/components/schemas/")) {
    const name = value.slice("#/components/schemas/".length);
    if (!reached.has(name)) reachedFrom(components[name], reached.add(name));
  } else if (isPart(value)) { for (const part of Object.values(value)) reachedFrom(part, reached); }
  return reached;
};

const operations = Object.values(document.paths).flatMap((byMethod) => Object.values(byMethod));

Deno.test("requests are closed at any depth, and answers open", () => {
  const isStructure = (name: string) => (components[name] as Part).properties !== undefined;
  const open = (name: string) => (components[name] as Part).additionalProperties !== false;
  const asked = reachedFrom(
    operations.map(({ requestBody, parameters }) => [requestBody, parameters]),
  );
  const told = reachedFrom(operations.map(({ responses }) => responses));
  const structures = (names: ReadonlySet<string>) => [...names].filter(isStructure);
  assert.ok(structures(asked).length > 20 && structures(told).length > 40);
  assert.deepEqual(structures(asked).filter(open), []);
  assert.deepEqual(structures(told).filter((name) => !open(name)), []);
});

Deno.test("a list that may be left out of a request may have nothing in it", () => {
  const asked = reachedFrom(operations.map(({ requestBody }) => requestBody));
  const wrong = [...asked].flatMap((name) => {
    const { properties = {}, required = [] } = components[name] as {
      readonly properties?: Readonly<Record<string, Part>>;
      readonly required?: readonly string[];
    };
    return Object.entries(properties)
      .filter(([member, { minItems }]) => minItems !== undefined && !required.includes(member))
      .map(([member]) => `${name}.${member}`);
  });
  assert.deepEqual(wrong, []);
});

/** Words that a language has for itself: a generator makes another name of them. */
const reserved =
  "Abstract Any Array Assert Async Await Boolean Break Byte Case Catch Char Class Const Continue Date Default " +
  "Delete Do Double Else Enum Error Exception Export Extends False File Final Finally Float For Func Function Go " +
  "Goto If Implements Import In Int Integer Interface Is Lambda List Long Map Native New None Null Number Object " +
  "Package Pass Private Protected Public Raise Range Record Return Select Set Short Static Str String Struct Super " +
  "Switch Symbol This Throw Throws Transient True Try Type Typeof Union Unknown Var Void Volatile While With Yield";

Deno.test("no schema has a name that a language has for itself", () => {
  const taken = new Set(reserved.split(" "));
  assert.deepEqual(Object.keys(components).filter((name) => taken.has(name)), []);
});

Deno.test("names of operations and of what they take are names in every language", () => {
  const ids = operations.map(({ operationId }) => operationId);
  for (const id of ids) assert.match(id, /^[a-z][a-zA-Z0-9]*$/);
  // Some languages tell names apart without regard to capital letters, as file systems do.
  const lower = [...ids, ...Object.keys(components)].map((name) => name.toLowerCase());
  const twice = lower.filter((name, n) => lower.indexOf(name) !== n);
  assert.deepEqual(twice, []);
});

Deno.test("every operation tells what else can come, and headers stand in one place", () => {
  for (const { operationId, responses } of operations) {
    assert.deepEqual(responses["default"], { $ref: "#/components/responses/Problem" }, operationId);
    for (const { headers = {} } of Object.values(responses)) {
      for (const header of Object.values(headers as Readonly<Record<string, Part>>)) {
        assert.deepEqual(Object.keys(header), ["$ref"]);
      }
    }
  }
});

Deno.test("alternatives can be told apart by what they must have", () => {
  for (const [place, { oneOf }] of schemas) {
    if (oneOf === undefined || (oneOf as readonly Part[]).some(({ type }) => type === "null")) {
      continue;
    }
    const members = (oneOf as readonly { readonly $ref: string }[]).map(({ $ref }) =>
      components[$ref.split("/").at(-1) ?? ""] as Part
    );
    const signs = members.map(({ required, properties }) =>
      JSON.stringify([
        required,
        Object.entries(properties as Part).filter(([, member]) =>
          isPart(member) && Array.isArray(member.enum) && member.enum.length === 1
        ),
      ])
    );
    assert.equal(new Set(signs).size, signs.length, place);
  }
});
