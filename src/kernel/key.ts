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
