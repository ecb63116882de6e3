/** The methods that a path allows: for `Allow` (RFC 9110 section 10.2.1), in 405 and in answers to OPTIONS. */
import { pathPattern } from "./registry.ts";

/** A path as it is served, with parameters in braces. */
export interface ServedPath {
  readonly method: string;
  readonly path: string;
}

/** Nothing of a path itself: `OPTIONS *` asks about the server. */
const asterisk = "/*";

/** The methods of a path; null where nothing is served there. */
export type Allowed = (path: string) => string | null;

const listed = (methods: Iterable<string>): string | null => {
  const all = new Set<string>();
  for (const method of methods) {
    all.add(method);
    if (method === "GET") all.add("HEAD");
  }
  return all.size === 0 ? null : [...all, "OPTIONS"].join(", ");
};

export const allowedBy = (served: readonly ServedPath[]): Allowed => {
  const patterns = served.map(({ method, path }) => ({ method, pattern: pathPattern(path) }));
  return (path) =>
    listed(
      patterns.flatMap(({ method, pattern }) =>
        path === asterisk || pattern.test(path) ? [method] : []
      ),
    );
};
