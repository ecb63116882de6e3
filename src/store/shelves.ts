/** Which shelf a thing is on. Pure, and the same for the store's whole life: never change the function. */

/** FNV-1a, 32 bits, over UTF-16 code units. http://www.isthe.com/chongo/tech/comp/fnv/ */
export const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
};

/** A whole number from 0 to `shelves` - 1. */
export const shelfOf = (text: string, shelves: number): number => hashOf(text) % shelves;
