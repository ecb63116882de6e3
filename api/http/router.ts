/** Finds the route of a request: at once where its path is written out, else by Hono's own search. */
import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * For routes alone: what handles all paths would be passed over. A path that is written out goes before one
 * with parameters that it fits as well.
 */
export class PathRouter<Handler> implements Router<Handler> {
  readonly name = "PathRouter";
  readonly #found = new Map<string, Map<string, Result<Handler>>>();
  readonly #others = new TrieRouter<Handler>();

  add(method: string, path: string, handler: Handler): void {
    if (/[:*]/.test(path)) return this.#others.add(method, path, handler);
    let paths = this.#found.get(method);
    if (paths === undefined) {
      paths = new Map();
      this.#found.set(method, paths);
    }
    if (!paths.has(path)) paths.set(path, [[[handler, {}]]]);
  }

  match(method: string, path: string): Result<Handler> {
    return this.#found.get(method)?.get(path) ?? this.#others.match(method, path);
  }
}
