/** Seals secrets before they are stored, with a key that is not in the store, and opens them again. */
import { Buffer } from "node:buffer";
import { Context, Data, Effect, Layer } from "effect";
import type { Sealed, SealedPlace } from "../kernel/sealed.ts";
import { type KeyBytes, type KeySource, keySourceOf, type SealingOptions } from "./secrets-keys.ts";

/** There is no key, and no place to make one: the operator must set `ALLOT_SECRETS_KEY`. */
export class SecretsKeyMissing extends Data.TaggedError("SecretsKeyMissing")<{
  /** For people, of the operator too: it may name a file. */
  readonly detail: string;
}> {}

/** None of the keys opens it: its key is lost, or the text was changed, or moved from another place. */
export class SecretUnreadable extends Data.TaggedError("SecretUnreadable")<{
  readonly place: SealedPlace;
  readonly detail: string;
}> {}

export class Sealing extends Context.Service<Sealing, {
  readonly seal: (place: SealedPlace, secret: string) => Effect.Effect<Sealed, SecretsKeyMissing>;
  readonly open: (place: SealedPlace, sealed: Sealed) => Effect.Effect<string, SecretUnreadable>;
  /**
   * A hash of a text that only who has the key can make: equal texts are seen to be equal, and nothing else is
   * seen. Another key and another purpose make another hash.
   */
  readonly keyedHash: (purpose: string, text: string) => Effect.Effect<string, SecretsKeyMissing>;
}>()("allot/Sealing") {
  /** Throws TypeError for a setting that `readSecretsKeys` refuses. A key that opens nothing is no failure yet. */
  static readonly layer = (options: SealingOptions): Layer.Layer<Sealing> =>
    Layer.sync(Sealing, () => makeSealing(keySourceOf(options)));
}

const algorithm = "AES-GCM";
/** 96 bits, as NIST SP 800-38D, section 8.2 has it for random ones. */
const ivBytes = 12;
/** Of the hash of a key. */
const nameBytes = 4;

/** A key as it is used. */
interface SealingKey {
  readonly k: string;
  readonly key: CryptoKey;
}

/** Of a keyed hash, of the 32 that it has. */
const hashBytes = 16;

/** HMAC with SHA-256 (RFC 2104), with a key of its own for each purpose (HKDF, RFC 5869). */
const keyedHashOf = async (
  bytes: Uint8Array<ArrayBuffer>,
  purpose: string,
  text: string,
): Promise<string> => {
  const encoder = new TextEncoder();
  const base = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    {
      ...{ name: "HKDF", hash: "SHA-256", salt: new Uint8Array() },
      info: encoder.encode(`allot keyed hash ${purpose}`),
    },
    base,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  const hash = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
  return Buffer.from(hash.subarray(0, hashBytes)).toString("base64url");
};

const importKey = async (bytes: Uint8Array<ArrayBuffer>): Promise<SealingKey> => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return {
    k: Buffer.from(hash.subarray(0, nameBytes)).toString("hex"),
    key: await crypto.subtle.importKey("raw", bytes, algorithm, false, ["encrypt", "decrypt"]),
  };
};

const importAll = (keys: KeyBytes) => Effect.promise(() => Promise.all(keys.map(importKey)));

/** What is authenticated beside the text: moved to another place, it does not open. */
const parametersOf = ({ key, field }: SealedPlace, iv: Uint8Array<ArrayBuffer>) => ({
  name: algorithm,
  iv,
  additionalData: new TextEncoder().encode(JSON.stringify([key, field])),
});

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(text, "base64"));

const base64 = (bytes: Uint8Array | ArrayBuffer): string =>
  Buffer.from(new Uint8Array(bytes)).toString("base64");

const tell = (error: unknown): string => error instanceof Error ? error.message : String(error);

const noKey = "No secret can be saved: set ALLOT_SECRETS_KEY to the base64 of 32 random bytes.";

const makeSealing = (source: KeySource): Sealing["Service"] => {
  const sealWith = async ({ k, key }: SealingKey, place: SealedPlace, secret: string) => {
    const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
    const text = new TextEncoder().encode(secret);
    return {
      k,
      iv: base64(iv),
      data: base64(await crypto.subtle.encrypt(parametersOf(place, iv), key, text)),
    };
  };

  const firstKey = Effect.gen(function* () {
    const made = yield* Effect.try({
      try: source.made,
      catch: (error) => new SecretsKeyMissing({ detail: `${noKey} (${tell(error)})` }),
    });
    return made?.[0] ?? (yield* new SecretsKeyMissing({ detail: noKey }));
  });

  const seal = Effect.fnUntraced(function* (
    place: SealedPlace,
    secret: string,
  ): Effect.fn.Return<Sealed, SecretsKeyMissing> {
    const bytes = yield* firstKey;
    return yield* Effect.promise(async () => sealWith(await importKey(bytes), place, secret));
  });

  const keyedHash = (purpose: string, text: string): Effect.Effect<string, SecretsKeyMissing> =>
    Effect.flatMap(
      firstKey,
      (bytes) => Effect.promise(() => keyedHashOf(bytes, purpose, text)),
    );

  const open = Effect.fnUntraced(function* (
    place: SealedPlace,
    { k, iv, data }: Sealed,
  ): Effect.fn.Return<string, SecretUnreadable> {
    const unreadable = (detail: string) => new SecretUnreadable({ place, detail });
    const known = yield* Effect.try({
      try: source.known,
      catch: (error) => unreadable(tell(error)),
    });
    const named = (yield* importAll(known)).filter((each) => each.k === k);
    for (const { key } of named) {
      const opened = yield* Effect.promise(() =>
        crypto.subtle.decrypt(parametersOf(place, bytesOf(iv)), key, bytesOf(data)).catch(() =>
          null
        )
      );
      if (opened !== null) return new TextDecoder().decode(opened);
    }
    return yield* unreadable(
      named.length === 0
        ? `It was sealed with a key that is not here any more (${k}).`
        : "It was changed, or comes from another place.",
    );
  });

  return { seal, open, keyedHash };
};
