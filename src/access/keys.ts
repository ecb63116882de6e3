/** Keys by which API keys are found. */
import type { Key } from "../kernel/key.ts";

export const accessKeys = {
  /** {keyId}: finds a key by its hash. */
  apiKeyHash: (hash: string): Key => ["api_key_hash", hash],
} as const;
