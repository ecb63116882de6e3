/** Two engines on one file are two processes, as far as the store can tell: they share nothing else. */
import assert from "node:assert/strict";
import { Effect, Result } from "effect";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Reservations } from "../../actors/reservation/reservations.ts";
import { bySystem, request, startEngine, stockUp } from "../support/engine.ts";
import { faultyStore } from "../support/faulty-store.ts";
import { withFile } from "../support/files.ts";

const place = (engine: ReturnType<typeof startEngine>, externalId: string, sku: string) =>
  engine.runPromise(Effect.result(Effect.flatMap(
    Orders,
    (orders) => orders.place(request(externalId, { [sku]: 1 }), bySystem),
  )));

Deno.test("two processes that sell the same stock sell it once", () =>
  withFile(async (path) => {
    const engines = [startEngine({ path }), startEngine({ path })] as const;
    try {
      await engines[0].runPromise(stockUp({ ams: { mug: 60 } }));
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) => place(engines[n % 2 === 0 ? 0 : 1], `o-${n}`, "mug")),
      );
      assert.equal(answers.filter(Result.isSuccess).length, 60);
      for (const engine of engines) {
        const [row] = await engine.runPromise(
          Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 })),
        );
        assert.deepEqual([row?.onHand, row?.reserved], [60, 60]);
      }
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));

Deno.test("an order that is placed through two processes at once exists once", () =>
  withFile(async (path) => {
    const engines = [startEngine({ path }), startEngine({ path })] as const;
    try {
      await engines[0].runPromise(stockUp({ ams: { mug: 1_000 } }));
      const answers = await Promise.all(
        Array.from(
          { length: 40 },
          (_, n) => place(engines[n % 2 === 0 ? 0 : 1], `o-${n >> 1}`, "mug"),
        ),
      );
      const placed = answers.filter(Result.isSuccess).map(({ success }) => success);
      assert.equal(placed.length, 40);
      assert.equal(placed.filter(({ created }) => created).length, 20);
      assert.equal(new Set(placed.map(({ document }) => document.state.id)).size, 20);
      const [row] = await engines[1].runPromise(
        Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 })),
      );
      assert.equal(row?.reserved, 20);
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));

Deno.test("stock that one process received is sold by the other at once", () =>
  withFile(async (path) => {
    const engines = [startEngine({ path }), startEngine({ path })] as const;
    try {
      await engines[0].runPromise(stockUp({ ams: { mug: 1 } }));
      assert.ok(Result.isSuccess(await place(engines[1], "first", "mug")));
      assert.ok(Result.isFailure(await place(engines[0], "too-many", "mug")));
      await engines[0].runPromise(Effect.flatMap(Inventory, (inventory) =>
        inventory.adjust({
          locationId: "ams",
          reason: "received",
          changes: [{ sku: "mug", delta: 1 }],
        }, bySystem)));
      assert.ok(Result.isSuccess(await place(engines[1], "second", "mug")));
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));

Deno.test("nor does a commit of unknown fate keep it from seeing what the other received", () =>
  withFile(async (path) => {
    let isFull = false;
    const faults = faultyStore({ faultOf: () => isFull ? "no-room" : null });
    const engines = [startEngine({ path }), startEngine({ path, faults })] as const;
    try {
      await engines[0].runPromise(stockUp({ ams: { mug: 1, cup: 1 } }));
      assert.ok(Result.isSuccess(await place(engines[1], "first", "mug")));
      isFull = true;
      const refused = await place(engines[1], "no room", "cup");
      assert.ok(Result.isFailure(refused) && refused.failure._tag === "Unavailable");
      isFull = false;
      await engines[0].runPromise(Effect.flatMap(Inventory, (inventory) =>
        inventory.adjust({
          locationId: "ams",
          reason: "received",
          changes: [{ sku: "mug", delta: 1 }],
        }, bySystem)));
      assert.ok(Result.isSuccess(await place(engines[1], "second", "mug")));
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));

Deno.test("what one process promised the other takes back, though it last saw the stock before", () =>
  withFile(async (path) => {
    const engines = [startEngine({ path }), startEngine({ path })] as const;
    const [first, second] = engines;
    const reserved = () =>
      second.runPromise(
        Effect.map(
          Effect.flatMap(Inventory, (inventory) => inventory.levels({ limit: 1 })),
          ([row]) => [row?.reserved, row?.claimed ?? 0],
        ),
      );
    const placed = (engine: typeof first, asked: ReturnType<typeof request>) =>
      engine.runPromise(Effect.map(
        Effect.flatMap(Orders, (orders) => orders.place(asked, bySystem)),
        ({ document }) => document.state,
      ));
    try {
      await first.runPromise(stockUp({ ams: { mug: 20 } }));
      await placed(second, request("known", { mug: 1 }));
      const { id } = await placed(first, request("much", { mug: 5 }));
      // The second knows of one unit that is promised, and five are given up.
      await second.runPromise(
        Effect.flatMap(
          Orders,
          (orders) => orders.command(id, { type: "cancel", reason: "not any more" }, bySystem),
        ),
      );
      assert.deepEqual(await reserved(), [1, 0]);
      const cart = {
        ...{ channel: "web", externalId: "cart", expiresInSeconds: 600 },
        lines: [{ sku: "mug", quantity: 4 }],
      };
      const kept = await first.runPromise(
        Effect.flatMap(Reservations, (carts) => carts.reserve(cart, bySystem)),
      );
      const reservationId = kept.document.state.id;
      const order = await placed(second, request("cart", { mug: 4 }, { reservationId }));
      assert.deepEqual(order.reservation, { id: reservationId, used: true });
      assert.deepEqual(await reserved(), [5, 0]);
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));
