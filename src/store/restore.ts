/**
 * `deno task restore <from> [--replace]`: puts a copy in the place of the store in `ALLOT_KV`. A store that is
 * there stays where it is, unless it is to be replaced: then it is kept beside. Exit code 0: the copy is in its
 * place; 1: nothing was done, and why.
 */
import "./plain-fibers.ts";
import { DatabaseSync } from "node:sqlite";
import process from "node:process";
import { isStoreFile, kvPathOf } from "./path.ts";
import { filesOf } from "./store-file.ts";
import { CopyRefused, copyStore, exists, notDone, putInPlace } from "./store-copy.ts";

/**
 * Takes the file for this process alone, which nobody can while an engine has it open; null when it is no
 * database any more, which is a reason to put a copy in its place.
 */
const takeAlone = (path: string): DatabaseSync | null => {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    // Moves the log of commits into the file and removes the log.
    database.prepare("PRAGMA journal_mode = DELETE").all();
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test(String(error))) return null;
    throw new CopyRefused(`${path} is open in an engine or another program: stop it first.`);
  }
};

/** Moves the store that is there aside; answers the new places of its files, for the operator. */
const moveAside = (path: string): readonly string[] => {
  const aside = `${path}.replaced`;
  if (filesOf(aside).some(exists)) {
    throw new CopyRefused(`${aside} is left of a store that was replaced before: move it away.`);
  }
  const database = exists(path) ? takeAlone(path) : null;
  const moved = filesOf(path).filter(exists);
  try {
    for (const each of moved) Deno.renameSync(each, each.replace(path, aside));
  } finally {
    database?.close();
  }
  return moved.map((each) => `${each} is now ${each.replace(path, aside)}.`);
};

const restore = async (from: string, to: string, replaces: boolean): Promise<number> => {
  const draft = `${to}.restored`;
  const { bytes, position } = await copyStore(from, draft);
  try {
    // A log of commits without its file would be taken for that of the copy.
    const isThere = filesOf(to).some(exists);
    if (isThere && !replaces) {
      throw new CopyRefused(
        `There is a store at ${to}. Say --replace to put the copy in its place.`,
      );
    }
    if (isThere) { for (const line of moveAside(to)) console.log(line); }
    putInPlace(draft, to);
  } finally {
    if (exists(draft)) Deno.removeSync(draft);
  }
  console.log(
    `${to} is now the copy ${from}: ${bytes} bytes, up to log position ${position || "0"}.`,
  );
  console.log(
    "What came later is not in it: orders are missing, and keys that were revoked and sessions that were ended " +
      "since then are valid again.",
  );
  return 0;
};

const main = async (): Promise<number> => {
  const to = kvPathOf(process.env);
  const given = process.argv.slice(2);
  const [from] = given.filter((word) => word !== "--replace");
  if (from === undefined) {
    console.error("Say which copy: deno task restore <file> [--replace]");
    return 1;
  }
  if (!isStoreFile(to)) {
    console.error("Only a store in a file is put back like this: name it in ALLOT_KV.");
    return 1;
  }
  try {
    return await restore(from, to, given.includes("--replace"));
  } catch (error) {
    return notDone("Nothing was put back.", error);
  }
};

process.exit(await main());
