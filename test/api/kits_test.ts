/** Kits over HTTP: recipes that are refused, and orders of kits. */
import assert from "node:assert/strict";
import { askPage, signInTo } from "../support/dashboard.ts";
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

Deno.test("should keep goods that are tracked by lots out of kits", async () => {
  await using server = await startServer();
  await save(server, "milk", undefined, { tracking: "lot" });
  assert.deepEqual(pointers(await save(server, "set", { mug: 1, milk: 1 })), [
    "/kit/components/1/sku",
  ]);
  assert.deepEqual(pointers(await save(server, "set", { mug: 1 }, { tracking: "lot" })), [
    "/tracking",
  ]);
  await save(server, "set", { mug: 1 });
  await save(server, "box", { set: 1 });
  for (const sku of ["mug", "set", "box"]) {
    const kit = sku === "set" ? { mug: 1 } : sku === "box" ? { set: 1 } : undefined;
    const part = await save(server, sku, kit, { tracking: "serial" });
    assert.equal(part.status, 422);
    assert.deepEqual(pointers(part), ["/tracking"]);
  }
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

Deno.test("should say in the dashboard what a kit is made of, how many there are, and what to pick", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 3, cup: 9 }, ber: { mug: 1, cup: 1 } });
  const session = await signInTo(server);
  const { cookie, csrf } = session;
  const form = { csrf, name: "Set", components: "1 mug\n2 cup", ship: "together" };
  const made = await askPage(server, "/items", { cookie, form: { ...form, sku: "set" } });
  assert.equal(made.status, 303, await made.text());
  assert.deepEqual(await partsOf(server, "set"), [
    { sku: "mug", quantity: 1 },
    { sku: "cup", quantity: 2 },
  ]);
  const page = async (path: string) => await (await askPage(server, path, { cookie })).text();
  const item = await page("/items/set");
  assert.match(item, /data-kit-available[^>]*>3</);
  assert.match(item, /1 mug\n2 cup/);
  const placed = await server.ask("/v1/orders", {
    ...{ method: "POST", json: orderFor("k1", { set: 2 }) },
  });
  assert.match(await page(`/orders/${placed.body.id}`), /each: 1 × mug, 2 × cup/);
  const id = placed.body.fulfillmentOrders[0]?.id;
  await server.ask(`/v1/fulfillment-orders/${id}/accept`, { method: "POST", json: {} });
  assert.match(await page(`/fulfillment-orders/${id}`), /each: 1 × mug, 2 × cup/);
  const list = await page(`/fulfillment-orders/${id}/pick-list`);
  assert.match(list, /<td>mug<\/td>.*?<td class="number">2</s);
  assert.match(list, /<td>cup<\/td>.*?<td class="number">4</s);
});

Deno.test("should send the parts of a kit from where they are, and say that it would be broken", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { pot: 2 }, ber: { jar: 4 } });
  const pair = {
    components: [{ sku: "pot", quantity: 1 }, { sku: "jar", quantity: 2 }],
    ship: "separately",
  };
  await server.ask("/v1/items/pair", { method: "PUT", json: { name: "Pair", kit: pair } });
  const placed = await server.ask("/v1/orders", {
    ...{ method: "POST", json: orderFor("k1", { pair: 2 }) },
  });
  assert.equal(placed.status, 201, placed.text);
  const [pots, jars] = placed.body.fulfillmentOrders;
  assert.deepEqual(
    [pots, jars].map((each) => each && [...each.lines].map(({ sku, quantity }) => [sku, quantity])),
    [[["pot", 2]], [["jar", 4]]],
  );
  const act = (id: unknown, action: string, json: object = {}) =>
    server.ask(`/v1/fulfillment-orders/${id}/${action}`, { method: "POST", json });
  for (const action of ["accept", "pick", "pack"]) await act(pots?.id, action);
  await act(pots?.id, "ship", { carrier: "DHL", lines: [{ lineId: "1.1", quantity: 1 }] });
  const orderPath = `/v1/orders/${placed.body.id}`;
  const half = await server.ask(orderPath);
  assert.deepEqual([half.body.lines[0].shipped, half.body.lines[0].allocated], [0, 2]);
  const broken = await server.ask(`${orderPath}/cancel`, {
    method: "POST",
    json: { reason: "no", lines: [{ lineId: "1", quantity: 2 }] },
  });
  assert.equal(broken.status, 409, broken.text);
  assert.equal(broken.body.type, "/problems/kit-incomplete");
  assert.equal(broken.body.lineId, "1");
  const one = await server.ask(`${orderPath}/cancel`, {
    method: "POST",
    json: { reason: "no", lines: [{ lineId: "1", quantity: 1 }] },
  });
  assert.equal(one.status, 200, one.text);
  for (const action of ["accept", "pick", "pack"]) await act(jars?.id, action);
  const odd = await act(jars?.id, "ship", {
    ...{ carrier: "DHL", lines: [{ lineId: "1.2", quantity: 1 }] },
  });
  assert.equal(odd.body.type, "/problems/kit-incomplete");
  assert.equal((await act(jars?.id, "ship", { carrier: "DHL" })).status, 200);
  const done = await server.ask(orderPath);
  assert.deepEqual([done.body.lines[0].shipped, done.body.status], [1, "shipped"]);
});
