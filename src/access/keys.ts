/** Store keys of API keys, of revoked ones and of ended sessions. */
import type { Key } from "../kernel/key.ts";

export const accessKeys = {
  /** {keyId}: finds a key by its hash. */
  apiKeyHash: (hash: string): Key => ["api_key_hash", hash],
  /** {keyId}: of a key that was revoked, or replaced by another one; it is let in by no later one either. */
  revokedKeyHash: (hash: string): Key => ["revoked_key_hash", hash],
  /** A session of the dashboard that was signed out before its end; kept until that. */
  endedSession: (sessionId: string): Key => ["ended_session", sessionId],
} as const;

/** Their first words, but for those of links. */
export const accessFamilies = ["revoked_key_hash", "ended_session"] as const;
