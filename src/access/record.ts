/** Log records of API keys and of their sessions. Pure. */
import type { LogRecord } from "../subject/record.ts";

const accessRecordKind = "access";

export interface AccessRecord extends LogRecord {
  readonly kind: typeof accessRecordKind;
  readonly type: "key.created" | "key.saved" | "key.revoked" | "session.ended";
  readonly keyId: string;
}

export const accessRecord = (record: Omit<AccessRecord, "kind">): AccessRecord => ({
  kind: accessRecordKind,
  ...record,
});
