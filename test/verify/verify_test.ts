import { returnIdOf } from "../../src/order/ids.ts";
import { rankOf } from "../../src/order/rank.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { stockKey } from "../../src/stock/keys.ts";
import assert from "node:assert/strict";
import { Effect } from "effect";
import type { StockRow } from "../../src/stock/stock.ts";
import type { Order } from "../../src/order/order.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { isOrderRecord, type OrderRecord } from "../../src/order/record.ts";
import { unpackEntry, wholeEntry } from "../../src/store/log-entry.ts";
import { type Key } from "../../src/kernel/key.ts";
import { type Mutation, Store } from "../../src/store/store.ts";
import { encodeJson, readValue, splitValue } from "../../src/store/values.ts";
import type { Invariant, VerifyReport } from "../../src/verify/report.ts";
import { verify } from "../../src/verify/verify.ts";
import { isStockRecord } from "../../src/stock/record.ts";
import { orders } from "../../src/order/definition.ts";
import { subjects } from "../../src/subjects.ts";
import { type Engine, engine, sampleStore } from "./engine.ts";

type Sample = Effect.Success<typeof sampleStore>;

const write = (...mutations: readonly Mutation[]) =>
  Effect.flatMap(Store, (store) => store.commit({ checks: [], mutations }));

const set = (key: Key, value: unknown) => write({ type: "set", key, value: encodeJson(value) });

/** Changes an order's document behind the engine's back. */
const tamper = Effect.fnUntraced(function* (orderId: string, change: (order: Order) => Order) {
  const stored = yield* readValue(orders.key(orderId), orders.codec.unpack);
  assert.ok(stored !== null);
  const { state, personal, history } = stored.value;
  yield* set(orders.key(orderId), { order: change(state), contact: personal, history });
});

const tamperRow = Effect.fnUntraced(function* (change: (row: StockRow) => StockRow) {
  const stored = yield* readValue<StockRow>(stockKey("berlin", "mug"));
  assert.ok(stored !== null);
  yield* set(stockKey("berlin", "mug"), change(stored.value));
});

/** A log entry with everything in it read, as it can be stored by name. */
const readLogEntry = (key: Key) =>
  readValue(key, (text) => wholeEntry(subjects, unpackEntry(subjects, text)));

/** Changes the log record that is the first to fit. */
const tamperLog = Effect.fnUntraced(function* (
  fits: (record: LogRecord) => boolean,
  change: (record: LogRecord) => unknown,
) {
  const store = yield* Store;
  for (const { key } of yield* store.list({ ...below(["log"]), limit: 100 })) {
    const stored = yield* readLogEntry(key);
    const index = stored?.value.records.findIndex(fits) ?? -1;
    if (stored === null || index < 0) continue;
    const records = stored.value.records.map((record, n) => n === index ? change(record) : record);
    yield* set(key, { ...stored.value, records });
    return key;
  }
  return assert.fail("no such record");
});

const isOf = (order: Order) => (record: LogRecord): record is OrderRecord =>
  isOrderRecord(record) && record.orderId === order.id;

/** Plants what `plant` does into a sound store; exactly these invariants must be found violated there. */
const planted = (
  name: string,
  expected: readonly Invariant[],
  plant: (sample: Sample) => Effect.Effect<Key, unknown, Engine>,
): void =>
  Deno.test(name, () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const sample = yield* sampleStore;
        const key = yield* plant(sample);
        const report = yield* verify();
        assert.equal(report.ok, false);
        assert.deepEqual(
          [...new Set(report.violations.map(({ invariant }) => invariant))].sort(),
          [...expected].sort(),
          JSON.stringify(report.violations, null, 1),
        );
        const named = report.violations.flatMap(({ keys }) => keys).map((key) =>
          JSON.stringify(key)
        );
        assert.ok(named.includes(JSON.stringify(key)), named.join(" "));
      }).pipe(Effect.provide(engine())),
    ));

const assertClean = (report: VerifyReport): void => {
  assert.deepEqual(report.violations, []);
  assert.equal(report.ok, true);
  assert.equal(report.unsettled, 0);
};

Deno.test("an empty store has nothing wrong with it", () =>
  Effect.runPromise(
    Effect.map(verify(), (report) => {
      assertClean(report);
      assert.equal(report.counts.orders, 0);
    }).pipe(Effect.provide(engine())),
  ));

Deno.test("a store in use has nothing wrong with it, and everything is counted", () =>
  Effect.runPromise(
    Effect.gen(function* () {
      yield* sampleStore;
      const report = yield* verify();
      assertClean(report);
      const { orders, orderLines, references, backorders, timers } = report.counts;
      assert.deepEqual({ orders, orderLines, references, backorders, timers }, {
        orders: 6,
        orderLines: 8,
        references: 6,
        backorders: 1,
        timers: 1,
      });
      assert.equal(report.counts.unitsShipped, 5);
      assert.equal(report.counts.unitsOnHand, 45 - 5);
      assert.equal(report.counts.unitsReserved, 2 + 1 + 1 + 1);
      assert.equal(report.counts.stockRows >= 3, true);
    }).pipe(Effect.provide(engine())),
  ));

planted(
  "a row with more reserved than there is",
  ["row-sound", "reserved-is-allocated"],
  () =>
    Effect.as(
      tamperRow((row) => ({ ...row, reserved: row.onHand + 1 })),
      stockKey("berlin", "mug"),
    ),
);

planted(
  "more units returned than were shipped",
  ["returns", "order-is-its-log"],
  ({ shipped }) =>
    Effect.as(
      tamper(shipped.id, (order) => ({
        ...order,
        returns: [{
          ...{ id: returnIdOf(order.id, 1), status: "authorized", goodsBack: true },
          lines: [{
            ...{ lineId: "1", sku: order.lines[0]?.sku ?? "", quantity: 99, reason: "other" },
            ...{ received: 0, inspected: [], accepted: 0 },
          }],
          ...{ unexpected: [], createdAt: order.createdAt, updatedAt: order.updatedAt },
        }],
      })),
      orderKeys.order(shipped.id),
    ),
);

planted("a stuck reservation", ["reserved-is-allocated"], () =>
  Effect.as(
    tamperRow((row) => ({ ...row, reserved: row.reserved + 1 })),
    stockKey("berlin", "mug"),
  ));

planted("units that came from nowhere", ["units-conserved"], () =>
  Effect.as(
    tamperRow((row) => ({ ...row, onHand: row.onHand + 1 })),
    stockKey("berlin", "mug"),
  ));

planted("a row that is gone", ["reserved-is-allocated"], () =>
  Effect.as(
    write({ type: "delete", key: stockKey("berlin", "mug") }),
    stockKey("berlin", "mug"),
  ));

planted(
  "a row that nothing in the log explains",
  ["units-conserved"],
  () =>
    Effect.gen(function* () {
      const row: StockRow = {
        locationId: "paris",
        sku: "ghost",
        onHand: 1,
        reserved: 0,
        unavailable: 0,
        safetyStock: 0,
      };
      yield* set(stockKey("paris", "ghost"), row);
      return stockKey("paris", "ghost");
    }),
);

planted(
  "a log record that shipped more than the order did",
  ["units-conserved"],
  ({ shipped }) =>
    Effect.gen(function* () {
      yield* tamperLog(
        (record) =>
          isOf(shipped)(record) && record.events.some((e) => e.type === "shipment.created"),
        (record) =>
          isOrderRecord(record)
            ? { ...record, stock: record.stock.map((delta) => ({ ...delta, onHand: -4 })) }
            : record,
      );
      return orderKeys.order(shipped.id);
    }),
);

planted(
  "two orders with one reference",
  ["one-order-per-reference"],
  ({ allocated, shipped }) =>
    Effect.gen(function* () {
      const key = orderKeys.reference(allocated.channel, allocated.externalId);
      yield* set(key, { orderId: shipped.id, fingerprint: "" });
      return key;
    }),
);

planted("an order without its reference", ["one-order-per-reference"], ({ allocated }) =>
  Effect.as(
    write({ type: "delete", key: orderKeys.reference("shop", "allocated") }),
    orderKeys.order(allocated.id),
  ));

planted("a reference without its order", ["one-order-per-reference"], () =>
  Effect.as(
    set(orderKeys.reference("shop", "nobody"), { orderId: "ord_nobody", fingerprint: "" }),
    orderKeys.reference("shop", "nobody"),
  ));

planted(
  "an order that is gone",
  ["order-is-its-log", "one-order-per-reference"],
  ({ held }) =>
    Effect.as(write({ type: "delete", key: orderKeys.order(held.id) }), orderKeys.order(held.id)),
);

/** A document that is written again has another versionstamp, which names no record: that is found too. */
planted(
  "line buckets that do not add up",
  ["line-buckets", "order-is-its-log"],
  ({ allocated }) =>
    Effect.as(
      tamper(allocated.id, (order) => ({
        ...order,
        lines: order.lines.map((line) => ({ ...line, cancelled: line.cancelled - 1 })),
        status: "allocating",
        allocating: false,
      })),
      orderKeys.order(allocated.id),
    ),
);

planted(
  "a kit that is promised in part",
  ["kits-whole", "order-is-its-log"],
  ({ allocated }) =>
    Effect.as(
      tamper(allocated.id, (order) => ({
        ...order,
        lines: order.lines.map((line) => ({
          ...line,
          components: [{ sku: "mug", quantity: 1 }, { sku: "mug", quantity: 1 }],
        })),
      })),
      orderKeys.order(allocated.id),
    ),
);

planted(
  "a status that is not so",
  ["order-status", "order-is-its-log", "timers"],
  ({ allocated }) =>
    Effect.as(
      tamper(allocated.id, (order) => ({ ...order, status: "delivered" })),
      orderKeys.order(allocated.id),
    ),
);

planted("a total that is not its sum", ["money", "order-is-its-log"], ({ allocated }) =>
  Effect.as(
    tamper(allocated.id, (order) => ({
      ...order,
      totals: { ...order.totals, total: order.totals.total + 1 },
    })),
    orderKeys.order(allocated.id),
  ));

planted("money that is no integer", ["money", "order-is-its-log"], ({ allocated }) =>
  Effect.as(
    tamper(allocated.id, (order) => ({
      ...order,
      lines: order.lines.map((line) => ({ ...line, tax: 0.5 })),
    })),
    orderKeys.order(allocated.id),
  ));

planted(
  "a log event that the document does not show",
  ["order-is-its-log"],
  ({ held }) =>
    Effect.as(
      tamperLog(
        (record) => isOf(held)(record) && record.events.some(({ type }) => type === "order.held"),
        (record) => ({
          ...record,
          events: [{ type: "order.held", code: "manual", reason: "another", by: "system" }],
        }),
      ),
      orderKeys.order(held.id),
    ),
);

planted(
  "a log record that is of no order any more",
  ["order-is-its-log"],
  ({ held }) =>
    tamperLog(isOf(held), (record) => ({ ...record, kind: "stock", reason: "received" })),
);

planted(
  "a change that nobody made",
  ["log-attributed"],
  () => tamperLog(isStockRecord, (record) => ({ ...record, by: "" })),
);

planted("a commit that is in the log twice", ["log-attributed"], () =>
  Effect.gen(function* () {
    const store = yield* Store;
    const [first] = yield* store.list({ ...below(["log"]), limit: 1 });
    const stored = yield* readLogEntry(first?.key ?? []);
    yield* store.commit({
      checks: [],
      mutations: [],
      log: encodeJson({ ...stored?.value, records: [] }),
    });
    const [last] = yield* store.list({ ...below(["log"]), limit: 1, reverse: true });
    return last?.key ?? [];
  }));

planted(
  "a customer's name in the log",
  ["log-without-personal-data", "order-is-its-log"],
  ({ waiting }) => tamperLog(isOf(waiting), (record) => ({ ...record, note: "Erika Mustermann" })),
);

planted(
  "a customer's address inside a text in the log",
  ["log-without-personal-data", "order-is-its-log"],
  (sample) =>
    tamperLog(isOf(sample.waiting), (record) => ({ ...record, note: "mail erika@example.org" })),
);

planted("a backorder key that is missing", ["backorder-keys"], ({ waiting }) =>
  Effect.as(
    write({ type: "delete", key: orderKeys.backordered("rare", rankOf({}), waiting.id) }),
    orderKeys.backordered("rare", rankOf({}), waiting.id),
  ));

planted("a backorder key that nobody waits for", ["backorder-keys"], ({ allocated }) =>
  Effect.as(
    set(orderKeys.backordered("mug", rankOf({}), allocated.id), { orderId: allocated.id }),
    orderKeys.backordered("mug", rankOf({}), allocated.id),
  ));

planted(
  "an order that nothing resumes",
  ["timers", "order-is-its-log"],
  ({ allocated }) =>
    Effect.as(
      tamper(allocated.id, (order) => ({ ...order, allocating: true, status: "allocating" })),
      orderKeys.order(allocated.id),
    ),
);

planted("a timer without its order", ["timers"], () =>
  Effect.as(
    set(keys.timer(5, "ord_nobody:close"), {
      orderId: "ord_nobody",
      command: { type: "close" },
      due: "1970-01-01T00:00:00.005Z",
    }),
    keys.timer(5, "ord_nobody:close"),
  ));

planted("an idempotency record without a response", ["idempotency"], () =>
  Effect.as(
    set(keys.idempotency("key_a", "b"), { fingerprint: "f", at: "2026-01-01T00:00:00.000Z" }),
    keys.idempotency("key_a", "b"),
  ));

planted("a value that is no JSON", ["readable"], () =>
  Effect.as(
    write({
      type: "set",
      key: keys.idempotency("key_a", "b"),
      value: new TextEncoder().encode("{"),
    }),
    keys.idempotency("key_a", "b"),
  ));

const unreadableOrder: readonly Invariant[] = [
  "readable",
  "one-order-per-reference",
  "order-is-its-log",
];

planted(
  "a document of another shape",
  unreadableOrder,
  ({ held }) => Effect.as(set(orderKeys.order(held.id), { order: null }), orderKeys.order(held.id)),
);

planted("a document that is no JSON", unreadableOrder, ({ held }) =>
  Effect.as(
    write({ type: "set", key: orderKeys.order(held.id), value: new TextEncoder().encode("{") }),
    orderKeys.order(held.id),
  ));

planted("a document whose parts are lost", unreadableOrder, ({ held }) =>
  Effect.gen(function* () {
    const { head } = splitValue(new Uint8Array(1_000), {
      valueBytes: 500,
      stamp: "1",
      previousParts: 0,
      partKey: (n) => keys.part(orderKeys.order(held.id), n),
    });
    yield* write({ type: "set", key: orderKeys.order(held.id), value: head });
    return orderKeys.order(held.id);
  }));

planted(
  "a log record that tells something else of a shipment",
  ["order-is-its-log"],
  ({ shipped }) =>
    tamperLog(
      (record) => isOf(shipped)(record) && record.shipments !== undefined,
      (record) => ({
        ...record,
        shipments: (record as OrderRecord).shipments?.map((each) => ({ ...each, to: "exception" })),
      }),
    ),
);

planted(
  "a log record that no document names",
  ["order-is-its-log"],
  ({ held }) =>
    Effect.gen(function* () {
      const store = yield* Store;
      const stored = yield* readValue(orders.key(held.id), orders.codec.unpack);
      const entry = yield* readLogEntry(keys.log(stored?.versionstamp ?? ""));
      yield* store.commit({
        checks: [],
        mutations: [],
        log: encodeJson({ ...entry?.value, commitId: "rogue" }),
      });
      const [last] = yield* store.list({ ...below(["log"]), limit: 1, reverse: true });
      return last?.key ?? [];
    }),
);

planted(
  "an invoice of more than has left",
  ["line-money", "order-is-its-log"],
  ({ shipped }) =>
    Effect.as(
      tamper(shipped.id, ({ invoices = [], ...order }) => ({
        ...order,
        invoices: invoices.map((invoice) => ({
          ...invoice,
          lines: invoice.lines.map((line) => ({ ...line, to: line.to + 1 })),
        })),
      })),
      orderKeys.order(shipped.id),
    ),
);

planted(
  "an invoice that its order has lost",
  ["order-is-its-log"],
  ({ shipped }) =>
    Effect.as(
      tamper(shipped.id, ({ invoices: _, ...order }) => order),
      orderKeys.order(shipped.id),
    ),
);

planted(
  "a log record with other figures of an invoice",
  ["order-is-its-log"],
  ({ shipped }) =>
    Effect.gen(function* () {
      yield* tamperLog(
        (record) =>
          isOf(shipped)(record) && record.events.some(({ type }) => type === "order.invoiced"),
        (record) =>
          !isOrderRecord(record) ? record : {
            ...record,
            events: record.events.map((event) =>
              event.type !== "order.invoiced" ? event : {
                ...event,
                invoice: {
                  ...event.invoice,
                  lines: event.invoice.lines.map((line) => ({ ...line, tax: line.tax + 1 })),
                },
              }
            ),
          },
      );
      return orderKeys.order(shipped.id);
    }),
);
