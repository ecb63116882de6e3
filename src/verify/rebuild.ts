/**
 * `deno task rebuild [path]`: removes the rows that are derived from the log (the lists, and the counters of
 * the status), so that the engine makes them anew when it starts next. To be run while no engine uses the
 * store; interrupted, it is run again.
 */
import "../store/plain-fibers.ts";
import { existsSync } from "node:fs";
import process from "node:process";
import { Effect, Result } from "effect";
import { below, type Key } from "../kernel/key.ts";
import { KvStore } from "../store/kv.ts";
import { keys } from "../store/keys.ts";
import { kvPathOf } from "../store/path.ts";
import { Store, type StoreError } from "../store/store.ts";

const keysPerCommit = 500;

const isFile = (path: string | undefined): path is string =>
  path !== undefined && path !== ":memory:" && !/^https?:/.test(path);

/** Answers how many there were. */
const deleteAll = Effect.fnUntraced(function* (
  prefix: Key,
): Effect.fn.Return<number, StoreError, Store> {
  const store = yield* Store;
  let deleted = 0;
  while (true) {
    const entries = yield* store.list({ ...below(prefix), limit: keysPerCommit });
    if (entries.length === 0) return deleted;
    yield* store.commit({
      checks: [],
      mutations: entries.map(({ key }) => ({ type: "delete", key })),
    });
    deleted += entries.length;
  }
});

/** The cursors go first: cut short, this leaves lists that have too much in them, and never too little. */
export const rebuild = Effect.gen(function* () {
  const store = yield* Store;
  const cursors = [keys.cursor("indexes"), keys.cursor("status")];
  yield* store.commit({
    checks: [],
    mutations: cursors.map((key) => ({ type: "delete", key })),
  });
  for (const key of cursors) yield* deleteAll(["part", ...key]);
  yield* deleteAll(["filled_lists"]);
  return yield* deleteAll(["posting"]);
});

const main = async (): Promise<number> => {
  const path = process.argv[2] ?? kvPathOf(process.env);
  if (isFile(path) && !existsSync(path)) {
    console.error(`There is no store at ${path}. Name it as an argument or in ALLOT_KV.`);
    return 2;
  }
  const result = await Effect.runPromise(
    Effect.result(Effect.provide(rebuild, KvStore.layer({ path }))),
  );
  if (Result.isFailure(result)) {
    console.error(`The store cannot be written: ${result.failure.detail}`);
    return 2;
  }
  console.log(`${result.success} pages of lists are taken away; the engine makes them anew.`);
  return 0;
};

// A call that a KV server never answers would keep the process.
if (import.meta.main) process.exit(await main());
