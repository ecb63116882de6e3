/**
 * `deno task secrets:reseal [path]`: seals all secrets of the store with the first key of `ALLOT_SECRETS_KEY`,
 * in use or not. Exit code 0: the older keys can go; 1: some stayed as they were; 2: not all were looked at.
 */
import "../../src/store/plain-fibers.ts";
import { existsSync } from "node:fs";
import process from "node:process";
import { Effect, Layer, Result } from "effect";
import { keyText } from "../../src/kernel/key.ts";
import { readSecretsKeys } from "../../src/secrets/secrets-keys.ts";
import { Sealing } from "../../src/secrets/sealing.ts";
import { KvStore } from "../../src/store/kv.ts";
import { isStoreFile, kvPathOf } from "../../src/store/path.ts";
import { referenceLayer } from "../engine.ts";
import { reseal, type Resealed } from "./reseal.ts";

const linesOf = ({ secrets, resealed, unreadable }: Resealed): readonly string[] => [
  `${secrets} secrets, of which ${resealed} were sealed anew`,
  ...unreadable.map(({ key, field }) => `UNREADABLE with every key: ${field} of ${keyText(key)}`),
];

const main = async (): Promise<number> => {
  const kvPath = process.argv[2] ?? kvPathOf(process.env);
  if (isStoreFile(kvPath) && !existsSync(kvPath)) {
    console.error(`There is no store at ${kvPath}. Name it as an argument or in ALLOT_KV.`);
    return 2;
  }
  const secretsKey = process.env["ALLOT_SECRETS_KEY"]?.trim() || undefined;
  const read = secretsKey === undefined ? null : readSecretsKeys(secretsKey);
  if (read !== null && Result.isFailure(read)) {
    console.error(`ALLOT_SECRETS_KEY ${read.failure}`);
    return 2;
  }
  const services = Layer.merge(
    referenceLayer({ shelves: 1 }).pipe(Layer.provide(KvStore.layer({ path: kvPath }))),
    Sealing.layer({ secretsKey, kvPath }),
  );
  const result = await Effect.runPromise(Effect.result(Effect.provide(reseal, services)));
  if (Result.isFailure(result)) {
    const { _tag } = result.failure;
    const detail = "detail" in result.failure ? result.failure.detail : "";
    console.error(`Not all secrets were looked at: run it again. ${_tag} ${detail}`);
    return 2;
  }
  for (const line of linesOf(result.success)) console.log(line);
  return result.success.unreadable.length > 0 ? 1 : 0;
};

// A call that a KV server never answers would keep the process.
if (import.meta.main) process.exit(await main());
