/** The client's calls against the engine: an order's life, lists, events, and problems. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type AllotEvent, AllotProblem, type Schemas } from "../../api/client/mod.ts";
import { startServer, stockOver, type TestServer } from "../support/server.ts";
import { wayTo } from "./way.ts";

const eur = (amount: string) => ({ amount, currency: "EUR" });

const orderOf = (externalId: string, quantity = 1) => ({
  channel: "web",
  externalId,
  currency: "EUR",
  customer: { name: "Ada Example" },
  shippingAddress: { country: "NL" },
  lines: [{ sku: "mug", quantity, unitPrice: eur("12.50") }],
});

const stocked = async (): Promise<TestServer> => {
  const server = await startServer();
  await stockOver(server, { ams: { mug: 50 } });
  return server;
};

const gather = async <A>(all: AsyncIterable<A>): Promise<readonly A[]> => {
  const rows: A[] = [];
  for await (const row of all) rows.push(row);
  return rows;
};

Deno.test("an order is placed, picked, packed and shipped", async () => {
  await using server = await stocked();
  const { allot } = wayTo(server);
  const { data: order, response } = await allot.POST("/v1/orders", {
    body: orderOf("1", 2),
  });
  assert.equal(response.status, 201);
  assert.equal(order.status, "allocated");
  const [part] = order.fulfillmentOrders;
  assert.ok(part);
  const params = { path: { fulfillmentOrderId: part.id } };
  await allot.POST("/v1/fulfillment-orders/{fulfillmentOrderId}/accept", {
    params,
  });
  await allot.POST("/v1/fulfillment-orders/{fulfillmentOrderId}/pick", {
    params,
  });
  await allot.POST("/v1/fulfillment-orders/{fulfillmentOrderId}/pack", {
    params,
  });
  await allot.POST("/v1/fulfillment-orders/{fulfillmentOrderId}/ship", {
    params,
    body: { carrier: "DHL", trackingNumber: "JD1" },
  });
  const { data } = await allot.GET("/v1/orders/{orderId}", {
    params: { path: { orderId: order.id } },
  });
  assert.equal(data.status, "shipped");
});

Deno.test("a problem is an error with all that the engine says", async () => {
  await using server = await stocked();
  const { allot, sent } = wayTo(server);
  const none = await allot.POST("/v1/orders", { body: orderOf("1", 99) })
    .then(() => null, (error: unknown) => error);
  assert.ok(none instanceof AllotProblem && none instanceof Error);
  assert.ok(none.is("insufficient-stock") && !none.is("not-found"));
  assert.deepEqual([none.status, none.type], [
    409,
    "/problems/insufficient-stock",
  ]);
  assert.deepEqual(none.problem.shortages, [{
    sku: "mug",
    requested: 99,
    available: 50,
  }]);
  assert.equal(none.requestId, none.response.headers.get("x-request-id"));
  assert.equal(none.message, `${none.title}: ${none.detail}`);
  assert.equal(sent.length, 1);

  const wrong = await allot.POST("/v1/orders", {
    body: { ...orderOf("2"), lines: [] },
  })
    .then(() => null, (error: unknown) => error);
  assert.ok(wrong instanceof AllotProblem);
  assert.deepEqual(wrong.errors.map(({ pointer }) => pointer), ["/lines"]);

  const stranger = wayTo(server, { key: "allot_wrong" });
  await assert.rejects(
    stranger.allot.GET("/v1/orders"),
    (error) =>
      error instanceof AllotProblem && error.is("unauthorized") &&
      error.status === 401,
  );
});

Deno.test("a change stands on the version that was read, and an unchanged thing is not sent again", async () => {
  await using server = await stocked();
  const { allot } = wayTo(server);
  const { data: order } = await allot.POST("/v1/orders", {
    body: orderOf("1"),
  });
  const path = { orderId: order.id };
  const { response } = await allot.GET("/v1/orders/{orderId}", {
    params: { path },
  });
  const etag = response.headers.get("etag") ?? "";
  await assert.rejects(
    allot.GET("/v1/orders/{orderId}", {
      params: { path, header: { "If-None-Match": etag } },
    }),
    (error) => error instanceof AllotProblem && error.status === 304,
  );
  const hold = (version: string) =>
    allot.POST("/v1/orders/{orderId}/hold", {
      params: { path, header: { "If-Match": version } },
      body: { reason: "looks odd" },
    });
  await hold(etag);
  await assert.rejects(
    hold(etag),
    (error) => error instanceof AllotProblem && error.is("precondition-failed"),
  );
});

Deno.test("a list has every row once, whatever its pages, and goes on from any of them", async () => {
  await using server = await stocked();
  const { allot, sent } = wayTo(server);
  const placed: string[] = [];
  for (let n = 0; n < 7; n++) {
    placed.unshift(
      (await allot.POST("/v1/orders", { body: orderOf(String(n)) })).data.id,
    );
  }
  const idsOf = (orders: readonly Schemas["Order"][]) => orders.map(({ id }) => id);
  assert.deepEqual(idsOf(await gather(allot.list("/v1/orders"))), placed);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(6),
      async (limit, cut) => {
        const query = { limit, channel: ["web"] };
        const pages = await gather(
          allot.pages("/v1/orders", { params: { query } }),
        );
        assert.deepEqual(idsOf(pages.flatMap(({ data }) => data)), placed);
        assert.ok(pages.every(({ data }) => data.length <= limit));
        const cursor = pages[Math.min(cut, pages.length - 1)]?.nextCursor ??
          null;
        if (cursor === null) return;
        const rest = await gather(
          allot.list("/v1/orders", { params: { query: { ...query, cursor } } }),
        );
        assert.deepEqual(
          idsOf(rest),
          placed.slice(limit * (Math.min(cut, pages.length - 1) + 1)),
        );
      },
    ),
    { numRuns: 30 },
  );
  const before = sent.length;
  for await (
    const order of allot.list("/v1/orders", { params: { query: { limit: 2 } } })
  ) {
    assert.equal(order.id, placed[0]);
    break;
  }
  assert.equal(
    sent.length,
    before + 1,
    "pages that nobody reads are not asked for",
  );
  const none = allot.list("/v1/orders", {
    params: { query: { channel: ["nowhere"] } },
  });
  assert.deepEqual(await gather(none), []);
});

Deno.test("a list of several channels has what is of any of them, and of no other", async () => {
  await using server = await stocked();
  const { allot } = wayTo(server);
  for (const channel of ["web", "app", "shop"]) {
    await allot.POST("/v1/orders", { body: { ...orderOf("1"), channel } });
  }
  const query = { channel: ["web", "app"], limit: 1 };
  const orders = await gather(allot.list("/v1/orders", { params: { query } }));
  assert.deepEqual(orders.map(({ channel }) => channel), ["app", "web"]);
});

Deno.test("events come to their end once each, and go on behind any of them", async () => {
  await using server = await stocked();
  const { allot } = wayTo(server);
  for (let n = 0; n < 4; n++) {
    await allot.POST("/v1/orders", { body: orderOf(String(n)) });
  }
  const idsOf = (events: readonly AllotEvent[]) => events.map(({ id }) => id);
  const all = idsOf(await gather(allot.events({ follow: false })));
  assert.ok(all.length >= 8);
  assert.deepEqual(all, [...new Set(all)].sort());
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(all.length - 1),
      async (limit, n) => {
        const rest = allot.events({
          follow: false,
          limit,
          after: all[n] ?? "",
        });
        assert.deepEqual(idsOf(await gather(rest)), all.slice(n + 1));
      },
    ),
    { numRuns: 30 },
  );
  const placed = await gather(
    allot.events({ follow: false, limit: 1, type: "order.placed" }),
  );
  assert.deepEqual(
    placed.map(({ data }) => data.type === "order.placed" ? data.externalId : data.type),
    ["0", "1", "2", "3"],
  );
});

Deno.test("who follows is told what happens next, until there is enough", async () => {
  await using server = await stocked();
  const { allot } = wayTo(server);
  const { after } = await allot.eventPages({ follow: false }).next()
    .then(({ value }) => ({ after: value?.nextAfter ?? "" }));
  const following = allot.events({ after, type: "order.placed" });
  const first = following.next();
  const { data: order } = await allot.POST("/v1/orders", {
    body: orderOf("1"),
  });
  assert.equal((await first).value?.subject, order.id);
  await following.return();

  const given = new AbortController();
  const waiting = allot.events({
    after,
    type: "order.closed",
    signal: given.signal,
  }).next();
  given.abort(new Error("closing"));
  await assert.rejects(waiting, /closing/);
  server.application.stopStreams();
});

Deno.test("a place of another log is a problem", async () => {
  await using server = await stocked();
  const { allot } = wayTo(server);
  const after = `evt_${"f".repeat(20)}_00000`;
  await assert.rejects(
    allot.events({ after, follow: false }).next(),
    (error) => error instanceof AllotProblem && error.is("position-unknown"),
  );
});

Deno.test("the engine is asked to wait for less than the client waits for it", async () => {
  const waits: (string | null)[] = [];
  const fetch = (request: Request) => {
    waits.push(new URL(request.url).searchParams.get("wait"));
    return Promise.resolve(Response.json({ data: [], nextAfter: "evt_1" }));
  };
  for (const timeoutMs of [60_000, 10_000, 500]) {
    const { allot } = wayTo({ fetch }, { timeoutMs });
    await allot.eventPages().next();
  }
  assert.deepEqual(waits, ["30", "5", "0"]);
});

Deno.test("a file goes as it is", async () => {
  const seen: [string | null, string][] = [];
  const fetch = async (request: Request) => {
    seen.push([request.headers.get("content-type"), await request.text()]);
    return Response.json({});
  };
  const { allot } = wayTo({ fetch });
  const params = { query: { mapping: "shop" } };
  const headers = { "content-type": "text/csv" };
  const csv = "order;sku\n1;mug\n";
  await allot.POST("/v1/imports/orders", { params, headers, body: csv });
  assert.deepEqual(seen, [["text/csv", csv]]);
});
