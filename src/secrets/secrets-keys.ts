/** The keys that seal secrets: of the settings, or of a file beside the store. They are never in the store. */
import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import { Result } from "effect";
import { isStoreFile } from "../store/path.ts";
import { keepOwnersFile, readOwnersFile } from "../store/owners-file.ts";

export const secretsKeyBytes = 32;

/** In the folder of a store that is a file. */
const fileName = "allot.secrets";

export interface SealingOptions {
  /** `ALLOT_SECRETS_KEY`: the first key seals, all open. */
  readonly secretsKey: string | undefined;
  /** `ALLOT_KV`: a store in a file has a key in a file beside it, `allot.secrets`, made at the first secret. */
  readonly kvPath: string | undefined;
}

/** Bytes of keys, the one that seals first. */
export type KeyBytes = readonly Uint8Array<ArrayBuffer>[];

/** Reads keys of 32 bytes, written as base64 and separated by commas; else says what is wrong, without them. */
export const readSecretsKeys = (text: string): Result.Result<KeyBytes, string> => {
  const texts = text.split(",").map((each) => each.trim()).filter((each) => each !== "");
  const found = texts.map((each) => ({ each, bytes: new Uint8Array(Buffer.from(each, "base64")) }));
  const isKey = ({ each, bytes }: (typeof found)[number]) =>
    bytes.length === secretsKeyBytes && Buffer.from(bytes).toString("base64") === each;
  return found.length > 0 && found.every(isKey)
    ? Result.succeed(found.map(({ bytes }) => bytes))
    : Result.fail(`must be base64 of ${secretsKeyBytes} bytes, or several of them between commas`);
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const newKey = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(secretsKeyBytes));

/** Where keys come from. Each may throw what the system says of a file. */
export interface KeySource {
  /** Keys that there are. */
  readonly known: () => KeyBytes;
  /** The same, the first one made if there is none; null where there is no place for one. */
  readonly made: () => KeyBytes | null;
}

const keysOfFile = (path: string, text: string): KeyBytes =>
  Result.getOrThrowWith(readSecretsKeys(text), (fault) => new TypeError(`${path} ${fault}`));

/** Keys in a file: read each time, since another process may have made it. */
const fromFile = (path: string): KeySource => {
  let last: KeyBytes = [];
  return {
    known: () => {
      const text = readOwnersFile(path);
      if (text !== null) last = keysOfFile(path, text);
      // Whoever took the file away meanwhile would rather have it back than lose what was sealed with it.
      return last;
    },
    made: () => {
      const makeText = () => (last.length > 0 ? last : [newKey()]).map(base64).join(",");
      return last = keysOfFile(path, keepOwnersFile(path, makeText));
    },
  };
};

/** Secrets of a store that is gone with the process are so, too. */
const inMemory = (): KeySource => {
  let key: Uint8Array<ArrayBuffer> | null = null;
  return { known: () => key === null ? [] : [key], made: () => [key ??= newKey()] };
};

const nowhere: KeySource = { known: () => [], made: () => null };

const besideStore = (kvPath: string | undefined): KeySource => {
  if (isStoreFile(kvPath)) return fromFile(join(dirname(kvPath), fileName));
  return kvPath === ":memory:" ? inMemory() : nowhere;
};

/** Throws TypeError for settings that `readSecretsKeys` refuses. */
export const keySourceOf = ({ secretsKey, kvPath }: SealingOptions): KeySource => {
  const beside = besideStore(kvPath);
  if (secretsKey === undefined) return beside;
  const given = Result.getOrThrowWith(
    readSecretsKeys(secretsKey),
    (fault) => new TypeError(`ALLOT_SECRETS_KEY ${fault}`),
  );
  // What was sealed before there was a setting opens still.
  return { known: () => [...given, ...beside.known()], made: () => given };
};
