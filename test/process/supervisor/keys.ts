/**
 * A key for each operation, so that each record of the log names the operation that it comes from. They are
 * in the store before the first engine starts: made one after another over HTTP they would take longer than
 * the round.
 */
import { createHash } from "node:crypto";
import type { LogRecord } from "../../../src/subject/record.ts";
import type { ApiKey } from "../../../src/access/access.ts";
import { accessKeys } from "../../../src/access/keys.ts";
import { apiKeys } from "../../../src/access/references.ts";
import { digestOf } from "../../../src/kernel/hash.ts";
import { logLimits } from "../../../src/store/limits.ts";
import { packEntry, packRecords } from "../../../src/store/log-entry.ts";
import { encodeJson, packText } from "../../../src/store/values.ts";
import { recordOfChange } from "../../../src/subject/reference.ts";
import { subjects } from "../../../src/subjects.ts";

export const keyIdOf = (operation: number): string => `key_${operation}`;
export const secretOf = (keyId: string): string => `secret-of-${keyId}`;

const keysPerCommit = 100;
const at = "2026-01-01T00:00:00.000Z";
const by = "system";

export const storeKeys = async (kv: Deno.Kv, count: number): Promise<void> => {
  for (let from = 0; from < count; from += keysPerCommit) {
    const atomic = kv.atomic();
    const records: LogRecord[] = [];
    for (let n = from; n < Math.min(count, from + keysPerCommit); n++) {
      const id = keyIdOf(n);
      const hash = createHash("sha256").update(secretOf(id)).digest("hex");
      const key: ApiKey = {
        id,
        name: `Operation ${n}`,
        role: "admin",
        scope: {},
        hash,
        createdAt: at,
        createdBy: by,
      };
      records.push(recordOfChange(apiKeys, apiKeys.records.added, id, at, by, digestOf(key)));
      atomic.set([...apiKeys.key(id)], encodeJson(key));
      atomic.set([...accessKeys.apiKeyHash(hash)], encodeJson({ keyId: id }));
    }
    const entry = packEntry({ commitId: `keys-${from}`, at }, packRecords(subjects, records));
    atomic.set(["log", kv.commitVersionstamp()], packText(entry, logLimits.plainBytes));
    await atomic.commit();
  }
};
