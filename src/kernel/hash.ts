/** Texts as numbers. Never change the first function: it says where things stand in stores that there are. */

/** FNV-1a, 32 bits, over UTF-16 code units. http://www.isthe.com/chongo/tech/comp/fnv/ */
export const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
};

/** 53 bits. Two texts with one hash can hide a violation, once in ten million stores, never make one. */
export const wideHash = (text: string): number =>
  hashOf(text) * 0x200000 + (hashOf(`${text}\u0001`) & 0x1fffff);

export const hashOfParts = (...parts: readonly (string | number)[]): number =>
  wideHash(JSON.stringify(parts));

/** Tells one content from another, but not against a person who wants two to look alike. */
export const digestOf = (value: unknown): string => wideHash(JSON.stringify(value)).toString(36);
