/** A line of NDJSON as an object, with every digit of its numbers, and the texts in it by their paths. */
import { Result } from "effect";
import { duplicateMember } from "../kernel/duplicate-member.ts";
import { hasLoneSurrogate } from "../kernel/well-formed.ts";
import type { PhysicalLine } from "./lines.ts";

/** So many digits may be more than a floating-point number keeps. */
const longNumber = /\d[\d.]{15}/;

/** The digits that a number says: without its point, and zeros that change nothing. */
const significant = (number: string): string =>
  number.replace(/[eE].*$/, "").replace(/[-+.]/g, "").replace(/^0+|0+$/g, "");

/** A reviver gets the source of a number (ECMA-262, JSON.parse source text access). */
type Reviver = (
  this: unknown,
  name: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** Numbers that would lose digits become texts. */
const keepDigits: Reviver = (_name, value, context) =>
  typeof value === "number" && context?.source !== undefined &&
    significant(context.source) !== significant(String(value))
    ? context.source
    : value;

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const parseRow = (line: PhysicalLine): Result.Result<object, string> => {
  if (line.cut) return Result.fail("is too long");
  try {
    const value: unknown = longNumber.test(line.text)
      ? JSON.parse(line.text, keepDigits)
      : JSON.parse(line.text);
    if (hasLoneSurrogate(line.text, value)) {
      return Result.fail("has half a surrogate pair in a text");
    }
    const twice = duplicateMember(line.text, value);
    if (twice !== null) return Result.fail(`has the member ${twice.join(".")} twice`);
    return isObject(value) ? Result.succeed(value) : Result.fail("is not a JSON object");
  } catch (error) {
    return Result.fail(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** What stands at a path of field names; undefined where nothing does. */
export const valueAt = (row: unknown, path: readonly string[]): unknown => {
  let value = row;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = Reflect.get(value, name);
  }
  return value;
};

export const textAt = (row: unknown, path: readonly string[]): string | undefined => {
  const value = valueAt(row, path);
  return typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
};

/**
 * Paths that name one entry of an array, such as `items.0.sku`: each with the path of its array. What stands in
 * the further entries would be lost without a word.
 */
export const entryPaths = (
  paths: Iterable<readonly string[]>,
): readonly { readonly array: readonly string[]; readonly entries: number }[] => {
  const highest = new Map<
    string,
    { readonly array: readonly string[]; readonly entries: number }
  >();
  for (const path of paths) {
    path.forEach((name, depth) => {
      if (!/^\d{1,4}$/.test(name) || depth === 0) return;
      const array = path.slice(0, depth);
      const key = JSON.stringify(array);
      const entries = Math.max(highest.get(key)?.entries ?? 0, Number(name) + 1);
      highest.set(key, { array, entries });
    });
  }
  return [...highest.values()];
};
