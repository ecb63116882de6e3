/** Keys of API keys. */
import type { Key } from "../kernel/key.ts";

export const accessKeys = {
  /** ApiKey, by id; holds the hash, never the key. */
  apiKey: (keyId: string): Key => ["api_key", keyId],
  /** {keyId}: finds a key by its hash. */
  apiKeyHash: (hash: string): Key => ["api_key_hash", hash],
} as const;
