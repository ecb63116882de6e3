/** Kits over HTTP: recipes that are refused, and orders of kits. */
import assert from "node:assert/strict";
import {
  type Answer,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

type Recipe = Readonly<Record<string, number>>;

const save = (server: TestServer, sku: string, recipe?: Recipe, more: object = {}) =>
  server.ask(`/v1/items/${sku}`, {
    method: "PUT",
    json: {
      name: sku,
      ...(recipe === undefined ? {} : {
        kit: {
          components: Object.entries(recipe).map(([sku, quantity]) => ({ sku, quantity })),
          ship: "together",
        },
      }),
      ...more,
    },
  });

const partsOf = async (server: TestServer, sku: string): Promise<unknown> => {
  const { body } = await server.ask(`/v1/items/${sku}`);
  return body.kit?.parts;
};

const pointers = ({ body }: Answer) => [...body.errors ?? []].map(({ pointer }) => pointer);

Deno.test("should take a kit apart, and anew in the kits that it is in", async () => {
  await using server = await startServer();
  await save(server, "set", { mug: 1, cup: 2 });
  const outer = await save(server, "box", { set: 2, ribbon: 1 });
  assert.equal(outer.status, 201, outer.text);
  assert.deepEqual(outer.body.kit.parts, [
    { sku: "mug", quantity: 2 },
    { sku: "cup", quantity: 4 },
    { sku: "ribbon", quantity: 1 },
  ]);
  assert.equal(outer.body.kit.depth, 2);

  const changed = await save(server, "set", { pot: 3 });
  assert.equal(changed.status, 200);
  assert.deepEqual(await partsOf(server, "box"), [
    { sku: "pot", quantity: 6 },
    { sku: "ribbon", quantity: 1 },
  ]);
  // Goods that become a kit, and a kit that becomes goods.
  await save(server, "ribbon", { silk: 2 });
  await save(server, "set");
  assert.deepEqual(await partsOf(server, "box"), [
    { sku: "set", quantity: 2 },
    { sku: "silk", quantity: 2 },
  ]);
  // Another name of a kit is no other recipe, and the same request no other version.
  const before = await server.ask("/v1/items/box");
  await save(server, "ribbon", { silk: 2 }, { name: "Ribbon" });
  assert.deepEqual((await server.ask("/v1/items/box")).body, before.body);
  const same = await save(server, "ribbon", { silk: 2 }, { name: "Ribbon" });
  assert.equal(same.headers.get("etag"), '"2"');
});

Deno.test("should refuse a recipe that leads back to itself, whichever item closes the circle", async () => {
  await using server = await startServer();
  const own = await save(server, "a", { mug: 1, a: 1 });
  assert.equal(own.status, 422);
  assert.deepEqual(pointers(own), ["/kit/components/1/sku"]);
  assert.equal((await save(server, "a", { b: 1 })).status, 201);
  assert.equal((await save(server, "b", { c: 1 })).status, 201);
  const circle = await save(server, "c", { mug: 1, a: 1 });
  assert.equal(circle.status, 422, circle.text);
  assert.deepEqual(pointers(circle), ["/kit/components/1/sku"]);
  assert.deepEqual(await partsOf(server, "a"), [{ sku: "c", quantity: 1 }]);
});

Deno.test("should refuse kits more than five deep, from below as well as from above", async () => {
  await using server = await startServer();
  for (let n = 1; n <= 5; n++) {
    assert.equal((await save(server, `k${n}`, { [`k${n - 1}`]: 1 })).status, 201);
  }
  const above = await save(server, "k6", { k5: 1 });
  assert.equal(above.status, 422);
  assert.deepEqual(pointers(above), ["/kit/components"]);
  const below = await save(server, "k0", { mug: 1 });
  assert.equal(below.status, 422, below.text);
  assert.deepEqual(pointers(below), ["/kit"]);
  assert.deepEqual(await partsOf(server, "k5"), [{ sku: "k0", quantity: 1 }]);
});

Deno.test("should keep digital goods out of kits", async () => {
  await using server = await startServer();
  await save(server, "song", undefined, { digital: true });
  assert.deepEqual(pointers(await save(server, "set", { mug: 1, song: 1 })), [
    "/kit/components/1/sku",
  ]);
  assert.deepEqual(pointers(await save(server, "set", { mug: 1 }, { digital: true })), [
    "/digital",
  ]);
  await save(server, "set", { mug: 1 });
  const part = await save(server, "mug", undefined, { digital: true });
  assert.equal(part.status, 422);
  assert.deepEqual(pointers(part), ["/digital"]);
});

Deno.test("should refuse recipes without components, with one twice, or too large", async () => {
  await using server = await startServer();
  assert.equal((await save(server, "set", {})).status, 422);
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`g${n}`, 1]));
  assert.equal((await save(server, "set", many)).status, 422);
  const twice = await server.ask("/v1/items/set", {
    method: "PUT",
    json: {
      name: "Set",
      kit: { components: [{ sku: "mug", quantity: 1 }, { sku: "mug", quantity: 2 }] },
    },
  });
  assert.deepEqual(pointers(twice), ["/kit/components/1/sku"]);
});

Deno.test("should promise and ship the goods of a kit, as it was when it was ordered", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 3, cup: 9, jar: 9 } });
  await save(server, "set", { mug: 1, cup: 2 });
  let n = 0;
  const order = (quantity: number) =>
    server.ask("/v1/orders", {
      method: "POST",
      json: orderFor(`k${quantity}${n++}`, { set: quantity }),
    });
  const placed = await order(2);
  assert.equal(placed.status, 201, placed.text);
  const components = [{ sku: "mug", quantity: 1 }, { sku: "cup", quantity: 2 }];
  assert.deepEqual(placed.body.lines[0].components, components);
  const [part] = placed.body.fulfillmentOrders;
  assert.deepEqual(part?.lines[0].components, components);
  assert.equal((await order(2)).body.type, "/problems/insufficient-stock");

  const level = async (sku: string) => {
    const { body } = await server.ask(`/v1/inventory?sku=${sku}`);
    const { onHand, reserved } = body.data[0];
    return [onHand, reserved];
  };
  assert.deepEqual([await level("mug"), await level("cup")], [[3, 2], [9, 4]]);
  await save(server, "set", { jar: 5 });
  for (const action of ["accept", "pick", "pack"]) {
    await server.ask(`/v1/fulfillment-orders/${part?.id}/${action}`, { method: "POST", json: {} });
  }
  const shipped = await server.ask(`/v1/fulfillment-orders/${part?.id}/ship`, {
    ...{ method: "POST", json: { carrier: "DHL" } },
  });
  assert.equal(shipped.status, 200, shipped.text);
  assert.deepEqual([await level("mug"), await level("cup"), await level("jar")], [
    [1, 0],
    [5, 0],
    [9, 0],
  ]);
});
