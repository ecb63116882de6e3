/**
 * Copies of stores that are files: of one moment, whether the store is in use or not, and looked into before
 * they are told to be good. For programs of their own: an engine never opens its file by a second way.
 */
import { backup, DatabaseSync } from "node:sqlite";
import { Effect } from "effect";
import { below } from "../kernel/key.ts";
import { copyLimits } from "./limits.ts";
import { KvStore } from "./kv.ts";
import { keys } from "./keys.ts";
import { ownersOnly } from "./store-file.ts";
import { Store, type StoreError } from "./store.ts";

/** Nothing was done; the message tells the operator why. */
export class CopyRefused extends Error {
  override readonly name = "CopyRefused";
}

/** Tells the operator why nothing was done; answers with the exit code. What nobody foresaw is told whole. */
export const notDone = (what: string, error: unknown): number => {
  const detail = error instanceof Error ? error.message : String(error);
  console.error(`${what} ${detail}`);
  if (!(error instanceof CopyRefused)) console.error(error);
  return 1;
};

/** The size and the content of a copy. */
export interface CopyFacts {
  readonly bytes: number;
  /** The newest log position, as each commit has one; empty before the first. */
  readonly position: string;
}

export const exists = (path: string): boolean => {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
};

const removeCopy = (path: string): void => {
  for (const each of [path, `${path}-wal`, `${path}-shm`]) if (exists(each)) Deno.removeSync(each);
};

/** Others may commit meanwhile: in one step, the copy is of the moment in which it began. */
const copyPages = async (from: string, to: string): Promise<void> => {
  const database = new DatabaseSync(from);
  try {
    await backup(database, to, { rate: copyLimits.pages });
  } finally {
    database.close();
  }
};

const assertWhole = (path: string): void => {
  const database = new DatabaseSync(path);
  try {
    const [found] = database.prepare("PRAGMA quick_check(1)").all();
    const answer = Object.values(found ?? {})[0];
    if (answer !== "ok") throw new CopyRefused(`The copy is not whole: ${String(answer)}.`);
  } finally {
    database.close();
  }
};

const newestPosition: Effect.Effect<string | null, StoreError, Store> = Effect.gen(function* () {
  const store = yield* Store;
  const meta = yield* store.get(keys.meta());
  if (meta.value === null) return null;
  const [newest] = yield* store.list({ ...below(["log"]), limit: 1, reverse: true });
  return newest === undefined ? "" : String(newest.key[1]);
});

const factsOf = async (path: string): Promise<CopyFacts> => {
  const position = await Effect.runPromise(
    Effect.provide(newestPosition, KvStore.layer({ path })),
  );
  if (position === null) throw new CopyRefused("It is a database, but not a store of Allot.");
  return { bytes: Deno.statSync(path).size, position };
};

const settle = (path: string): void => {
  using file = Deno.openSync(path, { read: true, write: true });
  file.syncSync();
};

/** Moves a file to its place. When two do so at once, one of them finds the place taken. */
export const putInPlace = (draft: string, to: string): void => {
  try {
    Deno.linkSync(draft, to);
    Deno.removeSync(draft);
  } catch (error) {
    if (exists(to)) throw new CopyRefused(`There is something at ${to} already.`);
    // Not every file system has links.
    if (!(error instanceof Deno.errors.NotFound)) Deno.renameSync(draft, to);
    else throw error;
  }
};

/**
 * Makes a copy at a path where there is nothing, for its owner alone. It is there when it is whole, opens as a
 * store and is on disk; until then it stands under the name of a draft.
 */
export const copyStore = async (from: string, to: string): Promise<CopyFacts> => {
  if (!exists(from)) throw new CopyRefused(`There is no store at ${from}.`);
  if (exists(to)) throw new CopyRefused(`There is something at ${to} already.`);
  const draft = `${to}.draft`;
  try {
    Deno.openSync(draft, { write: true, createNew: true, mode: ownersOnly }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new CopyRefused(`${draft} is left of a copy that was cut short, or still made.`);
  }
  try {
    await copyPages(from, draft);
    const facts = await factsOf(draft);
    assertWhole(draft);
    settle(draft);
    putInPlace(draft, to);
    return facts;
  } finally {
    removeCopy(draft);
  }
};
