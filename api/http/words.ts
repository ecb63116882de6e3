/** Names that documents of the API make of names: `order_lines` is `OrderLines`, and one of them `OrderLine`. */

/** In capitals at the beginning of each word, without what stands between words. */
export const pascal = (name: string): string =>
  name.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");

/** One of several; the name itself where it is no plural that can be told. */
export const singular = (name: string): string => {
  if (name.endsWith("ies")) return `${name.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh)es$/.test(name)) return name.slice(0, -2);
  return /[^su]s$/.test(name) ? name.slice(0, -1) : name;
};
