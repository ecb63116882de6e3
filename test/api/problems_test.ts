/** Every problem type: how a client meets it, and what it then reads. */
import assert from "node:assert/strict";
import { problemOf, type Tagged, withGeneral } from "../../api/http/failures.ts";
import { fail, problemBody } from "../../api/http/problems.ts";
import { orderFailures } from "../../api/order/problems.ts";
import { stockFailures } from "../../api/stock/problems.ts";
import {
  AlreadyThere,
  InvalidDocument,
  LimitReached,
  NotFound,
  PreconditionFailed,
  Refused,
} from "../../actors/command/command.ts";
import { IdempotencyInFlight, IdempotencyMismatch } from "../../actors/command/idempotency.ts";
import { Conflict, Overloaded, TooLarge, Unavailable } from "../../actors/ledger/unit.ts";
import { InvalidOrder, OrderExists } from "../../actors/order/orders.ts";
import { LotsRefused } from "../../actors/lot/lots.ts";
import { BelowZeroAvailable, CountMismatch } from "../../actors/stock/inventory.ts";
import { StoreError } from "../../src/store/store.ts";
import { faultyStore } from "../support/faulty-store.ts";
import { type Ask, orderFor, startServer, stockOver } from "../support/server.ts";

Deno.test("every failure has a problem whose body says type, title, status, detail and request", () => {
  const table = withGeneral({ ...orderFailures, ...stockFailures });
  const failures: readonly Tagged[] = [
    fail("conflict", "It is there already."),
    new OrderExists({ channel: "web", externalId: "1", orderId: "ord_1" }),
    new InvalidOrder({ errors: [{ pointer: "/lines", detail: "must have one" }] }),
    new BelowZeroAvailable({
      locationId: "ams",
      shortages: [{ pointer: "/changes/0", sku: "mug", requested: 2, available: 1 }],
    }),
    new CountMismatch({
      locationId: "ams",
      mismatches: [{ pointer: "/counts/0", sku: "mug", expected: 2, actual: 1 }],
    }),
    new LotsRefused({
      locationId: "ams",
      faults: [{
        type: "serial",
        pointer: "/changes/0",
        sku: "tv",
        serial: "S1",
        state: "in stock",
      }],
    }),
    new NotFound({ what: "order", id: "ord_1" }),
    new PreconditionFailed({ expected: "1", actual: "2" }),
    new InvalidDocument({ errors: [{ pointer: "/kit/components/0/sku", detail: "is a circle" }] }),
    new LimitReached({ what: "locations", limit: 3 }),
    new AlreadyThere({ what: "key", id: "key_1" }),
    new IdempotencyMismatch({ key: "k" }),
    new IdempotencyInFlight({ key: "k" }),
    new Conflict({ detail: "again" }),
    new Overloaded({ what: "orders", retryAfterSeconds: 3 }),
    new TooLarge({ detail: "too many rows" }),
    new Unavailable({ detail: "no answer", retryAfterSeconds: 0.2 }),
    new StoreError({ operation: "get", detail: "secret detail", cause: new Error("secret") }),
    new Refused({
      rejection: {
        _tag: "IllegalTransition",
        action: "ship",
        status: "open",
        fulfillmentOrderId: "ful_1",
        detail: "ship is not for open",
      },
    }),
    new Refused({ rejection: { _tag: "InvalidCommand", pointer: "/lines/0", detail: "no" } }),
    new Refused({ rejection: { _tag: "UnknownShipment", shipmentId: "shp_1" } }),
  ];
  const tags = new Set(failures.map(({ _tag }) => _tag));
  assert.deepEqual([...tags].sort(), Object.keys(table).sort());
  for (const failure of failures) {
    const problem = problemOf(table, failure);
    assert.ok(problem !== null);
    const body = JSON.parse(problemBody(problem, "req-1"));
    const { name, status, title } = problem.type;
    assert.equal(body.type, `/problems/${name}`);
    assert.equal(body.title, title);
    assert.equal(body.status, status);
    assert.ok(body.detail.length > 0);
    assert.equal(body.instance, "/requests/req-1");
    assert.ok(!JSON.stringify(body).includes("secret"));
    if (status === 503) assert.match(problem.headers?.["retry-after"] ?? "", /^[1-9]\d*$/);
  }
});

Deno.test("should return 409 insufficient-stock with the shortages, and keep nothing", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 2, pen: 9 } });
  const answer = await server.ask("/v1/orders", { json: orderFor("1", { mug: 3, pen: 1 }) });
  assert.equal(answer.status, 409);
  assert.equal(answer.body.type, "/problems/insufficient-stock");
  assert.deepEqual(answer.body.shortages, [{ sku: "mug", requested: 3, available: 2 }]);
  const stock = await server.ask("/v1/inventory");
  assert.deepEqual([...stock.body.data].map(({ reserved }) => reserved), [0, 0]);
  assert.deepEqual((await server.ask("/v1/orders")).body.data, []);
});

Deno.test("should return 409 order-exists for other content, and the order for the same", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const first = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  const again = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, first.body);
  const other = await server.ask("/v1/orders", { json: orderFor("1", { mug: 2 }) });
  assert.equal(other.status, 409);
  assert.equal(other.body.type, "/problems/order-exists");
  assert.equal(other.body.orderId, first.body.id);
});

Deno.test("should return 409 illegal-transition naming the action and the status", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const order = (await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) })).body;
  const release = await server.ask(`/v1/orders/${order.id}/release`, { method: "POST" });
  assert.equal(release.status, 409);
  assert.equal(release.body.type, "/problems/illegal-transition");
  assert.equal(release.body.action, "release");
  assert.equal(release.body.currentStatus, "allocated");
  const id = order.fulfillmentOrders[0].id;
  const ship = await server.ask(`/v1/fulfillment-orders/${id}/ship`, { json: { carrier: "DHL" } });
  assert.equal(ship.status, 409);
  assert.equal(ship.body.action, "ship");
  assert.equal(ship.body.currentStatus, "open");
  assert.equal(ship.body.fulfillmentOrderId, id);
});

Deno.test("should return 422 with a pointer for what does not fit the order", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const order = (await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) })).body;
  const cancel = (line: unknown) =>
    server.ask(`/v1/orders/${order.id}/cancel`, { json: { reason: "wish", lines: [line] } });
  const unknown = await cancel({ lineId: "9", quantity: 1 });
  assert.equal(unknown.status, 422);
  assert.match(String(unknown.body.errors[0].pointer), /^\/lines\/0/);
  const tooMany = await cancel({ lineId: "1", quantity: 2 });
  assert.equal(tooMany.status, 422);
  assert.match(String(tooMany.body.errors[0].pointer), /^\/lines\/0/);
});

Deno.test("should return 422 with pointers for an order that only has the shape of one", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const price = (amount: string, currency = "USD") => ({ amount, currency });
  const line = { sku: "mug", quantity: 1, unitPrice: price("1.00") };
  const cases: readonly (readonly [unknown, string])[] = [
    [{ lines: [{ ...line, unitPrice: price("1.001") }] }, "/lines/0/unitPrice"],
    [{ lines: [{ ...line, unitPrice: price("1.00", "EUR") }] }, "/lines/0/unitPrice"],
    [{ lines: [{ ...line, unitPrice: price("-1.00") }] }, "/lines/0/unitPrice"],
    [{ lines: [{ ...line, fulfillment: { method: "pickup" } }] }, "/lines/0/fulfillment"],
    [{ shippingAddress: { country: "XX" } }, "/shippingAddress/country"],
    [{ billingAddress: { country: "UK" } }, "/billingAddress/country"],
  ];
  for (const [more, pointer] of cases) {
    const answer = await server.ask("/v1/orders", {
      json: { ...orderFor("1", {}), ...more as object },
    });
    assert.equal(answer.status, 422, answer.text);
    assert.ok(String(answer.body.errors[0].pointer).startsWith(pointer), answer.text);
  }
});

Deno.test("should return 409 below-zero-available and count-mismatch, and change nothing", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  await server.ask("/v1/orders", { json: orderFor("1", { mug: 3 }) });
  const before = (await server.ask("/v1/inventory")).body;
  const below = await server.ask("/v1/inventory/adjustments", {
    json: {
      locationId: "ams",
      reason: "damaged",
      changes: [{ sku: "pen", delta: 4 }, { sku: "mug", delta: -3 }],
    },
  });
  assert.equal(below.status, 409);
  assert.equal(below.body.type, "/problems/below-zero-available");
  assert.equal(below.body.errors[0].sku, "mug");
  assert.match(String(below.body.errors[0].pointer), /^\/changes\/1/);
  const mismatch = await server.ask("/v1/inventory/counts", {
    json: { locationId: "ams", counts: [{ sku: "mug", onHand: 7, expected: 6 }] },
  });
  assert.equal(mismatch.status, 409);
  assert.equal(mismatch.body.type, "/problems/count-mismatch");
  assert.equal(mismatch.body.errors[0].actual, 5);
  assert.deepEqual((await server.ask("/v1/inventory")).body, before);
});

Deno.test("should return 404 for things that are not there, whatever their id looks like", async () => {
  await using server = await startServer();
  const hold: Ask = { json: { reason: "x" } };
  const cases: readonly (readonly [string, Ask?])[] = [
    ["/v1/orders/ord_00000000000000000000a"],
    ["/v1/orders/nonsense"],
    [`/v1/orders/${"x".repeat(5_000)}`],
    ["/v1/orders/%00%ff"],
    ["/v1/orders/%2e%2e%2f%2e%2e/events"],
    ["/v1/orders/nonsense/hold", hold],
    ["/v1/fulfillment-orders/nonsense"],
    ["/v1/fulfillment-orders/ful_00000000000000000000a_1"],
    ["/v1/fulfillment-orders/nonsense/accept", { method: "POST" }],
    ["/v1/shipments/nonsense"],
    ["/v1/locations/nowhere"],
    ["/v1/items/nothing"],
    ["/v1/imports/nothing"],
    ["/v1/admin/keys/key_nobody", { method: "DELETE" }],
    ["/v1/inventory/adjustments", {
      json: { locationId: "nowhere", reason: "received", changes: [{ sku: "a", delta: 1 }] },
    }],
  ];
  for (const [path, ask] of cases) {
    const answer = await server.ask(path, ask);
    assert.equal(answer.status, 404, `${path.slice(0, 60)} ${answer.text}`);
    assert.equal(answer.body.type, "/problems/not-found");
  }
});

Deno.test("should return 503 with Retry-After while the store does not take commits", async () => {
  let broken = false;
  await using server = await startServer({
    faults: faultyStore({ faultOf: () => broken ? "throw-before" : null }),
  });
  await stockOver(server, { ams: { mug: 5 } });
  broken = true;
  const refused = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  assert.equal(refused.status, 503, refused.text);
  assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.ok(!refused.text.includes("connection reset"));
  broken = false;
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  assert.equal(placed.status, 201, placed.text);
});
