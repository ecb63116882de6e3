/** Texts that are no text: half a surrogate pair. */
const loneSurrogate = /\\u[dD][89a-fA-F]/;

const isWellFormed = (value: unknown): boolean => {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) =>
    name.isWellFormed() && isWellFormed(member)
  );
};

/**
 * Whether JSON text has half a surrogate pair, which only an escape can bring in. It is not text: it would not
 * come back from the store as it went in.
 */
export const hasLoneSurrogate = (text: string, value: unknown): boolean =>
  loneSurrogate.test(text) && !isWellFormed(value);
