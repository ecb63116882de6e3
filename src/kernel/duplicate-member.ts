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

/**
 * The place of the first such name; null when there is none. `value` is the parsed text. A text that `value`
 * is written as again, as most clients write it, need not be searched.
 */
export const duplicateMember = (
  json: string,
  value: unknown,
): readonly (string | number)[] | null => JSON.stringify(value) === json ? null : find(json);
