/** Lists of things that are large: pages end by their size, and nothing is missing or comes twice. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { LargeAnswers } from "../../api/http/large.ts";
import { pageLimits } from "../../api/http/limits.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

/** Of as many lines as an order may have. */
const largeOrder = (externalId: string) => {
  const { lines: [line], ...order } = orderFor(externalId, { song: 1 });
  const method = { fulfillment: { method: "digital" } };
  const lines = Array.from({ length: orderLimits.lines }, () => ({ ...line, ...method }));
  return { ...order, lines };
};

/** Every page of a list: its length in characters, and the ids of its rows. */
const pagesOf = async (server: TestServer, path: string, query: string) => {
  const pages: { readonly characters: number; readonly ids: readonly string[] }[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body, text, status } = await server.ask(`${path}?${query}${next}`);
    assert.equal(status, 200, text);
    pages.push({ characters: text.length, ids: [...body.data].map(({ id }) => String(id)) });
    cursor = body.nextCursor === null ? null : String(body.nextCursor);
  }
  return pages;
};

Deno.test("a page ends by its size, and the next one goes on behind it", async () => {
  await using server = await startServer();
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) {
    const placed = await server.ask("/v1/orders", { json: largeOrder(`${n}`) });
    assert.equal(placed.status, 201, placed.text);
    ids.unshift(String(placed.body.id));
  }
  const [id = ""] = ids;
  const lists: readonly (readonly [path: string, query: string, rows: number])[] = [
    ["/v1/orders", "limit=200", 4],
    ["/v1/orders", "channel=web&limit=3", 4],
    ["/v1/fulfillment-orders", "limit=200", 4],
    ["/v1/fulfillment-orders", "status=delivered&limit=200", 4],
    [`/v1/orders/${id}/events`, "limit=200", 0],
  ];
  for (const [path, query, rows] of lists) {
    const pages = await pagesOf(server, path, query);
    const found = pages.flatMap((page) => page.ids);
    if (rows > 0) {
      assert.equal(found.length, rows);
      assert.equal(new Set(found).size, rows);
    }
    if (path === "/v1/orders") {
      assert.ok(pages.length > 1, `${path}?${query} comes in one page`);
      assert.deepEqual(found, ids);
    }
    for (const { characters, ids: { length } } of pages) {
      const isLarge = characters > 2 * pageLimits.pageCharacters;
      assert.ok(!isLarge || length === 1, `${path} has ${characters} characters in ${length} rows`);
    }
  }
});

Deno.test("a list of events goes on where its page ended, wherever that is", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  assert.equal(placed.status, 201);
  const path = `/v1/orders/${placed.body.id}/events`;
  for (let n = 0; n < 30; n++) {
    const action = n % 2 === 0 ? "hold" : "release";
    const json = { reason: `${n}` };
    await server.ask(`/v1/orders/${placed.body.id}/${action}`, { json });
  }
  const whole = [...(await server.ask(`${path}?limit=200`)).body.data];
  assert.ok(whole.length > 30, `${whole.length} events`);
  for (const limit of [1, 2, 3, 7, 20, whole.length - 1, whole.length]) {
    const pieces: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await server.ask(`${path}?limit=${limit}${next}`);
      pieces.push(...body.data);
      cursor = body.nextCursor === null ? null : String(body.nextCursor);
    }
    assert.deepEqual(pieces, whole, `limit ${limit}`);
  }
});

const read = async (body: ReadableStream<Uint8Array> | null): Promise<string> =>
  await new Response(body).text();

Deno.test("a large answer comes in pieces that are together what it is", () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }),
      fc.integer({ min: 2, max: 9 }),
      async (text, pieceCharacters) => {
        const whole = text.toWellFormed();
        assert.equal(await read(new LargeAnswers({ pieceCharacters }).write(whole, "key")), whole);
      },
    ),
  ));

Deno.test("large answers that nobody reads keep no room from others, and break off in time", async () => {
  const answers = new LargeAnswers({ characters: 1_000, pieceCharacters: 100, takenMs: 20 });
  const text = "x".repeat(300);
  const unread = [answers.write(text, "one"), answers.write(text, "one")];
  assert.equal(answers.write(text, "one"), null, "the share of the key");
  assert.equal(await read(answers.write(text, "other")), text);
  // The first piece of each is asked for only after the time in which all of it had to be taken.
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const body of unread) await assert.rejects(read(body), { name: "NotTaken" });
  assert.equal(await read(answers.write(text, "one")), text);
});
