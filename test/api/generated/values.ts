/** Values that a schema allows, by chance: most of them plain, some at every edge that the schema names. */
import { listedPattern } from "../../../api/http/several.ts";
import { visiblePattern } from "../../../src/kernel/white-space.ts";
import { type Chance } from "../../sim/random.ts";
import type { ApiDocument, Json, JsonObject, JsonSchema } from "./document.ts";

/** Pieces of text from everywhere: each is one or more characters, and none is half of one. */
const pieces: readonly string[] = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789",
  ..." -_.,:;/\\|'\"`<>&%?#=+*()[]{}@!$^~",
  "é",
  "e\u0301", // the same by a combining mark
  "ß",
  "Ω",
  "日本",
  "שלום", // right to left
  "\u202eabc\u202c", // overridden to the left
  "ﷺ",
  "\u200b",
  "\ufeff",
  "\u0000",
  "\u0007",
  "\n",
  "\t",
  "\u2028",
  "\uffff",
  "😀",
  "👩‍👩‍👧‍👦", // joined
  "🇳🇱",
  "𝔘",
  "__proto__",
  "constructor",
  "null",
  "NaN",
  "-0",
  "1e308",
  "%00",
  "%2F",
  "../",
];

const plain = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Cut to so many characters (Unicode code points, as JSON Schema counts). */
const cut = (text: string, characters: number): string => [...text].slice(0, characters).join("");

export const plainText = (chance: Chance, length: number): string =>
  Array.from({ length }, () => chance.pick([...plain])).join("");

/** Text of that many characters from everywhere. */
export const strangeText = (chance: Chance, characters: number): string => {
  let text = "";
  while ([...text].length < characters) text += chance.pick(pieces);
  return cut(text, characters);
};

export const textBetween = (chance: Chance, low: number, high: number): string => {
  const usual = Math.min(high, Math.max(low, 12));
  switch (chance.weighted({ plain: 6, strange: 3, shortest: 0.5, longest: 0.5, astral: 0.2 })) {
    case "plain":
      return plainText(chance, chance.between(Math.max(low, 1), usual));
    case "strange":
      return strangeText(chance, chance.between(Math.max(low, 1), usual));
    case "shortest":
      return plainText(chance, low);
    case "longest":
      return plainText(chance, Math.min(high, 5_000));
    case "astral":
      return "𝔘".repeat(Math.min(high, 5_000));
  }
};

const digits = (chance: Chance, count: number): string =>
  Array.from({ length: count }, () => chance.between(0, 9)).join("");

const two = (value: number): string => String(value).padStart(2, "0");

/** Any moment from 1970 to 2024 in any of the ways that RFC 3339 has. */
export const timeText = (chance: Chance): string => {
  const date = [chance.between(1971, 2024), two(chance.between(1, 12)), two(chance.between(1, 28))];
  const time = [0, 0, 0].map((_, n) => two(chance.between(0, n === 0 ? 23 : 59))).join(":");
  const fraction = chance.pick(["", "", ".5", ".123", `.${digits(chance, 9)}`]);
  const zone = chance.pick(["Z", "Z", "z", "+00:00", "-08:00", "+05:45", "+14:00"]);
  return `${date.join("-")}${chance.happens(0.9) ? "T" : "t"}${time}${fraction}${zone}`;
};

const numberBetween = (chance: Chance, low: number, high: number, isWhole: boolean): number => {
  const bounded = Math.min(high, low + 1_000_000);
  switch (chance.weighted({ small: 8, low: 1, high: 1, any: 2 })) {
    case "low":
      return low;
    case "high":
      return high;
    case "small":
      return isWhole
        ? chance.between(low, Math.min(high, Math.max(low, 0) + 9))
        : low + (high - low) * chance.next();
    case "any":
      return isWhole ? chance.between(low, bounded) : low + (high - low) * chance.next();
  }
};

/** The patterns that the document has; a new one must be learned here. */
const textsByPattern: Readonly<Record<string, (chance: Chance) => string>> = {
  "^[A-Za-z]{3}$": (chance) => chance.pick(["USD", "EUR", "JPY", "KWD", "CLF", "usd", "Eur"]),
  "^[A-Za-z]{2}$": (chance) => chance.pick(["NL", "US", "JP", "BR", "nl", "Us"]),
  "^(\\d{1,3})(?:\\.(\\d{1,4}))?$": (chance) => chance.pick(["0", "7", "19.0", "7.75", "999.9999"]),
  "^[a-z][a-z0-9_]{0,39}$": (chance) => chance.pick(["card", "bank_transfer", "cash"]),
  "^[,;\\t|]$": (chance) => chance.pick([",", ";", "\t", "|"]),
  "^[.,]$": (chance) => chance.pick([".", ","]),
  "^[,. ']$": (chance) => chance.pick([",", ".", " ", "'"]),
  "^(\\*|[a-z_]+(\\.[a-z_]+)*(\\.\\*)?)$": (chance) =>
    chance.pick(["order.placed", "order.*", "stock.adjusted", "webhook.test", "*"]),
  "^whsec_[A-Za-z0-9+/]{32,86}={0,2}$": (chance) =>
    `whsec_${digits(chance, 8).repeat(chance.between(4, 10))}`,
  "^(?:[01]\\d|2[0-3]):[0-5]\\d$": (chance) =>
    `${two(chance.between(0, 23))}:${two(chance.between(0, 59))}`,
  "^(?:(?:[01]\\d|2[0-3]):[0-5]\\d|24:00)$": (chance) =>
    chance.pick(["24:00", `${two(chance.between(0, 23))}:${two(chance.between(0, 59))}`]),
  "^-?\\d{1,13}(\\.\\d{1,4})?$": (chance) => `${chance.between(0, 99)}.${digits(chance, 2)}`,
};

const patternText = (pattern: string, chance: Chance): string => {
  const make = textsByPattern[pattern];
  if (make === undefined) throw new Error(`values.ts knows no text for the pattern ${pattern}`);
  return make(chance);
};

const isVisible = new RegExp(visiblePattern, "u");

/** Text of which something can be seen, between two lengths. */
const visibleText = (chance: Chance, low: number, high: number): string => {
  const text = textBetween(chance, low, high);
  return isVisible.test(text) ? text : plainText(chance, Math.max(low, 1));
};

/** A value that fits the schema. */
export const valueFor = (document: ApiDocument, schema: JsonSchema, chance: Chance): Json => {
  const { type: types, enum: listed, oneOf, ...rest } = document.resolved(schema);
  if (listed !== undefined) return chance.pick(listed);
  if (oneOf !== undefined) return valueFor(document, chance.pick(oneOf), chance);
  const type = typeof types === "string" || types === undefined ? types : chance.pick(types);
  switch (type) {
    case "string":
      return rest.pattern === visiblePattern
        ? visibleText(chance, rest.minLength ?? 1, rest.maxLength ?? 200)
        : rest.pattern === listedPattern
        ? visibleText(chance, rest.minLength ?? 1, rest.maxLength ?? 200).replaceAll(",", ".")
        : rest.pattern !== undefined
        ? patternText(rest.pattern, chance)
        : rest.format === "date-time"
        ? timeText(chance)
        : textBetween(chance, rest.minLength ?? 0, rest.maxLength ?? 200);
    case "integer":
    case "number":
      return numberBetween(
        chance,
        rest.minimum ?? -1_000,
        rest.maximum ?? 1_000,
        type === "integer",
      );
    case "boolean":
      return chance.happens(0.5);
    case "null":
      return null;
    case "array": {
      const { items = {}, minItems = 0, maxItems = 4 } = rest;
      const length = chance.between(minItems, Math.min(maxItems, minItems + 3));
      return Array.from({ length }, () => valueFor(document, items, chance));
    }
    case "object":
      return objectFor(document, rest, chance);
    default:
      throw new Error(`values.ts knows no value for ${JSON.stringify(schema)}`);
  }
};

const objectFor = (document: ApiDocument, schema: JsonSchema, chance: Chance): JsonObject => {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || chance.happens(0.4))
    .map(([name, property]) => [name, valueFor(document, property, chance)] as const);
  if (typeof additionalProperties !== "object") return Object.fromEntries(entries);
  const extra = Array.from({ length: chance.between(0, 3) }, () => [
    String(valueFor(document, propertyNames ?? { type: "string", minLength: 1 }, chance)),
    valueFor(document, additionalProperties, chance),
  ]);
  return Object.fromEntries([...entries, ...extra]);
};
