/** Carts over HTTP: kept, changed, extended, released and ordered. */
import assert from "node:assert/strict";
import { askPage, signInTo } from "../support/dashboard.ts";
import { clockFrom } from "../support/clock.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const cart = (externalId: string, quantity: number, more: object = {}) => ({
  ...{ channel: "web", externalId, expiresInSeconds: 900 },
  lines: [{ sku: "mug", quantity }],
  ...more,
});

const reserve = (server: TestServer, json: object, key?: string) =>
  server.ask("/v1/reservations", { json, ...(key === undefined ? {} : { key }) });

const begin = async () => {
  const server = await startServer({ clock: clockFrom(Date.UTC(2030, 0, 1)) });
  await stockOver(server, { ams: { mug: 5 } });
  return server;
};

Deno.test("a cart is kept, changed and ordered", async () => {
  await using server = await begin();
  const made = await reserve(server, cart("c", 4));
  assert.equal(made.status, 201);
  const { id } = made.body;
  assert.match(String(id), /^res_/);
  assert.equal(made.headers.get("location"), `/v1/reservations/${id}`);
  assert.deepEqual(made.body.allocations, [{ sku: "mug", locationId: "ams", quantity: 4 }]);
  assert.match(String(made.body.expiresAt), /^2030-01-01T00:15:0/);

  const refused = await reserve(server, cart("other", 2));
  assert.equal(refused.status, 409);
  assert.equal(refused.body.type, "/problems/insufficient-stock");
  assert.deepEqual(refused.body.shortages, [{ sku: "mug", requested: 2, available: 1 }]);

  const changed = await reserve(server, cart("c", 5));
  assert.deepEqual([changed.status, changed.body.id, changed.body.version], [200, id, 2]);
  const { body: stock } = await server.ask("/v1/inventory?sku=mug");
  assert.deepEqual([stock.data[0]?.claimed, stock.data[0]?.available], [5, 0]);

  const json = orderFor("1", { mug: 5 }, { reservationId: id });
  const placed = await server.ask("/v1/orders", { json });
  assert.equal(placed.status, 201, placed.text);
  assert.deepEqual(placed.body.reservation, { id, used: true });
  assert.equal(placed.body.status, "allocated");
  const again = await server.ask("/v1/orders", { json });
  assert.deepEqual([again.status, again.body.id], [200, placed.body.id]);

  const after = await server.ask(`/v1/reservations/${id}`);
  assert.deepEqual([after.body.status, after.body.orderId], ["converted", placed.body.id]);
  const ended = await server.ask(`/v1/reservations/${id}/extend`, {
    json: { expiresInSeconds: 60 },
  });
  assert.equal(ended.status, 409);
  assert.equal(ended.body.type, "/problems/illegal-transition");
  assert.equal(ended.body.currentStatus, "converted");
  const { body: events } = await server.ask(`/v1/reservations/${id}/events`);
  assert.deepEqual([...events.data].map(({ type }) => type), [
    "reservation.made",
    "reservation.replaced",
    "reservation.converted",
  ]);
});

Deno.test("a cart that is released lets its units go, once", async () => {
  await using server = await begin();
  const { body: { id } } = await reserve(server, cart("c", 5));
  const extended = await server.ask(`/v1/reservations/${id}/extend`, {
    json: { expiresInSeconds: 14_400 },
  });
  assert.match(String(extended.body.expiresAt), /^2030-01-01T04:00:0/);
  for (const _ of ["once", "again"]) {
    const released = await server.ask(`/v1/reservations/${id}/release`, { method: "POST" });
    assert.deepEqual([released.status, released.body.status], [200, "released"]);
  }
  const { body: active } = await server.ask("/v1/reservations?status=active&channel=web");
  assert.deepEqual([...active.data], []);
  const { body: over } = await server.ask("/v1/reservations?status=released");
  assert.deepEqual([...over.data].map((each) => each.id), [id]);
  assert.equal((await server.ask("/v1/orders", { json: orderFor("1", { mug: 5 }) })).status, 201);
});

Deno.test("what is wrong with a cart is said by its place", async () => {
  await using server = await begin();
  const faultsOf = async (more: object) => {
    const { status, body } = await reserve(server, cart("c", 1, more));
    assert.equal(status, 422);
    return [...body.errors].map(({ pointer }) => pointer);
  };
  assert.deepEqual(await faultsOf({ expiresInSeconds: 0 }), ["/expiresInSeconds"]);
  assert.deepEqual(await faultsOf({ expiresInSeconds: 14_401 }), ["/expiresInSeconds"]);
  const mug = { sku: "mug", quantity: 1 };
  assert.deepEqual(
    await faultsOf({
      lines: [mug, { ...mug, method: "pickup" }, { ...mug, locationId: "nowhere" }],
    }),
    ["/lines/1/locationId", "/lines/2/locationId"],
  );
  assert.deepEqual(await faultsOf({ lines: [] }), ["/lines"]);
  assert.deepEqual(await faultsOf({ lines: Array.from({ length: 101 }, () => mug) }), ["/lines"]);
  const unknown = await server.ask("/v1/orders", {
    json: orderFor("1", { mug: 1 }, { reservationId: "res_0000000000000000000000" }),
  });
  assert.equal(unknown.status, 422);
  assert.equal(unknown.body.errors[0]?.pointer, "/reservationId");
});

Deno.test("a channel keeps, sees and orders its own carts alone", async () => {
  await using server = await begin();
  const web = await keyFor(server, "channel", { channel: "web" });
  const app = await keyFor(server, "channel", { channel: "app" });
  const { body: { id } } = await reserve(server, cart("c", 2), web);
  assert.equal((await reserve(server, cart("c", 2), app)).status, 403);
  const theirs = await reserve(server, cart("c", 2, { channel: "app" }), app);
  assert.equal(theirs.status, 201, "carts of two channels may have one number");
  for (const path of [`/v1/reservations/${id}`, `/v1/reservations/${id}/events`]) {
    assert.equal((await server.ask(path, { key: app })).status, 404);
  }
  const release = `/v1/reservations/${id}/release`;
  assert.equal((await server.ask(release, { method: "POST", key: app })).status, 404);
  const { body: list } = await server.ask("/v1/reservations", { key: app });
  assert.deepEqual([...list.data].map((each) => each.id), [theirs.body.id]);
  assert.equal((await server.ask("/v1/reservations?channel=web", { key: app })).status, 403);
  const order = orderFor("1", { mug: 2 }, { channel: "app", reservationId: id });
  assert.equal((await server.ask("/v1/orders", { json: order, key: app })).status, 422);
});

Deno.test("an answer that is asked for again with its key is the first one", async () => {
  await using server = await begin();
  const ask = (quantity: number) =>
    server.ask("/v1/reservations", {
      json: cart("c", quantity),
      headers: { "idempotency-key": `k${quantity}` },
    });
  const made = await ask(2);
  const changed = await ask(3);
  assert.deepEqual([made.status, changed.status], [201, 200]);
  const again = await ask(2);
  assert.deepEqual([again.status, again.text], [201, made.text]);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  const { body } = await server.ask(`/v1/reservations/${made.body.id}`);
  assert.equal(body.lines[0]?.quantity, 3);
});

Deno.test("the dashboard shows who keeps what until when, and lets it go", async () => {
  await using server = await begin();
  const { body: { id } } = await reserve(server, cart("cart of Ada", 2));
  const { cookie, csrf } = await signInTo(server);
  const page = async (path: string) => await (await askPage(server, path, { cookie })).text();
  assert.match(await page("/reservations"), new RegExp(`/reservations/${id}">cart of Ada<`));
  assert.match(await page("/inventory/ams/mug"), /<a href="\/reservations">Claimed<\/a>/);
  assert.match(await page(`/reservations/${id}`), /action="\/reservations\/res_\w+\/release"/);
  const form = { csrf, once: "once" };
  const sent = await askPage(server, `/reservations/${id}/release`, { cookie, form });
  assert.equal(sent.status, 303);
  const after = await page(`/reservations/${id}?done=release`);
  assert.match(after, /The units are free\./);
  assert.doesNotMatch(after, /\/release"/);
  assert.doesNotMatch(await page("/reservations"), /cart of Ada/);
  assert.match(await page("/reservations?status=released&channel=web"), /cart of Ada/);
  assert.match(await page("/reservations?status=all"), /cart of Ada/);
  assert.doesNotMatch(await page("/reservations?status=all&channel=app"), /cart of Ada/);
});
