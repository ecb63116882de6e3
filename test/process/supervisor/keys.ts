/**
 * A key for each operation, so that each record of the log names the operation that it comes from. They are
 * in the store before the first engine starts: made one after another over HTTP they would take longer than
 * the round.
 */
import { createHash } from "node:crypto";
import type { ApiKey } from "../../../src/access/access.ts";
import { accessKeys } from "../../../src/access/keys.ts";
import { apiKeys } from "../../../src/access/references.ts";
import { encodeJson } from "../../../src/store/values.ts";

export const keyIdOf = (operation: number): string => `key_${operation}`;
export const secretOf = (keyId: string): string => `secret-of-${keyId}`;

const keysPerCommit = 200;

export const storeKeys = async (kv: Deno.Kv, count: number): Promise<void> => {
  for (let from = 0; from < count; from += keysPerCommit) {
    const atomic = kv.atomic();
    for (let n = from; n < Math.min(count, from + keysPerCommit); n++) {
      const id = keyIdOf(n);
      const hash = createHash("sha256").update(secretOf(id)).digest("hex");
      const key: ApiKey = {
        id,
        name: `Operation ${n}`,
        role: "admin",
        scope: {},
        hash,
        createdAt: "2026-01-01T00:00:00.000Z",
        createdBy: "system",
      };
      atomic.set([...apiKeys.key(id)], encodeJson(key));
      atomic.set([...accessKeys.apiKeyHash(hash)], encodeJson({ keyId: id }));
    }
    await atomic.commit();
  }
};
