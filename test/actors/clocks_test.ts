/** Processes whose clocks are days apart: what one has begun, another ends, and nobody is served by his clock. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Imports, type Upload } from "../../actors/import/imports.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { below } from "../../src/kernel/key.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import type { Order } from "../../src/order/order.ts";
import { Store } from "../../src/store/store.ts";
import { bySystem, request, startEngine, stockUp } from "../support/engine.ts";
import { clockOff } from "../support/clock.ts";
import { faultyStore } from "../support/faulty-store.ts";
import { withFile } from "../support/files.ts";

const daysMs = (days: number): number => days * 24 * 3_600_000;

type Engine = ReturnType<typeof startEngine>;

const orderOf = (engine: Engine, id: string): Promise<Order> =>
  engine.runPromise(
    Effect.map(Effect.flatMap(Orders, (orders) => orders.get(id)), ({ state }) => state),
  );

const untilSo = async <A>(look: () => Promise<A>, isSo: (found: A) => boolean): Promise<A> => {
  const deadlineMs = performance.now() + 20_000;
  let found = await look();
  while (!isSo(found) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    found = await look();
  }
  return found;
};

for (const days of [3, -3]) {
  Deno.test(`a large order that a process with a clock ${days} days ahead began is ended by another`, () =>
    withFile(async (path) => {
      let commits = Number.POSITIVE_INFINITY;
      const checks = 10;
      const wrong = startEngine({
        path,
        clock: clockOff(daysMs(days)),
        // After its first commit the process does nothing any more.
        faults: faultyStore({ checks, faultOf: () => commits-- > 0 ? null : "throw-before" }),
      });
      const right = startEngine({ path, faults: faultyStore({ checks, faultOf: () => null }) });
      try {
        const places = Array.from({ length: 12 }, (_, n) => `place-${n + 10}`);
        await right.runPromise(stockUp(Object.fromEntries(places.map((id) => [id, { mug: 1 }]))));
        commits = 1;
        const { document } = await wrong.runPromise(Effect.flatMap(
          Orders,
          (orders) => orders.place(request("large", { mug: places.length }), bySystem),
        ));
        assert.ok(document.state.allocating);
        const ended = await untilSo(
          () => orderOf(right, document.state.id),
          ({ allocating }) => !allocating,
        );
        assert.equal(ended.status, "allocated");
        assert.equal(ended.fulfillmentOrders.length, places.length);
      } finally {
        await Promise.all([wrong.dispose(), right.dispose()]);
      }
    }));
}

/** Ways in which units become available to those who wait. */
const ways = {
  "an arrival": (engine: Engine, units: number) =>
    engine.runPromise(Effect.flatMap(Inventory, (inventory) =>
      inventory.adjust({
        locationId: "ams",
        reason: "received",
        changes: [{ sku: "mug", delta: units }],
      }, bySystem))),
  "a cancellation": async (engine: Engine, units: number) => {
    const [order] = await engine.runPromise(
      Effect.map(
        Effect.flatMap(
          Queries,
          (queries) =>
            Effect.flatMap(queries.orders({ status: ["allocated"] }), (page) => page(10)),
        ),
        ({ data }) => data.filter(({ state }) => state.lines[0]?.quantity === units),
      ),
    );
    assert.ok(order !== undefined);
    return engine.runPromise(
      Effect.flatMap(
        Orders,
        (orders) =>
          orders.command(order.state.id, { type: "cancel", reason: "changed her mind" }, bySystem),
      ),
    );
  },
} as const;

/** Clocks of three processes, by days; each places an order in its turn. */
const clocks = [[0, 0, 0], [3, 0, -3], [-3, 3, 0]] as const;

for (const [name, free] of Object.entries(ways)) {
  for (const days of clocks) {
    Deno.test(`what ${name} frees goes to who came first, with clocks ${days.join(", ")} days ahead`, () =>
      withFile(async (path) => {
        const engines = days.map((ahead) => startEngine({ path, clock: clockOff(daysMs(ahead)) }));
        const [first] = engines;
        assert.ok(first !== undefined);
        const place = (engine: Engine, externalId: string, quantity: number) =>
          engine.runPromise(Effect.map(
            Effect.flatMap(Orders, (orders) =>
              orders.place(
                request(externalId, { mug: quantity }, {
                  onShortage: "backorder",
                }),
                bySystem,
              )),
            ({ document }) => document.state.id,
          ));
        try {
          await first.runPromise(stockUp({ ams: { mug: 5 } }));
          await place(first, "has them", 5);
          const ids: string[] = [];
          for (const [n, engine] of engines.entries()) ids.push(await place(engine, `${n}`, 2));
          const waits = ({ status }: Order) => status === "backordered";
          const look = () => Promise.all(ids.map((id) => orderOf(first, id)));
          assert.deepEqual((await look()).map(waits), [true, true, true]);
          await free(first, 5);
          const [one, other, last] = await untilSo(
            look,
            (orders) => orders.some(({ status }) => status === "partially_allocated"),
          );
          assert.deepEqual(
            [one, other, last].map((order) => order?.status),
            ["allocated", "allocated", "partially_allocated"],
          );
        } finally {
          await Promise.all(engines.map((engine) => engine.dispose()));
        }
      }));
  }
}

const csv = "externalId,sku,quantity,unitPrice,currency,customerName,country\n";

for (const days of [3, -3]) {
  Deno.test(`an import that runs is running for a process with a clock ${days} days ahead`, () =>
    withFile(async (path) => {
      const here = startEngine({ path });
      const there = startEngine({ path, clock: clockOff(daysMs(days)) });
      let finish = () => {};
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode(csv));
          finish = () => controller.close();
        },
      });
      const upload: Upload = {
        stream,
        format: "csv",
        mediaType: "text/csv",
        encoding: null,
        channel: "web",
        ended: Effect.never,
        mapping: null,
      };
      const started = here.runPromise(
        Effect.result(Effect.flatMap(Imports, (imports) => imports.start(upload, bySystem))),
      );
      const jobIds = Effect.map(
        Effect.flatMap(Store, (store) => store.list({ ...below(["import_job"]), limit: 1 })),
        (entries) => entries.map(({ key }) => String(key[1])),
      );
      try {
        const [id] = await untilSo(() => there.runPromise(jobIds), (ids) => ids.length > 0);
        assert.ok(id !== undefined);
        const job = await there.runPromise(
          Effect.flatMap(Imports, (imports) => imports.job(id, systemPrincipal)),
        );
        assert.equal(job.status, "running");
      } finally {
        finish();
        await started;
        await Promise.all([here.dispose(), there.dispose()]);
      }
    }));
}

Deno.test("an order that is made after the clock was set back is found by the time at which it was placed", () =>
  withFile(async (path) => {
    const clock = clockOff(daysMs(3));
    const engine = startEngine({ path, clock });
    const place = (externalId: string) =>
      engine.runPromise(Effect.flatMap(
        Orders,
        (orders) => orders.place(request(externalId, { mug: 1 }), bySystem),
      ));
    const placedWithin = (placedAfter: string, placedBefore: string) =>
      engine.runPromise(Effect.map(
        Effect.flatMap(
          Queries,
          (queries) =>
            Effect.flatMap(queries.orders({ placedAfter, placedBefore }), (page) => page(10)),
        ),
        ({ data }) => data.map(({ state }) => state.externalId),
      ));
    try {
      await engine.runPromise(stockUp({ ams: { mug: 10 } }));
      await place("ahead");
      clock.moveTo(Date.now());
      const nowMs = Date.now();
      await place("first");
      await place("second");
      const found = await placedWithin(instantOf(nowMs - 60_000), instantOf(nowMs + 60_000));
      assert.deepEqual([...found].sort(), ["first", "second"]);
    } finally {
      await engine.dispose();
    }
  }));
