/** Stores that earlier versions of the project made: this one opens them, and goes on where those ended. */
import assert from "node:assert/strict";
import { parseEventId } from "../../src/subject/event.ts";
import { eventually } from "../process/process.ts";
import { type Json, orderFor } from "../support/server.ts";
import { lostOf } from "./lost.ts";
import { type Opened, readChanges, withStore } from "./opened.ts";
import { type Answered, type Asked, type Recording, recordings } from "./recording.ts";

const dayMs = 86_400_000;
const statusPath = "/v1/status";
/** What of a status is not about the process or the second. */
const lastingCounts = ["orders", "fulfillmentOrders", "shipments", "units", "oldest"];

const ofAllOrdersAndStock = /^\/v1\/(orders\?limit=|inventory|status)/;

/** What of a recorded answer is to be answered today. */
const lastingOf = ({ path, status, answer }: Answered): unknown => {
  if (status >= 400) return { type: answer?.type, status };
  if (path !== statusPath || answer === undefined) return answer ?? null;
  const counts = Object.entries(answer);
  return Object.fromEntries(counts.filter(([name]) => lastingCounts.includes(name)));
};

/** What the same requests are not answered with any more. */
/** All rows of a list that was told on one page then: large ones end a page earlier by now. */
const wholeList = async (read: Asked, first: Json, ask: Opened["ask"]): Promise<unknown> => {
  const data = [...first.data ?? []];
  let next = first.nextCursor;
  while (typeof next === "string") {
    const path = `${read.path}&cursor=${encodeURIComponent(next)}`;
    const { status, text, body } = await ask({ ...read, path });
    assert.equal(status, 200, text);
    data.push(...body.data ?? []);
    next = body.nextCursor;
  }
  return { ...first, data, nextCursor: null };
};

const toldWhole = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "nextCursor" in body && body.nextCursor === null;

const lostReads = async (
  { reads, resumed }: Recording,
  { ask }: Opened,
  asked: RegExp = /./,
): Promise<readonly string[]> => {
  const lost: string[] = [];
  for (const read of reads) {
    const { path, key, etag, status } = read;
    // A request that was refused for its form may be taken by now.
    if (status === 422 || !asked.test(path)) continue;
    const { status: statusNow, headers, body } = await ask(read);
    const then = { status, etag, body: lastingOf(read) };
    const bodyNow = toldWhole(then.body) && statusNow === 200
      ? await wholeList(read, body, ask)
      : body;
    const now = { status: statusNow, etag: headers.get("etag") ?? undefined, body: bodyNow };
    lost.push(...lostOf(then, now, resumed).map((each) => `${key} ${path} ${each}`));
  }
  return lost;
};

const isPlacing = ({ method, path }: Asked): boolean => method === "POST" && path === "/v1/orders";
const isImport = ({ method, path }: Asked): boolean =>
  method === "POST" && path.startsWith("/v1/imports/orders");

const withoutIdempotencyKey = (asked: Asked): Asked => {
  const { "idempotency-key": _, ...headers } = asked.headers ?? {};
  return { ...asked, headers };
};

/** Whether the engine of then kept its answer for repeats. */
const isKept = ({ headers, repeated }: Answered): boolean =>
  headers?.["idempotency-key"] !== undefined && repeated?.replayed !== false;

const assertReplayed = async (request: Answered, { ask }: Opened): Promise<void> => {
  const { method, path, repeated, answer } = request;
  const { status, headers, body } = await ask(request);
  const what = `${method} ${path} ${request.headers?.["idempotency-key"]}`;
  assert.equal(headers.get("idempotent-replayed"), "true", what);
  assert.equal(status, repeated?.status ?? request.status, what);
  assert.deepEqual(body, repeated?.answer ?? answer ?? null, what);
};

const assertSameOrder = async (asked: Asked, id: unknown, { ask }: Opened): Promise<void> => {
  const { status, body, text } = await ask(withoutIdempotencyKey(asked));
  assert.equal(status, 200, text);
  assert.equal(body.id, id);
};

/** A job as it is when all its rows are done. */
const finished = ({ get }: Opened, id: unknown) =>
  eventually("that the import ends", async () => {
    const { body } = await get(`/v1/imports/${id}`);
    return String(body.status) === "completed" ? body : null;
  });

/**
 * The file once more makes no order, and rejects no other rows than the first time. The first, since a version
 * refused repeats of the orders that had taken the last units.
 */
const assertSameImport = async (
  { requests }: Recording,
  request: Answered,
  opened: Opened,
): Promise<void> => {
  const first = requests.find(({ path, text }) => path === request.path && text === request.text);
  const { created, duplicate, ...others } =
    (await finished(opened, first?.answer?.id)).summary.orders ?? {};
  const again = await opened.ask(withoutIdempotencyKey(request));
  assert.equal(again.status, 202);
  const { summary } = await finished(opened, again.body.id);
  assert.deepEqual(summary.orders, {
    ...others,
    created: 0,
    duplicate: Number(created) + Number(duplicate),
  });
};

/** What is done to an order: to itself, to its first fulfillment order or to its first shipment. */
interface Step {
  readonly on: "orders" | "fulfillment-orders" | "shipments";
  readonly action: string;
  readonly json?: unknown;
}

const step = (on: Step["on"]) => (action: string, json?: unknown): Step => ({ on, action, json });
const order = step("orders");
const fulfill = step("fulfillment-orders");
const ship = fulfill("ship", { carrier: "DHL" });
const arrive = step("shipments")("tracking", {
  status: "delivered",
  occurredAt: "2026-11-28T23:00:00Z",
});

/** Orders of then by their external id, what is done to them, and what becomes of them. */
const lives: readonly (readonly [string, readonly Step[], string])[] = [
  ["held", [order("release", { reason: "Checked" })], "allocated"],
  ["held-short", [order("release")], "allocated"],
  ["split", [order("cancel", { reason: "Too late" })], "cancelled"],
  ["1003", [order("hold", { reason: "To be checked" })], "held"],
  ["1001", [fulfill("accept"), fulfill("pick"), fulfill("pack"), ship, arrive], "delivered"],
  ["step-1", [fulfill("pick"), fulfill("pack"), ship], "shipped"],
  ["step-2", [fulfill("pick"), ship], "shipped"],
  ["step-4", [ship], "shipped"],
  ["partly-shipped", [ship], "shipped"],
  ["pickup-1", [fulfill("collect")], "delivered"],
  ["exception", [arrive], "delivered"],
  ["large", [fulfill("accept"), fulfill("pick")], "fulfilling"],
  ["waiting-1", [], "allocated"],
  ["waiting-2", [], "allocated"],
];

const live = async (externalId: string, steps: readonly Step[], opened: Opened) => {
  const found = await opened.order(externalId);
  const ids = {
    orders: found?.id,
    "fulfillment-orders": found?.fulfillmentOrders?.[0]?.id,
    shipments: found?.shipments?.[0]?.id ?? String(found?.id).replace("ord_", "shp_") + "_1",
  };
  for (const { on, action, json } of steps) {
    const { status, text } = await opened.post(`/v1/${on}/${ids[on]}/${action}`, json);
    assert.equal(status, 200, `${externalId} ${action}: ${text}`);
  }
  return String((await opened.order(externalId))?.status);
};

/** The list came after all of these stores: it is filled from the orders that they have. */
const exceptionsListed = async ({ get, order }: Opened): Promise<void> => {
  const shipment = (await order("exception"))?.shipments?.[0];
  assert.equal(String(shipment?.status), "exception");
  await eventually("that delivery exceptions are listed", async () => {
    const { body } = await get("/v1/delivery-exceptions");
    const ids = [...body.data ?? []].map((each) => String(each.shipment?.id));
    return ids.includes(String(shipment?.id)) ? true : null;
  });
};

const withStatus = (recording: Recording, status: string): readonly unknown[] =>
  recording.reads
    .filter(({ path }) => path.startsWith(`/v1/orders?status=${status}&`))
    .flatMap(({ answer }) => [...answer?.data ?? []].map(({ id }) => id));

Deno.test("there are stores of several layouts, one of them of processes that were killed at work", () => {
  const names = recordings.map(({ name }) => name);
  assert.ok(new Set(recordings.map(({ commit }) => commit)).size >= 3, names.join());
  assert.ok(recordings.some(({ offered, resumed }) => offered?.length && resumed.length));
});

for (const recording of recordings) {
  const { name, requests, resumed, until } = recording;

  Deno.test(`${name}: what was told then is told today, and so is the log`, () =>
    withStore(recording, async (opened) => {
      assert.deepEqual(await lostReads(recording, opened), []);
      const told = await readChanges(opened, recording);
      const lost = recording.stream.changes.flatMap(({ id, data }, i) =>
        // The process that resumes an order writes at positions of its own.
        lostOf(
          resumed.includes(String(data.orderId)) ? { data } : { place: parseEventId(id), data },
          { place: parseEventId(told[i]?.id ?? ""), data: told[i]?.data },
          resumed,
        )
      );
      assert.deepEqual(lost, []);
    }));

  Deno.test(`${name}: every event of then has the shape that events have today`, () =>
    withStore(recording, async ({ get }) => {
      let path = "/v1/events?limit=1000";
      let events = 0;
      while (true) {
        // Answers are held against the schemas of their types.
        const { status, text, body } = await get(path);
        assert.equal(status, 200, text);
        const data = [...body.data ?? []];
        if (data.length === 0) break;
        events += data.length;
        path = `/v1/events?limit=1000&after=${body.nextAfter}`;
      }
      assert.ok(events >= recording.stream.changes.length, `${events}`);
    }));

  Deno.test(`${name}: what was asked then and is asked again changes nothing`, () =>
    withStore(recording, async (opened) => {
      for (const request of requests) {
        if (isKept(request)) await assertReplayed(request, opened);
        if (isPlacing(request) && request.status < 300) {
          await assertSameOrder(request, request.answer?.id, opened);
        }
        if (isImport(request)) await assertSameImport(recording, request, opened);
      }
      assert.deepEqual(await lostReads(recording, opened, ofAllOrdersAndStock), []);
    }));

  Deno.test(`${name}: new orders are placed, and those of then go on`, () =>
    withStore(recording, async (opened) => {
      const { ask, get, post, clock, server } = opened;
      const json = orderFor("today", { mug: 1, novel: 1 }, { onShortage: "backorder" });
      const placed = await ask({ method: "POST", path: "/v1/orders", key: "web", json });
      assert.equal(placed.status, 201, placed.text);
      assert.equal(placed.body.status, "partially_allocated");
      assert.equal((await get("/v1/orders?limit=1")).body.data?.[0]?.id, placed.body.id);
      const received = await post("/v1/inventory/adjustments", {
        locationId: "ams",
        reason: "received",
        changes: ["novel", "atlas", "rare"].map((sku) => ({ sku, delta: 100 })),
      });
      assert.equal(received.status, 200);
      await exceptionsListed(opened);
      for (const [externalId, steps, status] of lives) {
        assert.equal(await live(externalId, steps, opened), status, externalId);
      }
      assert.equal((await opened.order("today"))?.status, "allocated");

      const delivered = withStatus(recording, "delivered");
      assert.ok(delivered.length > 0);
      clock.moveTo(Date.parse(until) + 30 * dayMs);
      await server.application.catchUp();
      for (const id of delivered) {
        assert.equal((await get(`/v1/orders/${id}`)).body.status, "closed");
      }
    }));
}

for (const recording of recordings) {
  const { name, killed, unanswered } = recording;
  if (killed === undefined) continue;

  Deno.test(`${name}: what was under way when its processes were killed happens once`, () =>
    withStore(recording, async (opened) => {
      for (const request of unanswered.filter(isPlacing)) {
        const [first, second] = [await opened.ask(request), await opened.ask(request)];
        assert.ok(first.status < 300, first.text);
        assert.equal(second.headers.get("idempotent-replayed"), "true");
        assert.deepEqual(second.body, first.body);
        await assertSameOrder(request, first.body.id, opened);
      }
    }));
}
