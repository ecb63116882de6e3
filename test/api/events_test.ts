/** The events feed over HTTP: one shape everywhere, what keys see of it, and how others go on with it. */
import assert from "node:assert/strict";
import { openApiDocument } from "../../api/http/openapi.ts";
import { routes } from "../../api/routes.ts";
import { roles } from "../../src/kernel/principal.ts";
import { subjects } from "../../src/subjects.ts";
import { documentOf } from "./generated/document.ts";
import {
  adminKey,
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const post = async (server: TestServer, path: string, json: unknown = {}): Promise<Json> => {
  const answer = await server.ask(path, { method: "POST", json });
  assert.ok(answer.status < 300, `${path}: ${answer.text}`);
  return answer.body;
};

const place = async (server: TestServer, externalId: string, more = {}): Promise<Json> =>
  await post(server, "/v1/orders", orderFor(externalId, { mug: 2 }, more));

interface Told {
  readonly events: readonly Json[];
  readonly nextAfter: string;
}

/** Everything from a place on, page by page. */
const readAll = async (
  server: TestServer,
  query: Readonly<Record<string, string>> = {},
  key: string = adminKey,
): Promise<Told> => {
  const events: Json[] = [];
  let { after } = query;
  while (true) {
    const parameters = new URLSearchParams({
      ...query,
      ...(after === undefined ? {} : { after }),
    });
    const { status, text, body } = await server.ask(`/v1/events?${parameters}`, { key });
    assert.equal(status, 200, text);
    events.push(...body.data ?? []);
    after = String(body.nextAfter);
    if ([...body.data ?? []].length === 0) return { events, nextAfter: after };
  }
};

const typesOf = ({ events }: Told) => events.map(({ type }) => String(type));

/** A life of an order with everything that a location does to it. */
const shipped = async (server: TestServer, order: Json): Promise<Json> => {
  const path = `/v1/fulfillment-orders/${String(order.fulfillmentOrders?.[0]?.id)}`;
  for (const step of ["accept", "pick", "pack"]) await post(server, `${path}/${step}`);
  const { shipments } = await post(server, `${path}/ship`, {
    carrier: "DHL",
    trackingNumber: "JD1",
  });
  const [shipment] = [...shipments ?? []];
  return await post(server, `/v1/shipments/${String(shipment?.id)}/tracking`, {
    status: "delivered",
    occurredAt: "2026-01-05T10:00:00Z",
  });
};

const busyServer = async (): Promise<TestServer> => {
  const server = await startServer();
  await stockOver(server, { ams: { mug: 50 }, ber: { mug: 1 } });
  await shipped(server, await place(server, "1"));
  const second = await place(server, "2", { channel: "app" });
  await post(server, `/v1/orders/${second.id}/hold`, { reason: "looks odd" });
  await post(server, `/v1/orders/${second.id}/release`);
  await post(server, `/v1/orders/${second.id}/cancel`, { reason: "changed her mind" });
  await place(server, "3", {
    onShortage: "backorder",
    lines: orderFor("3", { lamp: 1 }).lines,
  });
  await post(server, "/v1/inventory/counts", {
    locationId: "ber",
    counts: [{ sku: "mug", onHand: 5 }, { sku: "lamp", onHand: 1 }],
  });
  return server;
};

Deno.test("the feed tells what histories and the stream tell, in the same shape", async () => {
  await using server = await busyServer();
  const told = await readAll(server);
  const byId = new Map(told.events.map(({ id, data }) => [String(id), data]));
  assert.equal(byId.size, told.events.length);
  const ids = told.events.map(({ id }) => String(id));
  assert.deepEqual(ids, ids.toSorted());

  const { data: orders } = (await server.ask("/v1/orders")).body;
  for (const { id } of orders ?? []) {
    const history = await server.ask(`/v1/orders/${id}/events?limit=200`);
    const ofOrder = (await readAll(server, { orderId: String(id) })).events;
    const inHistory = [...history.body.data ?? []];
    assert.equal(inHistory.length, ofOrder.length);
    for (const [n, event] of inHistory.entries()) {
      const { fulfillmentOrders, ...shared } = ofOrder[n]?.data as unknown as Record<
        string,
        unknown
      >;
      for (const [name, value] of Object.entries(shared)) {
        assert.deepEqual(event[name], value, `${String(event.type)}: ${name}`);
      }
      if (String(event.type) !== "order.allocated") {
        assert.deepEqual(event.fulfillmentOrders, fulfillmentOrders);
      }
    }
  }

  const stream = await server.fetch(
    new Request(`http://allot.test/v1/status/stream?after=${ids[0]}`, {
      headers: { authorization: `Bearer ${adminKey}` },
    }),
  );
  assert.ok(stream.body !== null);
  let text = "";
  const last = ids.at(-1) ?? "";
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes(`id: ${last}\n`) && text.endsWith("\n\n")) break;
  }
  const changes = [...text.matchAll(/^id: (evt_\w+)\nevent: change\ndata: (.*)$/gm)];
  assert.deepEqual(changes.map(([, id]) => id), ids.slice(1));
  for (const [, id = "", data = ""] of changes) assert.deepEqual(JSON.parse(data), byId.get(id));

  const { body: rows } = await server.ask("/v1/inventory/ams/mug/history");
  for (const { events } of rows.data ?? []) {
    for (const event of events ?? []) assert.deepEqual(event, byId.get(String(event.id)));
  }
});

Deno.test("an event says what a receiver needs to know which order it is of, and whether it is news", async () => {
  await using server = await busyServer();
  const { events } = await readAll(server, { channel: "web", type: "order.*,shipment.created" });
  const created = events.find(({ type }) => String(type) === "allot.shipment.created");
  assert.ok(created !== undefined);
  const { data } = created;
  assert.equal(data?.externalId, "1");
  assert.equal(data?.channel, "web");
  assert.equal(data?.sequence, created.id);
  assert.equal(created.subject, data?.orderId);
  assert.deepEqual(data?.status, { from: "fulfilling", to: "shipped" });
  assert.deepEqual([...data?.locationIds ?? []], ["ams"]);
  const stock = await readAll(server, { type: "stock.*" });
  assert.deepEqual(
    stock.events.map(({ type, subject }) => [String(type), String(subject)]),
    [
      ["allot.stock.adjusted", "stock/ams/mug"],
      ["allot.stock.adjusted", "stock/ber/mug"],
      ["allot.stock.counted", "stock/ber"],
    ],
  );
});

Deno.test("filters take several types and beginnings of types, and nothing that fits none", async () => {
  await using server = await busyServer();
  const all = typesOf(await readAll(server));
  const only = async (type: string) => typesOf(await readAll(server, { type }));
  const beginning = (...words: string[]) =>
    all.filter((type) => words.some((word) => type.startsWith(`allot.${word}`)));
  assert.deepEqual(await only("order.*"), beginning("order."));
  assert.deepEqual(await only("order.placed"), beginning("order.placed"));
  assert.deepEqual(
    await only("shipment.*, stock.counted"),
    beginning("shipment.", "stock.counted"),
  );
  assert.deepEqual(await only("allot.order.*"), beginning("order."));
  assert.deepEqual(await only("*"), all);
  assert.ok(beginning("order.").length > 8 && beginning("shipment.").length === 2);
  for (const type of ["order", "ordr.*", "order.placed,nothing", ",", "order.*,"]) {
    const refused = await server.ask(`/v1/events?${new URLSearchParams({ type })}`);
    assert.equal(refused.status, 422, type);
    assert.equal(refused.body.errors?.[0]?.parameter, "type");
  }
  const many = Array.from({ length: 21 }, (_, n) => `order.*${n}`).join();
  assert.equal((await server.ask(`/v1/events?type=${many}`)).status, 422);
});

Deno.test("a page is linked to the next, and is a bare batch for who asks for one", async () => {
  await using server = await busyServer();
  const { events } = await readAll(server);
  const seen: Json[] = [];
  let next = "/v1/events?limit=3&type=*";
  const accept = "application/cloudevents-batch+json";
  while (true) {
    const { status, headers, body, text } = await server.ask(next, { headers: { accept } });
    assert.equal(status, 200, text);
    assert.equal(headers.get("content-type"), accept);
    assert.ok(Array.isArray(body));
    if ([...body].length === 0) break;
    seen.push(...body);
    next = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1] ?? "";
    assert.ok(next.includes("limit=3"), next);
  }
  assert.deepEqual(seen, events);
  const plain = await server.ask("/v1/events", {
    headers: { accept: "application/json, text/plain" },
  });
  assert.equal(plain.headers.get("content-type"), "application/json");
});

Deno.test("who says where the log has nothing is told so for good, and who says nothing sensible too", async () => {
  await using server = await busyServer();
  const { nextAfter } = await readAll(server);
  const elsewhere = `evt_${"f".repeat(20)}_00000`;
  for (const after of [elsewhere, "yesterday", nextAfter.replace(/\d$/, "8")]) {
    const { status, body } = await server.ask(`/v1/events?after=${after}`);
    assert.equal(status, 410, after);
    assert.equal(body.type, "/problems/position-unknown");
  }
  const { position } = (await server.ask("/v1/status")).body;
  const { status, body } = await server.ask(`/v1/events?after=${String(position)}`);
  assert.equal(status, 200);
  assert.deepEqual([...body.data ?? []], []);
  for (const query of ["limit=0", "limit=1001", "wait=31", "wait=-1", "wait=soon", "cursor=x"]) {
    assert.equal((await server.ask(`/v1/events?${query}`)).status, 422, query);
  }
});

Deno.test("every key sees of the feed what its role and scope let it see of the log", async () => {
  await using server = await busyServer();
  const whole = (await readAll(server)).events;
  const scopes: readonly Readonly<Record<string, string>>[] = [
    {},
    { channel: "web" },
    { channel: "app" },
    { locationId: "ams" },
    { locationId: "ber" },
    { channel: "web", locationId: "ams" },
    { channel: "app", locationId: "ber" },
  ];
  for (const role of roles) {
    for (const scope of scopes) {
      const key = await keyFor(server, role, scope);
      const isAdmin = role === "admin";
      const { channel, locationId } = scope;
      const expected = whole.filter(({ type, data }) =>
        (isAdmin || !String(type).startsWith("allot.key.")) &&
        (channel === undefined || String(data?.channel) === channel) &&
        (locationId === undefined || [...data?.locationIds ?? []].map(String).includes(locationId))
      );
      const told = (await readAll(server, {}, key)).events
        // Those of the keys that this test makes.
        .filter(({ id }) => String(id) <= String(whole.at(-1)?.id));
      assert.deepEqual(told, expected, `${role} ${JSON.stringify(scope)}`);
      if (channel !== undefined) {
        const other = await server.ask("/v1/events?channel=other", { key });
        assert.equal(other.status, 403);
      }
      if (locationId !== undefined) {
        const other = await server.ask("/v1/events?locationId=other", { key });
        assert.equal(other.status, 403);
      }
    }
  }
});

Deno.test("nothing personal is in the feed, whatever orders say of their customers", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  const person = {
    customer: { name: "Zuleika Quux", email: "zuleika@quux.example", phone: "+31 6 1234" },
    shippingAddress: {
      line1: "Quuxlane 7",
      city: "Quuxville",
      postalCode: "9999ZZ",
      country: "NL",
    },
    billingAddress: { name: "Quux Holding", country: "NL" },
    note: "ring twice, says Quux",
  };
  await shipped(server, await place(server, "1", person));
  const { events } = await readAll(server);
  const text = JSON.stringify(events);
  assert.ok(events.length > 8);
  for (const word of ["Zuleika", "quux", "Quux", "1234", "9999ZZ", "Utrecht"]) {
    assert.ok(!text.includes(word), word);
  }
});

Deno.test("a reader that waits is told of the next event as it commits", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  const { nextAfter } = await readAll(server);
  const waiting = server.ask(`/v1/events?wait=30&type=order.placed&after=${nextAfter}`);
  await server.ask("/v1/items/lamp", { method: "PUT", json: { name: "Lamp" } });
  const placed = await place(server, "1");
  const { body } = await waiting;
  assert.deepEqual([...body.data ?? []].map(({ subject }) => subject), [placed.id]);
});

Deno.test("a wait ends when its key is revoked, and when the server stops", async () => {
  await using server = await startServer();
  const made = await post(server, "/v1/admin/keys", { name: "erp", role: "operations" });
  const key = String(made.key);
  const { nextAfter } = await readAll(server);
  const path = `/v1/events?wait=30&after=${nextAfter}`;
  const revoked = server.ask(path, { key });
  // Asked after it, answered before it.
  assert.equal((await server.ask("/v1/events?limit=1", { key })).status, 200);
  await server.ask(`/v1/admin/keys/${made.id}`, { method: "DELETE" });
  assert.deepEqual([...(await revoked).body.data ?? []], []);
  assert.equal((await server.ask(path, { key })).status, 401);
  const stopped = server.ask(`${path}&type=order.*`);
  assert.equal((await server.ask("/v1/events?limit=1")).status, 200);
  server.application.stopStreams();
  assert.deepEqual([...(await stopped).body.data ?? []], []);
});

Deno.test("the document has a webhook for each type of events, of the schemas of what is told", async () => {
  await using server = await busyServer();
  const document = openApiDocument(routes, "0.0.0", subjects.eventTypes.values());
  assert.deepEqual(Object.keys(document.webhooks).sort(), [...subjects.eventTypes.keys()].sort());
  const { body, text } = await server.ask("/openapi.json", { key: null });
  assert.deepEqual(Object.keys(body.webhooks ?? {}).sort(), [...subjects.eventTypes.keys()].sort());
  const { events } = await readAll(server);
  const read = documentOf(text);
  const seen = new Set<string>();
  for (const { data } of events) {
    const type = String(data?.type);
    const webhook = { type, timestamp: data?.at, data };
    assert.deepEqual(read.webhookMisfits(type, webhook), [], type);
    assert.notDeepEqual(read.webhookMisfits(type, { ...webhook, type: "other" }), []);
    assert.notDeepEqual(read.webhookMisfits(type, { ...webhook, data: { ...data, id: "1" } }), []);
    seen.add(type);
  }
  assert.ok(seen.size >= 14, [...seen].join());
});

Deno.test("a schema of one of several events says by which member they are told apart", () => {
  const { components: { schemas } } = openApiDocument(routes, "0.0.0");
  for (const name of ["Event", "OrderEvent"]) {
    const { oneOf, discriminator } = schemas[name] as {
      readonly oneOf: readonly { readonly $ref: string }[];
      readonly discriminator: {
        readonly propertyName: string;
        readonly mapping: Readonly<Record<string, string>>;
      };
    };
    assert.equal(discriminator.propertyName, "type");
    assert.deepEqual(Object.values(discriminator.mapping), oneOf.map(({ $ref }) => $ref));
    for (const [type, reference] of Object.entries(discriminator.mapping)) {
      const schema = schemas[reference.slice("#/components/schemas/".length)] as {
        readonly properties: { readonly type: unknown };
      };
      assert.deepEqual(schema.properties.type, { type: "string", enum: [type] });
    }
  }
});
