/** Keys of the store: how they are compared, ranged over and told apart. */
export type Key = readonly (string | number)[];

/** Equal for equal keys. */
export const keyText = (key: Key): string => JSON.stringify(key);

/** The range of all keys that begin with `prefix` and go on with a string. */
export const below = (prefix: Key): { readonly start: Key; readonly end: Key } => ({
  start: [...prefix, ""],
  // Strings sort before numbers in Deno KV; this ends after every string and number below the prefix.
  end: [...prefix, Number.POSITIVE_INFINITY],
});

/** Bytes of a text in a key: UTF-8, with one more for each NUL, since a NUL marks the end. */
const textBytes = (text: string): number => {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) {
      if (code === 0) bytes++;
    } else if (code < 0x800) bytes++;
    else {
      bytes += 2;
      // A surrogate pair has four bytes: these three, and the one of its other half in `text.length`.
      if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) index++;
    }
  }
  return bytes;
};

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

const numberBytes = 9;
/** Bytes that mark the type and the end of a text. */
const textMarks = 2;

export const keyPartBytes = (part: Key[number]): number =>
  typeof part === "string" ? textMarks + textBytes(part) : numberBytes;

/** Bytes of a key as Deno KV stores and counts it; a half of a pair of characters counts as it is replaced. */
export const keyBytesOf = (key: Key): number => {
  let bytes = 0;
  for (const part of key) bytes += keyPartBytes(part);
  return bytes;
};

const fenceFamily = "fence";

/** The key that guards a partition: each commit that writes there checks it and sets it. */
export const fenceKey = (partition: string): Key => [fenceFamily, partition];

/** Bytes that a partition's fence adds to the keys of a commit: it is checked and set. */
export const fenceKeyBytes = (partition: string): number =>
  2 * (keyPartBytes(fenceFamily) + keyPartBytes(partition));
