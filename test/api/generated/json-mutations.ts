/**
 * Bodies that are not as they must be. A change of the JSON is made by chance anywhere in it, and the document's
 * schema says whether what came out is still right; a change of the bytes leaves no JSON at all.
 */
import type { Chance } from "../../sim/random.ts";
import type { ApiDocument, Json, JsonObject, JsonSchema } from "./document.ts";

/** Text that is put in as it stands, where JSON has no way to say it. */
export interface Raw {
  readonly raw: string;
}

export interface ChangedJson {
  readonly name: string;
  readonly text: string;
}

/** A place in a value, the schema that it has there, and what leads to it. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly value: Json;
  readonly schema: JsonSchema;
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The alternative that the value looks like: the one whose properties it has. */
const alternative = (document: ApiDocument, schema: JsonSchema, value: Json): JsonSchema => {
  const resolved = document.resolved(schema);
  if (resolved.oneOf === undefined) return resolved;
  const found = resolved.oneOf.map((each) => document.resolved(each)).find(({ properties, type }) =>
    isObject(value)
      ? Object.keys(value).every((name) => properties !== undefined && name in properties)
      : type === (value === null ? "null" : typeof value)
  );
  return found ?? {};
};

const placesIn = (
  document: ApiDocument,
  schema: JsonSchema,
  value: Json,
  path: readonly (string | number)[] = [],
): readonly Place[] => {
  const own = alternative(document, schema, value);
  const place = { path, value, schema: own };
  if (Array.isArray(value)) {
    return [
      place,
      ...value.flatMap((item, n) => placesIn(document, own.items ?? {}, item, [...path, n])),
    ];
  }
  if (!isObject(value)) return [place];
  const { properties = {}, additionalProperties } = own;
  const rest = typeof additionalProperties === "object" ? additionalProperties : {};
  return [
    place,
    ...Object.entries(value).flatMap(([name, member]) =>
      placesIn(
        document,
        (Object.hasOwn(properties, name) ? properties[name] : rest) ?? {},
        member,
        [...path, name],
      )
    ),
  ];
};

/** The value with another one at the path. */
const replaced = (value: Json, path: readonly (string | number)[], by: Json): Json => {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((item, n) => n === first ? replaced(item, rest, by) : item);
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === first ? [name, replaced(member, rest, by)] : [name, member]
    ),
  );
};

const without = (value: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));

const otherTypes: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  "",
  "1",
  "true",
  [],
  {},
  [[]],
  [null],
  { "": null },
];

const extraNames: readonly string[] = [
  "nonsense",
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "a/b~c",
  "~0",
  "é😀",
  "\u0000",
  "שם",
  "0",
  "$ref",
  "x".repeat(1_000),
];

/** JSON's numbers have no bounds of their own, and no NaN. */
const rawNumbers: readonly string[] = [
  "0",
  "-0",
  "0.0",
  "-1",
  "1.5",
  "1e0",
  "1E+2",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "-9007199254740993",
  "1e308",
  "-1e308",
  "1e400",
  "-1e400",
  "1e-400",
  "4.9e-324",
  "0.1",
  "99999999999999999999999999999999999999999999999999",
  "1000000.0000000001",
];

/** Not JSON at all. */
const noTokens: readonly string[] = [
  "NaN",
  "Infinity",
  "-Infinity",
  "undefined",
  "0x10",
  "01",
  "1.",
  ".5",
  "+1",
  "--1",
  "'text'",
  "True",
  "None",
  "1_000",
  "10n",
  '"\u0007"', // a control character as it is
  '"\\x41"',
  '"\\u12"',
  '"open',
  "[1,]",
  '{"a":1,}',
  "{a:1}",
  "/* */ 1",
  "",
];

const halfPairs: readonly string[] = [
  '"\\ud800"',
  '"\\udfff x"',
  '"\\udc00\\ud800"',
  '"a\\uD83D"',
  '"\\ud83d\\u0041"',
];

const oddTexts: readonly string[] = [
  "",
  " ",
  "\u0000",
  "\ufeff",
  "\u202e",
  "e\u0301",
  "😀",
  "NaN",
  "1e308",
  "-0",
  "null",
  "../../etc/passwd",
  "'; DROP TABLE orders; --",
  "<script>alert(1)</script>",
  "${7*7}",
  "2026-02-30T00:00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T10:00Z",
  "2026-01-01",
  "9999-12-31T23:59:59-01:00",
  "0001-01-01T00:00:00Z",
  "1969-12-31T23:59:59Z",
  "XXX",
  "usd",
  "US",
  "1.00",
  "-1.00",
  "1,00",
  "1.000",
  "0.00",
  "9999999999999.99",
  "10000000000.01",
  "nowhere",
];

const deepLevels = 20_000;

type Change = (
  document: ApiDocument,
  places: readonly Place[],
  chance: Chance,
) => { readonly at: Place; readonly by: Json | Raw } | null;

const pickPlace = (
  places: readonly Place[],
  chance: Chance,
  fits: (place: Place) => boolean,
): Place | null => {
  const found = places.filter(fits);
  return found.length === 0 ? null : chance.pick(found);
};

const lengthened = ({ schema }: Place, chance: Chance): Json => {
  const { maxLength = 100 } = schema;
  return chance.pick(["x", "é", "😀", "日", " "]).repeat(maxLength + chance.pick([1, 1, 2, 50]));
};

const isText = ({ value }: Place): boolean => typeof value === "string";
const isNumber = ({ value }: Place): boolean => typeof value === "number";
const anywhere = (): boolean => true;

const at = (
  place: Place | null,
  by: (place: Place) => Json | Raw,
): ReturnType<Change> => place === null ? null : { at: place, by: by(place) };

const changes: Readonly<Record<string, Change>> = {
  "missing member": (_, places, chance) =>
    at(
      pickPlace(places, chance, ({ schema, value }) =>
        isObject(value) && (schema.required?.length ?? 0) > 0),
      ({ value, schema }) =>
        without(value as JsonObject, chance.pick(schema.required ?? [])),
    ),
  "extra member": (_, places, chance) =>
    at(pickPlace(places, chance, ({ value }) => isObject(value)), ({ value }) => {
      const name = chance.pick(extraNames);
      const extra = chance.pick(otherTypes);
      return Object.fromEntries([...Object.entries(value as JsonObject), [name, extra]]);
    }),
  "misspelled member": (_, places, chance) =>
    at(
      pickPlace(places, chance, ({ value }) => isObject(value) && Object.keys(value).length > 0),
      ({ value }) => {
        const entries = Object.entries(value as JsonObject);
        const [name, member] = chance.pick(entries);
        const wrong = chance.pick([name.toUpperCase(), `${name} `, `${name}s`, `_${name}`]);
        return { ...without(value as JsonObject, name), [wrong]: member };
      },
    ),
  "wrong type": (_, places, chance) =>
    at(pickPlace(places, chance, anywhere), () => chance.pick(otherTypes)),
  "number at the edge": (_, places, chance) =>
    at(pickPlace(places, chance, isNumber), () => ({ raw: chance.pick(rawNumbers) })),
  "number beyond the bound": (_, places, chance) =>
    at(
      pickPlace(places, chance, isNumber),
      ({ schema }) =>
        chance.happens(0.5)
          ? (schema.minimum ?? 0) - chance.pick([1, 1, 1_000])
          : (schema.maximum ?? 0) + chance.pick([1, 1, 1_000]),
    ),
  "number as text": (_, places, chance) =>
    at(pickPlace(places, chance, isNumber), ({ value }) => String(value)),
  "odd text": (_, places, chance) =>
    at(pickPlace(places, chance, isText), () => chance.pick(oddTexts)),
  "text too long": (_, places, chance) =>
    at(pickPlace(places, chance, isText), (place) => lengthened(place, chance)),
  "huge text": (_, places, chance) =>
    at(pickPlace(places, chance, isText), () => chance.pick(["x", "é", "😀"]).repeat(100_000)),
  "unknown choice": (_, places, chance) =>
    at(
      pickPlace(places, chance, ({ schema }) => schema.enum !== undefined),
      ({ value }) => chance.pick([`${value}`.toUpperCase(), `${value} `, "unknown", ""]),
    ),
  "list of odd length": (_, places, chance) =>
    at(pickPlace(places, chance, ({ value }) => Array.isArray(value)), ({ value, schema }) => {
      const items = value as readonly Json[];
      const { maxItems = 10 } = schema;
      const length = chance.pick([0, 0, maxItems + 1]);
      return Array.from({ length }, (_each, n) => items[n % items.length] ?? null);
    }),
  "hole in a list": (_, places, chance) =>
    at(
      pickPlace(places, chance, ({ value }) => Array.isArray(value)),
      ({ value }) => [...(value as readonly Json[]), chance.pick([null, [], 0])],
    ),
  "many members": (_, places, chance) =>
    at(pickPlace(places, chance, ({ value }) => isObject(value)), ({ value }) => ({
      ...(value as JsonObject),
      ...Object.fromEntries(Array.from({ length: 600 }, (_each, n) => [`member ${n}`, "x"])),
    })),
  "null": (_, places, chance) => at(pickPlace(places, chance, anywhere), () => null),
  "deep": (_, places, chance) =>
    at(pickPlace(places, chance, anywhere), () => {
      const levels = chance.pick([40, 1_000, deepLevels]);
      return {
        raw: chance.happens(0.5)
          ? "[".repeat(levels) + "]".repeat(levels)
          : '{"a":'.repeat(levels) + "1" + "}".repeat(levels),
      };
    }),
};

/** Changes after which there is no JSON in it any more, or no text. */
const breaks: Readonly<Record<string, Change>> = {
  "no token of JSON": (_, places, chance) =>
    at(pickPlace(places, chance, ({ path }) => path.length > 0), () => ({
      raw: chance.pick(noTokens),
    })),
  "half a surrogate pair": (_, places, chance) =>
    at(pickPlace(places, chance, anywhere), () => ({ raw: chance.pick(halfPairs) })),
};

const mark = "\u0001here\u0001";

const changedBy = (
  document: ApiDocument,
  schema: JsonSchema,
  json: Json,
  all: Readonly<Record<string, Change>>,
  chance: Chance,
): ChangedJson | null => {
  const name = chance.pick(Object.keys(all));
  const change = all[name]?.(document, placesIn(document, schema, json), chance) ?? null;
  if (change === null) return null;
  const { at: place, by } = change;
  if (typeof by !== "object" || by === null || !("raw" in by)) {
    return { name, text: JSON.stringify(replaced(json, place.path, by as Json)) };
  }
  const text = JSON.stringify(replaced(json, place.path, mark));
  return { name, text: text.replace(JSON.stringify(mark), () => String(by.raw)) };
};

/** A change of the value somewhere; null where the one that chance picked does not apply. */
export const changedJson = (
  document: ApiDocument,
  schema: JsonSchema,
  json: Json,
  chance: Chance,
): ChangedJson | null => changedBy(document, schema, json, changes, chance);

/** Text that no longer is JSON, or JSON that holds what is no text. */
export const brokenJson = (
  document: ApiDocument,
  schema: JsonSchema,
  json: Json,
  chance: Chance,
): ChangedJson | null => changedBy(document, schema, json, breaks, chance);
