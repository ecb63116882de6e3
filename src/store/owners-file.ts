/** Texts that must not be in the store and last as long as it: in files beside it, for its owner alone. */
import { nanoid } from "nanoid";
import { ownersOnly } from "./store-file.ts";

/** Null when there is no such file. Throws what the system says when it cannot be read. */
export const readOwnersFile = (path: string): string | null => {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
};

/**
 * The text of the file, which is made with a text when it is not there. Of processes that do so at once, all go
 * on with the file of one: it is there whole, or not at all. Throws what the system says when that fails.
 */
export const keepOwnersFile = (path: string, makeText: () => string): string => {
  if (readOwnersFile(path) === null) makeWhole(path, `${makeText()}\n`);
  if (Deno.build.os !== "windows") Deno.chmodSync(path, ownersOnly);
  const text = readOwnersFile(path);
  if (text === null) throw new Deno.errors.NotFound(`${path} was taken away as it was made.`);
  return text;
};

const makeWhole = (path: string, text: string): void => {
  const draft = `${path}.${nanoid()}`;
  Deno.writeTextFileSync(draft, text, { mode: ownersOnly, createNew: true });
  try {
    Deno.linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    Deno.removeSync(draft);
  }
};
