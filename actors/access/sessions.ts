/** Sessions that were signed out before their end: kept until that, and told to every process by the log. */
import { Clock, Effect } from "effect";
import { accessKeys } from "../../src/access/keys.ts";
import { accessRecord } from "../../src/access/record.ts";
import { apiKeys } from "../../src/access/references.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { Session } from "../../src/kernel/principal.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import type { CommandFailure } from "../command/command.ts";
import type { Ledger } from "../ledger/ledger.ts";

export const hasEnded = (
  { get }: Store["Service"],
  { id }: Session,
): Effect.Effect<boolean, StoreError> =>
  Effect.map(get(accessKeys.endedSession(id)), ({ value }) => value !== null);

export const endSession = Effect.fnUntraced(function* (
  { submit }: Ledger["Service"],
  { id, keyId, expiresAtMs }: Session,
): Effect.fn.Return<void, CommandFailure> {
  const nowMs = yield* Clock.currentTimeMillis;
  const expireInMs = Math.max(1, expiresAtMs - nowMs) + requestLimits.clocksApartMs;
  const key = accessKeys.endedSession(id);
  yield* submit({
    reads: [],
    partitions: [apiKeys.partition],
    balances: noDeltas,
    writes: [{ type: "set", key, value: encodeJson({}), expireInMs }],
    records: [accessRecord({ type: "session.ended", keyId, at: instantOf(nowMs), by: keyId })],
  });
});
