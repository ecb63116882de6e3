/** White space of all of Unicode around texts, and texts of nothing else. */

/**
 * Unicode's White_Space, the separators U+001C to U+001F, and invisible characters: spaces of no width, and
 * the mark at the beginning of a file. All are single UTF-16 code units.
 */
const isSpace = (code: number): boolean =>
  code <= 0x20
    ? code === 0x20 || code >= 0x1c || code >= 0x09 && code <= 0x0d
    : code >= 0x85 && wideSpaces.has(code);

const wideSpaces: ReadonlySet<number> = new Set([
  ...[0x85, 0xa0, 0x1680, 0x180e, 0x2028, 0x2029, 0x202f, 0x205f, 0x2060, 0x3000, 0xfeff],
  ...Array.from({ length: 12 }, (_, n) => 0x2000 + n),
]);

/** The spaces for a class of a regular expression, as the characters themselves: all dialects read those. */
const spaces =
  "\t-\r\u001c-\u0020\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u2060" +
  "\u3000\ufeff";

/** Matches texts with something beside white space. */
export const visiblePattern = `[^${spaces}]`;

/** The text without white space at its ends; the text itself where there is none. */
export const trimmed = (text: string): string => {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  let start = 0;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  return end - start === text.length ? text : text.slice(start, end);
};

export const isBlank = (text: string): boolean => {
  for (let i = text.length - 1; i >= 0; i--) if (!isSpace(text.charCodeAt(i))) return false;
  return true;
};

/** A character as the Unicode Standard writes it, such as U+00A0. */
const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** The first code points of a text, for texts that cannot be seen. */
export const codePointsOf = (text: string, most: number): string => {
  const first = [...text.slice(0, 2 * most)].slice(0, most);
  const points = first.map(codePoint).join(" ");
  return first.join("").length < text.length ? `${points} …` : points;
};

/** Controls, format characters, spaces that look like others, and half a surrogate pair. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * The beginning of a text in quotes, with code points in place of characters that could not be seen or told
 * apart.
 */
export const quoted = (text: string, mostCharacters: number): string => {
  const shown = text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1)}…`;
  return `"${shown.replace(unseen, (character) => `<${codePoint(character)}>`)}"`;
};
