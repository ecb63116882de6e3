/** That a key was revoked, as others see it in the log: what was made with it goes no further. */
import type { LogRecord } from "../subject/record.ts";

export const revokedReason = "The key that it was made with was revoked.";

/** Whether a record says that the key is gone. */
export const isRevocationOf = (keyId: string, record: LogRecord): boolean => {
  const { kind, type, keyId: revoked } = record as LogRecord & {
    readonly type?: string;
    readonly keyId?: string;
  };
  return kind === "access" && type === "key.revoked" && revoked === keyId;
};
