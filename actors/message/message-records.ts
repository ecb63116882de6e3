/** What became of messages, in the store: read, and written by whoever sends them. */
import { Context, Effect, Layer } from "effect";
import { below } from "../../src/kernel/key.ts";
import type { MessageCause } from "../../src/message/kind.ts";
import { messageFamily, messageKey } from "../../src/message/keys.ts";
import { messageLimits } from "../../src/message/limits.ts";
import type { MessageRecord } from "../../src/message/record.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { Store, type StoreError, type Versionstamp } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";

/** A record with what a change of it checks; null where there is none yet. */
export interface FoundRecord {
  readonly record: MessageRecord | null;
  readonly versionstamp: Versionstamp | null;
}

export const readRecord = (
  store: Store["Service"],
  cause: MessageCause,
): Effect.Effect<FoundRecord, StoreError> =>
  Effect.map(store.get(messageKey(cause)), ({ value, versionstamp }) => ({
    record: value === null ? null : decodeJson<MessageRecord>(value),
    versionstamp,
  }));

/** False when somebody else has written it since: then nothing is written. */
export const writeRecord = (
  store: Store["Service"],
  { versionstamp }: Pick<FoundRecord, "versionstamp">,
  record: MessageRecord,
): Effect.Effect<boolean, StoreError> => {
  const key = messageKey(record);
  return Effect.map(
    store.commit({
      checks: [{ key, versionstamp }],
      mutations: [{ type: "set", key, value: encodeJson(record) }],
    }),
    ({ ok }) => ok,
  );
};

const recordsOf = Effect.fnUntraced(function* (
  store: Store["Service"],
  orderId: string,
): Effect.fn.Return<readonly MessageRecord[], StoreError> {
  const found: MessageRecord[] = [];
  const range = { ...below([messageFamily, orderId]), limit: messageLimits.recordsPerRead };
  yield* forEachPage(store, range, (entries) =>
    Effect.sync(() => {
      for (const { value } of entries) {
        if (value !== null) found.push(decodeJson<MessageRecord>(value));
      }
    }));
  return found.sort((one, other) => one.at < other.at ? -1 : one.at > other.at ? 1 : 0);
});

export class MessageRecords extends Context.Service<MessageRecords, {
  /** Of one order, in the order of their times. */
  readonly of: (orderId: string) => Effect.Effect<readonly MessageRecord[], StoreError>;
  /** Whether the operator has set up what messages are sent by. */
  readonly isSetUp: boolean;
}>()("allot/MessageRecords") {
  static readonly layer = (isSetUp: boolean): Layer.Layer<MessageRecords, never, Store> =>
    Layer.effect(
      MessageRecords,
      Effect.map(
        Store,
        (store) => MessageRecords.of({ of: (orderId) => recordsOf(store, orderId), isSetUp }),
      ),
    );
}
