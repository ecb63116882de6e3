/**
 * `deno task backup <to>`: makes a copy of the store in `ALLOT_KV`, in use or not, as of one moment. Exit code 0:
 * the copy is there, and was looked into; 1: nothing was done, and why.
 */
import "./plain-fibers.ts";
import process from "node:process";
import { isStoreFile, kvPathOf } from "./path.ts";
import { copyStore, notDone } from "./store-copy.ts";

const main = async (): Promise<number> => {
  const from = kvPathOf(process.env);
  const [to] = process.argv.slice(2);
  if (to === undefined) {
    console.error("Say where the copy goes: deno task backup <file>");
    return 1;
  }
  if (!isStoreFile(from)) {
    console.error("Only a store in a file is copied like this: name it in ALLOT_KV.");
    return 1;
  }
  try {
    const { bytes, position } = await copyStore(from, to);
    console.log(
      `${from} is copied to ${to}: ${bytes} bytes, up to log position ${position || "0"}.`,
    );
    console.log("It has names, addresses and hashes of keys, and only its owner may read it.");
    return 0;
  } catch (error) {
    return notDone("Nothing was copied.", error);
  }
};

process.exit(await main());
