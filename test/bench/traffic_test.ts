import assert from "node:assert/strict";
import fc from "fast-check";
import { SchemaParser } from "effect";
import { flashPlan, flashRequests } from "../../bench/traffic/flash.ts";
import { orderKinds, orderStream } from "../../bench/traffic/orders.ts";
import { LifeTraffic } from "../../bench/traffic/life.ts";
import { receiptsOf } from "../../bench/traffic/prepare.ts";
import { meaningOf } from "../../bench/traffic/http.ts";
import { ChangeCounter } from "../../bench/worker/readers.ts";
import { Mold } from "../../bench/worker/seed.ts";
import { parseReply } from "../../bench/worker/redis.ts";
import { oversoldUnits } from "../../bench/oversold.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import { PlaceOrderRequest } from "../../src/order/request.ts";

const decodeOrder = SchemaParser.decodeUnknownSync(PlaceOrderRequest, {
  errors: "all",
  onExcessProperty: "error",
});

Deno.test("every kind of order is one that the engine takes, of stock that the plan has", () => {
  for (const kind of orderKinds) {
    const { plan, order } = orderStream(kind, "run");
    const stocked = new Set(plan.stock.flatMap(({ skus }) => skus));
    for (let n = 0; n < 200; n++) {
      const wanted = order(n);
      decodeOrder(wanted);
      const skus = wanted.lines.map(({ sku }) => sku);
      assert.ok(skus.every((sku) => stocked.has(sku)), kind);
      assert.equal(new Set(skus).size, skus.length, `${kind}: each SKU once`);
    }
    const places = new Set(plan.locations.map(({ id }) => id));
    assert.ok(plan.stock.every(({ locationId }) => places.has(locationId)));
  }
});

Deno.test("orders of one run have different external ids, the same in each repetition", () => {
  fc.assert(fc.property(
    fc.constantFrom(...orderKinds),
    fc.nat(100_000),
    fc.nat(100_000),
    (kind, left, right) => {
      const { order } = orderStream(kind, "run");
      assert.deepEqual(order(left), orderStream(kind, "run").order(left));
      assert.equal(order(left).externalId === order(right).externalId, left === right);
    },
  ));
});

Deno.test("spread orders reach every location and SKU", () => {
  const skus = orderStream("spread-skus", "run");
  const seen = new Set<string>();
  for (let n = 0; n < 1_000; n++) for (const { sku } of skus.order(n).lines) seen.add(sku);
  assert.equal(seen.size, 1_000);
  const places = orderStream("spread-locations", "run");
  const near = new Set(
    Array.from({ length: 200 }, (_, n) => {
      const { latitude, longitude } = places.order(n).shippingAddress ?? {};
      return `${latitude} ${longitude}`;
    }),
  );
  assert.equal(near.size, places.plan.locations.length);
});

Deno.test("receipts are as small as the engine wants them, and bring all", () => {
  const { plan } = orderStream("spread-skus", "run");
  const receipts = receiptsOf(plan);
  assert.ok(receipts.every(({ changes }) => changes.length <= stockLimits.changesPerRequest));
  assert.equal(receipts.flatMap(({ changes }) => changes).length, 1_000);
});

Deno.test("a flash sale has every buyer, some twice, some with a key", () => {
  const sale = { buyers: 1_000, units: 50 };
  const requests = flashRequests(sale, "run");
  const ids = requests.map(({ order }) => order.externalId);
  assert.equal(new Set(ids).size, 1_000);
  assert.equal(requests.length, 1_200);
  const keyed = requests.filter(({ idempotencyKey }) => idempotencyKey !== undefined);
  assert.equal(keyed.length, 200);
  assert.equal(new Set(keyed.map(({ idempotencyKey }) => idempotencyKey)).size, 100);
  const [stock] = flashPlan(sale, "run").stock;
  assert.equal(stock?.units, 50);
  assert.ok(requests.every(({ order }) => order.lines[0]?.sku === stock?.skus[0]));
});

Deno.test("a life goes its way: a new order only when no step is open", () => {
  const life = new LifeTraffic("run", () => 0);
  const names: string[] = [];
  for (let step = 0; step < 600; step++) {
    const { name, request, done } = life.next();
    names.push(name);
    const id = `${step}`.padStart(21, "0");
    const answer = { id: `ord_${id}`, fulfillmentOrders: [{ id: `ful_${id}_1` }], shipments: [] };
    assert.equal(request.method, "POST");
    done(JSON.stringify(answer));
  }
  assert.deepEqual(
    names.slice(0, 9),
    ["place", "cancel", "place", "accept", "pick", "pack", "ship", "deliver", "place"],
  );
  for (const name of ["receive", "cancel", "deliver"]) assert.ok(names.includes(name), name);
  const share = names.filter((name) => name === "cancel").length / life.placed;
  assert.ok(share > 0.08 && share < 0.12);
});

Deno.test("an answer's status says what became of the order", () => {
  const answer = (status: number, body = "", headers = "") => ({
    status,
    headers: `HTTP/1.1 ${status} x\r\n${headers}`,
    body: new TextEncoder().encode(body),
    keepAlive: true,
    end: 0,
  });
  const result = (...parts: Parameters<typeof answer>) => meaningOf(answer(...parts)).result;
  assert.equal(result(201), "accepted");
  assert.equal(result(201, "", "Idempotent-Replayed: true\r\n"), "repeated");
  assert.equal(result(200), "repeated");
  assert.equal(result(409, '{"type":"/problems/insufficient-stock"}'), "refused");
  assert.equal(result(409, '{"type":"/problems/idempotency-in-flight"}'), "overloaded");
  assert.equal(result(409, '{"type":"/problems/order-exists"}'), "error");
  assert.equal(result(503), "overloaded");
  assert.equal(result(500), "error");
});

Deno.test("oversold is what rows promise beyond what they have, and no row makes up for another", () => {
  const stock = (onHand: number, reserved: number, unavailable = 0) => ({
    locationId: "a",
    sku: "b",
    onHand,
    reserved,
    unavailable,
    safetyStock: 0,
  });
  assert.equal(oversoldUnits([stock(5, 5), stock(100, 0)]), 0);
  assert.equal(oversoldUnits([stock(5, 7), stock(100, 0)]), 2);
  assert.equal(oversoldUnits([stock(5, 5, 1), stock(1, 3)]), 3);
});

Deno.test("changes are counted once, however the stream is cut", () => {
  const stream = 'event: snapshot\ndata: {"at":"2026-01-01T00:00:00.000Z"}\n\n' +
    'id: 1\nevent: change\ndata: {"at":"2026-01-01T00:00:01.000Z","details":{}}\n\n: beat\n\n' +
    'id: 2\nevent: change\ndata: {"at":"2026-01-01T00:00:02.000Z","details":{}}\n\n';
  fc.assert(fc.property(fc.nat(stream.length), (cut) => {
    const seen: number[] = [];
    const counter = new ChangeCounter((atMs) => seen.push(atMs));
    counter.take(stream.slice(0, cut));
    counter.take(stream.slice(cut));
    assert.deepEqual(
      seen,
      ["2026-01-01T00:00:01.000Z", "2026-01-01T00:00:02.000Z"].map(Date.parse),
    );
  }));
});

Deno.test("a mold filled with its own words is its text, and with others has those in their place", () => {
  const words = ["abc", "de", "fgh"];
  fc.assert(fc.property(fc.array(fc.constantFrom(...words, "-", "a", "d")), (pieces) => {
    const text = pieces.join("");
    assert.equal(new Mold(text, words).fill(words), text);
  }));
  assert.equal(new Mold("x-abc-de-abc", words).fill(["1", "2", "3"]), "x-1-2-1");
});

Deno.test("Redis' replies are read, and not before they are there", () => {
  const cases = [
    ["+OK\r\n", "OK"],
    [":12\r\n", 12],
    ["$5\r\nhello\r\n", "hello"],
    ["$-1\r\n", null],
    ["*2\r\n$1\r\na\r\n:3\r\n", ["a", 3]],
  ] as const;
  for (const [text, reply] of cases) {
    assert.deepEqual(parseReply(text)?.reply, reply);
    for (let cut = 0; cut < text.length; cut++) assert.equal(parseReply(text.slice(0, cut)), null);
  }
  assert.throws(() => parseReply("-ERR no\r\n"), /ERR no/);
});
