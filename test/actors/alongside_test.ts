/** Commands that are carried out in the commit that places an order: all of it happens, or nothing. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import { orders as definition } from "../../src/order/definition.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";

const held = Effect.fnUntraced(function* (externalId: string) {
  const orders = yield* Orders;
  const placed = yield* orders.place(request(externalId, { mug: 2 }), bySystem);
  const { id } = placed.document.state;
  yield* orders.command(id, { type: "hold", reason: "to be looked at" }, bySystem);
  return id;
});

const toRelease = (id: string) => ({ aggregate: definition, id, command: { type: "release" } });

const cancelled = (id: string) => ({
  aggregate: definition,
  id,
  command: { type: "cancel", reason: "moved to another order" },
});

Deno.test("commands of one commit each count once against what is there", () =>
  withEngine(Effect.gen(function* () {
    const orders = yield* Orders;
    const short = { onShortage: "hold" } as const;
    yield* stockUp({ ams: { mug: 2 } });
    yield* orders.place(request("first", { mug: 2 }), bySystem);
    const waiting = yield* Effect.forEach(
      ["second", "third"],
      (name) => orders.place(request(name, { mug: 2 }, short), bySystem),
    );
    yield* stockUp({ ams: { mug: 6 } });
    const alongside = waiting.map(({ document }) => toRelease(document.state.id));
    const placed = yield* orders.place(request("fourth", { mug: 2 }), { ...bySystem, alongside });
    assert.equal(placed.document.state.status, "allocated");
    for (const { document } of waiting) {
      const { state } = yield* orders.get(document.state.id);
      assert.equal(state.status, "allocated");
    }
  })));

Deno.test("an order takes what goes free along with it", () =>
  withEngine(Effect.gen(function* () {
    const orders = yield* Orders;
    yield* stockUp({ ams: { mug: 3 } });
    const { document } = yield* orders.place(request("first", { mug: 3 }), bySystem);
    const alongside = [cancelled(document.state.id)];
    const placed = yield* orders.place(request("second", { mug: 3 }), { ...bySystem, alongside });
    assert.equal(placed.document.state.status, "allocated");
    assert.equal((yield* orders.get(document.state.id)).state.status, "cancelled");
  })));

Deno.test("where the order is refused, nothing that goes along with it is done", () =>
  withEngine(Effect.gen(function* () {
    const orders = yield* Orders;
    yield* stockUp({ ams: { mug: 3 } });
    const id = yield* held("first");
    const alongside = [toRelease(id)];
    const reject = request("second", { mug: 9 }, { onShortage: "reject" });
    const refused = yield* Effect.flip(orders.place(reject, { ...bySystem, alongside }));
    assert.equal(refused._tag, "Refused");
    assert.equal((yield* orders.get(id)).state.status, "held");
    const placed = yield* orders.place(request("third", { mug: 1 }), { ...bySystem, alongside });
    assert.equal(placed.document.state.status, "allocated");
    assert.equal((yield* orders.get(id)).state.status, "allocated");
  })));

Deno.test("one aggregate has one command in a commit", () =>
  withEngine(Effect.gen(function* () {
    const orders = yield* Orders;
    yield* stockUp({ ams: { mug: 3 } });
    const id = yield* held("first");
    const alongside = [toRelease(id), cancelled(id)];
    const exit = yield* Effect.exit(
      orders.place(request("second", { mug: 1 }), { ...bySystem, alongside }),
    );
    assert.match(String(exit), /two commands to one aggregate/);
    assert.equal((yield* orders.get(id)).state.status, "held");
  })));
