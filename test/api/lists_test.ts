/** What lists may be asked for: several values, spans of changes; and items, which have a list as well. */
import assert from "node:assert/strict";
import { clockFrom } from "../support/clock.ts";
import { type Answer, keyFor, orderFor, startServer, stockOver } from "../support/server.ts";

const names = ({ body }: Answer, member = "externalId"): readonly string[] =>
  [...body.data].map((row) => String(row[member])).toSorted();

Deno.test("should list what is of any of several values, apart by commas", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 }, ber: { pen: 9 }, cdg: { pot: 9 } });
  const place = async (externalId: string, sku: string, channel: string) => {
    const more = { channel, customer: { name: "Ada", id: `of ${channel}` } };
    const placed = await server.ask("/v1/orders", {
      json: orderFor(externalId, { [sku]: 1 }, more),
    });
    assert.equal(placed.status, 201, placed.text);
    return String(placed.body.id);
  };
  const a = await place("a", "mug", "web");
  const b = await place("b", "pen", "app");
  await place("c", "pot", "shop, east");
  await server.ask(`/v1/orders/${a}/hold`, { json: { reason: "x" } });
  await server.ask(`/v1/orders/${b}/cancel`, { json: { reason: "x" } });
  const asked = async (query: Readonly<Record<string, string>>, path = "/v1/orders") =>
    names(await server.ask(`${path}?${new URLSearchParams(query)}`));
  assert.deepEqual(await asked({ status: "held,cancelled" }), ["a", "b"]);
  assert.deepEqual(await asked({ status: "held,allocated" }), ["a", "c"]);
  assert.deepEqual(await asked({ channel: "web,app" }), ["a", "b"]);
  assert.deepEqual(await asked({ channel: "web,nowhere", status: "held" }), ["a"]);
  assert.deepEqual(
    await asked({ channel: "shop, east" }),
    ["c"],
    "an id may have commas of its own",
  );
  assert.deepEqual(await asked({ locationId: "ber,cdg" }), ["b", "c"]);
  assert.deepEqual(await asked({ customerId: "of web,of app" }), ["a", "b"]);
  const path = "/v1/fulfillment-orders";
  assert.deepEqual(await asked({ status: "open,cancelled" }, path), ["a", "b", "c"]);
  assert.deepEqual(await asked({ status: "open", locationId: "ams,cdg" }, path), ["a", "c"]);
  // As they stand in an address, too.
  assert.deepEqual(names(await server.ask("/v1/orders?status=held,cancelled")), ["a", "b"]);

  const stock = async (query: string) => {
    const { body } = await server.ask(`/v1/inventory?${query}`);
    return [...body.data].map((row) => `${row.locationId} ${row.sku}`);
  };
  assert.deepEqual(await stock("sku=mug,pot"), ["ams mug", "cdg pot"]);
  assert.deepEqual(await stock("locationId=ams,ber"), ["ams mug", "ber pen"]);
  assert.deepEqual(await stock("locationId=ams,ber&sku=pen,pot"), ["ber pen"]);

  for (const query of ["status=held,nonsense", "status=", "status=,", "channel=", "channel=a,,b"]) {
    const refused = await server.ask(`/v1/orders?${query}`);
    assert.equal(refused.status, 422, query);
    assert.match(String(refused.body.errors[0]?.parameter), /^(status|channel)/);
  }
  const many = Array.from({ length: 51 }, (_, n) => `c${n}`).join(",");
  assert.equal((await server.ask(`/v1/orders?channel=${many}`)).status, 422);
  assert.equal((await server.ask("/v1/orders?status=held&status=open")).status, 422);
});

Deno.test("a key of one channel or location names several only where all are its own", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 }, ber: { mug: 9 } });
  const key = await keyFor(server, "operations", { channel: "web", locationId: "ams" });
  for (
    const list of [
      "orders?channel=web,app",
      "orders?locationId=ams,ber",
      "inventory?locationId=ber,ams",
    ]
  ) {
    assert.equal((await server.ask(`/v1/${list}`, { key })).status, 403, list);
  }
  for (
    const list of ["orders?channel=web,web", "orders?locationId=ams", "inventory?locationId=ams"]
  ) {
    assert.equal((await server.ask(`/v1/${list}`, { key })).status, 200, list);
  }
});

Deno.test("should list what was changed within a span, by its last change, in pages", async () => {
  const startMs = Date.now() - 100 * 3_600_000;
  const clock = clockFrom(startMs);
  await using server = await startServer({ clock });
  await stockOver(server, { ams: { mug: 99 } });
  const hour = (n: number) => new Date(startMs + n * 3_600_000).toISOString();
  const at = async (n: number, path: string, json: unknown) => {
    clock.moveTo(startMs + n * 3_600_000);
    const answer = await server.ask(path, { json });
    assert.ok(answer.status < 300, answer.text);
    return answer.body;
  };
  const ids: unknown[] = [];
  for (let n = 0; n < 8; n++) {
    ids.push((await at(n, "/v1/orders", orderFor(`o${n}`, { mug: 1 }))).id);
  }
  await at(20, `/v1/orders/${ids[3]}/hold`, { reason: "x" });
  await at(30, `/v1/orders/${ids[1]}/hold`, { reason: "x" });
  await at(40, `/v1/orders/${ids[3]}/release`, {});
  clock.moveTo(startMs + 41 * 3_600_000);
  const walk = async (query: Readonly<Record<string, string>>, path = "/v1/orders") => {
    const found: string[] = [];
    let next: string | null = `${path}?${new URLSearchParams(query)}`;
    while (next !== null) {
      const page: Answer = await server.ask(next);
      assert.equal(page.status, 200, page.text);
      found.push(...[...page.body.data].map(({ externalId }) => String(externalId)));
      next = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
    }
    return found;
  };
  for (const limit of ["1", "2", "50"]) {
    assert.deepEqual(await walk({ updatedAfter: hour(10), limit }), ["o3", "o1"]);
    assert.deepEqual(await walk({ updatedAfter: hour(4.5), updatedBefore: hour(35), limit }), [
      ...["o1", "o7", "o6", "o5"],
    ]);
    assert.deepEqual(await walk({ updatedBefore: hour(4.5), limit }), ["o4", "o2", "o0"]);
  }
  assert.deepEqual(await walk({ updatedAfter: hour(10), status: "held" }), ["o1"]);
  assert.deepEqual(await walk({ updatedAfter: hour(10), externalId: "o3" }), ["o3"]);
  assert.deepEqual(await walk({ updatedAfter: hour(41) }), []);
  const path = "/v1/fulfillment-orders";
  const before = await walk({ updatedAfter: hour(5.5) }, path);
  assert.ok(
    before.includes("o6") && before.includes("o7") && !before.includes("o4"),
    before.join(),
  );
  const scoped = await keyFor(server, "viewer", { channel: "app" });
  const hidden = await server.ask(`/v1/orders?updatedAfter=${hour(0)}`, { key: scoped });
  assert.deepEqual([...hidden.body.data], []);
  assert.equal((await server.ask("/v1/orders?updatedAfter=yesterday")).status, 422);
  const cursor = await server.ask(`/v1/orders?updatedAfter=${hour(0)}&cursor=bm9uc2Vuc2U`);
  assert.equal(cursor.status, 422);
});

Deno.test("should list locations and items that were saved within a span", async () => {
  const startMs = Date.now() - 100 * 3_600_000;
  const clock = clockFrom(startMs);
  await using server = await startServer({ clock });
  const hour = (n: number) => new Date(startMs + n * 3_600_000).toISOString();
  const put = async (n: number, path: string, json: unknown) => {
    clock.moveTo(startMs + n * 3_600_000);
    assert.ok((await server.ask(path, { method: "PUT", json })).status < 300);
  };
  for (const n of [1, 2, 3, 4]) await put(n, `/v1/items/sku-${n}`, { name: `Item ${n}` });
  await put(9, "/v1/items/sku-2", { name: "Another name" });
  const saved = async (query: string) => {
    const skus: string[] = [];
    let next: string | null = `/v1/items?limit=1&${query}`;
    while (next !== null) {
      const page: Answer = await server.ask(next);
      assert.equal(page.status, 200, page.text);
      skus.push(...[...page.body.data].map(({ sku }) => String(sku)));
      next = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
    }
    return skus;
  };
  assert.deepEqual(await saved(""), ["sku-1", "sku-2", "sku-3", "sku-4"]);
  assert.deepEqual(await saved(`updatedAfter=${hour(2.5)}`), ["sku-2", "sku-3", "sku-4"]);
  assert.deepEqual(await saved(`updatedBefore=${hour(3.5)}`), ["sku-1", "sku-3"]);
  assert.deepEqual(await saved(`updatedAfter=${hour(8)}`), ["sku-2"]);
});
