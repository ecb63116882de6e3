/** Bounds a map by age: entries leave in the order in which they came. */

/** What a `Map` and a `Set` have in common, both of which keep the order in which keys came. */
interface Ordered<Key> {
  readonly size: number;
  keys(): Iterable<Key>;
  delete(key: Key): boolean;
}

/** Deletes the entries that came first, until there are no more than `most`. */
export const keepNewest = <Key>(entries: Ordered<Key>, most: number): void => {
  if (entries.size <= most) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    if (entries.size <= most) return;
  }
};
