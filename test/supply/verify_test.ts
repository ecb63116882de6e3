/** Goods on their way, in stores that somebody has changed behind the engine's back. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Supply } from "../../actors/supply/supply.ts";
import type { Key } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson, readValue } from "../../src/store/values.ts";
import { rowKey } from "../../src/subject/balance.ts";
import { supplyBalance, supplyDelta } from "../../src/supply/balance.ts";
import { supplyKey, type SupplyLink } from "../../src/supply/keys.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../src/supply/purchase-order-making.ts";
import { transfers } from "../../src/supply/transfer-definition.ts";
import { transferMaking } from "../../src/supply/transfer-making.ts";
import { verify } from "../../src/verify/verify.ts";
import { bySystem, stockUp, withEngine } from "../support/engine.ts";

const soon = "2030-05-04T08:00:00.000Z";

const set = (key: Key, value: unknown) =>
  Effect.flatMap(Store, (store) =>
    store.commit({
      checks: [],
      mutations: [{ type: "set", key, value: encodeJson(value) }],
    }));

const remove = (key: Key) =>
  Effect.flatMap(
    Store,
    (store) => store.commit({ checks: [], mutations: [{ type: "delete", key }] }),
  );

/** A purchase order and a transfer, both under way. */
const sample = Effect.gen(function* () {
  const supply = yield* Supply;
  yield* stockUp({ ams: { mug: 9 }, ber: {} });
  const { document: order } = yield* supply.make(
    purchaseOrders,
    purchaseOrderMaking({
      ...{ externalId: "P", locationId: "ams" },
      lines: [{ sku: "mug", quantity: 9, expectedAt: soon }],
    }),
    bySystem,
  );
  const { document: transfer } = yield* supply.make(
    transfers,
    transferMaking({
      ...{ externalId: "T", from: "ams", to: "ber", expectedAt: soon },
      lines: [{ sku: "mug", quantity: 4 }],
    }),
    bySystem,
  );
  yield* supply.command(transfers, transfer.state.id, { type: "ship" }, bySystem);
  return { order: order.state, transfer: transfer.state };
});

const linkOf = (supplyId: string, locationId: string): SupplyLink => ({
  ...{ supplyId, sku: "mug", locationId, dueMs: Date.parse(soon) },
});

type Sample = Effect.Success<typeof sample>;

const foundBy = (
  plant: (sample: Sample) => Effect.Effect<unknown, unknown, Store>,
): Promise<readonly string[]> =>
  withEngine(Effect.gen(function* () {
    yield* plant(yield* sample);
    const { violations } = yield* verify();
    return [...new Set(violations.map(({ invariant }) => invariant))];
  }));

const lineId = ({ lines }: { readonly lines: readonly { readonly id: string }[] }): string =>
  lines[0]?.id ?? "";

Deno.test("goods on their way are sound as they are", async () => {
  assert.deepEqual(await foundBy(() => Effect.void), []);
});

Deno.test("a supply that is expected and cannot be found is found", async () => {
  for (const kind of ["order", "transfer"] as const) {
    const found = await foundBy((sample) =>
      remove(supplyKey(linkOf(lineId(sample[kind]), kind === "order" ? "ams" : "ber")))
    );
    assert.deepEqual(found, ["supply-is-open"], kind);
  }
});

Deno.test("a key of a supply that nobody expects is found, whoever's it would be", async () => {
  for (const kind of ["order", "transfer"] as const) {
    const found = await foundBy((sample) => {
      const link = linkOf(`${lineId(sample[kind])}9`, "cdg");
      return set(supplyKey(link), link);
    });
    assert.deepEqual(found, ["supply-is-open"], kind);
  }
});

Deno.test("a row that expects other units than its lines say is found", async () => {
  const found = await foundBy(({ order }) =>
    set(
      rowKey(supplyBalance, "ams", lineId(order)),
      supplyDelta("ams", lineId(order), { expected: 8 }),
    )
  );
  assert.ok(found.includes("supply-is-open"), found.join(" "));
});

Deno.test("units that a transfer lost without anybody saying so are found", async () => {
  const found = await foundBy(({ transfer }) =>
    Effect.gen(function* () {
      const key = transfers.key(transfer.id);
      const stored = yield* readValue(key, transfers.codec.unpack);
      assert.ok(stored !== null);
      const { state } = stored.value;
      const lines = state.lines.map((line) => ({ ...line, lost: 1 }));
      yield* set(key, { ...stored.value, state: { ...state, lines } });
    })
  );
  assert.ok(found.includes("transfer-conserved"), found.join(" "));
});
