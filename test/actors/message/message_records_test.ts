/** Records of messages: who writes one has it, and nobody else who saw the same. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { readRecord, writeRecord } from "../../../actors/message/message-records.ts";
import type { MessageRecord } from "../../../src/message/record.ts";
import { KvStore } from "../../../src/store/kv.ts";
import { Store } from "../../../src/store/store.ts";

const recordBy = (attempt: string): MessageRecord => ({
  ...{ orderId: "ord_1", kind: "shipped", part: "" },
  ...{ outcome: "sending", at: "2026-03-01T12:00:00.000Z", attempts: 1, attempt },
  ...{ language: "en", addressHash: null, reason: null },
});

Deno.test("of two that claim a message at once one has it, new or claimed before", () =>
  Effect.runPromise(
    Effect.gen(function* () {
      const store = yield* Store;
      for (const round of ["a", "b", "c"]) {
        const [mine, yours] = [recordBy(`${round} mine`), recordBy(`${round} yours`)];
        const seen = yield* Effect.all([readRecord(store, mine), readRecord(store, yours)]);
        const written = yield* Effect.all(
          [writeRecord(store, seen[0], mine), writeRecord(store, seen[1], yours)],
          { concurrency: "unbounded" },
        );
        assert.deepEqual(written.toSorted(), [false, true]);
        const { record } = yield* readRecord(store, mine);
        assert.equal(record?.attempt, (written[0] ? mine : yours).attempt);
      }
    }).pipe(Effect.provide(KvStore.layer({ path: ":memory:" }))),
  ));
