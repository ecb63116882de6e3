/** What verify says of rows of a lane that somebody has changed behind the engine's back. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { testEngineLayer } from "../support/engine.ts";
import { Aggregates } from "../../actors/aggregate/aggregates.ts";
import { References } from "../../actors/reference/references.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import type { Key } from "../../src/kernel/key.ts";
import { messageId } from "../../src/outbound/message.ts";
import { packRow } from "../../src/outbound/rows.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson, packText } from "../../src/store/values.ts";
import { verify } from "../../src/verify/verify.ts";
import { partsWithVouchers } from "./api.ts";
import { issuing, series, voucherNews, vouchers } from "./voucher.ts";

const by = systemPrincipal;
const lane = voucherNews.name;

const rowOf = (id: string) =>
  packText(packRow({
    ...{ id, key: "vch_1", body: "{}" },
    ...{ attempts: 1, firstAtMs: 1, nextAtMs: 1, reason: "503" },
  }));

const set = (key: Key, value: Uint8Array) =>
  Effect.flatMap(
    Store,
    (store) => store.commit({ checks: [], mutations: [{ type: "set", key, value }] }),
  );

/** What verify finds after something was planted; `position` is of the commit that made a voucher. */
const found = (plant: (position: string) => Effect.Effect<unknown, unknown, Store>) =>
  Effect.runPromise(
    Effect.gen(function* () {
      const references = yield* References;
      const aggregates = yield* Aggregates;
      yield* references.save(series, { id: "gifts", name: "Gifts" }, { by });
      const issue = issuing({ series: "gifts", code: "A", units: 5 });
      const { state } = yield* aggregates.create(vouchers, issue, { by });
      const [entry] = yield* aggregates.history(vouchers, state.id, { after: 0, limit: 1 });
      yield* plant(entry?.position ?? "");
      const { violations } = yield* verify();
      return violations.map(({ invariant, detail }) => `${invariant}: ${detail}`);
    }).pipe(Effect.provide(testEngineLayer(partsWithVouchers(() => undefined)))),
  );

const waits = (id: string, of = lane) =>
  Effect.andThen(
    set(keys.waitingMessage(of, id), rowOf(id)),
    set(keys.cursor(of), encodeJson({ position: "", waiting: 1, holder: "elsewhere", moves: 1 })),
  );

Deno.test("a row of a message that the log makes is sound", async () => {
  assert.deepEqual(await found((position) => waits(messageId(position, 0, 0))), []);
});

Deno.test("a row is found of which the log has nothing", async () => {
  const expected = ["lanes: The log does not have what the message was made of."];
  assert.deepEqual(await found((position) => waits(messageId(position, 7, 0))), expected);
  assert.deepEqual(await found(() => waits(messageId("00000000000000000009", 0, 0))), expected);
});

Deno.test("a row is found that nobody sends, or that is of another message", async () => {
  assert.deepEqual(await found((position) => waits(messageId(position, 0, 0), "nobody")), [
    "lanes: Nobody sends messages of nobody.",
  ]);
  const other = (position: string) =>
    set(keys.deadLetter(lane, messageId(position, 0, 0)), rowOf(messageId(position, 0, 1)));
  assert.match(String(await found(other)), /^lanes: The row is of the message msg_/);
});

Deno.test("a message that waits and does not count is found", async () => {
  const uncounted = (position: string) => {
    const id = messageId(position, 0, 0);
    return set(keys.waitingMessage(lane, id), rowOf(id));
  };
  assert.deepEqual(await found(uncounted), ["lanes: 1 messages wait, the cursor says 0."]);
});
