/**
 * What sessions are signed with, where the settings do not say. It must be the same in every process on one
 * store and after a restart, and must not be in the store: whoever reads that, or a backup of it, would be
 * anybody.
 */
import { scryptSync } from "node:crypto";
import { nanoid } from "nanoid";
import { keepOwnersFile } from "../src/store/owners-file.ts";
import { isStoreFile } from "../src/store/path.ts";
import type { Settings } from "./settings.ts";

const secretCharacters = 43;

/** Null for a file that has something else in it. */
const kept = (path: string): string | null => {
  const text = keepOwnersFile(path, () => nanoid(secretCharacters));
  return text.length >= secretCharacters ? text : null;
};

/** The key of the settings is in no store: there is its hash. */
const derived = (adminKey: string): string =>
  scryptSync(adminKey, "allot dashboard sessions", 32).toString("base64url");

/** Null where there is nothing that lasts and that others do not know: sessions are then those of the process. */
export const sessionSecretOf = (
  { kvPath, sessionSecret, adminKey }: Pick<Settings, "kvPath" | "sessionSecret" | "adminKey">,
): string | null => {
  if (sessionSecret !== undefined) return sessionSecret;
  if (isStoreFile(kvPath)) {
    try {
      const secret = kept(`${kvPath}.session-secret`);
      if (secret !== null) return secret;
    } catch {
      // The folder takes the store's own files, and no other one.
    }
  }
  return adminKey === undefined || kvPath === ":memory:" ? null : derived(adminKey);
};
