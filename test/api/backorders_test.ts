import assert from "node:assert/strict";
import fc from "fast-check";
import { eventually } from "../process/process.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const early = "2099-12-24T10:00:00.000Z";
const late = "2099-12-31T10:00:00.000Z";

interface Wish {
  readonly priority?: number | undefined;
  readonly neededAt?: string | undefined;
}

const waits = async (
  server: TestServer,
  externalId: string,
  { priority, neededAt }: Wish = {},
  more: object = {},
): Promise<string> => {
  const { lines, ...order } = orderFor(externalId, { tea: 2 });
  const json = {
    ...order,
    onShortage: "backorder",
    ...(priority === undefined ? {} : { priority }),
    lines: lines.map((line) => ({ ...line, ...(neededAt === undefined ? {} : { neededAt }) })),
    ...more,
  };
  const { status, body, text } = await server.ask("/v1/orders", { json });
  assert.equal(status, 201, text);
  return String(body["id"]);
};

const listed = async (server: TestServer, more = "", key?: string) => {
  const { status, body, text } = await server.ask(
    `/v1/backorders?sku=tea${more}`,
    key === undefined ? {} : { key },
  );
  assert.equal(status, 200, text);
  return body;
};

const ids = (body: { readonly data: Iterable<{ readonly externalId: unknown }> }) =>
  [...body.data].map(({ externalId }) => externalId);

Deno.test("who waits is told in the turn of being served, and why", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  await waits(server, "first");
  await waits(server, "second");
  await waits(server, "dated", { neededAt: early });
  await waits(server, "urgent", { priority: 5 }, { shipComplete: true });
  await waits(server, "both", { priority: 5, neededAt: late });
  const body = await listed(server);
  assert.deepEqual(
    [...body.data].map(({ externalId, position, why }) => [externalId, position, why]),
    [
      ["both", 1, "priority 5, needed by 2099-12-31"],
      ["urgent", 2, "priority 5 before all with less"],
      ["dated", 3, "needed by 2099-12-24: before all that name no date"],
      ["first", 4, "in the order in which they came"],
      ["second", 5, "in the order in which they came"],
    ],
  );
  assert.equal(body.data[1]?.shipComplete, true);
  assert.equal(body.data[2]?.neededAt, early);
  assert.equal(body.nextCursor, null);
  // And so they are served.
  await stockOver(server, { ams: { tea: 5 } });
  const after = await eventually("three that wait", async () => {
    const page = await listed(server);
    return [...page.data].length === 3 ? page : null;
  });
  assert.deepEqual(
    [...after.data].map(({ externalId, quantity, why }) => [externalId, quantity, why]),
    [
      ["dated", 1, "needed by 2099-12-24: before all that name no date"],
      ["first", 2, "in the order in which they came"],
      ["second", 2, "in the order in which they came"],
    ],
  );
});

Deno.test("a row tells what is promised, and which holds keep stock from it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const ordered = await server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-1", locationId: "ams", expectedAt: early },
      lines: [{ sku: "tea", quantity: 3 }],
    },
  });
  await waits(server, "one");
  const two = await waits(server, "two");
  await server.ask(`/v1/orders/${two}/hold`, { json: { reason: "who is it?", code: "fraud" } });
  const { data } = await listed(server);
  assert.deepEqual(
    [...data].map(({ quantity, promised, unpromised, held, status }) => ({
      ...{ quantity, promised, unpromised, held, status },
    })),
    [
      { quantity: 2, promised: 2, unpromised: 0, held: [], status: "backordered" },
      { quantity: 2, promised: 1, unpromised: 1, held: ["fraud"], status: "held" },
    ],
  );
  assert.deepEqual([...data[0]?.promises ?? []], [{
    ...{ supplyId: ordered.body.lines[0]?.id, locationId: "ams" },
    ...{ quantity: 2, expectedAt: early },
  }]);
});

Deno.test("pages follow each other without a gap, whoever is served meanwhile", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const wish = fc.record({
    priority: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    neededAt: fc.option(fc.constantFrom(early, late), { nil: undefined }),
  });
  const [wishes = []] = fc.sample(fc.array(wish, { minLength: 12, maxLength: 12 }), 1);
  const placed: { readonly id: string; readonly name: string }[] = [];
  for (const [n, each] of wishes.entries()) {
    placed.push({ id: await waits(server, `o-${n}`, each), name: `o-${n}` });
  }
  const whole = ids(await listed(server) as never);
  const nine = (index: number) => {
    const { priority = 0, neededAt = "9" } = wishes[index] ?? {};
    return `${9 - priority} ${neededAt} ${String(index).padStart(2, "0")}`;
  };
  const wanted = [...wishes.keys()].sort((a, b) => nine(a) < nine(b) ? -1 : 1);
  assert.deepEqual(whole, wanted.map((n) => `o-${n}`));
  const seen: unknown[] = [];
  let cursor = "";
  do {
    const page = await listed(server, `&limit=5${cursor}`);
    assert.deepEqual([...page.data].map(({ position }) => position)[0], seen.length + 1);
    seen.push(...ids(page as never));
    cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
  } while (cursor !== "");
  assert.deepEqual(seen, whole);
  // The first two are gone when the second page is asked for.
  const first = await listed(server, "&limit=5");
  for (const name of whole.slice(0, 2)) {
    const id = placed.find((each) => each.name === name)?.id;
    await server.ask(`/v1/orders/${id}/cancel`, { json: { reason: "wish" } });
  }
  const second = await listed(server, `&limit=5&cursor=${first.nextCursor}`);
  assert.deepEqual(ids(second as never), whole.slice(5, 10));
});

Deno.test("an order of a kit waits for the kit's goods", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { cup: 9 } });
  const kit = await server.ask("/v1/items/set", {
    method: "PUT",
    json: {
      name: "Set",
      backorder: "allowed",
      kit: { components: [{ sku: "tea", quantity: 3 }, { sku: "cup", quantity: 1 }] },
    },
  });
  assert.equal(kit.status, 201, kit.text);
  const json = { ...orderFor("kit", { set: 2 }), onShortage: "backorder" };
  assert.equal((await server.ask("/v1/orders", { json })).status, 201);
  const { data } = await listed(server);
  assert.deepEqual([...data].map(({ quantity, promised }) => [quantity, promised]), [[6, 0]]);
});

Deno.test("a key of a channel sees its own; without a SKU, or with another list's cursor, it is refused", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  await waits(server, "web");
  await waits(server, "app", {}, { channel: "app" });
  const key = await keyFor(server, "channel", { channel: "app" });
  const own = await listed(server, "", key);
  assert.deepEqual([...own.data].map(({ channel, position }) => [channel, position]), [["app", 2]]);
  const elsewhere = await keyFor(server, "warehouse", { locationId: "ams" });
  assert.deepEqual([...(await listed(server, "", elsewhere)).data], []);
  assert.equal((await server.ask("/v1/backorders")).status, 422);
  const orders = await server.ask("/v1/orders?limit=1");
  for (const cursor of [orders.body.nextCursor, btoa('["1","","x","","","1"]')]) {
    const { status } = await server.ask(`/v1/backorders?sku=tea&cursor=${cursor}`);
    assert.equal(status, 422);
  }
});
