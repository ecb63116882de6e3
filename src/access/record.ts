/** The log record of an API key that was made or revoked. Pure. */
import { type LogRecord, type RecordKind, recordKind, storedAsJson } from "../subject/record.ts";

const accessRecordKind = "access";

export interface AccessRecord extends LogRecord {
  readonly kind: typeof accessRecordKind;
  readonly type: "key.created" | "key.revoked";
  readonly keyId: string;
}

export const accessRecord = (record: Omit<AccessRecord, "kind">): AccessRecord => ({
  kind: accessRecordKind,
  ...record,
});

export const isAccessRecord = (record: LogRecord): record is AccessRecord =>
  record.kind === accessRecordKind;

export const accessRecords: RecordKind = recordKind<AccessRecord>({
  kind: accessRecordKind,
  ...storedAsJson(),
  ownerOf: () => null,
  deltasOf: () => [],
  listChangesOf: () => [],
  typesOf: ({ type }) => [type],
  tell: ({ type, keyId }) => [{ type, details: { keyId } }],
  confidential: true,
  count: () => {},
});
