/**
 * Finds a name that comes twice in an object of JSON text. Parsers take the last of the two; another reader
 * of the text, a proxy or a signature's check, may take the first.
 */

interface Level {
  /** Null for an array. */
  readonly names: Set<string> | null;
  step: string | number;
}

/** Behind the quote that ends the text which begins at `from`. */
const endOfText = (json: string, from: number): number => {
  let end = json.indexOf('"', from + 1);
  while (end > 0) {
    let first = end;
    while (json[first - 1] === "\\") first--;
    if ((end - first) % 2 === 0) return end + 1;
    end = json.indexOf('"', end + 1);
  }
  return json.length;
};

const find = (json: string): readonly (string | number)[] | null => {
  const levels: Level[] = [];
  let isName = false;
  let at = 0;
  while (at < json.length) {
    const character = json[at];
    const level = levels.at(-1);
    if (character === '"') {
      const end = endOfText(json, at);
      if (isName && level?.names) {
        level.step = String(JSON.parse(json.slice(at, end)));
        if (level.names.has(level.step)) return levels.map(({ step }) => step);
        level.names.add(level.step);
        isName = false;
      }
      at = end;
      continue;
    }
    if (character === "{") {
      levels.push({ names: new Set(), step: "" });
      isName = true;
    } else if (character === "[") {
      levels.push({ names: null, step: 0 });
      isName = false;
    } else if (character === "}" || character === "]") {
      levels.pop();
      isName = false;
    } else if (character === "," && level !== undefined) {
      if (typeof level.step === "number") level.step++;
      isName = level.names !== null;
    }
    at++;
  }
  return null;
};

const quote = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);
const space = " ".charCodeAt(0);

/**
 * Members of all objects of JSON text: colons right behind texts. Null when a colon stands behind white space,
 * which may be in a text or not.
 */
const membersWritten = (json: string): number | null => {
  let members = 0;
  for (let at = json.indexOf(":"); at > 0; at = json.indexOf(":", at + 1)) {
    const before = json.charCodeAt(at - 1);
    if (before <= space) return null;
    if (before !== quote) continue;
    let first = at - 1;
    while (json.charCodeAt(first - 1) === backslash) first--;
    // A quote behind an odd number of backslashes stands in a text.
    if ((at - 1 - first) % 2 === 0) members++;
  }
  return members;
};

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Members of all objects in a parsed text, which has each name once. It may be nested deeper than the stack. */
const membersOf = (value: unknown): number => {
  const waiting: object[] = isObject(value) ? [value] : [];
  let members = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      for (const element of next) if (isObject(element)) waiting.push(element);
      continue;
    }
    for (const name in next) {
      const member: unknown = (next as Readonly<Record<string, unknown>>)[name];
      members++;
      if (isObject(member)) waiting.push(member);
    }
  }
  return members;
};

/**
 * The place of the first such name; null when there is none. `value` is the parsed text. Where `value` has as
 * many members as the text, nothing need be searched.
 */
export const duplicateMember = (
  json: string,
  value: unknown,
): readonly (string | number)[] | null =>
  membersWritten(json) === membersOf(value) ? null : find(json);
